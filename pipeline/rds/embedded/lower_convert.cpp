// From one type to another inside an expression.
#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/text.h"
#include "pipeline/rds/embedded/collation.h"
#include "pipeline/rds/embedded/decimal.h"
#include "pipeline/rds/embedded/lowering.h"

namespace pipeline::rds::embedded {

using mysql::ColumnType;

namespace {

std::uint32_t printed_length(const mysql::Column& type) {
  switch (kind_of(type)) {
    case Kind::integer:
    case Kind::unsigned_integer:
      return 20;
    case Kind::decimal:
      return type.length + 2;
    case Kind::real:
      return 22;
    case Kind::text:
    case Kind::bytes:
      return type.type == ColumnType::blob ? 16383 : type.length / (type.is_binary() ? 1 : 4);
    case Kind::enumeration:
    case Kind::set:
    case Kind::json:
      return 255;
    default:
      return 29;
  }
}

// A constant is converted now; anything else by a call while it runs.
Lowered by_call(Lowering& lowering, const Lowered& value, const mysql::Column& type) {
  if (value.is_constant && value.constant.is_null())
    return lowering.constant(type, Value::null(), value.coercibility);
  Environment& environment = lowering.environment();
  const std::string from = std::to_string(environment.type_number(value.type));
  const std::string to = std::to_string(environment.type_number(type));
  Lowered out = lowering.call("mysql_convert", {value.sql, from, to}, type);
  out.coercibility = value.coercibility;
  return out;
}

}  // namespace

Lowered Lowering::as_text(const Lowered& value) {
  const Kind kind = value.kind();
  if (kind == Kind::text || kind == Kind::bytes) return value;
  Lowered out = value;
  out.type = text_type(printed_length(value.type));
  if (kind == Kind::null) return out;
  if (value.is_constant && !value.constant.is_null())
    return constant(out.type, Value::text(print(value.type, value.constant)),
                    Coercibility::literal);
  if (kind == Kind::integer || kind == Kind::unsigned_integer) {
    out.sql = fmt::format("CAST({} AS TEXT)", value.sql);
  } else if (kind == Kind::decimal || kind == Kind::date || kind == Kind::datetime ||
             kind == Kind::timestamp || kind == Kind::json) {
    return out;  // TEXT already
  } else {
    out.sql = fmt::format("mysql_print({}, {})", value.sql, environment_.type_number(value.type));
    if (kind == Kind::enumeration || kind == Kind::set) out.type.collation = value.type.collation;
    if (kind == Kind::bit) out.type = bytes_type((value.type.length + 7) / 8);
  }
  return out;
}

Lowered Lowering::as_bytes(const Lowered& value) {
  Lowered out = as_text(value);
  if (out.kind() == Kind::bytes) return out;
  out.sql = fmt::format("CAST({} AS BLOB)", out.sql);
  if (out.is_constant) out.constant = Value::blob(out.constant.bytes);
  out.is_constant = false;
  out.type = bytes_type(out.type.length);
  return out;
}

namespace {
bool is_whole_number(std::string_view text) {
  std::size_t used = 0;
  Decimal::parse(text, used);
  return used > 0 && used == text.size();
}
}  // namespace

Lowered Lowering::as_real(const Lowered& value) {
  const Kind kind = value.kind();
  if (kind == Kind::real || kind == Kind::null) return value;
  const bool known = value.is_constant && !value.constant.is_null() && value.type.name != "hex";
  // A text that is no number is converted when the statement runs: that warns, or fails.
  if (known && (!is_string(kind) || is_whole_number(value.constant.bytes)))
    return constant(real_type(), Value::of(as_double(value.type, value.constant)),
                    value.coercibility);
  return call("mysql_real", {value.sql, std::to_string(environment_.type_number(value.type))},
              real_type());
}

Lowered Lowering::as_integer(const Lowered& value) {
  const Kind kind = value.kind();
  if (kind == Kind::integer || kind == Kind::unsigned_integer || kind == Kind::null) return value;
  if (kind == Kind::bit || kind == Kind::set || kind == Kind::enumeration || kind == Kind::year) {
    Lowered out = value;
    out.type = integer_type(kind != Kind::year);
    return out;
  }
  return call("mysql_integer", {value.sql, std::to_string(environment_.type_number(value.type))},
              integer_type());
}

Lowered Lowering::as_decimal(const Lowered& value) {
  const Kind kind = value.kind();
  if (kind == Kind::decimal || kind == Kind::null) return value;
  if (value.store_is_integer()) {
    Lowered out = value.is_constant
                      ? constant(decimal_type(20, 0),
                                 Value::text(print(value.type, value.constant)), value.coercibility)
                      : value;
    out.type = decimal_type(20, 0);
    if (!value.is_constant) out.sql = fmt::format("CAST({} AS TEXT)", value.sql);
    return out;
  }
  const int scale = kind == Kind::datetime || kind == Kind::timestamp || kind == Kind::time
                        ? static_cast<int>(value.type.length)
                    : kind == Kind::date ? 0
                                         : 30;
  return call(
      "mysql_decimal",
      {value.sql, std::to_string(environment_.type_number(value.type)), std::to_string(scale)},
      decimal_type(65, scale));
}

Lowered Lowering::as_number(const Lowered& value) {
  switch (value.kind()) {
    case Kind::integer:
    case Kind::unsigned_integer:
    case Kind::decimal:
    case Kind::real:
    case Kind::null:
      return value;
    case Kind::bit:
    case Kind::year:
      return as_integer(value);
    case Kind::date:
    case Kind::time:
    case Kind::datetime:
    case Kind::timestamp:
      return value.type.length > 0 && value.kind() != Kind::date ? as_decimal(value)
                                                                 : as_integer(value);
    default:
      if (value.type.name == "hex") return as_integer(value);
      return as_real(value);
  }
}

Lowered Lowering::as_datetime(const Lowered& value) {
  if (value.kind() == Kind::null) return value;
  if ((value.kind() == Kind::datetime || value.kind() == Kind::timestamp) && value.type.length == 6)
    return value;
  return by_call(*this, value, temporal_type(ColumnType::datetime, 6));
}

Lowered Lowering::as_time(const Lowered& value) {
  if (value.kind() == Kind::time || value.kind() == Kind::null) return value;
  return by_call(*this, value, temporal_type(ColumnType::time, 6));
}

Lowered Lowering::converted(const Lowered& value, const mysql::Column& type) {
  const Kind from = value.kind();
  const Kind to = kind_of(type);
  Lowered out = value;
  if (to == Kind::null || from == Kind::null) {
    out.type = type;
    return out;
  }
  if (to == Kind::text) out = as_text(value);
  if (to == Kind::bytes) out = as_bytes(value);
  if (to == Kind::real) out = as_real(value);
  if (to == Kind::decimal) {
    out = as_decimal(value);
    if (out.type.scale != type.scale)
      out = call("mysql_round", {out.sql, std::to_string(type.scale)}, type);
  }
  if (to == Kind::integer || to == Kind::unsigned_integer) out = as_integer(value);
  if (is_temporal(to) && (from != to || value.type.length != type.length))
    out = by_call(*this, value, type);
  if (to == Kind::json && from != Kind::json) out = by_call(*this, value, type);
  const std::uint32_t collation = out.type.collation;
  out.type = type;
  if (to == Kind::text && type.collation == mysql::collation_utf8mb4)
    out.type.collation = collation;
  return out;
}

std::string Lowering::collated(const Lowered& value) const {
  const Kind kind = value.kind();
  if (kind == Kind::enumeration || kind == Kind::set) return value.sql;  // by index
  const std::string_view collation = sqlite_collation(value.type);
  return collation.empty() ? value.sql : fmt::format("{} COLLATE {}", value.sql, collation);
}

mysql::Column Lowering::common_type(std::span<const Lowered> values) const {
  bool any_real = false, any_decimal = false, any_string = false, any_bytes = false,
       all_unsigned = true, any_unsigned = false, any = false;
  bool same_temporal = true, same_json = true;
  int integer_digits = 0, scale = 0;
  std::uint32_t length = 0, fraction = 0;
  const Lowered* first = nullptr;
  std::uint32_t collation = mysql::collation_utf8mb4;
  Coercibility best = Coercibility::other;
  bool all_same_column = true;
  for (const Lowered& value : values) {
    const Kind kind = value.kind();
    if (kind == Kind::null) continue;
    if (!first) first = &value;
    any = true;
    same_temporal = same_temporal && is_temporal(kind) && value.type.type == first->type.type;
    same_json = same_json && kind == Kind::json;
    all_same_column = all_same_column && value.type.type == first->type.type &&
                      value.type.labels == first->type.labels &&
                      value.type.declared == first->type.declared;
    fraction = std::max(fraction, is_temporal(kind) ? value.type.length : 0);
    any_real = any_real || kind == Kind::real;
    any_decimal = any_decimal || kind == Kind::decimal;
    any_bytes = any_bytes || kind == Kind::bytes;
    any_string = any_string || is_string(kind) || is_temporal(kind) || kind == Kind::bit;
    const bool is_unsigned = kind == Kind::unsigned_integer || kind == Kind::year;
    all_unsigned = all_unsigned && is_unsigned;
    any_unsigned = any_unsigned || kind == Kind::unsigned_integer;
    if (kind == Kind::decimal) {
      integer_digits =
          std::max(integer_digits, static_cast<int>(value.type.length) - value.type.scale);
      scale = std::max(scale, static_cast<int>(value.type.scale));
    } else {
      integer_digits = std::max(integer_digits, 20);
    }
    length = std::max(length, printed_length(value.type));
    if ((kind == Kind::text || kind == Kind::enumeration || kind == Kind::set) &&
        value.coercibility < best) {
      best = value.coercibility;
      collation = value.type.collation;
    }
  }
  if (!any) return null_type();
  if (same_temporal) {
    mysql::Column out = first->type;
    out.length = first->kind() == Kind::date ? 0 : fraction;
    return out;
  }
  if (same_json || (all_same_column && (first->kind() == Kind::bit))) return first->type;
  if (any_string) return any_bytes ? bytes_type(length) : text_type(length, collation);
  if (any_real) return real_type();
  if (any_decimal || (any_unsigned && !all_unsigned))
    return decimal_type(integer_digits + scale, scale);
  return integer_type(all_unsigned);
}

}  // namespace pipeline::rds::embedded
