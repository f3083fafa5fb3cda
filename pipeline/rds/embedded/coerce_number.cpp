// Integers, DECIMAL, FLOAT, DOUBLE, BIT, YEAR.
#include <fmt/format.h>

#include <cmath>

#include "emulator/base/text.h"
#include "pipeline/rds/embedded/coerce.h"
#include "pipeline/rds/embedded/decimal.h"
#include "pipeline/rds/embedded/temporal.h"

namespace pipeline::rds::embedded {
namespace {

using mysql::Column;
using mysql::ColumnType;

struct Range {
  std::int64_t low;
  std::uint64_t high;
};

Range range_of(const Column& column) {
  int bits = 32;
  if (column.type == ColumnType::tiny) bits = 8;
  if (column.type == ColumnType::small) bits = 16;
  if (column.type == ColumnType::medium) bits = 24;
  if (column.type == ColumnType::bigint) bits = 64;
  if (column.is_unsigned) return {0, bits == 64 ? UINT64_MAX : (1ull << bits) - 1};
  if (bits == 64) return {INT64_MIN, static_cast<std::uint64_t>(INT64_MAX)};
  return {-(1ll << (bits - 1)), (1ull << (bits - 1)) - 1};
}

Value clipped(const Column& column, const Range& range, bool below) {
  if (below) return Value::of(range.low);
  return column.is_unsigned ? Value::of_unsigned(range.high)
                            : Value::of(static_cast<std::int64_t>(range.high));
}

Result<Value> out_of_range(const Column& column, Value nearest, CoerceContext& context) {
  if (auto ok = context.complain_about_column(1264, "Out of range value", column); !ok)
    return tl::unexpected(ok.error());
  return nearest;
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// A string as a number for a column: what follows the number is 1265, no number at all 1366.
Result<Decimal> number_of_text(std::string_view kind, const Column& column, std::string_view text,
                               CoerceContext& context) {
  std::size_t used = 0;
  const Decimal number = Decimal::parse(text, used);
  if (used == 0) {
    if (auto ok = context.complain_about_column(
            1366, fmt::format("Incorrect {} value: '{}'", kind, text), column);
        !ok)
      return tl::unexpected(ok.error());
    return number;
  }
  while (used < text.size() && is_space(text[used])) ++used;
  if (used < text.size() && (kind_of(column) == Kind::real || kind_of(column) == Kind::decimal)) {
    if (auto ok = context.complain_about_column(
            1366, fmt::format("Incorrect {} value: '{}'", kind, text), column);
        !ok)
      return tl::unexpected(ok.error());
  } else if (used < text.size()) {
    if (auto ok = context.complain_about_column(1265, "Data truncated", column); !ok)
      return tl::unexpected(ok.error());
  }
  return number;
}

std::string_view number_word(const Column& column) {
  const Kind kind = kind_of(column);
  if (kind == Kind::decimal) return "decimal";
  if (kind == Kind::real) return column.type == ColumnType::float32 ? "FLOAT" : "DOUBLE";
  return "integer";
}

Decimal temporal_number(const Column& from, const Value& value) {
  std::string digits;
  for (char c : print(from, value)) {
    if ((c >= '0' && c <= '9') || c == '.' ||
        (c == '-' && digits.empty() && kind_of(from) == Kind::time))
      digits.push_back(c);
  }
  return Decimal::parse(digits);
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t out = 0;
  for (char c : bytes.size() > 8 ? bytes.substr(bytes.size() - 8) : bytes)
    out = out << 8 | static_cast<unsigned char>(c);
  return out;
}

// Any value as an exact number.
Result<Decimal> exact_number(const Column& column, const Value& value, const Column& from,
                             CoerceContext& context) {
  switch (kind_of(from)) {
    case Kind::real:
      if (!std::isfinite(value.real)) return Decimal();
      return Decimal::from_double(value.real);
    case Kind::date:
    case Kind::datetime:
    case Kind::timestamp:
    case Kind::time:
      return temporal_number(from, value);
    case Kind::enumeration:
      return Decimal::from_integer(value.integer);
    case Kind::set:
    case Kind::bit:
    case Kind::unsigned_integer:
      return Decimal::from_unsigned(value.as_unsigned());
    case Kind::decimal:
      return Decimal::parse(value.bytes);
    case Kind::json:
      return number_of_text(number_word(column), column, value.bytes, context);
    case Kind::bytes:
    case Kind::text:
      return number_of_text(number_word(column), column, value.bytes, context);
    default:
      break;
  }
  if (value.store == Value::Store::integer) return Decimal::from_integer(value.integer);
  if (value.store == Value::Store::real) return Decimal::from_double(value.real);
  return number_of_text(number_word(column), column, value.bytes, context);
}

}  // namespace

Result<Value> coerce_integer(const Column& column, const Value& value, const Column& from,
                             CoerceContext& context) {
  const Range range = range_of(column);
  const Kind source = kind_of(from);
  if (value.store == Value::Store::integer && source != Kind::time) {
    if (value.integer < range.low)
      return out_of_range(column, clipped(column, range, true), context);
    if (value.integer > 0 && static_cast<std::uint64_t>(value.integer) > range.high)
      return out_of_range(column, clipped(column, range, false), context);
    return value;
  }
  if (value.store == Value::Store::real) {
    const double nearest = std::nearbyint(value.real);
    if (nearest < static_cast<double>(range.low))
      return out_of_range(column, clipped(column, range, true), context);
    const double high = static_cast<double>(range.high);
    if (nearest > high || (nearest == high && high > 9e15))
      return out_of_range(column, clipped(column, range, false), context);
    return nearest < 0 ? Value::of(static_cast<std::int64_t>(nearest))
                       : Value::of_unsigned(static_cast<std::uint64_t>(nearest));
  }
  if (value.store == Value::Store::blob && from.name == "hex")
    return coerce_integer(column, Value::of_unsigned(big_endian(value.bytes)), integer_type(true),
                          context);
  auto number = exact_number(column, value, from, context);
  if (!number) return tl::unexpected(number.error());
  const Decimal whole = number->rounded(0);
  if (whole.is_negative()) {
    std::int64_t out = 0;
    if (!whole.to_integer(out) || out < range.low)
      return out_of_range(column, clipped(column, range, true), context);
    return Value::of(out);
  }
  std::uint64_t out = 0;
  if (!whole.to_unsigned(out) || out > range.high)
    return out_of_range(column, clipped(column, range, false), context);
  return Value::of_unsigned(out);
}

Result<Value> coerce_decimal(const Column& column, const Value& value, const Column& from,
                             CoerceContext& context) {
  auto number = exact_number(column, value, from, context);
  if (!number) return tl::unexpected(number.error());
  Decimal out = number->rounded(column.scale);
  const int integer_digits = static_cast<int>(column.length) - column.scale;
  if (column.is_unsigned && out.is_negative())
    return out_of_range(column, implicit_default(column), context);
  if (out.integer_digits() > integer_digits) {
    std::string nines(static_cast<std::size_t>(integer_digits), '9');
    if (nines.empty()) nines = "0";
    if (column.scale > 0) nines += "." + std::string(column.scale, '9');
    if (out.is_negative()) nines.insert(0, 1, '-');
    return out_of_range(column, Value::text(nines), context);
  }
  const bool fraction_lost =
      number->scale() > column.scale && number->truncated(column.scale) != *number;
  if (fraction_lost && context.warnings) {  // a note in every mode
    auto note = sql_error(
        1265, fmt::format("Data truncated for column '{}' at row {}", column.name, context.row));
    context.warnings->push_back(std::move(note.value()));
  }
  return Value::text(out.text());
}

Result<Value> coerce_real(const Column& column, const Value& value, const Column& from,
                          CoerceContext& context) {
  double number = 0;
  const Kind source = kind_of(from);
  if (value.store == Value::Store::real) {
    number = value.real;
  } else if (source == Kind::text || source == Kind::bytes) {
    auto exact = number_of_text(number_word(column), column, value.bytes, context);
    if (!exact) return tl::unexpected(exact.error());
    number = exact->to_double();
  } else {
    number = as_double(from, value);
  }
  if (column.is_unsigned && number < 0) return out_of_range(column, Value::of(0.0), context);
  if (column.type == ColumnType::float32) {
    constexpr double float_max = 3.4028234663852886e38;
    if (std::fabs(number) > float_max)
      return out_of_range(column, Value::of(number < 0 ? -float_max : float_max), context);
    number = static_cast<double>(static_cast<float>(number));
  }
  return Value::of(number == 0 ? 0.0 : number);
}

Result<Value> coerce_bit(const Column& column, const Value& value, const Column& from,
                         CoerceContext& context) {
  const std::uint64_t high = column.length >= 64 ? UINT64_MAX : (1ull << column.length) - 1;
  const Kind source = kind_of(from);
  std::uint64_t bits = 0;
  bool fits = true;
  if (source == Kind::text || source == Kind::bytes) {  // a string is its bytes, not its digits
    std::string_view bytes = value.bytes;
    bytes.remove_prefix(std::min(bytes.find_first_not_of('\0'), bytes.size()));
    fits = bytes.size() <= 8;
    bits = big_endian(bytes);
  } else if (value.store == Value::Store::integer) {
    bits = static_cast<std::uint64_t>(value.integer);
  } else {
    auto number = exact_number(column, value, from, context);
    if (!number) return tl::unexpected(number.error());
    fits = number->to_unsigned(bits);
  }
  if (!fits || bits > high) {
    if (auto ok = context.complain(
            1406, fmt::format("Data too long for column '{}' at row {}", column.name, context.row));
        !ok)
      return tl::unexpected(ok.error());
    return Value::of_unsigned(high);
  }
  return Value::of_unsigned(bits);
}

Result<Value> coerce_year(const Column& column, const Value& value, const Column& from,
                          CoerceContext& context) {
  const Kind source = kind_of(from);
  std::int64_t year = 0;
  bool is_text = source == Kind::text || source == Kind::bytes;
  std::size_t digits = 0;
  if (source == Kind::date || source == Kind::datetime || source == Kind::timestamp) {
    year = emulator::base::parse_integer(std::string_view(value.bytes).substr(0, 4)).value_or(0);
  } else {
    auto number = exact_number(column, value, from, context);
    if (!number) return tl::unexpected(number.error());
    if (!number->to_integer(year)) year = -1;
    digits = is_text ? emulator::base::trim(value.bytes).size() : 4;
  }
  if (year == 0) return Value::of(is_text && digits < 4 ? std::int64_t{2000} : std::int64_t{0});
  if (year > 0 && year < 70) year += 2000;
  if (year >= 70 && year < 100) year += 1900;
  if (year < 1901 || year > 2155) return out_of_range(column, Value::of(std::int64_t{0}), context);
  return Value::of(year);
}

}  // namespace pipeline::rds::embedded
