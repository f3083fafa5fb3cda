// IF, IFNULL, NULLIF, COALESCE, GREATEST, LEAST, DATE_ADD, EXTRACT, TIMESTAMPDIFF...: the type
// follows from the arguments.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pipeline/rds/embedded/functions/functions.h"

namespace pipeline::rds::embedded {
namespace {

using Clause = std::string_view;

std::string list_of(Lowering& lowering, std::span<const Lowered> values,
                    const mysql::Column& type) {
  std::string out;
  for (const Lowered& value : values)
    out += (out.empty() ? "" : ", ") + lowering.converted(value, type).sql;
  return out;
}

Coercibility best_of(std::span<const Lowered> values) {
  Coercibility best = Coercibility::other;
  for (const Lowered& value : values) best = std::min(best, value.coercibility);
  return best;
}

Result<Lowered> lower_if(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                         Clause clause) {
  auto values = lowering.arguments(expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  if (values->size() != 3) return wrong_count(expr);
  const auto results = std::span<const Lowered>(*values).subspan(1);
  Lowered out;
  out.type = lowering.common_type(results);
  out.coercibility = best_of(results);
  out.sql = fmt::format("(CASE WHEN {} THEN {} ELSE {} END)", (*values)[0].sql,
                        lowering.converted(results[0], out.type).sql,
                        lowering.converted(results[1], out.type).sql);
  return out;
}

Result<Lowered> lower_coalesce(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                               Clause clause) {
  auto values = lowering.arguments(expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  if (values->empty() || (expr.text == "IFNULL" && values->size() != 2)) return wrong_count(expr);
  Lowered out;
  out.type = lowering.common_type(*values);
  out.coercibility = best_of(*values);
  out.sql = fmt::format("coalesce({}{})", list_of(lowering, *values, out.type),
                        values->size() == 1 ? ", NULL" : "");
  return out;
}

Result<Lowered> lower_nullif(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                             Clause clause) {
  auto values = lowering.arguments(expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  if (values->size() != 2) return wrong_count(expr);
  auto equal = lowering.compare(sql::Operator::equal, (*values)[0], (*values)[1]);
  if (!equal) return equal;
  Lowered out = (*values)[0];
  out.is_constant = false;
  out.sql = fmt::format("(CASE WHEN {} THEN NULL ELSE {} END)", equal->sql, out.sql);
  return out;
}

Result<Lowered> lower_isnull(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                             Clause clause) {
  auto values = lowering.arguments(expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  if (values->size() != 1) return wrong_count(expr);
  Lowered out;
  out.type = integer_type();
  out.sql = fmt::format("({} IS NULL)", values->front().sql);
  return out;
}

// SQLite's min and max of several values go by the collation of the first; a NULL among them makes
// NULL, as in MySQL.
Result<Lowered> lower_greatest_or_least(Lowering& lowering, const sql::Expr& expr,
                                        const Scope& scope, Clause clause) {
  auto values = lowering.arguments(expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  if (values->size() < 2) return wrong_count(expr);
  Lowered out;
  out.type = lowering.common_type(*values);
  out.coercibility = best_of(*values);
  std::string list;
  for (const Lowered& value : *values)
    list += (list.empty() ? "" : ", ") + lowering.collated(lowering.converted(value, out.type));
  out.sql = fmt::format("{}({})", expr.text == "GREATEST" ? "max" : "min", list);
  return out;
}

Result<Lowered> lower_date_add(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                               Clause clause) {
  if (expr.args.size() != 2) return wrong_count(expr);
  auto date = lowering.expression(*expr.args[0], scope, clause);
  if (!date) return date;
  if (expr.args[1]->kind == sql::ExprKind::interval)
    return lowering.date_arithmetic(*date, *expr.args[1], expr.text == "DATE_SUB", scope, clause);
  return not_supported(fmt::format("{} without INTERVAL", expr.text), expr.offset);
}

// Functions whose first argument is a unit: it is told as text.
Result<Lowered> lower_with_unit(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                                Clause clause) {
  if (expr.args.empty() || expr.args[0]->kind != sql::ExprKind::keyword) return wrong_count(expr);
  std::vector<Lowered> values;
  for (const sql::ExprPtr part : expr.args.subspan(1)) {
    auto value = lowering.expression(*part, scope, clause);
    if (!value) return value;
    values.push_back(std::move(*value));
  }
  const Lowered unit = lowering.constant(text_type(), Value::text(std::string(expr.args[0]->text)));
  if (expr.text == "EXTRACT") {
    if (values.size() != 1) return wrong_count(expr);
    const Lowered moment = values[0].kind() == Kind::time ? lowering.as_datetime(values[0])
                                                          : lowering.as_datetime(values[0]);
    return lowering.call("my_EXTRACT", {unit.sql, moment.sql}, integer_type());
  }
  if (values.size() != 2) return wrong_count(expr);
  return lowering.call(
      "my_TIMESTAMPDIFF",
      {unit.sql, lowering.as_datetime(values[0]).sql, lowering.as_datetime(values[1]).sql},
      integer_type());
}

// ABS, ROUND, TRUNCATE, CEILING, FLOOR, MOD, SIGN keep the type of a number.
Result<Lowered> lower_rounding(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                               Clause clause) {
  auto values = lowering.arguments(expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  const bool two = expr.text == "ROUND" || expr.text == "TRUNCATE";
  if (values->empty() || values->size() > (two ? 2u : 1u) ||
      (expr.text == "TRUNCATE" && values->size() != 2))
    return wrong_count(expr);
  const Lowered number = lowering.as_number(values->front());
  if (number.kind() == Kind::null) return number;
  const bool to_integer = expr.text == "CEILING" || expr.text == "CEIL" || expr.text == "FLOOR";
  Lowered digits = lowering.constant(integer_type(), Value::of(std::int64_t{0}));
  if (values->size() == 2) digits = lowering.as_integer((*values)[1]);
  mysql::Column type = number.type;
  if (number.kind() == Kind::decimal && expr.text != "ABS") {
    int scale = 0;
    if (two && digits.is_constant && digits.constant.store == Value::Store::integer)
      scale =
          static_cast<int>(std::clamp<std::int64_t>(digits.constant.integer, 0, number.type.scale));
    if (two && !digits.is_constant) scale = number.type.scale;
    type = to_integer
               ? integer_type()
               : decimal_type(static_cast<int>(number.type.length) - number.type.scale + scale + 1,
                              scale);
  } else if (number.store_is_integer()) {
    type = integer_type(number.type.is_unsigned);
  } else if (number.kind() == Kind::real) {
    type = real_type();
  }
  const std::string function = fmt::format("'{}'", expr.text);
  return lowering.call("mysql_rounding",
                       {function, number.sql, digits.sql,
                        number.kind() == Kind::real      ? "'r'"
                        : number.kind() == Kind::decimal ? "'d'"
                                                         : "'i'",
                        std::to_string(type.scale)},
                       type);
}

Result<Lowered> lower_mod(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                          Clause clause) {
  auto values = lowering.arguments(expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  if (values->size() != 2) return wrong_count(expr);
  return lowering.arithmetic(sql::Operator::modulo, (*values)[0], (*values)[1]);
}

Result<Lowered> lower_date(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                           Clause clause) {
  auto values = lowering.arguments(expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  if (values->size() != 1) return wrong_count(expr);
  const bool time = expr.text == "TIME";
  return lowering.converted(
      time ? lowering.as_time(values->front()) : lowering.as_datetime(values->front()),
      temporal_type(
          time ? mysql::ColumnType::time : mysql::ColumnType::date,
          time ? static_cast<int>(is_temporal(values->front().kind()) ? values->front().type.length
                                                                      : 0)
               : 0));
}

// CONCAT_WS(separator, ...): NULLs among the rest are left out.
Result<Lowered> lower_concat_ws(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                                Clause clause) {
  auto values = lowering.arguments(expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  if (values->size() < 2) return wrong_count(expr);
  const Lowered separator = lowering.as_text(values->front());
  std::string parts;
  for (const Lowered& value : std::span<const Lowered>(*values).subspan(1)) {
    const std::string text = lowering.as_text(value).sql;
    parts +=
        fmt::format("{}coalesce({} || {}, '')", parts.empty() ? "" : " || ", separator.sql, text);
  }
  Lowered out;
  out.type = text_type(1024);
  out.coercibility = best_of(*values);
  out.sql = fmt::format("substr({}, length({}) + 1)", parts, separator.sql);
  return out;
}

// ELT(n, a, b, ...)
Result<Lowered> lower_elt(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                          Clause clause) {
  auto values = lowering.arguments(expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  if (values->size() < 2) return wrong_count(expr);
  const auto choices = std::span<const Lowered>(*values).subspan(1);
  Lowered out;
  out.type = text_type(1024);
  out.coercibility = best_of(choices);
  out.sql = fmt::format("(CASE {}", lowering.as_integer(values->front()).sql);
  for (std::size_t i = 0; i < choices.size(); ++i)
    out.sql += fmt::format(" WHEN {} THEN {}", i + 1, lowering.as_text(choices[i]).sql);
  out.sql += " END)";
  return out;
}

// FIELD(x, a, b, ...): strings as strings, numbers as numbers, else as reals.
Result<Lowered> lower_field(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                            Clause clause) {
  auto values = lowering.arguments(expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  if (values->size() < 2) return wrong_count(expr);
  const bool all_strings = std::all_of(values->begin(), values->end(), [](const Lowered& v) {
    return is_string(v.kind()) || v.kind() == Kind::null;
  });
  const bool all_numbers = std::all_of(values->begin(), values->end(), [](const Lowered& v) {
    return v.store_is_integer() || v.kind() == Kind::decimal || v.kind() == Kind::null;
  });
  Lowered out;
  out.type = integer_type();
  out.sql = "(CASE";
  for (std::size_t i = 1; i < values->size(); ++i) {
    const bool plain = all_strings || all_numbers;
    auto equal = lowering.compare(sql::Operator::equal,
                                  plain ? values->front() : lowering.as_real(values->front()),
                                  plain ? (*values)[i] : lowering.as_real((*values)[i]));
    if (!equal) return equal;
    out.sql += fmt::format(" WHEN {} THEN {}", equal->sql, i);
  }
  out.sql += " ELSE 0 END)";
  return out;
}

// HEX of a number is its digits, of a string its bytes in its charset.
Result<Lowered> lower_hex(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                          Clause clause) {
  auto values = lowering.arguments(expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  if (values->size() != 1) return wrong_count(expr);
  const Lowered& value = values->front();
  if (is_numeric(value.kind()))
    return lowering.call("my_HEX_NUMBER", {lowering.as_integer(value).sql}, text_type(16));
  const Lowered text = lowering.as_text(value);
  return lowering.call(
      "my_HEX", {text.sql, text.kind() == Kind::text ? std::to_string(text.type.collation) : "0"},
      text_type(1024));
}

Result<Lowered> lower_char(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                           Clause clause) {
  auto values = lowering.arguments(expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  std::string list;
  for (const Lowered& value : *values)
    list +=
        fmt::format("{}coalesce({}, '')", list.empty() ? "" : ", ", lowering.as_integer(value).sql);
  return lowering.call("my_CHARACTERS", {list}, bytes_type(255));
}

// STR_TO_DATE(text, format): a date, a time or both, as a constant format tells.
Result<Lowered> lower_str_to_date(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                                  Clause clause) {
  auto values = lowering.arguments(expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  if (values->size() != 2) return wrong_count(expr);
  const Lowered format = lowering.as_text((*values)[1]);
  const auto uses = [&](std::string_view letters) {
    if (!format.is_constant || format.constant.is_null()) return true;
    const std::string& text = format.constant.bytes;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
      if (text[i] == '%' && letters.find(text[++i]) != std::string_view::npos) return true;
    }
    return false;
  };
  const bool date = uses("YyMmbcdeDjaWwUuVvXx");
  const bool time = uses("HkhIlisSprTf");
  const int digits = uses("f") ? 6 : 0;
  const mysql::Column type = date && time ? temporal_type(mysql::ColumnType::datetime, digits)
                             : time       ? temporal_type(mysql::ColumnType::time, digits)
                                          : temporal_type(mysql::ColumnType::date);
  const std::string_view wanted = date && time ? "'b'" : time ? "'t'" : "'d'";
  return lowering.call(
      "my_STR_TO_DATE",
      {lowering.as_text(values->front()).sql, format.sql, wanted, std::to_string(digits)}, type);
}

constexpr std::array control_table{
    SpecialFunction{"CONCAT_WS", lower_concat_ws},
    SpecialFunction{"CHAR", lower_char},
    SpecialFunction{"ELT", lower_elt},
    SpecialFunction{"FIELD", lower_field},
    SpecialFunction{"HEX", lower_hex},
    SpecialFunction{"STR_TO_DATE", lower_str_to_date},
    SpecialFunction{"IF", lower_if},
    SpecialFunction{"IFNULL", lower_coalesce},
    SpecialFunction{"COALESCE", lower_coalesce},
    SpecialFunction{"NULLIF", lower_nullif},
    SpecialFunction{"ISNULL", lower_isnull},
    SpecialFunction{"GREATEST", lower_greatest_or_least},
    SpecialFunction{"LEAST", lower_greatest_or_least},
    SpecialFunction{"DATE_ADD", lower_date_add},
    SpecialFunction{"DATE_SUB", lower_date_add},
    SpecialFunction{"EXTRACT", lower_with_unit},
    SpecialFunction{"TIMESTAMPDIFF", lower_with_unit},
    SpecialFunction{"DATE", lower_date},
    SpecialFunction{"TIME", lower_date},
    SpecialFunction{"ABS", lower_rounding},
    SpecialFunction{"ROUND", lower_rounding},
    SpecialFunction{"TRUNCATE", lower_rounding},
    SpecialFunction{"CEILING", lower_rounding},
    SpecialFunction{"CEIL", lower_rounding},
    SpecialFunction{"FLOOR", lower_rounding},
    SpecialFunction{"MOD", lower_mod},
};

}  // namespace

std::span<const SpecialFunction> control_functions() { return control_table; }

}  // namespace pipeline::rds::embedded
