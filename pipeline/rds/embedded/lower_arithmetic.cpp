// + - * / DIV %, and INTERVAL.
#include <fmt/format.h>

#include <algorithm>

#include "pipeline/rds/embedded/lowering.h"

namespace pipeline::rds::embedded {
namespace {

std::string_view symbol(sql::Operator op) {
  switch (op) {
    case sql::Operator::add:
      return "'+'";
    case sql::Operator::subtract:
      return "'-'";
    case sql::Operator::multiply:
      return "'*'";
    case sql::Operator::divide:
      return "'/'";
    case sql::Operator::integer_divide:
      return "'d'";
    default:
      return "'%'";
  }
}

constexpr int division_digits = 4;  // div_precision_increment

mysql::Column decimal_result(sql::Operator op, const Lowered& a, const Lowered& b) {
  const int scale_a = a.kind() == Kind::decimal ? a.type.scale : 0;
  const int scale_b = b.kind() == Kind::decimal ? b.type.scale : 0;
  const int whole_a = a.kind() == Kind::decimal ? static_cast<int>(a.type.length) - scale_a : 20;
  const int whole_b = b.kind() == Kind::decimal ? static_cast<int>(b.type.length) - scale_b : 20;
  int scale = std::max(scale_a, scale_b);
  int whole = std::max(whole_a, whole_b) + 1;
  if (op == sql::Operator::multiply) {
    scale = scale_a + scale_b;
    whole = whole_a + whole_b;
  }
  if (op == sql::Operator::divide) {
    scale = scale_a + division_digits;
    whole = whole_a + scale_b;
  }
  scale = std::min(scale, 30);
  return decimal_type(whole + scale, scale);
}

}  // namespace

namespace {
std::string shown(const Lowered& value) {
  return value.is_constant && !value.constant.is_null() ? print(value.type, value.constant)
                                                        : value.shown;
}
}  // namespace

Result<Lowered> Lowering::arithmetic(sql::Operator op, const Lowered& left, const Lowered& right) {
  std::string text = shown(left).empty() || shown(right).empty()
                         ? std::string()
                         : fmt::format("({} {} {})", shown(left), sql::spelling(op), shown(right));
  auto out =
      arithmetic(op, left, right,
                 text.empty() ? std::string("NULL") : constant(text_type(), Value::text(text)).sql);
  if (out) out->shown = std::move(text);
  return out;
}

// text: SQL of what the operation is called if its result is out of range.
Result<Lowered> Lowering::arithmetic(sql::Operator op, const Lowered& left, const Lowered& right,
                                     std::string_view text) {
  const Lowered a = as_number(left);
  const Lowered b = as_number(right);
  const bool any_real = a.kind() == Kind::real || b.kind() == Kind::real;
  const bool any_decimal = a.kind() == Kind::decimal || b.kind() == Kind::decimal;
  if (a.kind() == Kind::null || b.kind() == Kind::null) return constant(real_type(), Value::null());
  if (op == sql::Operator::integer_divide) {
    const bool is_unsigned =
        a.kind() == Kind::unsigned_integer || b.kind() == Kind::unsigned_integer;
    if (any_real || any_decimal)
      return call("mysql_decimal_arithmetic",
                  {symbol(op), as_decimal(a).sql, as_decimal(b).sql, "0"},
                  integer_type(is_unsigned));
    return call("mysql_integer_arithmetic",
                {symbol(op), a.sql, b.sql, is_unsigned ? "1" : "0", text},
                integer_type(is_unsigned));
  }
  if (any_real)
    return call("mysql_real_arithmetic", {symbol(op), as_real(a).sql, as_real(b).sql, text},
                real_type());
  if (any_decimal || op == sql::Operator::divide) {
    const mysql::Column type = decimal_result(op, a, b);
    return call("mysql_decimal_arithmetic",
                {symbol(op), as_decimal(a).sql, as_decimal(b).sql, std::to_string(type.scale)},
                type);
  }
  const bool is_unsigned =
      (a.kind() == Kind::unsigned_integer || b.kind() == Kind::unsigned_integer) &&
      !(op == sql::Operator::subtract && environment_.mode.no_unsigned_subtraction);
  return call("mysql_integer_arithmetic", {symbol(op), a.sql, b.sql, is_unsigned ? "1" : "0", text},
              integer_type(is_unsigned));
}

Result<Lowered> Lowering::date_arithmetic(const Lowered& date, const sql::Expr& interval,
                                          bool subtract, const Scope& scope,
                                          std::string_view clause) {
  auto amount = expression(*interval.args[0], scope, clause);
  if (!amount) return amount;
  const std::string_view unit = interval.text;
  const bool has_time = unit.find("HOUR") != std::string_view::npos ||
                        unit.find("MINUTE") != std::string_view::npos ||
                        unit.find("SECOND") != std::string_view::npos;
  const bool has_fraction = unit.find("MICROSECOND") != std::string_view::npos ||
                            (unit == "SECOND" && amount->kind() != Kind::integer);
  // The result is what comes in: a DATE stays one as long as only days move; a string stays a
  // string.
  mysql::Column type =
      temporal_type(mysql::ColumnType::datetime, static_cast<int>(date.type.length));
  if (date.kind() == Kind::date)
    type = temporal_type(has_time ? mysql::ColumnType::datetime : mysql::ColumnType::date);
  if (date.kind() == Kind::time)
    type = temporal_type(mysql::ColumnType::time, static_cast<int>(date.type.length));
  if (is_string(date.kind()) || is_numeric(date.kind()) || date.kind() == Kind::null)
    type = text_type(29);
  if (has_fraction && type.type != mysql::ColumnType::date)
    type.length = type.type == mysql::ColumnType::varchar ? type.length : 6;
  const Lowered name = constant(text_type(), Value::text(std::string(unit)));
  return call("mysql_interval",
              {date.sql, std::to_string(environment_.type_number(date.type)), as_text(*amount).sql,
               name.sql, subtract ? "1" : "0", std::to_string(environment_.type_number(type))},
              type);
}

}  // namespace pipeline::rds::embedded
