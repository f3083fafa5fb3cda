// SELECT and DO.
#include <sqlite3.h>

#include "pipeline/rds/embedded/embedded_session.h"
#include "pipeline/rds/embedded/row_expression.h"

namespace pipeline::rds::embedded {

Result<EmbeddedSession::Rows> EmbeddedSession::read(const sql::Query& query) {
  Lowering lowering(storage_.environment, storage_.catalog);
  auto lowered = lowering.query(query, nullptr);
  if (!lowered) return tl::unexpected(lowered.error());
  auto statement = storage_.database.prepare(lowered->sql);
  if (!statement) return sql_error(1105, statement.error().message);
  bind_constants(statement->handle(), lowering.parameters());
  Rows out;
  out.columns = std::move(lowered->columns);
  while (true) {
    const int code = sqlite3_step(statement->handle());
    if (code == SQLITE_DONE && !storage_.environment.error) return out;
    if (code != SQLITE_ROW) return statement_error(storage_.environment, storage_.database);
    std::vector<Value>& row = out.rows.emplace_back();
    row.reserve(out.columns.size());
    for (std::size_t i = 0; i < out.columns.size(); ++i)
      row.push_back(column_value(statement->handle(), static_cast<int>(i)));
  }
}

Result<ResultSet> EmbeddedSession::select(const sql::Query& query) {
  auto rows = read(query);
  if (!rows) return tl::unexpected(rows.error());
  ResultSet out;
  out.columns = std::move(rows->columns);
  out.rows.reserve(rows->rows.size());
  for (const std::vector<Value>& row : rows->rows) {
    auto& texts = out.rows.emplace_back();
    texts.reserve(row.size());
    for (std::size_t i = 0; i < row.size(); ++i)
      texts.push_back(row[i].is_null()
                          ? std::optional<std::string>()
                          : std::optional<std::string>(print(out.columns[i].type, row[i])));
  }
  found_rows_ = out.rows.size();
  return out;
}

Result<TypedValue> EmbeddedSession::evaluate(const sql::Expr& expr) {
  Lowering lowering(storage_.environment, storage_.catalog);
  auto lowered = lowering.expression(expr, Scope{}, "field list");
  if (!lowered) return tl::unexpected(lowered.error());
  auto prepared = RowExpression::prepare(storage_.database, lowering, *lowered);
  if (!prepared) return tl::unexpected(prepared.error());
  auto value = prepared->evaluate(storage_.environment, {});
  if (!value) return tl::unexpected(value.error());
  return TypedValue{lowered->type, std::move(*value)};
}

Result<ResultSet> EmbeddedSession::run(const sql::SelectStatement& statement) {
  return select(*statement.query);
}

Result<ResultSet> EmbeddedSession::run(const sql::Do& statement) {
  for (const sql::ExprPtr expr : statement.expressions) {
    if (auto value = evaluate(*expr); !value) return tl::unexpected(value.error());
  }
  return ResultSet{};
}

}  // namespace pipeline::rds::embedded
