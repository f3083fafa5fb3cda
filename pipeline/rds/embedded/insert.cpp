// INSERT and REPLACE.
#include <fmt/format.h>

#include "pipeline/rds/embedded/auto_increment.h"
#include "pipeline/rds/embedded/define.h"
#include "pipeline/rds/embedded/embedded_session.h"
#include "pipeline/rds/embedded/row_rules.h"
#include "pipeline/rds/embedded/temporal.h"

namespace pipeline::rds::embedded {

struct EmbeddedSession::InsertPlan {
  const sql::Insert& statement;
  DefinitionPtr table;
  TableEntry* entry;
  std::vector<std::uint32_t> columns;  // what the values are for
  RowRules rules;
  std::vector<std::pair<std::uint32_t, RowExpression>> on_duplicate;
  std::vector<SourceColumn> source =
      {};  // what ON DUPLICATE KEY UPDATE reads of the SELECT's tables
  std::vector<Value> source_values = {};  // of the row at hand
  std::vector<bool> given = {};           // of the row at hand: columns that have a value
  std::uint64_t row_number = 0;
  std::uint64_t records = 0, duplicates = 0, affected = 0;
  std::optional<std::uint32_t> auto_column = {};
  AutoIncrement ids = {};
  std::uint64_t generated = 0;        // the id of the row at hand
  std::uint64_t first_generated = 0;  // LAST_INSERT_ID()
  std::uint64_t last_id = 0;  // what the client is told if none was generated: of the last row that
                              // came in or was changed
};

namespace {

bool is_zero(const Value& value) {
  return value.store == Value::Store::integer && value.integer == 0;
}

tl::unexpected<SqlError> cannot_be_null(const mysql::Column& column) {
  return sql_error(1048, fmt::format("Column '{}' cannot be null", column.name));
}

// The columns in an assignment's value that are not the target's: those of the SELECT's tables.
void collect_source(const sql::Insert& insert, const TableDefinition& table, const sql::Expr& value,
                    std::vector<SourceColumn>& out) {
  if (value.kind == sql::ExprKind::values_of) return;
  if (value.kind == sql::ExprKind::column) {
    const bool is_target = value.table().empty() ? table.column_index(value.text).has_value()
                                                 : value.table() == table.schema->table ||
                                                       value.table() == insert.row_alias;
    const auto same = [&](const SourceColumn& former) {
      return former.name->text == value.text && former.name->table() == value.table() &&
             former.name->schema() == value.schema();
    };
    if (!is_target && std::none_of(out.begin(), out.end(), same)) out.push_back({&value, {}});
  }
  for (const sql::ExprPtr part : value.args) {
    if (part) collect_source(insert, table, *part, out);
  }
}

// MySQL lets them be read where one row of the result comes from one row of each table.
bool has_row_source(const sql::Insert& insert) {
  if (!insert.query || insert.query->terms.size() != 1 || insert.query->terms.front().nested)
    return false;
  const sql::Select& select = insert.query->terms.front().select;
  return select.from && select.group_by.empty() && !select.distinct &&
         std::none_of(select.items.begin(), select.items.end(),
                      [](const sql::SelectItem& item) { return has_aggregate(*item.expr); });
}

}  // namespace

Result<Value> EmbeddedSession::stored(const TableDefinition& table, std::size_t column,
                                      const Value& value, const mysql::Column& from,
                                      std::uint64_t row_number, bool ignore) {
  CoerceContext context = storage_.environment.coerce_context();
  context.row = row_number;
  context.table = table.schema->table;
  context.ignore = ignore;
  return coerce(table.columns()[column], value, from, context);
}

Result<Value> EmbeddedSession::default_of(const TableDefinition& table, std::size_t column,
                                          std::uint64_t row_number, bool ignore) {
  const mysql::Column& type = table.columns()[column];
  const DefaultValue& value = table.extras[column].default_value;
  switch (value.kind) {
    case DefaultValue::Kind::null:
      return Value::null();
    case DefaultValue::Kind::literal: {
      if (type.type != mysql::ColumnType::timestamp || zone_seconds_ == 0) return value.value;
      return stored(table, column, Value::text(value.text), text_type(), row_number, ignore);
    }
    case DefaultValue::Kind::now: {
      // Cut, not rounded, as CURRENT_TIMESTAMP(n) is.
      const DateTime now = from_instant(
          storage_.environment.now +
          std::chrono::seconds(type.type == mysql::ColumnType::timestamp ? 0 : zone_seconds_));
      return Value::text(datetime_text(now, static_cast<int>(type.length)));
    }
    case DefaultValue::Kind::expression: {
      auto parsed = sql::parse_expression(value.text, parse_options());
      if (!parsed) return tl::unexpected(parsed.error());
      auto result = evaluate(*parsed->as<sql::Do>()->expressions[0]);
      if (!result) return tl::unexpected(result.error());
      return stored(table, column, result->value, result->type, row_number, ignore);
    }
    case DefaultValue::Kind::none:
      break;
  }
  if (table.extras[column].auto_increment) return Value::null();
  if (mode_.strict && !ignore && type.type != mysql::ColumnType::enumeration)
    return sql_error(1364, fmt::format("Field '{}' doesn't have a default value", type.name));
  if (type.type != mysql::ColumnType::enumeration)
    storage_.environment.warn(1364,
                              fmt::format("Field '{}' doesn't have a default value", type.name));
  return implicit_default(type);
}

Result<void> EmbeddedSession::give_increment(InsertPlan& plan, std::vector<Value>& row) {
  plan.generated = 0;
  plan.ids.begin_row();
  if (!plan.auto_column) return {};
  Value& value = row[*plan.auto_column];
  if (!value.is_null() && (!is_zero(value) || mode_.no_auto_value_on_zero)) return {};
  const mysql::Column& type = plan.table->columns()[*plan.auto_column];
  const std::uint64_t id = plan.ids.generate();
  storage_.dirty_increments[plan.table->id] = plan.entry->next_increment;
  CoerceContext context = storage_.environment.coerce_context();
  context.mode.strict = true;
  auto fits = coerce(type, Value::of_unsigned(id), integer_type(true), context);
  if (!fits || id == UINT64_MAX)
    return sql_error(1467, "Failed to read auto-increment value from storage engine");
  value = kind_of(type) == Kind::real ? Value::of(static_cast<double>(id)) : std::move(*fits);
  plan.generated = id;
  return {};
}

// The row is in the table, as inserted or as ON DUPLICATE KEY UPDATE left it.
void EmbeddedSession::note_increment(InsertPlan& plan, const std::vector<Value>& row,
                                     bool inserted) {
  if (!plan.auto_column) return;
  const Value& value = row[*plan.auto_column];
  if (value.is_null() || as_double(plan.table->columns()[*plan.auto_column], value) < 0) return;
  const std::uint64_t id = value.store == Value::Store::real
                               ? static_cast<std::uint64_t>(value.real)
                               : value.as_unsigned();
  plan.last_id = id;
  if (inserted && plan.generated != 0) {
    if (plan.first_generated == 0) plan.first_generated = plan.generated;
    return;
  }
  inserted ? plan.ids.given(id) : plan.ids.raise(id);
  storage_.dirty_increments[plan.table->id] = plan.entry->next_increment;
}

Result<void> EmbeddedSession::replace_conflicts(InsertPlan& plan, const std::vector<Value>& row) {
  while (true) {
    auto conflict = storage_.rows.find_conflict(*plan.table, row);
    if (!conflict) return tl::unexpected(conflict.error());
    if (!*conflict) break;
    plan.ids.attempted();
    // InnoDB updates in place when the row stands against the last unique key only; else it deletes
    // and goes on.
    const Index* last = nullptr;
    for (const Index& index : plan.table->indexes) {
      if (index.is_unique()) last = &index;
    }
    if ((*conflict)->index == last) {
      auto updated = storage_.rows.update(*plan.table, (*conflict)->row, row);
      if (!updated) return tl::unexpected(updated.error());
      if ((*conflict)->row.values != row) {
        plan.affected += 2;
      } else {
        plan.affected += 1;
      }
      if (*updated) {
        note_increment(plan, row, true);
        return {};
      }
    }
    if (auto removed = storage_.rows.remove(*plan.table, (*conflict)->row); !removed)
      return removed;
    ++plan.affected;
  }
  auto inserted = storage_.rows.insert(*plan.table, row);
  if (!inserted) return tl::unexpected(inserted.error());
  plan.ids.attempted();
  note_increment(plan, row, true);
  ++plan.affected;
  return {};
}

Result<void> EmbeddedSession::update_conflict(InsertPlan& plan, const RowStore::Conflict& conflict,
                                              const std::vector<Value>& row) {
  std::vector<Value> after = conflict.row.values;
  std::vector<Value> offered = row;
  offered.insert(offered.end(), plan.source_values.begin(), plan.source_values.end());
  for (auto& [column, expression] : plan.on_duplicate) {
    auto value = expression.evaluate(storage_.environment, after, &offered);
    if (!value) return tl::unexpected(value.error());
    auto fits = stored(*plan.table, column, *value, expression.type(), plan.row_number,
                       plan.statement.ignore);
    if (!fits) return tl::unexpected(fits.error());
    if (fits->is_null() && !plan.table->columns()[column].nullable)
      return cannot_be_null(plan.table->columns()[column]);
    after[column] = std::move(*fits);
  }
  if (after == conflict.row.values) return {};
  touch_updated(*plan.table, plan.on_duplicate, storage_.environment, after);
  if (auto ok = apply_rules(plan.rules, after, plan.row_number, plan.statement.ignore, *plan.table);
      !ok)
    return ok;
  auto updated = storage_.rows.update(*plan.table, conflict.row, after);
  if (!updated) return tl::unexpected(updated.error());
  if (!*updated) {
    auto other = storage_.rows.find_conflict(*plan.table, after, &conflict.row);
    if (!other) return tl::unexpected(other.error());
    if (!*other) return sql_error(1105, storage_.database.error_text());
    auto error = duplicate_entry(*plan.table, *(*other)->index, after);
    if (!plan.statement.ignore) return error;
    warnings_.push_back(std::move(error.value()));
    return {};
  }
  plan.affected += 2;
  note_increment(plan, after, false);
  return {};
}

Result<void> EmbeddedSession::place_row(InsertPlan& plan, std::vector<Value>& row) {
  if (plan.statement.replace) return replace_conflicts(plan, row);
  auto inserted = storage_.rows.insert(*plan.table, row);
  if (!inserted) return tl::unexpected(inserted.error());
  plan.ids.attempted();
  if (*inserted) {
    note_increment(plan, row, true);
    ++plan.affected;
    return {};
  }
  plan.ids.give_back();
  auto conflict = storage_.rows.find_conflict(*plan.table, row);
  if (!conflict) return tl::unexpected(conflict.error());
  if (!*conflict) return sql_error(1105, storage_.database.error_text());
  ++plan.duplicates;
  if (!plan.on_duplicate.empty()) return update_conflict(plan, **conflict, row);
  auto error = duplicate_entry(*plan.table, *(*conflict)->index, row);
  if (!plan.statement.ignore) return error;
  warnings_.push_back(std::move(error.value()));
  return {};
}

// Rows of a multi-row INSERT get the implicit default for NULL without strict mode; one row alone
// is refused.
bool EmbeddedSession::takes_null_for_default(const InsertPlan& plan) const {
  return plan.statement.ignore ||
         (!mode_.strict && (plan.statement.rows.size() > 1 || plan.statement.query));
}

// `row` has the given columns; the rest is filled in here.
Result<void> EmbeddedSession::insert_row(InsertPlan& plan, std::vector<Value>& row) {
  const TableDefinition& table = *plan.table;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const ColumnExtras& extra = table.extras[i];
    if (plan.given[i] || !extra.generated.empty()) continue;
    auto value = default_of(table, i, plan.row_number, plan.statement.ignore);
    if (!value) return tl::unexpected(value.error());
    row[i] = std::move(*value);
  }
  for (std::size_t i = 0; i < row.size(); ++i) {
    const mysql::Column& column = table.columns()[i];
    if (!row[i].is_null() || plan.auto_column == i || column.nullable ||
        !table.extras[i].generated.empty())
      continue;
    if (!takes_null_for_default(plan)) return cannot_be_null(column);
    storage_.environment.warn(1048, fmt::format("Column '{}' cannot be null", column.name));
    row[i] = implicit_default(column);
  }
  if (!plan.rules.empty()) {
    if (auto ok = apply_rules(plan.rules, row, plan.row_number, plan.statement.ignore, table);
        !ok) {
      if (!plan.statement.ignore || ok.error().code != 3819) return ok;
      warnings_.push_back(ok.error());
      return {};
    }
  }
  ++plan.records;
  if (auto ok = give_increment(plan, row); !ok) return ok;
  if (plan.generated != 0) plan.last_id = plan.generated;
  return place_row(plan, row);
}

