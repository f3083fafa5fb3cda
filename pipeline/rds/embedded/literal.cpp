// Literals as values. The fast way of INSERT ... VALUES.
#include "emulator/base/text.h"
#include "pipeline/rds/embedded/decimal.h"
#include "pipeline/rds/embedded/define.h"
#include "pipeline/rds/embedded/temporal.h"

namespace pipeline::rds::embedded {
namespace {

using sql::ExprKind;

LiteralValue integer_literal(std::string_view digits, bool negative) {
  const std::uint64_t size = emulator::base::parse_unsigned(digits).value_or(0);
  if (!negative) return {integer_type(size > INT64_MAX), Value::of_unsigned(size)};
  if (size <= 1ull << 63) return {integer_type(), Value::of(static_cast<std::int64_t>(0 - size))};
  return {decimal_type(static_cast<int>(digits.size()), 0), Value::text("-" + std::string(digits))};
}

LiteralValue decimal_literal(std::string_view text, bool negative) {
  Decimal number = Decimal::parse(text);
  if (negative) number = -number;
  return {decimal_type(number.integer_digits() + number.scale(), number.scale()),
          Value::text(number.text())};
}

mysql::Column hex_type(std::size_t size) {
  mysql::Column out = bytes_type(static_cast<std::uint32_t>(size));
  out.name = "hex";  // as a number it is big-endian bits
  return out;
}

}  // namespace

std::optional<LiteralValue> literal_value(const sql::Expr& expr) {
  switch (expr.kind) {
    case ExprKind::null:
      return LiteralValue{null_type(), Value::null()};
    case ExprKind::boolean:
    case ExprKind::integer:
      return integer_literal(expr.text, false);
    case ExprKind::decimal:
      return decimal_literal(expr.text, false);
    case ExprKind::real:
      return LiteralValue{real_type(), Value::of(Decimal::parse(expr.text).to_double())};
    case ExprKind::string:
      return LiteralValue{
          text_type(static_cast<std::uint32_t>(emulator::base::utf8_length(expr.text))),
          Value::text(std::string(expr.text))};
    case ExprKind::hex:
    case ExprKind::bit:
      return LiteralValue{hex_type(expr.text.size()), Value::blob(std::string(expr.text))};
    case ExprKind::introduced: {
      auto inner = literal_value(*expr.args[0]);
      if (!inner) return inner;
      if (emulator::base::equals_ignoring_case(expr.text, "binary"))
        return LiteralValue{bytes_type(static_cast<std::uint32_t>(inner->value.bytes.size())),
                            Value::blob(inner->value.bytes)};
      return LiteralValue{text_type(static_cast<std::uint32_t>(inner->value.bytes.size())),
                          Value::text(inner->value.bytes)};
    }
    case ExprKind::unary:
      break;
    default:
      return std::nullopt;
  }
  const sql::Expr& operand = *expr.args[0];
  if (expr.op == sql::Operator::plus_sign) return literal_value(operand);
  if (expr.op != sql::Operator::minus_sign) return std::nullopt;
  if (operand.kind == ExprKind::integer) return integer_literal(operand.text, true);
  if (operand.kind == ExprKind::decimal) return decimal_literal(operand.text, true);
  if (operand.kind == ExprKind::real)
    return LiteralValue{real_type(), Value::of(-Decimal::parse(operand.text).to_double())};
  return std::nullopt;
}

}  // namespace pipeline::rds::embedded
