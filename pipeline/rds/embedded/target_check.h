#pragma once
// What MySQL forbids by looking at the tree of a statement: reading the table that it changes
// (1093), and columns beside aggregates (1140).

#include <optional>
#include <string_view>

#include "pipeline/rds/sql/ast.h"

namespace pipeline::rds::embedded {

struct TargetTable {
  std::string_view schema;
  std::string_view name;
  std::string_view current_schema;  // of names without one
};
// A subquery in the expression reads the table, other than through a derived table (which MySQL
// materialises first).
bool reads_target(sql::ExprPtr expr, const TargetTable& target);

// The first column outside of aggregates and subqueries; nullptr: there is none.
sql::ExprPtr bare_column(const sql::Expr& expr);
// A column that WHERE pins to one value: col = literal, joined by AND.
bool is_pinned(sql::ExprPtr where, const sql::Expr& column);

}  // namespace pipeline::rds::embedded
