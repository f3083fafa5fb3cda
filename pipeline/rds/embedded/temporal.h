#pragma once
// Dates and times as MySQL reads, checks and prints them: zero dates, partial dates, two-digit
// years, loose separators, fractions. Calendar arithmetic is for DATE_ADD and the like.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/base/time_text.h"

namespace pipeline::rds::embedded {

struct DateTime {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, microsecond = 0;

  auto operator<=>(const DateTime&) const = default;
  bool is_zero() const { return *this == DateTime{}; }
  bool date_is_zero() const { return year == 0 && month == 0 && day == 0; }
  bool has_zero_part() const { return month == 0 || day == 0; }
};

enum class ParseState {
  good,
  truncated,
  bad
};  // truncated: something follows the value, or the time part was cut

// '2026-01-02 03:04:05.5', '20260102030405', '26-1-2', '2026/01/02T03:04', also with an offset
// '+05:30' (then in UTC). bad: no date, or one that no calendar has.
ParseState parse_datetime(std::string_view text, DateTime& out);
// 20260102, 260102, 20260102030405.
bool datetime_from_number(std::int64_t number, DateTime& out);
// '12:30', '1 12:30:15.5', '123015', '-838:59:59', '2026-01-02 03:04:05': microseconds, clipped to
// +-838:59:59.
ParseState parse_time(std::string_view text, std::int64_t& microseconds);
bool time_from_number(std::int64_t number, std::int64_t& microseconds);
inline constexpr std::int64_t second_us = 1'000'000;
inline constexpr std::int64_t time_max = (838ll * 3600 + 59 * 60 + 59) * 1'000'000;

std::string date_text(const DateTime& value);  // 2026-01-02
std::string datetime_text(const DateTime& value,
                          int fraction_digits);  // cuts what it does not print
std::string time_text(std::int64_t microseconds, int fraction_digits);

// Rounds (half up) to that many fraction digits; may carry into the next day.
DateTime rounded(const DateTime& value, int fraction_digits);
std::int64_t rounded_time(std::int64_t microseconds, int fraction_digits);

int days_in_month(int year, int month);
std::int64_t day_number(int year, int month, int day);  // TO_DAYS: 0000-01-01 is 1
DateTime from_day_number(std::int64_t days);
// Adds; nullopt past year 9999 or before 0.
std::optional<DateTime> add_microseconds(const DateTime& value, std::int64_t microseconds);
std::optional<DateTime> add_months(const DateTime& value, std::int64_t months);
std::int64_t microseconds_of_day(const DateTime& value);

DateTime from_instant(emulator::base::Instant at);
emulator::base::Instant to_instant(const DateTime& value);  // of a full date

}  // namespace pipeline::rds::embedded
