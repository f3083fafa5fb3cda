#include "pipeline/rds/embedded/functions/functions.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <memory>

#include "emulator/base/text.h"

namespace pipeline::rds::embedded {
namespace {

using mysql::ColumnType;

constexpr std::array scalar_families{string_functions, number_functions, date_functions,
                                     json_functions};
constexpr std::array special_families{session_functions, control_functions, aggregate_functions};

struct Bound {
  Environment* environment;
  const ScalarFunction* function;
};

void run_scalar(sqlite3_context* context, int count, sqlite3_value** values) {
  const auto* bound = static_cast<const Bound*>(sqlite3_user_data(context));
  std::vector<Value> arguments;
  arguments.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    if (sqlite3_value_type(values[i]) == SQLITE_NULL) return sqlite3_result_null(context);
    arguments.push_back(from_sqlite(values[i]));
  }
  const Value result = bound->function->call(*bound->environment, arguments);
  if (bound->environment->error) return sqlite3_result_error(context, "function", -1);
  to_sqlite(context, result);
}

mysql::Column result_type(char letter, std::span<const Lowered> arguments) {
  switch (letter) {
    case 'i':
      return integer_type();
    case 'u':
      return integer_type(true);
    case 'r':
      return real_type();
    case 'D':
      return temporal_type(ColumnType::date);
    case 'd':
      return temporal_type(ColumnType::datetime, 6);
    case 'm':
      return temporal_type(ColumnType::time, 6);
    case 'j':
      return json_type();
    case 'b':
      return bytes_type(65535);
    default:
      break;
  }
  mysql::Column out = text_type(1024);
  Coercibility best = Coercibility::other;
  for (const Lowered& argument : arguments) {
    if (argument.kind() == Kind::bytes) return bytes_type(65535);
    if (argument.kind() == Kind::text && argument.coercibility < best) {
      best = argument.coercibility;
      out.collation = argument.type.collation;
    }
  }
  return out;
}

Lowered as_letter(Lowering& lowering, char letter, const Lowered& value) {
  switch (letter) {
    case 'i':
      return lowering.as_integer(value);
    case 'r':
      return lowering.as_real(value);
    case 'd':
      return lowering.as_datetime(value);
    case 'm':
      return lowering.as_time(value);
    default:
      return lowering.as_text(value);
  }
}

// The letter of the argument at this place; 0 = too many.
char letter_at(std::string_view signature, std::size_t at) {
  std::string letters;
  for (char c : signature) {
    if (c != '?' && c != '*') letters += c;
  }
  if (at < letters.size()) return letters[at];
  return signature.ends_with('*') && !letters.empty() ? letters.back() : '\0';
}

std::size_t required(std::string_view signature) {
  const std::string_view head = signature.substr(0, signature.find('?'));
  return static_cast<std::size_t>(
      std::count_if(head.begin(), head.end(), [](char c) { return c != '*'; }));
}

Result<Lowered> lower_scalar(Lowering& lowering, const ScalarFunction& function,
                             const sql::Expr& expr, const Scope& scope, std::string_view clause) {
  auto arguments = lowering.arguments(expr, scope, clause);
  if (!arguments) return tl::unexpected(arguments.error());
  if (arguments->size() < required(function.arguments)) return wrong_count(expr);
  Lowered out;
  std::vector<Lowered> converted;
  for (std::size_t i = 0; i < arguments->size(); ++i) {
    const char letter = letter_at(function.arguments, i);
    if (letter == '\0') return wrong_count(expr);
    converted.push_back(as_letter(lowering, letter, (*arguments)[i]));
    out.sql += (i > 0 ? ", " : "") + converted.back().sql;
    if (converted.back().kind() == Kind::text)
      out.coercibility = std::min(out.coercibility, converted.back().coercibility);
  }
  out.sql = fmt::format("my_{}({})", function.name, out.sql);
  out.type = result_type(function.result, converted);
  return out;
}

}  // namespace

tl::unexpected<SqlError> wrong_count(const sql::Expr& expr) {
  return sql_error(
      1582, fmt::format("Incorrect parameter count in the call to native function '{}'", expr.text),
      expr.offset);
}

Result<Lowered> lower_function(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                               std::string_view clause) {
  for (const auto& family : special_families) {
    for (const SpecialFunction& function : family()) {
      if (function.name == expr.text) return function.lower(lowering, expr, scope, clause);
    }
  }
  for (const auto& family : scalar_families) {
    for (const ScalarFunction& function : family()) {
      if (function.name == expr.text) return lower_scalar(lowering, function, expr, scope, clause);
    }
  }
  const std::string_view database = lowering.environment().database;
  if (database.empty()) return sql_error(1046, "No database selected", expr.offset);
  // The name as it was written, if this is the text that was sent (a stored DEFAULT is not).
  const std::string_view text = lowering.environment().text;
  const std::size_t end = std::min<std::size_t>(text.find('(', expr.offset), text.size());
  const std::string_view written = end >= expr.text.size()
                                       ? text.substr(end - expr.text.size(), expr.text.size())
                                       : std::string_view();
  const bool is_written = emulator::base::equals_ignoring_case(written, expr.text);
  return sql_error(
      1305,
      fmt::format("FUNCTION {}.{} does not exist", database, is_written ? written : expr.text),
      expr.offset);
}

bool has_aggregate(const sql::Expr& expr) {
  if (expr.kind == sql::ExprKind::function && is_aggregate(expr.text)) return true;
  return std::any_of(expr.args.begin(), expr.args.end(),
                     [](const sql::ExprPtr part) { return part && has_aggregate(*part); });
}

void register_functions(sqlite3* database, Environment& environment) {
  for (const auto& family : scalar_families) {
    for (const ScalarFunction& function : family()) {
      auto* bound = new Bound{&environment, &function};  // SQLite frees it
      sqlite3_create_function_v2(database, fmt::format("my_{}", function.name).c_str(), -1,
                                 SQLITE_UTF8, bound, run_scalar, nullptr, nullptr,
                                 [](void* data) { delete static_cast<Bound*>(data); });
    }
  }
  register_operators(database, environment);
  register_aggregates(database, environment);
}

}  // namespace pipeline::rds::embedded