Result<void> EmbeddedSession::prepare_updates(InsertPlan& plan) {
  const TableDefinition& table = *plan.table;
  for (const sql::Assignment& assignment : plan.statement.on_duplicate) {
    auto column = target_column(table, *assignment.column, table.schema->table);
    if (!column) return tl::unexpected(column.error());
    auto expression =
        prepare_on_duplicate(storage_, plan.statement, table, *assignment.value, plan.source);
    if (!expression) return tl::unexpected(expression.error());
    plan.on_duplicate.emplace_back(*column, std::move(*expression));
  }
  return {};
}

Result<void> EmbeddedSession::insert_values(InsertPlan& plan) {
  if (auto ok = prepare_updates(plan); !ok) return ok;
  const TableDefinition& table = *plan.table;
  std::vector<Value> row(table.columns().size());
  for (const sql::ExprList& values : plan.statement.rows) {
    ++plan.row_number;
    if (values.size() != plan.columns.size() && !(values.empty() && !plan.statement.has_columns))
      return sql_error(
          1136, fmt::format("Column count doesn't match value count at row {}", plan.row_number));
    plan.given.assign(row.size(), false);
    for (Value& value : row) value = Value::null();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const sql::Expr& expr = *values[i];
      const std::uint32_t column = plan.columns[i];
      if (expr.kind == sql::ExprKind::default_keyword) continue;
      if (!table.extras[column].generated.empty())
        return sql_error(
            3105, fmt::format(
                      "The value specified for generated column '{}' in table '{}' is not allowed.",
                      table.columns()[column].name, table.schema->table));
      mysql::Column type;
      Value value;
      if (auto literal = literal_value(expr)) {
        type = std::move(literal->type);
        value = std::move(literal->value);
      } else {
        if (auto ok = check_not_read(table, table.schema->table, &expr); !ok) return ok;
        Lowering lowering(storage_.environment, storage_.catalog);
        Scope scope;
        scope.tables.push_back(
            lowering.row_scope(table, table.schema->table, Parameter::From::row));
        auto lowered = lowering.expression(expr, scope, "field list");
        if (!lowered) return tl::unexpected(lowered.error());
        auto prepared = RowExpression::prepare(storage_.database, lowering, *lowered);
        if (!prepared) return tl::unexpected(prepared.error());
        auto result = prepared->evaluate(storage_.environment, row);
        if (!result) return tl::unexpected(result.error());
        type = lowered->type;
        value = std::move(*result);
      }
      auto fits = stored(table, column, value, type, plan.row_number, plan.statement.ignore);
      if (!fits) return tl::unexpected(fits.error());
      // At once, in the order of the values: an error in a later one is not seen.
      if (fits->is_null() && !table.columns()[column].nullable && plan.auto_column != column &&
          !takes_null_for_default(plan))
        return cannot_be_null(table.columns()[column]);
      row[column] = std::move(*fits);
      plan.given[column] = true;
    }
    if (auto ok = insert_row(plan, row); !ok) return ok;
  }
  return {};
}

