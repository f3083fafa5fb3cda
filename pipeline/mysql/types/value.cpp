#include "pipeline/mysql/types/value.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <iterator>

#include "emulator/base/text.h"
#include "pipeline/mysql/types/codec.h"
#include "pipeline/mysql/types/codecs.h"
#include "pipeline/mysql/types/digit_pairs.h"
#include "pipeline/mysql/types/layout.h"
#include "pipeline/mysql/types/mariadb_types.h"
#include "pipeline/mysql/types/temporal.h"

namespace pipeline::mysql::types {

namespace {

using Kind = Value::Kind;

bool no(Scratch& scratch, std::string_view why) {
  scratch.error = why;
  return false;
}

std::uint64_t little(const char* at, std::uint32_t width) {
  std::uint64_t value = 0;
  for (std::uint32_t i = width; i-- > 0;) value = value << 8 | static_cast<unsigned char>(at[i]);
  return value;
}
std::uint64_t big(const char* at, std::uint32_t width) {
  std::uint64_t value = 0;
  for (std::uint32_t i = 0; i < width; ++i) value = value << 8 | static_cast<unsigned char>(at[i]);
  return value;
}

// The same for widths that are known: one load where there is such a type.
template <class Word>
std::uint64_t load_little(const char* at) {
  if constexpr (std::endian::native != std::endian::little) return little(at, sizeof(Word));
  Word value;
  std::memcpy(&value, at, sizeof value);
  return value;
}
template <std::uint32_t width>
std::uint64_t little(const char* at) {
  if constexpr (width == 1)
    return static_cast<unsigned char>(*at);
  else if constexpr (width == 2)
    return load_little<std::uint16_t>(at);
  else if constexpr (width == 3)
    return load_little<std::uint16_t>(at) | std::uint64_t{static_cast<unsigned char>(at[2])} << 16;
  else if constexpr (width == 4)
    return load_little<std::uint32_t>(at);
  else
    return load_little<std::uint64_t>(at);
}

// The width of most groups.
std::uint32_t big4(const char* at) {
  std::uint32_t value;
  std::memcpy(&value, at, sizeof value);
  return std::endian::native == std::endian::little ? __builtin_bswap32(value) : value;
}

template <std::uint32_t width>
bool decode_signed(const ColumnPlan&, std::string_view packed, Value& out, Scratch&) {
  constexpr int unused = 64 - 8 * static_cast<int>(width);
  out.kind = Kind::integer;
  out.integer = static_cast<std::int64_t>(little<width>(packed.data()) << unused) >> unused;
  return true;
}

template <std::uint32_t width>
bool decode_unsigned(const ColumnPlan&, std::string_view packed, Value& out, Scratch&) {
  out.kind = Kind::unsigned_integer;
  out.unsigned_integer = little<width>(packed.data());
  return true;
}

bool decode_year(const ColumnPlan&, std::string_view packed, Value& out, Scratch&) {
  const std::uint64_t year = little<1>(packed.data());
  out.kind = Kind::year;
  out.unsigned_integer = year == 0 ? 0 : 1900 + year;
  return true;
}

bool decode_bits(const ColumnPlan&, std::string_view packed, Value& out, Scratch& scratch) {
  if (packed.size() > 8) return no(scratch, "a BIT value of more than 64 bits");
  out.kind = Kind::unsigned_integer;
  out.unsigned_integer = big(packed.data(), static_cast<std::uint32_t>(packed.size()));
  return true;
}

bool decode_float(const ColumnPlan&, std::string_view packed, Value& out, Scratch&) {
  out.kind = Kind::float32;
  out.real32 = std::bit_cast<float>(static_cast<std::uint32_t>(little<4>(packed.data())));
  return true;
}

bool decode_double(const ColumnPlan&, std::string_view packed, Value& out, Scratch&) {
  out.kind = Kind::float64;
  out.real = std::bit_cast<double>(little<8>(packed.data()));
  return true;
}

constexpr std::array<std::uint32_t, 10> powers_of_ten{
    1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};

// Groups of nine digits in four bytes; the odd digits come first in the integer part and last in
// the fraction. The sign is the top bit, inverted, and a negative number has every byte inverted.
class DecimalGroups {
 public:
  explicit DecimalGroups(std::string_view packed)
      : at_(packed.data()), top_(0x80), inverted_((packed[0] & 0x80) == 0 ? ~0u : 0u) {}
  bool negative() const { return inverted_ != 0; }
  bool failed() const { return failed_; }
  std::uint32_t nine() {
    const std::uint32_t value = big4(at_) ^ top_ << 24 ^ inverted_;
    at_ += 4;
    return checked(value, 1000000000);
  }
  // Less than nine, at least one.
  std::uint32_t odd(std::uint32_t digits) {
    const std::uint32_t width = decimal_bytes_of[digits];
    std::uint32_t value = static_cast<unsigned char>(*at_++) ^ top_;
    for (std::uint32_t i = 1; i < width; ++i)
      value = value << 8 | static_cast<unsigned char>(*at_++);
    const std::uint32_t bits = width == 4 ? ~0u : (1u << (8 * width)) - 1;
    return checked((value ^ inverted_) & bits, powers_of_ten[digits]);
  }

