// DATE, TIME, DATETIME, TIMESTAMP with fractions, and the forms of tables older than MySQL 5.6.
// Zero and partial dates are legal values.

#include "pipeline/mysql/types/temporal.h"

#include <array>
#include <chrono>

#include "emulator/base/bytes.h"
#include "emulator/base/time_text.h"
#include "pipeline/mysql/types/codecs.h"

namespace pipeline::mysql::types {

namespace {

using emulator::base::append_be;
using emulator::base::append_le;
using emulator::base::ByteReader;

void append_padded(std::string& out, std::uint64_t value, int digits) {
  char text[20];
  for (int i = digits - 1; i >= 0; --i) {
    text[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  out.append(text, static_cast<std::size_t>(digits));
}

// Reads digits off the front of a text; a read that finds none, or too many, fails.
class Fields {
 public:
  explicit Fields(std::string_view text) : left_(text) {}
  std::uint32_t number(std::size_t digits_max) {
    std::uint32_t value = 0;
    std::size_t n = 0;
    while (n < left_.size() && n < digits_max && left_[n] >= '0' && left_[n] <= '9')
      value = value * 10 + static_cast<std::uint32_t>(left_[n++] - '0');
    ok_ = ok_ && n > 0;
    left_.remove_prefix(n);
    return value;
  }
  bool take(char c) {
    if (left_.empty() || left_[0] != c) return false;
    left_.remove_prefix(1);
    return true;
  }
  void need(char c) { ok_ = take(c) && ok_; }
  // ".5" -> 500000; what lies past `digits` digits must be zeros.
  std::uint32_t fraction(std::uint32_t digits) {
    if (!take('.')) return 0;
    std::uint32_t micros = 0;
    std::size_t n = 0;
    for (; n < left_.size() && left_[n] >= '0' && left_[n] <= '9'; ++n) {
      if (n < 6) micros = micros * 10 + static_cast<std::uint32_t>(left_[n] - '0');
      if (n >= digits && left_[n] != '0') ok_ = false;
    }
    left_.remove_prefix(n);
    for (; n < 6; ++n) micros *= 10;
    return micros;
  }
  void limit(std::uint32_t value, std::uint32_t max) { ok_ = ok_ && value <= max; }
  bool done() const { return ok_ && left_.empty(); }

 private:
  std::string_view left_;
  bool ok_ = true;
};

Civil read_date(Fields& in) {
  Civil at;
  at.year = in.number(4);
  in.need('-');
  at.month = in.number(2);
  in.need('-');
  at.day = in.number(2);
  in.limit(at.month, 12);
  in.limit(at.day, 31);
  return at;
}

void read_clock(Fields& in, Civil& at, std::uint32_t hour_max, std::uint32_t digits) {
  at.hour = in.number(3);
  in.need(':');
  at.minute = in.number(2);
  in.need(':');
  at.second = in.number(2);
  at.micros = in.fraction(digits);
  in.limit(at.hour, hour_max);
  in.limit(at.minute, 59);
  in.limit(at.second, 59);
}

// A date alone is midnight.
bool read_datetime(std::string_view text, std::uint32_t digits, Civil& at) {
  Fields in(text);
  at = read_date(in);
  if (in.take(' ') || in.take('T')) read_clock(in, at, 23, digits);
  return in.done();
}

int fraction_bytes(const Column& column) { return static_cast<int>((column.length + 1) / 2); }

std::uint32_t read_fraction(ByteReader& in, const Column& column) {
  const int bytes = fraction_bytes(column);
  return static_cast<std::uint32_t>(in.be(bytes)) *
         micros_per_unit[static_cast<std::size_t>(bytes)];
}

void write_fraction(std::string& out, const Column& column, std::uint32_t micros) {
  const int bytes = fraction_bytes(column);
  append_be(out, micros / micros_per_unit[static_cast<std::size_t>(bytes)], bytes);
}

tl::unexpected<emulator::base::Error> only_read(std::string_view type) {
  return fail("writing a " + std::string(type) +
              " with a fraction in MariaDB's old form is not supported");
}

constexpr std::uint32_t time_hours_max = 838;
constexpr std::int64_t datetime_bias = 0x8000000000;

Civil civil_of_seconds(std::int64_t seconds) {
  const auto at = emulator::base::civil(emulator::base::Instant(std::chrono::seconds(seconds)));
  const auto part = [](int value) { return static_cast<std::uint32_t>(value); };
  return {part(at.year),
          part(at.month),
          part(at.day),
          part(at.hour),
          part(at.minute),
          part(at.second),
          0};
}

// Seconds since 1970 of a TIMESTAMP text; -1 if it is none. All zeros are 0.
std::int64_t timestamp_seconds(const Civil& at) {
  if (at.year + at.month + at.day + at.hour + at.minute + at.second + at.micros == 0) return 0;
  if (at.year < 1970 || at.month == 0 || at.day == 0) return -1;
  const auto part = [](std::uint32_t value) { return static_cast<int>(value); };
  const auto instant =
      emulator::base::from_civil({part(at.year), part(at.month), part(at.day), part(at.hour),
                                  part(at.minute), part(at.second), 0});
  const std::int64_t seconds =
      std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
  return seconds > 0 && seconds <= 0xFFFFFFFFll ? seconds : -1;
}

void append_timestamp(std::string& out, std::uint32_t seconds, std::uint32_t micros,
                      std::uint32_t digits) {
  Civil at = seconds == 0 && micros == 0 ? Civil{} : civil_of_seconds(seconds);
  at.micros = micros;
  append_datetime_text(out, at, digits);
}

}  // namespace

void append_fraction_text(std::string& out, std::uint32_t micros, std::uint32_t digits) {
  if (digits == 0) return;
  out.push_back('.');
  for (std::uint32_t i = digits; i < 6; ++i) micros /= 10;
  append_padded(out, micros, static_cast<int>(digits));
}

void append_date_text(std::string& out, const Civil& at) {
  append_padded(out, at.year, 4);
  out.push_back('-');
  append_padded(out, at.month, 2);
  out.push_back('-');
  append_padded(out, at.day, 2);
}

void append_clock_text(std::string& out, const Civil& at, std::uint32_t digits) {
  append_padded(out, at.hour, at.hour > 99 ? 3 : 2);
  out.push_back(':');
  append_padded(out, at.minute, 2);
  out.push_back(':');
  append_padded(out, at.second, 2);
  append_fraction_text(out, at.micros, digits);
}

void append_datetime_text(std::string& out, const Civil& at, std::uint32_t digits) {
  append_date_text(out, at);
  out.push_back(' ');
  append_clock_text(out, at, digits);
}

Civil civil_of_packed_datetime(std::uint64_t value) {
  const auto bits = [&](int shift, std::uint64_t mask) {
    return static_cast<std::uint32_t>(value >> shift & mask);
  };
  const std::uint32_t months = bits(22, 0x1FFFF);
  return {months / 13, months % 13, bits(17, 31), bits(12, 31), bits(6, 63), bits(0, 63), 0};
}

Civil civil_of_packed_time(std::uint64_t value) {
  const auto bits = [&](int shift, std::uint64_t mask) {
    return static_cast<std::uint32_t>(value >> shift & mask);
  };
  return {0, 0, 0, bits(12, 1023), bits(6, 63), bits(0, 63), 0};
}

Result<void> decode_date(const Column&, std::string_view packed, std::string& out) {
  const std::uint64_t raw = ByteReader(packed).le(3);
  append_date_text(out,
                   {static_cast<std::uint32_t>(raw >> 9), static_cast<std::uint32_t>(raw >> 5 & 15),
                    static_cast<std::uint32_t>(raw & 31), 0, 0, 0, 0});
  return {};
}

Result<void> encode_date(const Column&, std::string_view text, std::string& out) {
  Fields in(text);
  const Civil at = read_date(in);
  if (!in.done()) return not_a("DATE", text);
  append_le(out, at.year << 9 | at.month << 5 | at.day, 3);
  return {};
}

Result<void> decode_time(const Column& column, std::string_view packed, std::string& out) {
  // Integer and fraction are one number: two's complement around the bias, so that the bytes sort.
  const int bytes = 3 + fraction_bytes(column);
  const int fraction_bits = 8 * fraction_bytes(column);
  const auto value = static_cast<std::int64_t>(ByteReader(packed).be(bytes)) -
                     (std::int64_t{0x800000} << fraction_bits);
  const auto size = static_cast<std::uint64_t>(value < 0 ? -value : value);
  Civil at = civil_of_packed_time(size >> fraction_bits);
  at.micros = static_cast<std::uint32_t>(size & ((std::uint64_t{1} << fraction_bits) - 1)) *
              micros_per_unit[static_cast<std::size_t>(fraction_bytes(column))];
  if (value < 0) out.push_back('-');
  append_clock_text(out, at, column.length);
  return {};
}

Result<void> encode_time(const Column& column, std::string_view text, std::string& out) {
  Fields in(text);
  const bool negative = in.take('-');
  Civil at;
  read_clock(in, at, time_hours_max, column.length);
  if (!in.done()) return not_a("TIME", text);
  const int fraction_bits = 8 * fraction_bytes(column);
  const std::int64_t whole = at.hour << 12 | at.minute << 6 | at.second;
  const std::int64_t size =
      (whole << fraction_bits) +
      at.micros / micros_per_unit[static_cast<std::size_t>(fraction_bytes(column))];
  append_be(out,
            static_cast<std::uint64_t>((negative ? -size : size) +
                                       (std::int64_t{0x800000} << fraction_bits)),
            3 + fraction_bytes(column));
  return {};
}

Result<void> decode_datetime(const Column& column, std::string_view packed, std::string& out) {
  ByteReader in(packed);
  const std::int64_t value = static_cast<std::int64_t>(in.be(5)) - datetime_bias;
  Civil at = civil_of_packed_datetime(static_cast<std::uint64_t>(value));
  at.micros = read_fraction(in, column);
  append_datetime_text(out, at, column.length);
  return {};
}

Result<void> encode_datetime(const Column& column, std::string_view text, std::string& out) {
  Civil at;
  if (!read_datetime(text, column.length, at)) return not_a("DATETIME", text);
  const std::int64_t value = std::int64_t{at.year * 13 + at.month} << 22 |
                             std::int64_t{at.day} << 17 | std::int64_t{at.hour} << 12 |
                             std::int64_t{at.minute} << 6 | std::int64_t{at.second};
  append_be(out, static_cast<std::uint64_t>(value + datetime_bias), 5);
  write_fraction(out, column, at.micros);
  return {};
}

Result<void> decode_timestamp(const Column& column, std::string_view packed, std::string& out) {
  ByteReader in(packed);
  const auto seconds = static_cast<std::uint32_t>(in.be(4));
  append_timestamp(out, seconds, read_fraction(in, column), column.length);
  return {};
}

Result<void> encode_timestamp(const Column& column, std::string_view text, std::string& out) {
  Civil at;
  const std::int64_t seconds = read_datetime(text, column.length, at) ? timestamp_seconds(at) : -1;
  if (seconds < 0) return not_a("TIMESTAMP", text);
  append_be(out, static_cast<std::uint64_t>(seconds), 4);
  write_fraction(out, column, at.micros);
  return {};
}

Result<void> decode_time_old(const Column& column, std::string_view packed, std::string& out) {
  if (column.scale > 0) return append_hires_time(column, packed, out), Result<void>();
  const std::uint64_t raw = ByteReader(packed).le(3);
  const std::int64_t value =
      static_cast<std::int64_t>(raw << 40) >> 40;  // HHMMSS in decimal, signed
  const auto size = static_cast<std::uint32_t>(value < 0 ? -value : value);
  if (value < 0) out.push_back('-');
  append_clock_text(out, {0, 0, 0, size / 10000, size / 100 % 100, size % 100, 0}, 0);
  return {};
}

Result<void> encode_time_old(const Column& column, std::string_view text, std::string& out) {
  if (column.scale > 0) return only_read("TIME");
  Fields in(text);
  const bool negative = in.take('-');
  Civil at;
  read_clock(in, at, time_hours_max, 0);
  if (!in.done()) return not_a("TIME", text);
  const std::int64_t value = at.hour * 10000 + at.minute * 100 + at.second;
  append_le(out, static_cast<std::uint64_t>(negative ? -value : value), 3);
  return {};
}

Result<void> decode_datetime_old(const Column& column, std::string_view packed, std::string& out) {
  if (column.scale > 0) return append_hires_datetime(column, packed, out), Result<void>();
  const std::uint64_t raw = ByteReader(packed).le(8);  // YYYYMMDDhhmmss in decimal
  const std::uint64_t date = raw / 1000000, clock = raw % 1000000;
  const auto part = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
  append_datetime_text(out,
                       {part(date / 10000 % 10000), part(date / 100 % 100), part(date % 100),
                        part(clock / 10000), part(clock / 100 % 100), part(clock % 100), 0},
                       0);
  return {};
}

Result<void> encode_datetime_old(const Column& column, std::string_view text, std::string& out) {
  if (column.scale > 0) return only_read("DATETIME");
  Civil at;
  if (!read_datetime(text, 0, at)) return not_a("DATETIME", text);
  const std::uint64_t date = at.year * 10000 + at.month * 100 + at.day;
  append_le(out, date * 1000000 + at.hour * 10000 + at.minute * 100 + at.second, 8);
  return {};
}

Result<void> decode_timestamp_old(const Column& column, std::string_view packed, std::string& out) {
  ByteReader in(packed);
  if (column.scale > 0)  // MariaDB's form is the other way round
    append_timestamp(out, static_cast<std::uint32_t>(in.be(4)),
                     hires_timestamp_micros(column, packed), column.scale);
  else
    append_timestamp(out, static_cast<std::uint32_t>(in.le(4)), 0, 0);
  return {};
}

Result<void> encode_timestamp_old(const Column& column, std::string_view text, std::string& out) {
  if (column.scale > 0) return only_read("TIMESTAMP");
  Civil at;
  const std::int64_t seconds = read_datetime(text, 0, at) ? timestamp_seconds(at) : -1;
  if (seconds < 0) return not_a("TIMESTAMP", text);
  append_le(out, static_cast<std::uint64_t>(seconds), 4);
  return {};
}

}  // namespace pipeline::mysql::types
