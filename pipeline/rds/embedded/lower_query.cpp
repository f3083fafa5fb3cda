// SELECT: tables and joins, the select list, grouping, UNION, ORDER BY, LIMIT. Result columns are
// r0, r1... in SQLite.
#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/text.h"
#include "pipeline/rds/embedded/collation.h"
#include "pipeline/rds/embedded/information_schema.h"
#include "pipeline/rds/embedded/lowering.h"
#include "pipeline/rds/embedded/target_check.h"

namespace pipeline::rds::embedded {

using emulator::base::equals_ignoring_case;
using sql::ExprKind;
using sql::TableReference;

namespace {

const ScopeColumn* column_of(const ScopeTable& table, std::string_view name) {
  for (const ScopeColumn& column : table.columns) {
    if (equals_ignoring_case(column.name, name)) return &column;
  }
  return nullptr;
}

// The number of a select item that an ORDER BY or GROUP BY entry names by position; 0 = none.
std::size_t position_of(const sql::Expr& expr, std::size_t count) {
  if (expr.kind != ExprKind::integer) return 0;
  const auto number = emulator::base::parse_unsigned(expr.text).value_or(0);
  return number <= count ? static_cast<std::size_t>(number) : 0;
}

mysql::Column result_type(const Lowered& value, std::string_view name) {
  mysql::Column out = value.type;
  out.name = name;
  return out;
}

}  // namespace

Result<std::string> Lowering::from_join(const TableReference& reference, Scope& scope) {
  const std::size_t first_left = scope.tables.size();
  auto left = from(*reference.left, scope);
  if (!left) return left;
  const std::size_t first_right = scope.tables.size();
  auto right = from(*reference.right, scope);
  if (!right) return right;
  std::string condition;
  std::vector<std::string> shared;
  for (std::string_view name : reference.using_columns) shared.emplace_back(name);
  if (reference.natural) {
    for (std::size_t t = first_left; t < first_right; ++t) {
      for (const ScopeColumn& column : scope.tables[t].columns) {
        for (std::size_t r = first_right; r < scope.tables.size(); ++r) {
          if (column.visible && column_of(scope.tables[r], column.name))
            shared.push_back(column.name);
        }
      }
    }
  }
  for (const std::string& name : shared) {
    ScopeColumn* a = nullptr;
    ScopeColumn* b = nullptr;
    for (std::size_t t = first_left; t < scope.tables.size(); ++t) {
      for (ScopeColumn& column : scope.tables[t].columns) {
        if (!equals_ignoring_case(column.name, name)) continue;
        ScopeColumn*& side = t < first_right ? a : b;
        if (!side) side = &column;
      }
    }
    if (!a || !b)
      return sql_error(1054, fmt::format("Unknown column '{}' in 'from clause'", name),
                       reference.offset);
    auto equal = compare(sql::Operator::equal, a->value, b->value);
    if (!equal) return tl::unexpected(equal.error());
    condition += (condition.empty() ? "" : " AND ") + equal->sql;
    // One column stands for both: that of the side that is always there.
    ScopeColumn* hidden = reference.join == sql::JoinKind::right ? a : b;
    hidden->visible = false;
    hidden->joined = true;
  }
  if (reference.on) {
    auto on = expression(*reference.on, scope, "on clause");
    if (!on) return tl::unexpected(on.error());
    condition = on->sql;
  }
  std::string_view join = reference.join == sql::JoinKind::left    ? "LEFT JOIN"
                          : reference.join == sql::JoinKind::right ? "RIGHT JOIN"
                                                                   : "JOIN";
  if (condition.empty()) join = "CROSS JOIN";
  // Parentheses keep the nesting that the user wrote.
  const std::string right_side =
      reference.right->kind == TableReference::Kind::join ? fmt::format("({})", *right) : *right;
  return fmt::format("{} {} {}{}{}", *left, join, right_side, condition.empty() ? "" : " ON ",
                     condition);
}

Result<std::string> Lowering::from(const TableReference& reference, Scope& scope) {
  if (reference.kind == TableReference::Kind::join) return from_join(reference, scope);
  const std::string alias = fmt::format("a{}", ++aliases_);
  ScopeTable table;
  std::string text;
  if (reference.kind == TableReference::Kind::derived) {
    if (reference.alias.empty())
      return sql_error(1248, "Every derived table must have its own alias", reference.offset);
    auto inner = query(*reference.query, scope.outer);
    if (!inner) return tl::unexpected(inner.error());
    if (!reference.column_aliases.empty() &&
        reference.column_aliases.size() != inner->columns.size())
      return sql_error(1353,
                       "In definition of view, derived table or common table expression, SELECT "
                       "list and column names list have different column counts",
                       reference.offset);
    table.name = reference.alias;
    for (std::size_t i = 0; i < inner->columns.size(); ++i) {
      Lowered value;
      value.type = inner->columns[i].type;
      value.coercibility = Coercibility::column;
      value.sql = fmt::format("{}.r{}", alias, i);
      const std::string name = reference.column_aliases.empty()
                                   ? inner->columns[i].name
                                   : std::string(reference.column_aliases[i]);
      for (const ScopeColumn& former : table.columns) {
        if (equals_ignoring_case(former.name, name))
          return sql_error(1060, fmt::format("Duplicate column name '{}'", name), reference.offset);
      }
      table.columns.push_back({name, std::move(value), true, false});
    }
    text = fmt::format("({}) AS {}", inner->sql, alias);
  } else {
    const std::string_view schema = reference.table.schema.empty()
                                        ? std::string_view(environment_.database)
                                        : reference.table.schema;
    const std::string name(reference.alias.empty() ? reference.table.name : reference.alias);
    if (equals_ignoring_case(schema, "information_schema")) {
      auto view = information_schema_view(catalog_, reference.table.name);
      if (!view) return tl::unexpected(view.error());
      table.schema = schema;
      table.name = name;
      for (std::size_t i = 0; i < view->columns.size(); ++i) {
        Lowered value;
        value.type = view->columns[i];
        value.coercibility = Coercibility::column;
        value.sql = fmt::format("{}.c{}", alias, i);
        table.columns.push_back({view->columns[i].name, std::move(value), true, false});
      }
      text = fmt::format("({}) AS {}", view->sql, alias);
    } else {
      auto entry = catalog_.require(schema, reference.table.name);
      if (!entry) {
        entry.error().offset = reference.offset;
        return tl::unexpected(entry.error());
      }
      const DefinitionPtr definition = (*entry)->definition;
      tables_read_.push_back(definition->schema);
      table = table_scope(*definition, name, alias);
      text = fmt::format("{} AS {}", definition->sqlite_name(), alias);
    }
  }
  for (const ScopeTable& former : scope.tables) {
    if (former.name == table.name && former.schema == table.schema)
      return sql_error(1066, fmt::format("Not unique table/alias: '{}'", table.name),
                       reference.offset);
  }
  scope.tables.push_back(std::move(table));
  return text;
}

Result<std::string> Lowering::limit(const sql::Limit& limit) {
  if (!limit.count) return std::string();
  std::string out = " LIMIT ";
  for (const sql::ExprPtr part : {limit.count, limit.offset}) {
    if (!part) continue;
    auto value = expression(*part, Scope{}, "limit clause");
    if (!value) return tl::unexpected(value.error());
    if (part == limit.offset) out += " OFFSET ";
    // LIMIT 18446744073709551615 means all.
    out += value->kind() == Kind::unsigned_integer ? std::string("-1") : value->sql;
  }
  return out;
}

Result<std::string> Lowering::order_by(std::span<const sql::OrderItem> items, const Scope& scope,
                                       std::string_view clause) {
  std::string out;
  for (const sql::OrderItem& item : items) {
    Lowered key;
    if (const std::size_t position =
            scope.aliases ? position_of(*item.expr, scope.aliases->size()) : 0) {
      key = (*scope.aliases)[position - 1].second;
    } else if (item.expr->kind == ExprKind::integer) {
      return sql_error(1054, fmt::format("Unknown column '{}' in '{}'", item.expr->text, clause),
                       item.expr->offset);
    } else {
      auto lowered = expression(*item.expr, scope, clause);
      if (!lowered) return tl::unexpected(lowered.error());
      key = std::move(*lowered);
    }
    if (key.is_constant) continue;  // SQLite would read a number as a position
    out += (out.empty() ? "" : ", ") + collated(key) + (item.descending ? " DESC" : "");
  }
  return out;
}

// ONLY_FULL_GROUP_BY for a query that is one group: 1140.
Result<void> Lowering::check_aggregated(const sql::Select& select, const Scope& scope) const {
  if (!environment_.mode.only_full_group_by || !select.group_by.empty()) return {};
  const bool aggregated =
      (select.having && has_aggregate(*select.having)) ||
      std::any_of(select.items.begin(), select.items.end(),
                  [](const sql::SelectItem& item) { return has_aggregate(*item.expr); });
  if (!aggregated) return {};
  for (std::size_t i = 0; i < select.items.size(); ++i) {
    const sql::ExprPtr column = bare_column(*select.items[i].expr);
    if (!column || is_pinned(select.where, *column)) continue;
    for (const ScopeTable& table : scope.tables) {
      if ((!column->table().empty() && table.name != column->table()) ||
          !column_of(table, column->text))
        continue;
      return sql_error(1140,
                       fmt::format("In aggregated query without GROUP BY, expression #{} of SELECT "
                                   "list contains nonaggregated column '{}{}{}.{}'; this is "
                                   "incompatible with sql_mode=only_full_group_by",
                                   i + 1, table.schema, table.schema.empty() ? "" : ".", table.name,
                                   column_of(table, column->text)->name));
    }
  }
  return {};
}

Result<LoweredQuery> Lowering::select(const sql::Select& select, const sql::Query* tail,
                                      const Scope* outer) {
  if (select.with_rollup) return not_supported("GROUP BY ... WITH ROLLUP", select.offset);
  Scope scope;
  scope.outer = outer;
  std::string from_text;
  if (select.from) {
    auto text = from(*select.from, scope);
    if (!text) return tl::unexpected(text.error());
    from_text = " FROM " + *text;
  }
  LoweredQuery out;
  std::vector<std::pair<std::string, Lowered>> items;
  for (const sql::SelectItem& item : select.items) {
    if (item.expr->kind != ExprKind::star) {
      auto value = expression(*item.expr, scope, "field list");
      if (!value) return tl::unexpected(value.error());
      items.emplace_back(item.name, std::move(*value));
      continue;
    }
    bool any = false;
    for (const ScopeTable& table : scope.tables) {
      if (!item.expr->table().empty() && table.name != item.expr->table()) continue;
      any = true;
      for (const ScopeColumn& column : table.columns) {
        if (column.visible || (column.joined && !item.expr->table().empty()))
          items.emplace_back(column.name, column.value);
      }
    }
    if (!any && item.expr->table().empty())
      return sql_error(1096, "No tables used", item.expr->offset);
    if (!any)
      return sql_error(1051, fmt::format("Unknown table '{}'", item.expr->table()),
                       item.expr->offset);
  }
  if (auto ok = check_aggregated(select, scope); !ok) return tl::unexpected(ok.error());
  out.sql = select.distinct ? "SELECT DISTINCT " : "SELECT ";
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Lowered& value = items[i].second;
    out.sql += fmt::format("{}{} AS r{}", i > 0 ? ", " : "",
                           select.distinct ? collated(value) : value.sql, i);
    out.columns.push_back({items[i].first, result_type(value, items[i].first)});
  }
  out.sql += from_text;
  if (select.where) {
    auto condition = expression(*select.where, scope, "where clause");
    if (!condition) return tl::unexpected(condition.error());
    if (has_aggregate(*select.where))
      return sql_error(1111, "Invalid use of group function", select.where->offset);
    out.sql += " WHERE " + condition->sql;
  }
  scope.aliases = &items;
  if (!select.group_by.empty()) {
    auto keys = order_by(select.group_by, scope, "group statement");
    if (!keys) return tl::unexpected(keys.error());
    std::string plain_keys = *keys;
    if (!plain_keys.empty()) out.sql += " GROUP BY " + plain_keys;
  }
  if (select.having) {
    scope.aliases_first = true;
    auto condition = expression(*select.having, scope, "having clause");
    if (!condition) return tl::unexpected(condition.error());
    // Without groups MySQL's HAVING is a filter of rows; SQLite wants a GROUP BY or an aggregate.
    const bool aggregates =
        has_aggregate(*select.having) ||
        std::any_of(select.items.begin(), select.items.end(),
                    [](const sql::SelectItem& item) { return has_aggregate(*item.expr); });
    out.sql += (select.group_by.empty() && !aggregates ? (select.where ? " AND " : " WHERE ")
                                                       : " HAVING ") +
               condition->sql;
  }
  if (tail) {
    scope.aliases_first = true;
    auto keys = order_by(tail->order_by, scope, "order clause");
    if (!keys) return tl::unexpected(keys.error());
    if (!keys->empty()) out.sql += " ORDER BY " + *keys;
    auto rows = limit(tail->limit);
    if (!rows) return tl::unexpected(rows.error());
    out.sql += *rows;
  }
  return out;
}

