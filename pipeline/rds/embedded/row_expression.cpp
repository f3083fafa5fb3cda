#include "pipeline/rds/embedded/row_expression.h"

#include <sqlite3.h>

namespace pipeline::rds::embedded {

tl::unexpected<SqlError> statement_error(Environment& environment,
                                         const emulator::sqlite::Database& database) {
  if (!environment.error) return sql_error(1105, database.error_text());
  SqlError error = std::move(*environment.error);
  environment.error.reset();
  return tl::unexpected(std::move(error));
}

void bind_constants(sqlite3_stmt* statement, const std::vector<Parameter>& parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].from == Parameter::From::constant)
      bind_value(statement, static_cast<int>(i) + 1, parameters[i].value);
  }
}

Result<RowExpression> RowExpression::prepare(emulator::sqlite::Database& database,
                                             const Lowering& lowering, const Lowered& value) {
  RowExpression out;
  out.type_ = value.type;
  if (value.is_constant) {
    out.is_constant_ = true;
    out.constant_ = value.constant;
    return out;
  }
  auto statement = database.prepare("SELECT " + value.sql);
  if (!statement) return sql_error(1105, statement.error().message);
  out.statement_ = std::move(*statement);
  out.parameters_ = lowering.parameters();
  return out;
}

Result<Value> RowExpression::evaluate(Environment& environment, const std::vector<Value>& row,
                                      const std::vector<Value>* new_row) {
  if (is_constant_) return constant_;
  sqlite3_stmt* statement = statement_.handle();
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Parameter& parameter = parameters_[i];
    const Value& value = parameter.from == Parameter::From::constant ? parameter.value
                         : parameter.from == Parameter::From::row    ? row[parameter.column]
                                                                     : (*new_row)[parameter.column];
    bind_value(statement, static_cast<int>(i) + 1, value);
  }
  const bool has_row = sqlite3_step(statement) == SQLITE_ROW;
  Value out = has_row ? column_value(statement, 0) : Value::null();
  sqlite3_reset(statement);
  if (environment.error) {
    SqlError error = std::move(*environment.error);
    environment.error.reset();
    return tl::unexpected(std::move(error));
  }
  if (!has_row) return sql_error(1105, sqlite3_errmsg(sqlite3_db_handle(statement)));
  return out;
}

}  // namespace pipeline::rds::embedded
