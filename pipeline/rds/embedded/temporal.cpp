#include "pipeline/rds/embedded/temporal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "emulator/base/text.h"
#include "pipeline/rds/embedded/decimal.h"

namespace pipeline::rds::embedded {
namespace {

constexpr std::int64_t day_us = 86'400 * second_us;

bool is_separator(char c) {
  return c > ' ' && c < 127 && !is_digit(c) && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z');
}
bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }
int full_year(int year) { return year < 70 ? 2000 + year : 1900 + year; }

bool in_calendar(const DateTime& v) {
  return v.month <= 12 && v.hour <= 23 && v.minute <= 59 && v.second <= 59 &&
         v.day <= (v.month == 0 ? 31 : days_in_month(v.year, v.month));
}

struct Scanner {
  std::string_view text;
  std::size_t at = 0;

  char peek() const { return at < text.size() ? text[at] : '\0'; }
  bool done() const { return at >= text.size(); }
  void blanks() {
    while (!done() && is_blank(text[at])) ++at;
  }
  // A run of up to `most` digits; count = 0: none.
  int number(std::size_t most, std::size_t& count) {
    int value = 0;
    for (count = 0; count < most && is_digit(peek()); ++count)
      value = value * 10 + (text[at++] - '0');
    return value;
  }
  // The digits after a '.', as microseconds; a seventh digit rounds.
  int fraction() {
    int value = 0;
    int digits = 0;
    for (; is_digit(peek()); ++at, ++digits) {
      if (digits < 6) value = value * 10 + (text[at] - '0');
      if (digits == 6 && text[at] >= '5') ++value;
    }
    for (; digits < 6; ++digits) value *= 10;
    return value;
  }
};

// +05:30 or -08:00 at the end: MySQL 8.0.19 reads it and converts.
bool parse_offset(Scanner& in, std::int64_t& seconds) {
  if (in.peek() != '+' && in.peek() != '-') return false;
  const bool negative = in.text[in.at] == '-';
  Scanner next{in.text, in.at + 1};
  std::size_t hours_digits = 0, minutes_digits = 0;
  const int hours = next.number(2, hours_digits);
  if (hours_digits == 0 || next.peek() != ':') return false;
  ++next.at;
  const int minutes = next.number(2, minutes_digits);
  if (minutes_digits != 2 || !next.done() || hours > 14 || minutes > 59) return false;
  seconds = (hours * 3600 + minutes * 60) * (negative ? -1 : 1);
  in = next;
  return true;
}

std::size_t digit_run(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - at;
}

// YYYYMMDD[hhmmss[.f]] or YYMMDD[hhmmss[.f]] without separators.
ParseState parse_packed(Scanner& in, std::size_t run, DateTime& out) {
  const std::size_t year_digits = run == 4 || run == 8 || run >= 14 ? 4 : 2;
  std::size_t count = 0;
  out.year = in.number(year_digits, count);
  if (year_digits == 2) out.year = full_year(out.year);
  int* const fields[] = {&out.month, &out.day, &out.hour, &out.minute, &out.second};
  std::size_t read = 0;
  for (int* field : fields) {
    if (!is_digit(in.peek())) break;
    *field = in.number(2, count);
    ++read;
  }
  if (read < 2) return ParseState::bad;
  if (in.peek() == '.' && read == 5) {
    ++in.at;
    out.microsecond = in.fraction();
  }
  in.blanks();
  return in.done() ? ParseState::good : ParseState::truncated;
}

ParseState parse_separated(Scanner& in, DateTime& out) {
  std::size_t count = 0;
  out.year = in.number(4, count);
  if (count <= 2) out.year = full_year(out.year);
  int* const date_fields[] = {&out.month, &out.day};
  for (int* field : date_fields) {
    if (!is_separator(in.peek())) return ParseState::bad;
    while (is_separator(in.peek())) ++in.at;
    *field = in.number(2, count);
    if (count == 0) return ParseState::bad;
  }
  if (in.done()) return ParseState::good;
  if (in.peek() == 'T' || in.peek() == 't') {
    ++in.at;
  } else if (is_blank(in.peek())) {
    in.blanks();
    if (in.done()) return ParseState::good;
  } else {
    return ParseState::truncated;
  }
  int* const time_fields[] = {&out.hour, &out.minute, &out.second};
  for (std::size_t i = 0; i < 3; ++i) {
    *time_fields[i] = in.number(2, count);
    if (count == 0) return ParseState::truncated;
    if (i == 2 || !is_separator(in.peek()) || in.peek() == '+' || in.peek() == '-') break;
    if (i < 2 && in.peek() == '.') break;
    ++in.at;
  }
  if (in.peek() == '.') {
    ++in.at;
    out.microsecond = in.fraction();
  }
  return ParseState::good;
}

bool carry_microsecond(DateTime& out) {
  if (out.microsecond < second_us) return true;
  out.microsecond = 0;
  const auto next = add_microseconds(out, second_us);
  if (next) out = *next;
  return next.has_value();
}

}  // namespace