Result<LoweredQuery> Lowering::set_operation(const sql::Query& query_tree, const Scope* outer) {
  std::vector<LoweredQuery> terms;
  for (const sql::QueryTerm& term : query_tree.terms) {
    auto lowered = term.nested ? query(*term.nested, outer) : select(term.select, nullptr, outer);
    if (!lowered) return lowered;
    if (!terms.empty() && terms.front().columns.size() != lowered->columns.size())
      return sql_error(1222, "The used SELECT statements have a different number of columns");
    terms.push_back(std::move(*lowered));
  }
  LoweredQuery out;
  for (std::size_t i = 0; i < terms.front().columns.size(); ++i) {
    std::vector<Lowered> same;
    for (const LoweredQuery& term : terms) {
      Lowered value;
      value.type = term.columns[i].type;
      value.coercibility = Coercibility::column;
      same.push_back(std::move(value));
    }
    mysql::Column type = common_type(same);
    type.name = terms.front().columns[i].name;
    out.columns.push_back({type.name, type});
  }
  for (std::size_t t = 0; t < terms.size(); ++t) {
    std::string list;
    for (std::size_t i = 0; i < out.columns.size(); ++i) {
      Lowered value;
      value.type = terms[t].columns[i].type;
      value.sql = fmt::format("r{}", i);
      list += fmt::format("{}{} AS r{}", i > 0 ? ", " : "",
                          collated(converted(value, out.columns[i].type)), i);
    }
    if (t > 0) out.sql += query_tree.terms[t].all ? " UNION ALL " : " UNION ";
    out.sql += fmt::format("SELECT {} FROM ({})", list, terms[t].sql);
  }
  const std::string alias = fmt::format("q{}", ++aliases_);
  Scope scope;
  std::vector<std::pair<std::string, Lowered>> items;
  for (std::size_t i = 0; i < out.columns.size(); ++i) {
    Lowered value;
    value.type = out.columns[i].type;
    value.sql = fmt::format("{}.r{}", alias, i);
    value.coercibility = Coercibility::column;
    items.emplace_back(out.columns[i].name, std::move(value));
  }
  scope.aliases = &items;
  auto keys = order_by(query_tree.order_by, scope, "order clause");
  if (!keys) return tl::unexpected(keys.error());
  auto rows = limit(query_tree.limit);
  if (!rows) return tl::unexpected(rows.error());
  if (!keys->empty() || !rows->empty()) {
    std::string list;
    for (std::size_t i = 0; i < items.size(); ++i)
      list += fmt::format("{}{} AS r{}", i > 0 ? ", " : "", items[i].second.sql, i);
    out.sql = fmt::format("SELECT {} FROM ({}) AS {}{}{}{}", list, out.sql, alias,
                          keys->empty() ? "" : " ORDER BY ", *keys, *rows);
  }
  return out;
}

Result<LoweredQuery> Lowering::query(const sql::Query& query_tree, const Scope* outer) {
  if (query_tree.terms.size() == 1 && !query_tree.terms.front().nested)
    return select(query_tree.terms.front().select, &query_tree, outer);
  return set_operation(query_tree, outer);
}

}  // namespace pipeline::rds::embedded
