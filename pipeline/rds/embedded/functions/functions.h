#pragma once
// MySQL's functions. Most are a row of a table: name, types of the arguments, type of the result, a
// C++ function; SQLite calls that one. What needs more (types that follow from the arguments, the
// session, aggregates) has a lowering of its own.

#include <span>
#include <string_view>

#include "pipeline/rds/embedded/lowering.h"

struct sqlite3;

namespace pipeline::rds::embedded {

using Values = std::span<const Value>;

// arguments: one letter each: t text, b bytes or text as it is, i integer, r real, d datetime (six
// digits), m time; '?' the rest may be missing, '*' the last may come again. Any NULL argument
// makes NULL. result: t, b, i, u (unsigned), r, D date, d datetime(6), m time(6), j json.
struct ScalarFunction {
  std::string_view name;
  std::string_view arguments;
  char result;
  Value (*call)(Environment& environment, Values arguments);
};
// The rows of each family.
std::span<const ScalarFunction> string_functions();
std::span<const ScalarFunction> number_functions();
std::span<const ScalarFunction> date_functions();
std::span<const ScalarFunction> json_functions();

// A function whose SQL is made by hand.
struct SpecialFunction {
  std::string_view name;
  Result<Lowered> (*lower)(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                           std::string_view clause);
};
std::span<const SpecialFunction> session_functions();
std::span<const SpecialFunction> control_functions();
std::span<const SpecialFunction> aggregate_functions();
bool is_aggregate(std::string_view name);

// 1582 "Incorrect parameter count in the call to native function 'x'".
tl::unexpected<SqlError> wrong_count(const sql::Expr& expr);

// Makes every function known to SQLite; environment must outlive the database.
void register_functions(sqlite3* database, Environment& environment);
void register_operators(sqlite3* database, Environment& environment);
void register_aggregates(sqlite3* database, Environment& environment);

}  // namespace pipeline::rds::embedded
