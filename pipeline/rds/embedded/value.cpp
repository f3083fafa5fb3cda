#include "pipeline/rds/embedded/value.h"

#include <sqlite3.h>

#include <charconv>

#include "emulator/base/bytes.h"
#include "emulator/base/check.h"
#include "emulator/base/text.h"
#include "pipeline/mysql/types/codec.h"
#include "pipeline/rds/embedded/decimal.h"
#include "pipeline/rds/embedded/temporal.h"

namespace pipeline::rds::embedded {
namespace {

using mysql::Column;
using mysql::ColumnType;

std::string_view value_bytes(const Value& value) { return value.bytes; }

// my_gcvt's rule: plain digits as long as the point is within 15 places of the digits, else an
// exponent without padding.
std::string print_real(double value) {
  char buffer[40];
  const auto scientific =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  const std::string_view text(buffer, static_cast<std::size_t>(scientific.ptr - buffer));
  const std::size_t e = text.find('e');
  if (e == std::string_view::npos) return std::string(text);
  int exponent = 0;
  const std::size_t digits_at = text[e + 1] == '+' ? e + 2 : e + 1;
  std::from_chars(text.data() + digits_at, text.data() + text.size(), exponent);
  const int point = exponent + 1;
  if (point < -15 || point > 15) {
    std::string out(text.substr(0, e + 1));
    emulator::base::append_integer(out, exponent);
    return out;
  }
  char fixed[64];
  const auto end = std::to_chars(fixed, fixed + sizeof fixed, value, std::chars_format::fixed);
  std::string out(fixed, static_cast<std::size_t>(end.ptr - fixed));
  return out == "-0" ? "0" : out;
}

// FLOAT columns print six significant digits.
std::string print_float(double value) {
  char buffer[40];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific, 5);
  double six = value;
  std::from_chars(buffer, end.ptr, six);
  return print_real(six);
}

std::string print_bits(const Column& type, const Value& value) {
  std::string out;
  emulator::base::append_be(out, value.as_unsigned(), static_cast<int>((type.length + 7) / 8));
  return out;
}

}  // namespace

Kind kind_of(const Column& column) {
  switch (column.type) {
    case ColumnType::tiny:
    case ColumnType::small:
    case ColumnType::medium:
    case ColumnType::integer:
    case ColumnType::bigint:
      return column.is_unsigned ? Kind::unsigned_integer : Kind::integer;
    case ColumnType::float32:
    case ColumnType::float64:
      return Kind::real;
    case ColumnType::decimal:
      return Kind::decimal;
    case ColumnType::null:
      return Kind::null;
    case ColumnType::timestamp:
      return Kind::timestamp;
    case ColumnType::datetime:
      return Kind::datetime;
    case ColumnType::date:
      return Kind::date;
    case ColumnType::time:
      return Kind::time;
    case ColumnType::year:
      return Kind::year;
    case ColumnType::bit:
      return Kind::bit;
    case ColumnType::enumeration:
      return Kind::enumeration;
    case ColumnType::set:
      return Kind::set;
    case ColumnType::json:
      return Kind::json;
    case ColumnType::varchar:
    case ColumnType::string:
    case ColumnType::blob:
      return column.is_binary() ? Kind::bytes : Kind::text;
    default:
      return Kind::unsupported;
  }
}

bool is_numeric(Kind kind) {
  return kind == Kind::integer || kind == Kind::unsigned_integer || kind == Kind::decimal ||
         kind == Kind::real || kind == Kind::year || kind == Kind::bit;
}
bool is_temporal(Kind kind) {
  return kind == Kind::date || kind == Kind::time || kind == Kind::datetime ||
         kind == Kind::timestamp;
}
bool is_string(Kind kind) {
  return kind == Kind::text || kind == Kind::bytes || kind == Kind::enumeration ||
         kind == Kind::set || kind == Kind::json;
}

Value Value::of_unsigned(std::uint64_t value) {
  if (value <= INT64_MAX) return of(static_cast<std::int64_t>(value));
  std::string digits;
  emulator::base::append_unsigned(digits, value);
  return text(std::move(digits));
}

std::uint64_t Value::as_unsigned() const {
  if (store == Store::text) return emulator::base::parse_unsigned(bytes).value_or(0);
  return static_cast<std::uint64_t>(integer);
}