ParseState parse_datetime(std::string_view text, DateTime& out) {
  out = DateTime{};
  Scanner in{text};
  in.blanks();
  const std::size_t run = digit_run(text, in.at);
  if (run == 0) return ParseState::bad;
  ParseState state = run > 4 ? parse_packed(in, run, out) : parse_separated(in, out);
  if (state == ParseState::bad || !in_calendar(out)) return ParseState::bad;
  std::int64_t offset = 0;
  if (state == ParseState::good && parse_offset(in, offset)) {
    const auto moved = add_microseconds(out, -offset * second_us);
    if (!moved) return ParseState::bad;
    out = *moved;
  }
  in.blanks();
  if (!in.done()) state = ParseState::truncated;
  return carry_microsecond(out) ? state : ParseState::bad;
}

bool datetime_from_number(std::int64_t number, DateTime& out) {
  out = DateTime{};
  if (number == 0) return true;
  if (number < 101) return false;
  if (number < 100'000'000) {  // a date alone
    if (number < 700'000) {
      number += 20'000'000;
    } else if (number <= 991'231) {
      number += 19'000'000;
    } else if (number < 10'000'101) {
      return false;
    }
    number *= 1'000'000;
  } else if (number < 100'000'000'000'000) {  // YYMMDDhhmmss
    if (number < 700'000'000'000) {
      number += 20'000'000'000'000;
    } else if (number <= 991'231'235'959) {
      number += 19'000'000'000'000;
    } else if (number < 10'000'101'000'000) {
      return false;
    }
  }
  const std::int64_t date = number / 1'000'000;
  const std::int64_t time = number % 1'000'000;
  if (date / 10'000 > 9999) return false;
  out.year = static_cast<int>(date / 10'000);
  out.month = static_cast<int>(date / 100 % 100);
  out.day = static_cast<int>(date % 100);
  out.hour = static_cast<int>(time / 10'000);
  out.minute = static_cast<int>(time / 100 % 100);
  out.second = static_cast<int>(time % 100);
  return in_calendar(out);
}

bool time_from_number(std::int64_t number, std::int64_t& microseconds) {
  const bool negative = number < 0;
  const std::uint64_t n =
      negative ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
  if (n / 100 % 100 > 59 || n % 100 > 59) return false;
  const std::uint64_t hours = n / 10'000;
  microseconds = time_max;
  if (hours <= 838)
    microseconds =
        (static_cast<std::int64_t>(hours * 3600 + n / 100 % 100 * 60 + n % 100)) * second_us;
  if (negative) microseconds = -microseconds;
  return hours <= 838;
}

ParseState parse_time(std::string_view text, std::int64_t& microseconds) {
  microseconds = 0;
  Scanner in{text};
  in.blanks();
  const bool negative = in.peek() == '-';
  if (negative) ++in.at;
  const std::size_t run = digit_run(text, in.at);
  if (run == 0 && in.peek() != '.') return ParseState::bad;
  const std::size_t after = in.at + run;
  if (run >= 12 || (run == 4 && after < text.size() && is_separator(text[after]) &&
                    text[after] != ':' && text[after] != '.')) {
    DateTime moment;
    const ParseState state = parse_datetime(text, moment);
    if (state == ParseState::bad) return state;
    microseconds = microseconds_of_day(moment);
    return state;
  }
  std::size_t count = 0;
  std::int64_t hours = 0, minutes = 0, seconds = 0;
  ParseState state = ParseState::good;
  const std::int64_t first = in.number(9, count);
  if (in.peek() == ' ' &&
      is_digit(in.at + 1 < text.size() ? text[in.at + 1]
                                       : '\0')) {  // days hours[:minutes[:seconds]]
    ++in.at;
    hours = first * 24 + in.number(2, count);
    if (in.peek() == ':') {
      ++in.at;
      minutes = in.number(2, count);
    }
    if (in.peek() == ':') {
      ++in.at;
      seconds = in.number(2, count);
    }
  } else if (in.peek() == ':') {
    ++in.at;
    hours = first;
    minutes = in.number(2, count);
    if (count == 0) return ParseState::truncated;
    if (in.peek() == ':') {
      ++in.at;
      seconds = in.number(2, count);
    }
  } else {  // hhmmss
    hours = first / 10'000;
    minutes = first / 100 % 100;
    seconds = first % 100;
  }
  if (minutes > 59 || seconds > 59) return ParseState::bad;
  std::int64_t fraction = 0;
  if (in.peek() == '.') {
    ++in.at;
    fraction = in.fraction();
  }
  in.blanks();
  if (!in.done()) state = ParseState::truncated;
  microseconds = ((hours * 60 + minutes) * 60 + seconds) * second_us + fraction;
  if (microseconds > time_max) {
    microseconds = time_max;
    state = ParseState::truncated;
  }
  if (negative) microseconds = -microseconds;
  return state;
}

std::string date_text(const DateTime& v) {
  return fmt::format("{:04}-{:02}-{:02}", v.year, v.month, v.day);
}

std::string datetime_text(const DateTime& v, int fraction_digits) {
  std::string out = fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", v.year, v.month, v.day,
                                v.hour, v.minute, v.second);
  if (fraction_digits > 0) {
    out += fmt::format(".{:06}", v.microsecond);
    out.resize(20 + static_cast<std::size_t>(fraction_digits));
  }
  return out;
}

std::string time_text(std::int64_t microseconds, int fraction_digits) {
  const bool negative = microseconds < 0;
  if (negative) microseconds = -microseconds;
  const std::int64_t seconds = microseconds / second_us;
  std::string out = fmt::format("{}{:02}:{:02}:{:02}", negative ? "-" : "", seconds / 3600,
                                seconds / 60 % 60, seconds % 60);
  if (fraction_digits > 0)
    out += fmt::format(".{:06}", microseconds % second_us)
               .substr(0, 1 + static_cast<std::size_t>(fraction_digits));
  return out;
}

namespace {
constexpr std::array<std::int64_t, 7> fraction_units{1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
}

DateTime rounded(const DateTime& value, int fraction_digits) {
  const std::int64_t unit = fraction_units[static_cast<std::size_t>(fraction_digits)];
  const std::int64_t up = (value.microsecond + unit / 2) / unit * unit;
  DateTime out = value;
  out.microsecond = static_cast<int>(up % second_us);
  if (up < second_us) return out;
  return add_microseconds(out, second_us).value_or(out);
}

std::int64_t rounded_time(std::int64_t microseconds, int fraction_digits) {
  const std::int64_t unit = fraction_units[static_cast<std::size_t>(fraction_digits)];
  const std::int64_t size =
      ((microseconds < 0 ? -microseconds : microseconds) + unit / 2) / unit * unit;
  return std::clamp(microseconds < 0 ? -size : size, -time_max, time_max);
}

int days_in_month(int year, int month) {
  constexpr std::array<int, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12) return 31;
  return month == 2 && is_leap(year) ? 29 : days[static_cast<std::size_t>(month - 1)];
}

std::int64_t day_number(int year, int month, int day) {
  // Days of the proleptic Gregorian calendar from March-based years, as TO_DAYS counts: 0000-01-01
  // is day 1, and year 0 has no 29 February.
  const std::int64_t y = year - (month <= 2 ? 1 : 0);
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t of_era = y - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year + 60 + (y < 0 ? 1 : 0);
}

DateTime from_day_number(std::int64_t days) {
  const std::int64_t shifted = days - (days < 60 ? 61 : 60);
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const std::int64_t of_era = shifted - era * 146'097;
  const std::int64_t year_of_era =
      (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
  const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month = (5 * of_year + 2) / 153;
  DateTime out;
  out.day = static_cast<int>(of_year - (153 * month + 2) / 5 + 1);
  out.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
  out.year = static_cast<int>(year_of_era + era * 400 + (out.month <= 2 ? 1 : 0));
  return out;
}

std::int64_t microseconds_of_day(const DateTime& v) {
  return (v.hour * 3600ll + v.minute * 60 + v.second) * second_us + v.microsecond;
}

std::optional<DateTime> add_microseconds(const DateTime& value, std::int64_t microseconds) {
  std::int64_t days = day_number(value.year, value.month, value.day) + microseconds / day_us;
  std::int64_t rest = microseconds_of_day(value) + microseconds % day_us;
  if (rest < 0) {
    rest += day_us;
    --days;
  } else if (rest >= day_us) {
    rest -= day_us;
    ++days;
  }
  if (days < 1 || days > day_number(9999, 12, 31)) return std::nullopt;
  DateTime out = from_day_number(days);
  out.microsecond = static_cast<int>(rest % second_us);
  const std::int64_t seconds = rest / second_us;
  out.hour = static_cast<int>(seconds / 3600);
  out.minute = static_cast<int>(seconds / 60 % 60);
  out.second = static_cast<int>(seconds % 60);
  return out;
}

std::optional<DateTime> add_months(const DateTime& value, std::int64_t months) {
  if (months > 120'000 || months < -120'000) return std::nullopt;
  const std::int64_t total = value.year * 12ll + value.month - 1 + months;
  if (total < 0 || total >= 10'000 * 12) return std::nullopt;
  DateTime out = value;
  out.year = static_cast<int>(total / 12);
  out.month = static_cast<int>(total % 12) + 1;
  out.day = std::min(value.day, days_in_month(out.year, out.month));
  return out;
}

DateTime from_instant(emulator::base::Instant at) {
  const auto c = emulator::base::civil(at);
  return {c.year, c.month, c.day, c.hour, c.minute, c.second, c.microsecond};
}

emulator::base::Instant to_instant(const DateTime& v) {
  return emulator::base::from_civil(
      {v.year, v.month, v.day, v.hour, v.minute, v.second, v.microsecond});
}

}  // namespace pipeline::rds::embedded
