#pragma once
// What a row must pass through before it is stored: generated columns are computed, CHECK
// constraints hold. And the expressions of ON DUPLICATE KEY UPDATE.

#include <utility>
#include <vector>

#include "pipeline/rds/embedded/row_expression.h"
#include "pipeline/rds/embedded/storage.h"
#include "pipeline/rds/sql/parser.h"

namespace pipeline::rds::embedded {

struct RowRules {
  std::vector<std::pair<std::uint32_t, RowExpression>>
      generated;  // in column order: one may use those before it
  std::vector<std::pair<std::string, RowExpression>> checks;  // by name

  bool empty() const { return generated.empty() && checks.empty(); }
};

Result<RowExpression> prepare_over_row(Storage& storage, const TableDefinition& table,
                                       std::string_view sql, const sql::ParseOptions& options,
                                       std::string_view clause);
// source: the columns of INSERT ... SELECT's tables that the assignments name; their values follow
// those of the new row.
struct SourceColumn {
  sql::ExprPtr name = nullptr;
  mysql::Column type = {};
};
Result<RowExpression> prepare_on_duplicate(Storage& storage, const sql::Insert& insert,
                                           const TableDefinition& table, const sql::Expr& value,
                                           const std::vector<SourceColumn>& source);
// ON UPDATE CURRENT_TIMESTAMP, for columns that the statement does not set.
void touch_updated(const TableDefinition& table,
                   const std::vector<std::pair<std::uint32_t, RowExpression>>& assigned,
                   const Environment& environment, std::vector<Value>& row);

}  // namespace pipeline::rds::embedded
