#include "pipeline/rds/embedded/row_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/rds/embedded/embedded_session.h"
#include "pipeline/rds/embedded/temporal.h"

namespace pipeline::rds::embedded {

Result<RowExpression> prepare_over_row(Storage& storage, const TableDefinition& table,
                                       std::string_view sql, const sql::ParseOptions& options,
                                       std::string_view clause) {
  auto parsed = sql::parse_expression(sql, options);
  if (!parsed) return tl::unexpected(parsed.error());
  Lowering lowering(storage.environment, storage.catalog);
  Scope scope;
  scope.tables.push_back(lowering.row_scope(table, table.schema->table, Parameter::From::row));
  auto lowered = lowering.expression(*parsed->as<sql::Do>()->expressions[0], scope, clause);
  if (!lowered) return tl::unexpected(lowered.error());
  return RowExpression::prepare(storage.database, lowering, *lowered);
}

Result<RowExpression> prepare_on_duplicate(Storage& storage, const sql::Insert& insert,
                                           const TableDefinition& table, const sql::Expr& value,
                                           const std::vector<SourceColumn>& source) {
  Lowering lowering(storage.environment, storage.catalog);
  Scope scope;
  scope.tables.push_back(lowering.row_scope(table, table.schema->table, Parameter::From::row));
  if (value.kind == sql::ExprKind::default_keyword)
    return not_supported("DEFAULT in ON DUPLICATE KEY UPDATE", value.offset);
  lowering.set_values(lowering.row_scope(table, table.schema->table, Parameter::From::new_row));
  if (!insert.row_alias.empty()) {
    ScopeTable row = lowering.row_scope(table, insert.row_alias, Parameter::From::new_row);
    row.schema.clear();
    if (insert.has_columns) {  // it has the columns that are given, no others
      std::vector<ScopeColumn> given;
      for (const sql::ColumnName& column : insert.columns)
        given.push_back(row.columns[*table.column_index(column.name)]);
      row.columns = std::move(given);
    }
    for (std::size_t i = 0; i < insert.column_aliases.size() && i < row.columns.size(); ++i)
      row.columns[i].name = insert.column_aliases[i].name;
    scope.tables.push_back(std::move(row));
  }
  for (std::size_t i = 0; i < source.size(); ++i) {
    const sql::Expr& name = *source[i].name;
    ScopeTable from;
    from.schema = name.schema();
    from.name = name.table();
    from.columns.push_back(
        {std::string(name.text),
         lowering.parameter(source[i].type, Parameter::From::new_row,
                            static_cast<std::uint32_t>(table.columns().size() + i)),
         true, false});
    scope.tables.push_back(std::move(from));
  }
  auto lowered = lowering.expression(value, scope, "field list");
  if (!lowered) return tl::unexpected(lowered.error());
  return RowExpression::prepare(storage.database, lowering, *lowered);
}

void touch_updated(const TableDefinition& table,
                   const std::vector<std::pair<std::uint32_t, RowExpression>>& assigned,
                   const Environment& environment, std::vector<Value>& row) {
  for (std::uint32_t i = 0; i < table.extras.size(); ++i) {
    if (!table.extras[i].on_update_now) continue;
    if (std::any_of(assigned.begin(), assigned.end(),
                    [&](const auto& entry) { return entry.first == i; }))
      continue;
    const mysql::Column& column = table.columns()[i];
    const std::int64_t zone =
        column.type == mysql::ColumnType::timestamp ? 0 : environment.zone_seconds;
    row[i] = Value::text(datetime_text(from_instant(environment.now + std::chrono::seconds(zone)),
                                       static_cast<int>(column.length)));
  }
}

Result<void> EmbeddedSession::prepare_rules(const TableDefinition& table, RowRules& rules) {
  for (std::uint32_t i = 0; i < table.extras.size(); ++i) {
    if (table.extras[i].generated.empty()) continue;
    auto expression = prepare_over_row(storage_, table, table.extras[i].generated, parse_options(),
                                       "generated column function");
    if (!expression) return tl::unexpected(expression.error());
    rules.generated.emplace_back(i, std::move(*expression));
  }
  for (const Check& check : table.checks) {
    if (!check.enforced) continue;
    auto expression =
        prepare_over_row(storage_, table, check.expression, parse_options(), "check constraint");
    if (!expression) return tl::unexpected(expression.error());
    rules.checks.emplace_back(check.name, std::move(*expression));
  }
  return {};
}

Result<void> EmbeddedSession::apply_rules(RowRules& rules, std::vector<Value>& row,
                                          std::uint64_t row_number, bool ignore,
                                          const TableDefinition& table) {
  for (auto& [column, expression] : rules.generated) {
    auto value = expression.evaluate(storage_.environment, row);
    if (!value) return tl::unexpected(value.error());
    auto fits = stored(table, column, *value, expression.type(), row_number, ignore);
    if (!fits) return tl::unexpected(fits.error());
    if (fits->is_null() && !table.columns()[column].nullable)
      return sql_error(1048,
                       fmt::format("Column '{}' cannot be null", table.columns()[column].name));
    row[column] = std::move(*fits);
  }
  for (auto& [name, expression] : rules.checks) {
    auto value = expression.evaluate(storage_.environment, row);
    if (!value) return tl::unexpected(value.error());
    if (!value->is_null() && as_double(expression.type(), *value) == 0)
      return sql_error(3819, fmt::format("Check constraint '{}' is violated.", name));
  }
  return {};
}

}  // namespace pipeline::rds::embedded
