// AND, OR, IS, LIKE, REGEXP, CASE, CAST and subqueries as values.
#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/text.h"
#include "pipeline/mysql/types/codec.h"
#include "pipeline/rds/embedded/collation.h"
#include "pipeline/rds/embedded/define.h"
#include "pipeline/rds/embedded/lowering.h"

namespace pipeline::rds::embedded {

using sql::ExprKind;

Result<Lowered> Lowering::logical(const sql::Expr& expr, const Scope& scope,
                                  std::string_view clause) {
  Lowered out;
  out.type = integer_type();
  const std::string_view joint = expr.kind == ExprKind::logical_and ? " AND " : " OR ";
  for (const sql::ExprPtr part : expr.args) {
    auto value = expression(*part, scope, clause);
    if (!value) return value;
    out.sql += (out.sql.empty() ? std::string("(") : std::string(joint)) + value->sql;
  }
  out.sql += ")";
  return out;
}

Result<Lowered> Lowering::truth(const sql::Expr& expr, const Scope& scope,
                                std::string_view clause) {
  auto value = expression(*expr.args[0], scope, clause);
  if (!value) return value;
  Lowered out;
  out.type = integer_type();
  const std::string_view is_not = expr.negated ? "NOT " : "";
  if (expr.kind == ExprKind::is_null || expr.kind == ExprKind::is_unknown) {
    out.sql = fmt::format("({} IS {}NULL)", value->sql, is_not);
  } else {
    out.sql = fmt::format("((NOT {}) IS {}{})", value->sql, is_not,
                          expr.kind == ExprKind::is_true ? 0 : 1);
  }
  return out;
}

Result<Lowered> Lowering::like(const sql::Expr& expr, const Scope& scope, std::string_view clause) {
  auto values = arguments(expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  const Lowered value = as_text((*values)[0]);
  const Lowered pattern = as_text((*values)[1]);
  std::string escape = "NULL";
  if (values->size() > 2) {
    escape = (*values)[2].sql;
  } else if (environment_.mode.no_backslash_escapes) {
    escape = "''";
  }
  const std::uint32_t collation =
      value.kind() == Kind::bytes || pattern.kind() == Kind::bytes
          ? mysql::collation_binary
          : (value.coercibility <= pattern.coercibility ? value : pattern).type.collation;
  Lowered out = call("mysql_like", {value.sql, pattern.sql, escape, std::to_string(collation)},
                     integer_type());
  if (expr.negated) out.sql = fmt::format("(NOT {})", out.sql);
  return out;
}

Result<Lowered> Lowering::regexp(const sql::Expr& expr, const Scope& scope,
                                 std::string_view clause) {
  auto values = arguments(expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  const Lowered value = as_text((*values)[0]);
  const Lowered pattern = as_text((*values)[1]);
  const std::string_view collation =
      sqlite_collation((value.coercibility <= pattern.coercibility ? value : pattern).type);
  const bool ignores_case = collation.find("_ci") != std::string_view::npos;
  Lowered out =
      call("mysql_regexp", {value.sql, pattern.sql, ignores_case ? "1" : "0"}, integer_type());
  if (expr.negated) out.sql = fmt::format("(NOT {})", out.sql);
  return out;
}

Result<Lowered> Lowering::case_when(const sql::Expr& expr, const Scope& scope,
                                    std::string_view clause) {
  std::optional<Lowered> operand;
  if (expr.args[0]) {
    auto lowered = expression(*expr.args[0], scope, clause);
    if (!lowered) return lowered;
    operand = std::move(*lowered);
  }
  std::vector<std::string> conditions;
  std::vector<Lowered> results;
  for (std::size_t i = 1; i + 1 < expr.args.size(); i += 2) {
    auto when = expression(*expr.args[i], scope, clause);
    if (!when) return when;
    if (operand) {
      when = compare(sql::Operator::equal, *operand, *when);
      if (!when) return when;
    }
    conditions.push_back(when->sql);
    auto then = expression(*expr.args[i + 1], scope, clause);
    if (!then) return then;
    results.push_back(std::move(*then));
  }
  if (const sql::ExprPtr otherwise = expr.args.back(); otherwise && expr.args.size() % 2 == 0) {
    auto lowered = expression(*otherwise, scope, clause);
    if (!lowered) return lowered;
    results.push_back(std::move(*lowered));
  }
  Lowered out;
  out.type = common_type(results);
  out.coercibility = Coercibility::other;
  for (const Lowered& result : results)
    out.coercibility = std::min(out.coercibility, result.coercibility);
  out.sql = "(CASE";
  for (std::size_t i = 0; i < conditions.size(); ++i)
    out.sql += fmt::format(" WHEN {} THEN {}", conditions[i], converted(results[i], out.type).sql);
  if (results.size() > conditions.size())
    out.sql += fmt::format(" ELSE {}", converted(results.back(), out.type).sql);
  out.sql += " END)";
  return out;
}

namespace {

// The column type that CAST names.
Result<mysql::Column> cast_type(const sql::TypeSpec& type) {
  using sql::TypeName;
  const auto length = [&](std::uint64_t otherwise) {
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(type.length.value_or(otherwise), 65535));
  };
  switch (type.name) {
    case TypeName::signed_integer:
      return integer_type();
    case TypeName::unsigned_integer:
      return integer_type(true);
    case TypeName::decimal:
      return decimal_type(static_cast<int>(length(10)), static_cast<int>(type.scale.value_or(0)));
    case TypeName::float32:
    case TypeName::float64:
      return real_type();
    case TypeName::character:
    case TypeName::varchar:
      return type.charset == "binary" ? bytes_type(length(65535)) : text_type(length(16383));
    case TypeName::binary:
      return bytes_type(length(65535));
    case TypeName::date:
      return temporal_type(mysql::ColumnType::date);
    case TypeName::time:
      return temporal_type(mysql::ColumnType::time, static_cast<int>(length(0)));
    case TypeName::datetime:
      return temporal_type(mysql::ColumnType::datetime, static_cast<int>(length(0)));
    case TypeName::json:
      return json_type();
    case TypeName::year: {
      mysql::Column out = integer_type(true);
      out.type = mysql::ColumnType::year;
      return out;
    }
    default:
      return not_supported(fmt::format("CAST AS {}", sql::column_type(type)), type.offset);
  }
}

}  // namespace

Result<Lowered> Lowering::cast(const sql::Expr& expr, const Scope& scope, std::string_view clause) {
  auto operand = expression(*expr.args[0], scope, clause);
  if (!operand) return operand;
  if (expr.kind == ExprKind::convert_using) {
    if (emulator::base::equals_ignoring_case(expr.text, "binary")) return as_bytes(*operand);
    auto collation = define_collation(expr.text, "", mysql::collation_utf8mb4);
    if (!collation) return tl::unexpected(collation.error());
    Lowered out = as_text(*operand);
    if (out.kind() == Kind::bytes) out.sql = fmt::format("CAST({} AS TEXT)", out.sql);
    out.type = text_type(out.type.length / 4, *collation);
    out.is_constant = false;
    return out;
  }
  if (expr.type->is_array) return not_supported("CAST AS ... ARRAY", expr.type->offset);
  auto type = cast_type(*expr.type);
  if (!type) return tl::unexpected(type.error());
  const std::string from = std::to_string(environment_.type_number(operand->type));
  Lowered out = call("mysql_cast",
                     {operand->sql, from, std::to_string(environment_.type_number(*type))}, *type);
  out.coercibility = Coercibility::column;
  return out;
}

Result<Lowered> Lowering::subquery(const sql::Expr& expr, const Scope& scope) {
  auto inner = query(*expr.query, &scope);
  if (!inner) return tl::unexpected(inner.error());
  Lowered out;
  if (expr.kind == ExprKind::exists) {
    out.type = integer_type();
    out.sql = fmt::format("EXISTS ({})", inner->sql);
    return out;
  }
  if (inner->columns.size() != 1)
    return sql_error(1241, "Operand should contain 1 column(s)", expr.offset);
  out.type = inner->columns[0].type;
  out.coercibility = Coercibility::column;
  const std::string alias = fmt::format("q{}", ++aliases_);
  // More than one row is error 1242, which SQLite would not notice.
  out.sql = fmt::format("(SELECT mysql_single({}.r0, COUNT(*)) FROM ({}) AS {})", alias, inner->sql,
                        alias);
  return out;
}

}  // namespace pipeline::rds::embedded