Result<void> EmbeddedSession::insert_query(InsertPlan& plan) {
  sql::Query query = *plan.statement.query;
  for (const SourceColumn& column : plan.source)
    query.terms.front().select.items.push_back({column.name, "", column.name->text});
  auto rows = read(query);
  if (!rows) return tl::unexpected(rows.error());
  const std::size_t own = rows->columns.size() - plan.source.size();
  for (std::size_t i = 0; i < plan.source.size(); ++i)
    plan.source[i].type = rows->columns[own + i].type;
  if (auto ok = prepare_updates(plan); !ok) return ok;
  if (own != plan.columns.size())
    return sql_error(1136, "Column count doesn't match value count at row 1");
  const TableDefinition& table = *plan.table;
  for (const std::vector<Value>& values : rows->rows) {
    ++plan.row_number;
    std::vector<Value> row(table.columns().size());
    plan.given.assign(row.size(), false);
    plan.source_values.assign(values.begin() + static_cast<std::ptrdiff_t>(own), values.end());
    for (std::size_t i = 0; i < own; ++i) {
      auto fits = stored(table, plan.columns[i], values[i], rows->columns[i].type, plan.row_number,
                         plan.statement.ignore);
      if (!fits) return tl::unexpected(fits.error());
      row[plan.columns[i]] = std::move(*fits);
      plan.given[plan.columns[i]] = true;
    }
    if (auto ok = insert_row(plan, row); !ok) return ok;
  }
  return {};
}

