#pragma once
// Expressions over a row at hand (DEFAULT (expr), generated columns, CHECK, SET of an UPDATE, ON
// DUPLICATE KEY UPDATE): one SQLite statement whose parameters are the row's columns.

#include <vector>

#include "emulator/sqlite/database.h"
#include "pipeline/rds/embedded/lowering.h"

namespace pipeline::rds::embedded {

class RowExpression {
 public:
  // The Lowering that made `value` and nothing else, so that its parameters are this expression's.
  static Result<RowExpression> prepare(emulator::sqlite::Database& database,
                                       const Lowering& lowering, const Lowered& value);
  const mysql::Column& type() const { return type_; }
  Result<Value> evaluate(Environment& environment, const std::vector<Value>& row,
                         const std::vector<Value>* new_row = nullptr);

 private:
  emulator::sqlite::Statement statement_;
  std::vector<Parameter> parameters_;
  mysql::Column type_;
  bool is_constant_ = false;
  Value constant_;
};

// The error of a statement that failed while it ran: ours if a function of ours failed, else
// SQLite's text.
tl::unexpected<SqlError> statement_error(Environment& environment,
                                         const emulator::sqlite::Database& database);
// Binds the constants among the parameters.
void bind_constants(sqlite3_stmt* statement, const std::vector<Parameter>& parameters);

}  // namespace pipeline::rds::embedded
