// UPDATE and DELETE: the rows are found first, then changed one by one, so that a change never
// meets its own effect.
#include <fmt/format.h>
#include <sqlite3.h>

#include "emulator/base/text.h"
#include "pipeline/rds/embedded/auto_increment.h"
#include "pipeline/rds/embedded/embedded_session.h"
#include "pipeline/rds/embedded/row_rules.h"
#include "pipeline/rds/embedded/target_check.h"

namespace pipeline::rds::embedded {

Result<std::uint32_t> EmbeddedSession::target_column(const TableDefinition& table,
                                                     const sql::Expr& column,
                                                     std::string_view alias) {
  const auto index = table.column_index(column.text);
  if (!index ||
      (!column.table().empty() && column.table() != alias && column.table() != table.schema->table))
    return sql_error(1054,
                     fmt::format("Unknown column '{}{}{}' in 'field list'", column.table(),
                                 column.table().empty() ? "" : ".", column.text),
                     column.offset);
  if (!table.extras[*index].generated.empty())
    return sql_error(
        3105,
        fmt::format("The value specified for generated column '{}' in table '{}' is not allowed.",
                    table.columns()[*index].name, table.schema->table));
  return *index;
}

Result<std::vector<StoredRow>> EmbeddedSession::matching_rows(
    const TableDefinition& table, std::string_view name, sql::ExprPtr where,
    std::span<const sql::OrderItem> order_by, const sql::Limit& limit) {
  Lowering lowering(storage_.environment, storage_.catalog);
  Scope scope;
  scope.tables.push_back(lowering.table_scope(table, name, "t"));
  std::string sql =
      fmt::format("SELECT {} FROM {} AS t", RowStore::select_list(table, "t"), table.sqlite_name());
  if (where) {
    auto condition = lowering.expression(*where, scope, "where clause");
    if (!condition) return tl::unexpected(condition.error());
    sql += " WHERE " + condition->sql;
  }
  auto order = lowering.order_by(order_by, scope, "order clause");
  if (!order) return tl::unexpected(order.error());
  if (!order->empty()) sql += " ORDER BY " + *order;
  auto count = lowering.limit(limit);
  if (!count) return tl::unexpected(count.error());
  sql += *count;
  auto statement = storage_.database.prepare(sql);
  if (!statement) return sql_error(1105, statement.error().message);
  bind_constants(statement->handle(), lowering.parameters());
  std::vector<StoredRow> out;
  while (true) {
    const int code = sqlite3_step(statement->handle());
    if (code == SQLITE_DONE && !storage_.environment.error) return out;
    if (code != SQLITE_ROW) return statement_error(storage_.environment, storage_.database);
    if (storage_.environment.error) return statement_error(storage_.environment, storage_.database);
    out.push_back(RowStore::read_row(table, statement->handle()));
  }
}

// An UPDATE that sets a bigger id moves the counter, as InnoDB's does since 8.0.
void EmbeddedSession::raise_increment(TableEntry& entry, const Value& id) {
  const TableDefinition& table = *entry.definition;
  const mysql::Column& column = table.columns()[*table.auto_column()];
  if (as_double(column, id) < 0) return;
  AutoIncrement(entry.next_increment, 1, column)
      .raise(id.store == Value::Store::real ? static_cast<std::uint64_t>(id.real)
                                            : id.as_unsigned());
  storage_.dirty_increments[table.id] = entry.next_increment;
}

Result<void> EmbeddedSession::check_not_read(const TableDefinition& table, std::string_view name,
                                             sql::ExprPtr expr) const {
  if (!reads_target(expr, {table.schema->schema, table.schema->table, database_})) return {};
  return sql_error(
      1093, fmt::format("You can't specify target table '{}' for update in FROM clause", name),
      expr->offset);
}

Result<ResultSet> EmbeddedSession::update(const sql::Update& statement) {
  auto entry = storage_.catalog.require(schema_of(statement.table), statement.table.name);
  if (!entry) return tl::unexpected(entry.error());
  if (auto ok = check_writable_schema(schema_of(statement.table)); !ok)
    return tl::unexpected(ok.error());
  const DefinitionPtr shared = (*entry)->definition;
  const TableDefinition& table = *shared;
  const std::string_view name = statement.alias.empty() ? statement.table.name : statement.alias;
  std::vector<std::pair<std::uint32_t, RowExpression>> assignments;
  std::vector<bool> to_default;
  for (const sql::Assignment& assignment : statement.assignments) {
    auto column = target_column(table, *assignment.column, name);
    if (!column) return tl::unexpected(column.error());
    if (auto ok = check_not_read(table, name, assignment.value); !ok)
      return tl::unexpected(ok.error());
    Lowering lowering(storage_.environment, storage_.catalog);
    Scope scope;
    scope.tables.push_back(lowering.row_scope(table, name, Parameter::From::row));
    const bool is_default = assignment.value->kind == sql::ExprKind::default_keyword;
    auto lowered = is_default ? Result<Lowered>(lowering.constant(null_type(), Value::null()))
                              : lowering.expression(*assignment.value, scope, "field list");
    if (!lowered) return tl::unexpected(lowered.error());
    auto expression = RowExpression::prepare(storage_.database, lowering, *lowered);
    if (!expression) return tl::unexpected(expression.error());
    assignments.emplace_back(*column, std::move(*expression));
    to_default.push_back(is_default);
  }
  if (auto ok = check_not_read(table, name, statement.where); !ok)
    return tl::unexpected(ok.error());
  storage_.environment.writes = !statement.ignore;
  RowRules rules;
  if (auto ok = prepare_rules(table, rules); !ok) return tl::unexpected(ok.error());
  auto rows = matching_rows(table, name, statement.where, statement.order_by, statement.limit);
  if (!rows) return tl::unexpected(rows.error());
  const auto auto_column = table.auto_column();
  std::uint64_t changed = 0, row_number = 0;
  for (const StoredRow& row : *rows) {
    ++row_number;
    std::vector<Value> after = row.values;
    for (std::size_t i = 0; i < assignments.size(); ++i) {
      auto& [column, expression] = assignments[i];
      const mysql::Column& type = table.columns()[column];
      // Left to right: a later assignment sees what an earlier one has set.
      auto value = to_default[i] ? default_of(table, column, row_number, statement.ignore)
                                 : expression.evaluate(storage_.environment, after);
      if (!value) return tl::unexpected(value.error());
      auto fits = to_default[i] ? value
                                : stored(table, column, *value, expression.type(), row_number,
                                         statement.ignore);
      if (!fits) return tl::unexpected(fits.error());
      if (fits->is_null() && !type.nullable) {
        if (mode_.strict && !statement.ignore)
          return sql_error(1048, fmt::format("Column '{}' cannot be null", type.name));
        storage_.environment.warn(1048, fmt::format("Column '{}' cannot be null", type.name));
        *fits = implicit_default(type);
      }
      after[column] = std::move(*fits);
    }
    if (after == row.values) continue;
    touch_updated(table, assignments, storage_.environment, after);
    if (auto ok = apply_rules(rules, after, row_number, statement.ignore, table); !ok)
      return tl::unexpected(ok.error());
    auto updated = storage_.rows.update(table, row, after);
    if (!updated) return tl::unexpected(updated.error());
    if (*updated) {
      ++changed;
      if (auto_column && after[*auto_column] != row.values[*auto_column])
        raise_increment(**entry, after[*auto_column]);
      continue;
    }
    auto conflict = storage_.rows.find_conflict(table, after, &row);
    if (!conflict) return tl::unexpected(conflict.error());
    if (!*conflict) return sql_error(1105, storage_.database.error_text());
    auto error = duplicate_entry(table, *(*conflict)->index, after);
    if (!statement.ignore) return error;
    warnings_.push_back(std::move(error.value()));
  }
  ResultSet out;
  out.affected_rows = changed;
  out.info = fmt::format("Rows matched: {}  Changed: {}  Warnings: {}", rows->size(), changed,
                         warnings_.size());
  return out;
}

Result<ResultSet> EmbeddedSession::remove(const sql::Delete& statement) {
  auto entry = storage_.catalog.require(schema_of(statement.table), statement.table.name);
  if (!entry) return tl::unexpected(entry.error());
  if (auto ok = check_writable_schema(schema_of(statement.table)); !ok)
    return tl::unexpected(ok.error());
  const DefinitionPtr table = (*entry)->definition;
  const std::string_view name = statement.alias.empty() ? statement.table.name : statement.alias;
  if (auto ok = check_not_read(*table, name, statement.where); !ok)
    return tl::unexpected(ok.error());
  storage_.environment.writes = !statement.ignore;
  auto rows = matching_rows(*table, name, statement.where, statement.order_by, statement.limit);
  if (!rows) return tl::unexpected(rows.error());
  for (const StoredRow& row : *rows) {
    if (auto removed = storage_.rows.remove(*table, row); !removed)
      return tl::unexpected(removed.error());
  }
  ResultSet out;
  out.affected_rows = rows->size();
  return out;
}

}  // namespace pipeline::rds::embedded