Result<ResultSet> EmbeddedSession::insert(const sql::Insert& statement) {
  auto entry = storage_.catalog.require(schema_of(statement.table), statement.table.name);
  if (!entry) return tl::unexpected(entry.error());
  if (auto ok = check_writable_schema(schema_of(statement.table)); !ok)
    return tl::unexpected(ok.error());
  InsertPlan plan{statement, (*entry)->definition, *entry, {}, {}, {}, {}};
  const TableDefinition& table = *plan.table;
  plan.auto_column = table.auto_column();
  if (plan.auto_column)
    plan.ids = AutoIncrement((*entry)->next_increment, statement.rows.size(),
                             table.columns()[*plan.auto_column]);
  if (!statement.has_columns) {
    for (std::uint32_t i = 0; i < table.columns().size(); ++i) {
      if (table.columns()[i].visible) plan.columns.push_back(i);
    }
  }
  for (const sql::ColumnName& column : statement.columns) {
    const auto index = table.column_index(column.name);
    if (!index)
      return sql_error(1054, fmt::format("Unknown column '{}' in 'field list'", column.name),
                       column.offset);
    if (std::find(plan.columns.begin(), plan.columns.end(), *index) != plan.columns.end())
      return sql_error(1110, fmt::format("Column '{}' specified twice", column.name),
                       column.offset);
    plan.columns.push_back(*index);
  }
  if (auto ok = prepare_rules(table, plan.rules); !ok) return tl::unexpected(ok.error());
  storage_.environment.writes = !statement.ignore;
  if (!statement.column_aliases.empty() && statement.column_aliases.size() != plan.columns.size())
    return sql_error(1353,
                     "In definition of view, derived table or common table expression, SELECT list "
                     "and column names list have different column counts");
  if (has_row_source(statement)) {
    for (const sql::Assignment& assignment : statement.on_duplicate)
      collect_source(statement, table, *assignment.value, plan.source);
  }
  auto done = statement.query ? insert_query(plan) : insert_values(plan);
  if (plan.first_generated != 0)
    last_insert_id_ = plan.first_generated;  // even if a later row failed
  if (!done) return tl::unexpected(done.error());
  ResultSet out;
  out.affected_rows = plan.affected;
  out.last_insert_id =
      plan.first_generated != 0
          ? plan.first_generated
          : storage_.environment.new_last_insert_id.value_or(plan.affected > 0 ? plan.last_id : 0);
  if (statement.query || statement.rows.size() > 1)
    out.info = fmt::format("Records: {}  Duplicates: {}  Warnings: {}", plan.records,
                           statement.replace ? plan.affected - plan.records : plan.duplicates,
                           warnings_.size());
  return out;
}

}  // namespace pipeline::rds::embedded
