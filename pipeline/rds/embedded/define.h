#pragma once
// CREATE TABLE's tree as a TableDefinition, checked as MySQL checks it; and the parts of that which
// ALTER TABLE shares.

#include <string>
#include <string_view>

#include "pipeline/rds/embedded/coerce.h"
#include "pipeline/rds/embedded/table.h"
#include "pipeline/rds/error.h"
#include "pipeline/rds/sql/ast.h"

namespace pipeline::rds::embedded {

struct ColumnSpec {
  mysql::Column column;
  ColumnExtras extras;
};
// text: what the tree was parsed from (expressions are kept as written). table_collation: of
// columns that name none.
Result<ColumnSpec> define_column(const sql::ColumnDefinition& definition, std::string_view text,
                                 std::uint32_t table_collation, CoerceContext context);
Result<DefaultValue> define_default(const mysql::Column& column, sql::ExprPtr expr,
                                    bool is_expression, std::string_view text,
                                    CoerceContext context);
// The columns by name; refuses what no key can have.
Result<Index> define_index(const sql::IndexDefinition& definition,
                           const std::vector<mysql::Column>& columns);
Result<std::uint32_t> define_collation(std::string_view charset, std::string_view collation,
                                       std::uint32_t otherwise);

// Names nameless indexes and checks, puts the keys in order, makes key columns NOT NULL, fills in
// primary_key; then checks the whole.
Result<void> finish_definition(TableDefinition& table, mysql::TableSchema schema);

Result<TableDefinition> define_table(const sql::CreateTable& create, std::string_view text,
                                     std::string_view schema, std::uint32_t collation,
                                     const CoerceContext& context);
// From the stored text of SHOW CREATE TABLE.
Result<TableDefinition> define_from_text(std::string_view schema, std::string_view text);

// A literal (with or without a sign) as a value and its type; nullopt if the expression is
// something else.
struct LiteralValue {
  mysql::Column type;
  Value value;
};
std::optional<LiteralValue> literal_value(const sql::Expr& expr);

}  // namespace pipeline::rds::embedded
