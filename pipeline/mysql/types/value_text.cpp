// Decoded values -> the text that MySQL prints for them.

#include <charconv>
#include <cmath>
#include <cstring>

#include "pipeline/mysql/types/codecs.h"
#include "pipeline/mysql/types/digit_pairs.h"
#include "pipeline/mysql/types/value.h"

namespace pipeline::mysql::types {

namespace {

using Kind = Value::Kind;

char* write_pair(char* at, std::uint32_t value) {
  std::memcpy(at, &digit_pairs[2 * (value % 100)], 2);
  return at + 2;
}

char* write_unsigned(char* at, std::uint64_t value) {
  return std::to_chars(at, at + 20, value).ptr;
}

char* write_signed(char* at, std::int64_t value) { return std::to_chars(at, at + 20, value).ptr; }

// The digits of value / 10^digits.
char* write_decimal(char* at, const Value& value) {
  char text[24];
  char* const end = text + sizeof text;
  char* first = end;
  auto left = static_cast<std::uint64_t>(value.integer);
  while (left >= 100) {
    first -= 2;
    std::memcpy(first, &digit_pairs[2 * (left % 100)], 2);
    left /= 100;
  }
  if (left >= 10) {
    first -= 2;
    std::memcpy(first, &digit_pairs[2 * left], 2);
  } else {
    *--first = static_cast<char>('0' + left);
  }
  while (end - first <= value.digits) *--first = '0';
  if (value.negative) *at++ = '-';
  const auto whole = static_cast<std::size_t>(end - first - value.digits);
  std::memcpy(at, first, whole);
  at += whole;
  if (value.digits == 0) return at;
  *at++ = '.';
  std::memcpy(at, first + whole, value.digits);
  return at + value.digits;
}

char* write_date(char* at, const Moment& day) {
  at = write_pair(at, day.year / 100u);
  at = write_pair(at, day.year);
  *at++ = '-';
  at = write_pair(at, day.month);
  *at++ = '-';
  return write_pair(at, day.day);
}

char* write_clock(char* at, const Moment& clock, std::uint32_t digits) {
  if (clock.hour > 99) *at++ = static_cast<char>('0' + clock.hour / 100 % 10);
  at = write_pair(at, clock.hour);
  *at++ = ':';
  at = write_pair(at, clock.minute);
  *at++ = ':';
  at = write_pair(at, clock.second);
  if (digits == 0) return at;
  *at++ = '.';
  char micros[6];
  write_pair(micros, clock.micros / 10000);
  write_pair(micros + 2, clock.micros / 100);
  write_pair(micros + 4, clock.micros);
  std::memcpy(at, micros, digits);
  return at + digits;
}

template <class Write>
char* write_text(char* at, Write write) {
  std::string text;
  write(text);
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

}  // namespace

char* write_plain(char* at, const Value& value) {
  switch (value.kind) {
    case Kind::integer:
      return write_signed(at, value.integer);
    case Kind::unsigned_integer:
      return write_unsigned(at, value.unsigned_integer);
    case Kind::year:
      if (value.unsigned_integer != 0) return write_unsigned(at, value.unsigned_integer);
      std::memcpy(at, "0000", 4);
      return at + 4;
    case Kind::float32:
      return write_text(at, [&](std::string& out) { append_float(out, value.real32); });
    case Kind::float64:
      return write_text(at, [&](std::string& out) { append_double(out, value.real); });
    case Kind::decimal:
      return write_decimal(at, value);
    case Kind::date:
      return write_date(at, value.moment);
    case Kind::time:
      if (value.negative) *at++ = '-';
      return write_clock(at, value.moment, value.digits);
    case Kind::datetime:
      at = write_date(at, value.moment);
      *at++ = ' ';
      return write_clock(at, value.moment, value.digits);
    case Kind::printed:
      std::memcpy(at, value.bytes.data(), value.bytes.size());
      return at + value.bytes.size();
    default:
      return at;
  }
}

void append_value_text(std::string& out, const Value& value) {
  switch (value.kind) {
    case Kind::text:
    case Kind::printed:
      out += value.bytes;
      return;
    case Kind::binary:
      out += "0x";
      append_upper_hex(out, value.bytes);
      out.append(2 * std::size_t{value.padding}, '0');
      return;
    default: {
      char text[plain_text_max];
      out.append(text, write_plain(text, value));
    }
  }
}

}  // namespace pipeline::mysql::types
