#include "emulator/base/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "emulator/base/text.h"

namespace emulator::base {
namespace {

using namespace std::chrono_literals;
constexpr std::array<std::string_view, 7> weekday_names{"Sun", "Mon", "Tue", "Wed",
                                                        "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Unit {
  std::string_view name;
  Duration size;
};
constexpr std::array<Unit, 6> units{Unit{"d", 24h}, Unit{"h", 1h},   Unit{"m", 1min},
                                    Unit{"s", 1s},  Unit{"ms", 1ms}, Unit{"us", 1us}};

// Reads exactly `digits` digits at the front of text.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

int take_fraction(std::string_view& text) {
  int value = 0;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (digits < 6) value = value * 10 + (text.front() - '0');
    ++digits;
    text.remove_prefix(1);
  }
  for (; digits < 6; ++digits) value *= 10;
  return value;
}

void put_digits(std::string& out, std::size_t at, std::size_t digits, int value) {
  for (std::size_t i = at + digits; i > at; value /= 10)
    out[--i] = static_cast<char>('0' + value % 10);
}

void put_clock(std::string& out, std::size_t at, const CivilTime& time) {  // HH:MM:SS
  put_digits(out, at, 2, time.hour);
  put_digits(out, at + 3, 2, time.minute);
  put_digits(out, at + 6, 2, time.second);
}

}  // namespace

CivilTime civil(Instant at) {
  auto day = std::chrono::floor<std::chrono::days>(at);
  std::chrono::year_month_day date{day};
  auto micros = (at - day).count();
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(micros / 3'600'000'000),
          static_cast<int>(micros / 60'000'000 % 60),
          static_cast<int>(micros / 1'000'000 % 60),
          static_cast<int>(micros % 1'000'000)};
}

Instant from_civil(const CivilTime& time) {
  std::chrono::sys_days day = std::chrono::year(time.year) / time.month / time.day;
  return Instant(day) + std::chrono::hours(time.hour) + std::chrono::minutes(time.minute) +
         std::chrono::seconds(time.second) + Duration(time.microsecond);
}

int weekday(Instant at) {
  return static_cast<int>(
      std::chrono::weekday(std::chrono::floor<std::chrono::days>(at)).c_encoding());
}

// By hand rather than with fmt: each answer has two dates, a page of a listing a thousand.
std::string iso_millis(Instant at) {
  std::string out = iso_micros(at);
  out.replace(out.size() - 4, 4, "Z");
  return out;
}

std::string iso_micros(Instant at) {
  const CivilTime t = civil(at);
  std::string out = "0000-00-00T00:00:00.000000Z";
  put_digits(out, 0, 4, t.year);
  put_digits(out, 5, 2, t.month);
  put_digits(out, 8, 2, t.day);
  put_clock(out, 11, t);
  put_digits(out, 20, 6, t.microsecond);
  return out;
}

std::string rfc1123(Instant at) {
  const CivilTime t = civil(at);
  std::string out = "Day, 00 Mon 0000 00:00:00 GMT";
  out.replace(0, 3, weekday_names[static_cast<std::size_t>(weekday(at))]);
  put_digits(out, 5, 2, t.day);
  out.replace(8, 3, month_names[static_cast<std::size_t>(t.month - 1)]);
  put_digits(out, 12, 4, t.year);
  put_clock(out, 17, t);
  return out;
}

std::string sql_time(Instant at, int fraction_digits) {
  CivilTime t = civil(at);
  std::string out = fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", t.year, t.month, t.day,
                                t.hour, t.minute, t.second);
  if (fraction_digits > 0) {
    out += '.';
    out += fmt::format("{:06}", t.microsecond).substr(0, static_cast<std::size_t>(fraction_digits));
  }
  return out;
}

std::optional<Instant> parse_instant(std::string_view text) {
  CivilTime t{};
  auto number = [&](int& into, std::size_t digits) {
    auto value = take_number(text, digits);
    into = value.value_or(0);
    return value.has_value();
  };
  if (!number(t.year, 4) || !take(text, "-") || !number(t.month, 2) || !take(text, "-") ||
      !number(t.day, 2))
    return std::nullopt;
  if (!text.empty()) {
    if (!take(text, "Tt ") || !number(t.hour, 2) || !take(text, ":") || !number(t.minute, 2))
      return std::nullopt;
    if (take(text, ":") && !number(t.second, 2)) return std::nullopt;
    if (take(text, ".")) t.microsecond = take_fraction(text);
  }
  std::chrono::year_month_day date = std::chrono::year(t.year) / t.month / t.day;
  if (!date.ok() || t.hour > 23 || t.minute > 59 || t.second > 59) return std::nullopt;
  Duration offset{};
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    bool west = text.front() == '-';
    text.remove_prefix(1);
    int hours = 0, minutes = 0;
    if (!number(hours, 2)) return std::nullopt;
    take(text, ":");
    if (!number(minutes, 2)) return std::nullopt;
    offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
    if (west) offset = -offset;
  } else {
    take(text, "Zz");
  }
  if (!text.empty()) return std::nullopt;
  return from_civil(t) - offset;
}

std::optional<Instant> parse_http_date(std::string_view text) {
  text = trim(text);
  if (const std::optional<Instant> instant = parse_instant(text)) return instant;
  const bool in_utc =
      text.ends_with(" GMT") || text.ends_with(" +0000") || text.ends_with(" -0000");
  if (!in_utc || text.size() < 29 || text[3] != ',' || text[25] != ' ') return std::nullopt;
  const auto number = [&](std::size_t from, std::size_t size) {
    return parse_unsigned(text.substr(from, size));
  };
  const auto day = number(5, 2), year = number(12, 4), hour = number(17, 2), minute = number(20, 2),
             second = number(23, 2);
  const auto month = std::find(month_names.begin(), month_names.end(), text.substr(8, 3));
  if (!day || !year || !hour || !minute || !second || month == month_names.end())
    return std::nullopt;
  if (*day < 1 || *day > 31 || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return from_civil({static_cast<int>(*year), static_cast<int>(month - month_names.begin()) + 1,
                     static_cast<int>(*day), static_cast<int>(*hour), static_cast<int>(*minute),
                     static_cast<int>(*second), 0});
}

std::optional<Duration> parse_duration(std::string_view text) {
  constexpr std::int64_t limit = 100LL * 365 * 86400 * 1'000'000;  // a hundred years
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!text.empty()) {
    std::size_t digits = text.find_first_not_of("0123456789");
    if (digits == 0 || digits == std::string_view::npos) return std::nullopt;
    auto count = parse_integer(text.substr(0, digits));
    text.remove_prefix(digits);
    std::string_view name = text.substr(0, text.find_first_of("0123456789"));
    text.remove_prefix(name.size());
    const Unit* unit = nullptr;
    for (const Unit& candidate : units)
      if (candidate.name == name) unit = &candidate;
    if (!unit || !count || *count > limit / unit->size.count()) return std::nullopt;
    total += *count * unit->size.count();
    if (total > limit) return std::nullopt;
  }
  return Duration(total);
}

std::string duration_text(Duration duration) {
  if (duration == Duration::zero()) return "0s";
  std::string out;
  if (duration < Duration::zero()) {
    out += '-';
    duration = -duration;
  }
  for (const Unit& unit : units) {
    auto count = duration / unit.size;
    if (count == 0) continue;
    append_integer(out, count);
    out += unit.name;
    duration -= count * unit.size;
  }
  return out;
}

}  // namespace emulator::base