 private:
  std::uint32_t checked(std::uint32_t value, std::uint32_t limit) {
    failed_ |= value >= limit;
    top_ = 0;
    return value;
  }

  const char* at_;
  std::uint32_t top_;  // the sign's bit, in the first byte only
  std::uint32_t inverted_;
  bool failed_ = false;
};

constexpr std::uint32_t decimal_digits_of_integer = 18;  // what an int64 surely holds

bool decode_short_decimal(const ColumnPlan& plan, std::string_view packed, Value& out,
                          Scratch& scratch) {
  if (packed.empty()) return no(scratch, "a DECIMAL without digits");
  DecimalGroups groups(packed);
  const auto digits = plan.digits;
  std::uint64_t value = 0;  // groups of a damaged log may be too large: it may wrap around
  if (digits.lead != 0) value = groups.odd(digits.lead);
  for (std::uint32_t i = 0; i < digits.nines; ++i) value = value * 1000000000 + groups.nine();
  if (digits.tail != 0) value = value * powers_of_ten[digits.tail] + groups.odd(digits.tail);
  if (groups.failed()) return no(scratch, "a DECIMAL with a group of digits that is too large");
  out.kind = Kind::decimal;
  out.negative = groups.negative();  // zero may be negative in a damaged log
  out.integer = static_cast<std::int64_t>(value);
  out.digits = plan.column->scale;
  return true;
}

char* write_digits(char* at, std::uint32_t value, std::uint32_t digits) {
  std::uint32_t i = digits;
  for (; i >= 2; value /= 100) std::memcpy(at + (i -= 2), &digit_pairs[2 * (value % 100)], 2);
  if (i == 1) *at = static_cast<char>('0' + value % 10);
  return at + digits;
}

// Up to 65 digits, or 81 in a document.
bool decode_long_decimal(const ColumnPlan& plan, std::string_view packed, Value& out,
                         Scratch& scratch) {
  const std::uint32_t scale = plan.column->scale, whole = plan.column->length - scale;
  DecimalGroups groups(packed);
  char text[96];
  char* begin = text + 1;  // after the sign
  char* at = begin;
  const auto add_whole = [&](std::uint32_t value, std::uint32_t digits) {
    if (at != begin)
      at = write_digits(at, value, digits);
    else if (value != 0)
      at = std::to_chars(at, std::end(text), value).ptr;
  };
  if (whole % 9 != 0) add_whole(groups.odd(whole % 9), whole % 9);
  for (std::uint32_t i = 0; i < whole / 9; ++i) add_whole(groups.nine(), 9);
  if (at == begin) *at++ = '0';
  if (scale != 0) *at++ = '.';
  for (std::uint32_t i = 0; i < scale / 9; ++i) at = write_digits(at, groups.nine(), 9);
  if (scale % 9 != 0) at = write_digits(at, groups.odd(scale % 9), scale % 9);
  if (groups.failed()) return no(scratch, "a DECIMAL with a group of digits that is too large");
  if (groups.negative()) *--begin = '-';
  scratch.text.assign(begin, static_cast<std::size_t>(at - begin));
  out.kind = Kind::printed;
  out.bytes = scratch.text;
  return true;
}

void set_clock(Moment& at, std::uint64_t clock) {  // 6 bits second, 6 minute, the rest hour
  at.second = static_cast<std::uint8_t>(clock & 63);
  at.minute = static_cast<std::uint8_t>(clock >> 6 & 63);
  at.hour = static_cast<std::uint16_t>(clock >> 12);
}

bool decode_day(const ColumnPlan&, std::string_view packed, Value& out, Scratch&) {
  const std::uint64_t raw = little<3>(packed.data());
  out.kind = Kind::date;
  out.moment = {};
  out.moment.day = static_cast<std::uint8_t>(raw & 31);
  out.moment.month = static_cast<std::uint8_t>(raw >> 5 & 15);
  out.moment.year = static_cast<std::uint16_t>(raw >> 9);
  return true;
}

// Integer and fraction are one number: two's complement around the bias, so that the bytes sort.
bool decode_span(const ColumnPlan& plan, std::string_view packed, Value& out, Scratch&) {
  const int fraction_bits = 8 * plan.fraction_bytes;
  const auto value = static_cast<std::int64_t>(big(packed.data(), plan.bytes)) -
                     (std::int64_t{0x800000} << fraction_bits);
  const auto size = static_cast<std::uint64_t>(value < 0 ? -value : value);
  out.kind = Kind::time;
  out.negative = value < 0;
  out.digits = static_cast<std::uint8_t>(plan.column->length);
  out.moment = {};
  set_clock(out.moment, size >> fraction_bits & 0x3FFFFF);
  out.moment.micros = static_cast<std::uint32_t>(size & ((std::uint64_t{1} << fraction_bits) - 1)) *
                      micros_per_unit[plan.fraction_bytes];
  return true;
}

bool decode_moment(const ColumnPlan& plan, std::string_view packed, Value& out, Scratch&) {
  constexpr std::uint64_t bias = 0x8000000000;
  const std::uint64_t value =
      (std::uint64_t{big4(packed.data())} << 8 | static_cast<unsigned char>(packed[4])) - bias;
  const auto months = static_cast<std::uint32_t>(value >> 22 & 0x1FFFF);
  out.kind = Kind::datetime;
  out.digits = static_cast<std::uint8_t>(plan.column->length);
  set_clock(out.moment, value & 0x1FFFF);
  out.moment.day = static_cast<std::uint8_t>(value >> 17 & 31);
  out.moment.month = static_cast<std::uint8_t>(months % 13);
  out.moment.year = static_cast<std::uint16_t>(months / 13);
  out.moment.micros = static_cast<std::uint32_t>(big(packed.data() + 5, plan.fraction_bytes)) *
                      micros_per_unit[plan.fraction_bytes];
  return true;
}

// The civil date of a day number since 1970, by eras of 400 years that begin in March.
void set_date(Moment& at, std::uint32_t days) {
  constexpr std::uint32_t days_from_march_of_0 = 719468, days_of_era = 146097;
  const std::uint32_t day = days + days_from_march_of_0;
  const std::uint32_t era = day / days_of_era, of_era = day % days_of_era;
  const std::uint32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const std::uint32_t of_year = of_era - (365 * year + year / 4 - year / 100);
  const std::uint32_t month = (5 * of_year + 2) / 153;
  at.day = static_cast<std::uint8_t>(of_year - (153 * month + 2) / 5 + 1);
  at.month = static_cast<std::uint8_t>(month < 10 ? month + 3 : month - 9);
  at.year = static_cast<std::uint16_t>(year + era * 400 + (month >= 10));
}

bool decode_instant(const ColumnPlan& plan, std::string_view packed, Value& out, Scratch& scratch) {
  const std::uint32_t seconds = big4(packed.data());
  out.kind = Kind::datetime;
  out.digits = static_cast<std::uint8_t>(plan.column->length);
  out.moment = {};
  out.moment.micros = static_cast<std::uint32_t>(big(packed.data() + 4, plan.fraction_bytes)) *
                      micros_per_unit[plan.fraction_bytes];
  if (seconds == 0 && out.moment.micros == 0) return true;  // '0000-00-00 00:00:00'
  if (scratch.days != seconds / 86400) {
    scratch.days = seconds / 86400;
    set_date(scratch.date, scratch.days);
  }
  out.moment.year = scratch.date.year;
  out.moment.month = scratch.date.month;
  out.moment.day = scratch.date.day;
  const std::uint32_t clock = seconds % 86400;
  out.moment.hour = static_cast<std::uint16_t>(clock / 3600);
  out.moment.minute = static_cast<std::uint8_t>(clock / 60 % 60);
  out.moment.second = static_cast<std::uint8_t>(clock % 60);
  return true;
}

bool text_of(std::string_view bytes, Value& out) {
  out.kind = Kind::text;
  out.bytes = bytes;
  out.utf8 = emulator::base::is_utf8(bytes);
  return true;
}

bool decode_utf8(const ColumnPlan& plan, std::string_view packed, Value& out, Scratch&) {
  return text_of(packed.substr(plan.bytes), out);
}

bool decode_binary(const ColumnPlan& plan, std::string_view packed, Value& out, Scratch&) {
  out.kind = Kind::binary;
  out.bytes = packed.substr(plan.bytes);
  out.padding = 0;
  return true;
}

// The log says neither charset nor that it is binary: text where it is UTF-8.
bool decode_unknown(const ColumnPlan& plan, std::string_view packed, Value& out, Scratch& scratch) {
  text_of(packed.substr(plan.bytes), out);
  return out.utf8 || decode_binary(plan, packed, out, scratch);
}

// BINARY loses its trailing zero bytes in the log, which belong to the value.
bool decode_padded(const ColumnPlan& plan, std::string_view packed, Value& out, Scratch& scratch) {
  decode_binary(plan, packed, out, scratch);
  if (out.bytes.size() > plan.column->length)
    return no(scratch, "a BINARY value longer than its column");
  out.padding = plan.column->length - static_cast<std::uint32_t>(out.bytes.size());
  return true;
}

bool decode_label(const ColumnPlan& plan, std::string_view packed, Value& out, Scratch& scratch) {
  const std::uint64_t index = little(packed.data(), plan.bytes);
  if (index > plan.column->labels.size()) return no(scratch, "an ENUM value past its list");
  return text_of(index == 0 ? std::string_view() : std::string_view(plan.column->labels[index - 1]),
                 out);  // 0: '' of a value not in the list
}

bool decode_labels(const ColumnPlan& plan, std::string_view packed, Value& out, Scratch& scratch) {
  const std::vector<std::string>& labels = plan.column->labels;
  std::uint64_t mask = little(packed.data(), plan.bytes);
  if (labels.size() < 64 && mask >> labels.size() != 0)
    return no(scratch, "a SET value past its list");
  const auto next = [&] {
    return std::string_view(labels[static_cast<std::size_t>(std::countr_zero(mask))]);
  };
  if ((mask & (mask - 1)) == 0) return text_of(mask == 0 ? std::string_view() : next(), out);
  scratch.text = next();
  for (mask &= mask - 1; mask != 0; mask &= mask - 1) {
    scratch.text.push_back(',');
    scratch.text += next();
  }
  return text_of(scratch.text, out);
}

// Without labels the number is what is known; 0 of an ENUM is ''.
bool decode_number(const ColumnPlan& plan, std::string_view packed, Value& out, Scratch&) {
  out.kind = Kind::unsigned_integer;
  out.unsigned_integer = little(packed.data(), plan.bytes);
  return true;
}
bool decode_label_number(const ColumnPlan& plan, std::string_view packed, Value& out,
                         Scratch& scratch) {
  return decode_number(plan, packed, out, scratch) &&
         (out.unsigned_integer != 0 || text_of({}, out));
}

// The rest by the codec of the type.
bool decode_by_codec(const ColumnPlan& plan, std::string_view packed, Value& out,
                     Scratch& scratch) {
  scratch.text.clear();
  auto done = append_text(*plan.column, packed, scratch.text);
  if (!done) return no(scratch, done.error().message);
  return text_of(scratch.text, out);
}

ColumnPlan::Decode* integer_decoder(const Column& column) {
  switch (column.type) {
    case ColumnType::tiny:
      return column.is_unsigned ? decode_unsigned<1> : decode_signed<1>;
    case ColumnType::small:
      return column.is_unsigned ? decode_unsigned<2> : decode_signed<2>;
    case ColumnType::medium:
      return column.is_unsigned ? decode_unsigned<3> : decode_signed<3>;
    case ColumnType::integer:
      return column.is_unsigned ? decode_unsigned<4> : decode_signed<4>;
    default:
      return column.is_unsigned ? decode_unsigned<8> : decode_signed<8>;
  }
}

bool is_utf8_column(const Column& column) {
  return charset_name(column.collation) == "utf8mb4" || charset_name(column.collation) == "utf8mb3";
}

ColumnPlan::Decode* decoder_of(const Column& column) {
  switch (column.type) {
    case ColumnType::tiny:
    case ColumnType::small:
    case ColumnType::medium:
    case ColumnType::integer:
    case ColumnType::bigint:
      return integer_decoder(column);
    case ColumnType::year:
      return decode_year;
    case ColumnType::bit:
      return decode_bits;
    case ColumnType::float32:
      return decode_float;
    case ColumnType::float64:
      return decode_double;
    case ColumnType::decimal:
      return column.length <= decimal_digits_of_integer ? decode_short_decimal
                                                        : decode_long_decimal;
    case ColumnType::date:
      return decode_day;
    case ColumnType::time:
      return decode_span;
    case ColumnType::datetime:
      return decode_moment;
    case ColumnType::timestamp:
      return decode_instant;
    case ColumnType::string:
      if (column.is_binary()) return mariadb_type_of(column) ? decode_by_codec : decode_padded;
      return is_utf8_column(column) ? decode_utf8 : decode_by_codec;
    case ColumnType::enumeration:
      return column.labels.empty() ? decode_label_number : decode_label;
    case ColumnType::set:
      return column.labels.empty() ? decode_number : decode_labels;
    case ColumnType::varchar:
    case ColumnType::blob:
      if (column.collation == collation_unknown) return decode_unknown;
      if (column.is_binary()) return decode_binary;
      return is_utf8_column(column) ? decode_utf8 : decode_by_codec;
    default:
      return decode_by_codec;
  }
}

}  // namespace

ColumnPlan plan_column(const Column& column) {
  const Layout layout = layout_of(column);
  ColumnPlan plan;
  plan.column = &column;
  plan.bytes = layout.bytes;
  plan.prefixed = layout.kind == Layout::Kind::prefixed;
  const bool has_fraction = column.type == ColumnType::time ||
                            column.type == ColumnType::datetime ||
                            column.type == ColumnType::timestamp;
  if (has_fraction) plan.fraction_bytes = static_cast<std::uint8_t>((column.length + 1) / 2);
  if (column.type == ColumnType::decimal) {
    const std::uint32_t scale = column.scale, whole = column.length - scale;
    plan.digits = {static_cast<std::uint8_t>(whole % 9),
                   static_cast<std::uint8_t>(whole / 9 + scale / 9),
                   static_cast<std::uint8_t>(scale % 9)};
  }
  if (layout.kind != Layout::Kind::unknown) plan.decode = decoder_of(column);
  return plan;
}

}  // namespace pipeline::mysql::types