Value from_sqlite(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      return Value::of(static_cast<std::int64_t>(sqlite3_value_int64(value)));
    case SQLITE_FLOAT:
      return Value::of(sqlite3_value_double(value));
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
      return Value::text(std::string(text, static_cast<std::size_t>(sqlite3_value_bytes(value))));
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
      const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
      return Value::blob(size == 0 ? std::string() : std::string(bytes, size));
    }
    default:
      return Value::null();
  }
}

void to_sqlite(sqlite3_context* context, const Value& value) {
  switch (value.store) {
    case Value::Store::null:
      return sqlite3_result_null(context);
    case Value::Store::integer:
      return sqlite3_result_int64(context, value.integer);
    case Value::Store::real:
      return sqlite3_result_double(context, value.real);
    case Value::Store::text:
      return sqlite3_result_text64(context, value.bytes.data(), value.bytes.size(),
                                   SQLITE_TRANSIENT, SQLITE_UTF8);
    case Value::Store::blob:
      return sqlite3_result_blob64(context, value.bytes.data(), value.bytes.size(),
                                   SQLITE_TRANSIENT);
  }
}

Value column_value(sqlite3_stmt* statement, int column) {
  return from_sqlite(sqlite3_column_value(statement, column));
}

void bind_value(sqlite3_stmt* statement, int index, const Value& value) {
  switch (value.store) {
    case Value::Store::null:
      sqlite3_bind_null(statement, index);
      return;
    case Value::Store::integer:
      sqlite3_bind_int64(statement, index, value.integer);
      return;
    case Value::Store::real:
      sqlite3_bind_double(statement, index, value.real);
      return;
    case Value::Store::text:
      sqlite3_bind_text64(statement, index, value.bytes.data(), value.bytes.size(), SQLITE_STATIC,
                          SQLITE_UTF8);
      return;
    case Value::Store::blob:
      sqlite3_bind_blob64(statement, index, value.bytes.data(), value.bytes.size(), SQLITE_STATIC);
      return;
  }
}

Column integer_type(bool is_unsigned) {
  Column out;
  out.type = ColumnType::bigint;
  out.is_unsigned = is_unsigned;
  out.collation = mysql::collation_binary;
  return out;
}
Column real_type() {
  Column out;
  out.type = ColumnType::float64;
  out.collation = mysql::collation_binary;
  return out;
}
Column decimal_type(int precision, int scale) {
  Column out;
  out.type = ColumnType::decimal;
  out.scale = static_cast<std::uint8_t>(scale < 0 ? 0 : scale > 30 ? 30 : scale);
  out.length = static_cast<std::uint32_t>(precision < 1 ? 1 : precision > 65 ? 65 : precision);
  if (out.length < out.scale) out.length = out.scale;
  out.collation = mysql::collation_binary;
  return out;
}
Column text_type(std::uint32_t characters, std::uint32_t collation) {
  Column out;
  out.type = ColumnType::varchar;
  out.collation = collation;
  out.length = characters > 65535 / 4 ? 65535 : characters * 4;
  return out;
}
Column bytes_type(std::uint32_t length) {
  Column out;
  out.type = ColumnType::varchar;
  out.collation = mysql::collation_binary;
  out.length = length > 65535 ? 65535 : length;
  return out;
}
Column temporal_type(ColumnType type, int fraction_digits) {
  Column out;
  out.type = type;
  out.length = static_cast<std::uint32_t>(fraction_digits);
  out.collation = mysql::collation_binary;
  return out;
}
Column null_type() {
  Column out;
  out.type = ColumnType::null;
  out.collation = mysql::collation_binary;
  return out;
}
Column json_type() {
  Column out;
  out.type = ColumnType::json;
  out.length = 4;
  return out;
}

std::string label_of(const Column& type, const Value& value) {
  if (type.type == ColumnType::enumeration) {
    const auto index = static_cast<std::size_t>(value.integer);
    return index == 0 || index > type.labels.size() ? std::string() : type.labels[index - 1];
  }
  const std::uint64_t mask = value.as_unsigned();
  std::string out;
  for (std::size_t i = 0; i < type.labels.size() && i < 64; ++i) {
    if ((mask >> i & 1) == 0) continue;
    if (!out.empty()) out += ',';
    out += type.labels[i];
  }
  return out;
}

