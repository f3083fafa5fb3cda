// Integers, YEAR, BIT, FLOAT, DOUBLE.

#include <charconv>
#include <cmath>
#include <cstring>

#include "emulator/base/bytes.h"
#include "emulator/base/text.h"
#include "pipeline/mysql/types/codecs.h"

namespace pipeline::mysql::types {

namespace {

using emulator::base::append_be;
using emulator::base::append_le;
using emulator::base::ByteReader;

template <class Integer>
void append_number(std::string& out, Integer value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

template <class Float>
Result<void> parse_float(std::string_view text, Float& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return not_a("DOUBLE", text);
  return {};
}

// d[.ddd]e[+-]xx, as std::to_chars writes it, to MySQL's form.
void append_scientific(std::string& out, const char* begin, const char* end) {
  constexpr int plain_exponent_max = 15;  // MAX_DECPT_FOR_F_FORMAT of MySQL's my_gcvt
  if (*begin == '-') out.push_back(*begin++);
  char digits[20];
  int count = 0;
  const char* at = begin;
  for (; at != end && *at != 'e'; ++at)
    if (*at != '.') digits[count++] = *at;
  int exponent = 0;
  const char* number = at + 1 + (at[1] == '+');
  std::from_chars(number, end, exponent);
  const int point = exponent + 1;  // digits before the decimal point
  const bool plain = point > -plain_exponent_max && point <= plain_exponent_max;
  if (!plain) {
    out.push_back(digits[0]);
    if (count > 1) out.push_back('.');
    out.append(digits + 1, digits + count);
    out.push_back('e');
    append_number(out, exponent);
  } else if (point <= 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-point), '0');
    out.append(digits, digits + count);
  } else if (point >= count) {
    out.append(digits, digits + count);
    out.append(static_cast<std::size_t>(point - count), '0');
  } else {
    out.append(digits, digits + point);
    out.push_back('.');
    out.append(digits + point, digits + count);
  }
}

template <class Float>
void append_shortest(std::string& out, Float value) {
  if (value == 0 && !std::signbit(value)) return out.push_back('0');
  if (!std::isfinite(value)) {  // MySQL stores none, but a damaged log may
    out += std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
    return;
  }
  char text[40];
  const auto end =
      std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
  append_scientific(out, text, end);
}

}  // namespace

int integer_bytes(ColumnType type) {
  switch (type) {
    case ColumnType::tiny:
      return 1;
    case ColumnType::small:
      return 2;
    case ColumnType::medium:
      return 3;
    case ColumnType::integer:
      return 4;
    default:
      return 8;
  }
}

void append_float(std::string& out, float value) { append_shortest(out, value); }
void append_double(std::string& out, double value) { append_shortest(out, value); }

Result<void> decode_integer(const Column& column, std::string_view packed, std::string& out) {
  const int width = integer_bytes(column.type);
  const std::uint64_t raw = ByteReader(packed).le(width);
  if (column.is_unsigned) {
    append_number(out, raw);
  } else {
    const int unused = 64 - 8 * width;
    append_number(out, static_cast<std::int64_t>(raw << unused) >> unused);
  }
  return {};
}

Result<void> encode_integer(const Column& column, std::string_view text, std::string& out) {
  const int width = integer_bytes(column.type);
  if (column.is_unsigned) {
    auto value = emulator::base::parse_unsigned(text);
    if (!value || (width < 8 && *value >> (8 * width) != 0)) return not_a("unsigned integer", text);
    append_le(out, *value, width);
    return {};
  }
  auto value = emulator::base::parse_integer(text);
  const std::int64_t limit = width < 8 ? std::int64_t{1} << (8 * width - 1) : 0;
  if (!value || (width < 8 && (*value < -limit || *value >= limit))) return not_a("integer", text);
  append_le(out, static_cast<std::uint64_t>(*value), width);
  return {};
}

Result<void> decode_year(const Column&, std::string_view packed, std::string& out) {
  const std::uint64_t year = ByteReader(packed).u8();
  if (year == 0)
    out += "0000";
  else
    append_number(out, 1900 + year);
  return {};
}

Result<void> encode_year(const Column&, std::string_view text, std::string& out) {
  auto year = emulator::base::parse_unsigned(text);
  if (!year || (*year != 0 && (*year < 1901 || *year > 2155))) return not_a("YEAR", text);
  append_le(out, *year == 0 ? 0 : *year - 1900, 1);
  return {};
}

Result<void> decode_bit(const Column&, std::string_view packed, std::string& out) {
  if (packed.size() > 8) return fail("a BIT value of more than 64 bits");
  append_number(out, ByteReader(packed).be(static_cast<int>(packed.size())));
  return {};
}

Result<void> encode_bit(const Column& column, std::string_view text, std::string& out) {
  auto value = emulator::base::parse_unsigned(text);
  if (!value || (column.length < 64 && *value >> column.length != 0)) return not_a("BIT", text);
  append_be(out, *value, static_cast<int>((column.length + 7) / 8));
  return {};
}

Result<void> decode_float32(const Column&, std::string_view packed, std::string& out) {
  const auto bits = static_cast<std::uint32_t>(ByteReader(packed).le(4));
  float value;
  std::memcpy(&value, &bits, sizeof value);
  append_shortest(out, value);
  return {};
}

Result<void> encode_float32(const Column&, std::string_view text, std::string& out) {
  float value = 0;
  if (auto parsed = parse_float(text, value); !parsed) return parsed;
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  append_le(out, bits, 4);
  return {};
}

Result<void> decode_float64(const Column&, std::string_view packed, std::string& out) {
  const std::uint64_t bits = ByteReader(packed).le(8);
  double value;
  std::memcpy(&value, &bits, sizeof value);
  append_shortest(out, value);
  return {};
}

Result<void> encode_float64(const Column&, std::string_view text, std::string& out) {
  double value = 0;
  if (auto parsed = parse_float(text, value); !parsed) return parsed;
  std::uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  append_le(out, bits, 8);
  return {};
}

}  // namespace pipeline::mysql::types