std::string print(const Column& type, const Value& value) {
  switch (kind_of(type)) {
    case Kind::real:
      return type.type == ColumnType::float32 ? print_float(value.real) : print_real(value.real);
    case Kind::time:
      return time_text(value.integer, static_cast<int>(type.length));
    case Kind::enumeration:
    case Kind::set:
      return label_of(type, value);
    case Kind::bit:
      return print_bits(type, value);
    case Kind::year: {
      std::string out;
      emulator::base::append_integer(out, value.integer);
      return out == "0" ? "0000" : out;
    }
    case Kind::bytes: {  // BINARY(n) is padded with zero bytes when it is read
      std::string out = value.bytes;
      if (type.type == ColumnType::string && out.size() < type.length)
        out.resize(type.length, '\0');
      return out;
    }
    default:
      break;
  }
  if (value.store == Value::Store::integer) {
    std::string out;
    emulator::base::append_integer(out, value.integer);
    return out;
  }
  if (value.store == Value::Store::real) return print_real(value.real);
  return std::string(value_bytes(value));
}

double as_double(const Column& type, const Value& value) {
  switch (kind_of(type)) {
    case Kind::enumeration:
      return static_cast<double>(value.integer);
    case Kind::set:
    case Kind::bit:
      return static_cast<double>(value.as_unsigned());
    case Kind::time: {
      const std::int64_t size = value.integer < 0 ? -value.integer : value.integer;
      const std::int64_t seconds = size / 1'000'000;
      const double number =
          static_cast<double>(seconds / 3600 * 10'000 + seconds / 60 % 60 * 100 + seconds % 60) +
          static_cast<double>(size % 1'000'000) / 1e6;
      return value.integer < 0 ? -number : number;
    }
    case Kind::date:
    case Kind::datetime:
    case Kind::timestamp: {
      std::string digits;
      for (char c : value.bytes) {
        if ((c >= '0' && c <= '9') || c == '.') digits.push_back(c);
      }
      return Decimal::parse(digits).to_double();
    }
    default:
      break;
  }
  if (value.store == Value::Store::integer) return static_cast<double>(value.integer);
  if (value.store == Value::Store::real) return value.real;
  return Decimal::parse(value.bytes).to_double();
}

namespace {

void append_with_length(std::string_view bytes, int width, std::string& out) {
  emulator::base::append_le(out, bytes.size(), width);
  out.append(bytes);
}

int length_width(const Column& column) {
  if (column.type == ColumnType::blob) return static_cast<int>(column.length);
  return column.length < 256 ? 1 : 2;
}

bool is_utf8_collation(std::uint32_t collation) {
  return collation >= 224 || collation == 45 || collation == 46 || collation == 33 ||
         collation == 83 || collation == 76;
}

}  // namespace

void append_packed(const Column& column, const Value& value, std::string& out) {
  const Kind kind = kind_of(column);
  if (kind == Kind::integer || kind == Kind::unsigned_integer) {
    emulator::base::append_le(out, value.as_unsigned(), mysql::types::integer_bytes(column.type));
    return;
  }
  if (kind == Kind::bytes) {
    std::string_view bytes = value.bytes;
    if (column.type == ColumnType::string)
      bytes = bytes.substr(0, bytes.find_last_not_of('\0') + 1);  // BINARY: padding is not logged
    append_with_length(bytes, length_width(column), out);
    return;
  }
  if (kind == Kind::text && is_utf8_collation(column.collation)) {
    append_with_length(value.bytes, length_width(column), out);
    return;
  }
  std::string text;
  if (kind == Kind::bit) {
    emulator::base::append_unsigned(text, value.as_unsigned());
  } else if (kind == Kind::real) {
    text = column.type == ColumnType::float32
               ? emulator::base::shortest(static_cast<float>(value.real))
               : emulator::base::shortest(value.real);
  } else {
    text = print(column, value);
  }
  CHECK(
      mysql::types::append_packed(column, text, out).has_value());  // coerced to the column before
}

}  // namespace pipeline::rds::embedded
