// Functions of dates and times. A datetime comes in with six fraction digits, a time as
// microseconds.
#include <fmt/format.h>

#include <array>

#include "emulator/base/text.h"
#include "pipeline/rds/embedded/decimal.h"
#include "pipeline/rds/embedded/functions/functions.h"
#include "pipeline/rds/embedded/temporal.h"

namespace pipeline::rds::embedded {
namespace {

constexpr std::string_view month_names[] = {"January",   "February", "March",    "April",
                                            "May",       "June",     "July",     "August",
                                            "September", "October",  "November", "December"};
constexpr std::string_view day_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                          "Thursday", "Friday", "Saturday"};

DateTime moment(const Value& value) {
  DateTime out;
  parse_datetime(value.bytes, out);
  return out;
}
std::int64_t days(const DateTime& at) { return day_number(at.year, at.month, at.day); }
std::int64_t sunday_based(const DateTime& at) { return (days(at) + 6) % 7; }  // 0 = Sunday
std::int64_t day_of_year(const DateTime& at) { return days(at) - day_number(at.year, 1, 1) + 1; }

// Manual, WEEK(): mode bit 0 Monday first, bit 1 range 1-53 (with the year it belongs to), bit 2 by
// the first week that has that day.
std::int64_t week_of(const DateTime& at, std::int64_t mode, int& year) {
  const bool monday = mode & 1;
  bool whole_year = mode & 2;
  const bool first_weekday =
      ((mode & 4) != 0) == monday;  // for weeks from Sunday the bit means the opposite
  const std::int64_t day = days(at);
  std::int64_t first = day_number(at.year, 1, 1);
  year = at.year;
  std::int64_t weekday = (first + 5 + (monday ? 0 : 1)) % 7;
  const auto partial = [&] { return first_weekday ? weekday != 0 : weekday >= 4; };
  if (at.month == 1 && at.day <= 7 - weekday) {
    if (!whole_year && partial()) return 0;
    if (partial()) {
      --year;
      const std::int64_t before = day_number(year, 1, 1);
      weekday = (weekday + 53 * 7 - (first - before)) % 7;
      first = before;
    }
  }
  const std::int64_t start = partial() ? first + (7 - weekday) : first - weekday;
  const std::int64_t passed = day - start;
  if (whole_year && passed >= 52 * 7) {
    const std::int64_t next = day_number(year + 1, 1, 1);
    weekday = (next + 5 + (monday ? 0 : 1)) % 7;
    const bool next_has = first_weekday ? weekday == 0 : weekday < 4;
    const std::int64_t next_start = partial() ? next + 7 : next - weekday;
    if (next_has && day >= next_start) {
      ++year;
      return 1;
    }
  }
  return passed / 7 + 1;
}

Value year(Environment&, Values a) { return Value::of(std::int64_t{moment(a[0]).year}); }
Value month(Environment&, Values a) { return Value::of(std::int64_t{moment(a[0]).month}); }
Value day(Environment&, Values a) { return Value::of(std::int64_t{moment(a[0]).day}); }
Value quarter(Environment&, Values a) {
  return Value::of(std::int64_t{(moment(a[0]).month + 2) / 3});
}
Value hour(Environment&, Values a) {
  return Value::of((a[0].integer < 0 ? -a[0].integer : a[0].integer) / second_us / 3600);
}
Value minute(Environment&, Values a) {
  return Value::of((a[0].integer < 0 ? -a[0].integer : a[0].integer) / second_us / 60 % 60);
}
Value second(Environment&, Values a) {
  return Value::of((a[0].integer < 0 ? -a[0].integer : a[0].integer) / second_us % 60);
}
Value microsecond(Environment&, Values a) {
  return Value::of((a[0].integer < 0 ? -a[0].integer : a[0].integer) % second_us);
}
Value day_of_week(Environment&, Values a) { return Value::of(sunday_based(moment(a[0])) + 1); }
Value weekday(Environment&, Values a) { return Value::of((sunday_based(moment(a[0])) + 6) % 7); }
Value year_day(Environment&, Values a) { return Value::of(day_of_year(moment(a[0]))); }
Value month_name(Environment&, Values a) {
  const int at = moment(a[0]).month;
  return at == 0 ? Value::null() : Value::text(std::string(month_names[at - 1]));
}
Value day_name(Environment&, Values a) {
  return Value::text(std::string(day_names[sunday_based(moment(a[0]))]));
}
Value last_day(Environment&, Values a) {
  DateTime at = moment(a[0]);
  at.day = days_in_month(at.year, at.month);
  return Value::text(date_text(at));
}
Value week(Environment&, Values a) {
  int of_year = 0;
  return Value::of(week_of(moment(a[0]), a.size() > 1 ? a[1].integer : 0, of_year));
}
Value week_of_year(Environment&, Values a) {
  int of_year = 0;
  return Value::of(week_of(moment(a[0]), 3, of_year));
}
Value date_difference(Environment&, Values a) {
  return Value::of(days(moment(a[0])) - days(moment(a[1])));
}
Value to_days(Environment&, Values a) { return Value::of(days(moment(a[0]))); }
Value from_days(Environment&, Values a) {
  return Value::text(date_text(from_day_number(a[0].integer)));
}
Value to_seconds(Environment&, Values a) {
  return Value::of(days(moment(a[0])) * 86'400 + microseconds_of_day(moment(a[0])) / second_us);
}
Value time_to_seconds(Environment&, Values a) { return Value::of(a[0].integer / second_us); }
Value seconds_to_time(Environment&, Values a) { return Value::of(a[0].integer * second_us); }
Value make_date(Environment&, Values a) {
  if (a[1].integer <= 0) return Value::null();
  return Value::text(date_text(
      from_day_number(day_number(static_cast<int>(a[0].integer), 1, 1) + a[1].integer - 1)));
}

Value date_format(Environment&, Values a) {
  const DateTime at = moment(a[0]);
  const int twelve = at.hour % 12 == 0 ? 12 : at.hour % 12;
  std::string out;
  int of_year = 0;
  for (std::size_t i = 0; i < a[1].bytes.size(); ++i) {
    const char c = a[1].bytes[i];
    if (c != '%' || i + 1 == a[1].bytes.size()) {
      out += c;
      continue;
    }
    switch (a[1].bytes[++i]) {
      case 'Y':
        out += fmt::format("{:04}", at.year);
        break;
      case 'y':
        out += fmt::format("{:02}", at.year % 100);
        break;
      case 'm':
        out += fmt::format("{:02}", at.month);
        break;
      case 'c':
        out += fmt::format("{}", at.month);
        break;
      case 'd':
        out += fmt::format("{:02}", at.day);
        break;
      case 'e':
        out += fmt::format("{}", at.day);
        break;
      case 'D': {
        const bool teen = at.day / 10 == 1;
        out += fmt::format("{}{}", at.day,
                           teen               ? "th"
                           : at.day % 10 == 1 ? "st"
                           : at.day % 10 == 2 ? "nd"
                           : at.day % 10 == 3 ? "rd"
                                              : "th");
        break;
      }
      case 'H':
        out += fmt::format("{:02}", at.hour);
        break;
      case 'k':
        out += fmt::format("{}", at.hour);
        break;
      case 'h':
      case 'I':
        out += fmt::format("{:02}", twelve);
        break;
      case 'l':
        out += fmt::format("{}", twelve);
        break;
      case 'i':
        out += fmt::format("{:02}", at.minute);
        break;
      case 's':
      case 'S':
        out += fmt::format("{:02}", at.second);
        break;
      case 'f':
        out += fmt::format("{:06}", at.microsecond);
        break;
      case 'p':
        out += at.hour < 12 ? "AM" : "PM";
        break;
      case 'r':
        out += fmt::format("{:02}:{:02}:{:02} {}", twelve, at.minute, at.second,
                           at.hour < 12 ? "AM" : "PM");
        break;
      case 'T':
        out += fmt::format("{:02}:{:02}:{:02}", at.hour, at.minute, at.second);
        break;
      case 'M':
        out += at.month > 0 ? month_names[at.month - 1] : std::string_view();
        break;
      case 'b':
        out += at.month > 0 ? month_names[at.month - 1].substr(0, 3) : std::string_view();
        break;
      case 'W':
        out += day_names[sunday_based(at)];
        break;
      case 'a':
        out += day_names[sunday_based(at)].substr(0, 3);
        break;
      case 'w':
        out += fmt::format("{}", sunday_based(at));
        break;
      case 'j':
        out += fmt::format("{:03}", day_of_year(at));
        break;
      case 'U':
        out += fmt::format("{:02}", week_of(at, 0, of_year));
        break;
      case 'u':
        out += fmt::format("{:02}", week_of(at, 1, of_year));
        break;
      case 'V':
        out += fmt::format("{:02}", week_of(at, 2, of_year));
        break;
      case 'v':
        out += fmt::format("{:02}", week_of(at, 3, of_year));
        break;
      default:
        out += a[1].bytes[i];
    }
  }
  return Value::text(std::move(out));
}

// Reads text by a format of STR_TO_DATE. Blanks before a part do not count.
class FormatReader {
 public:
  explicit FormatReader(std::string_view text) : text_(text) {}

  bool read(std::string_view format, DateTime& out) {
    if (!parts(format, out)) return false;
    if (year_day_ > 0) {
      const DateTime day = from_day_number(day_number(out.year, 1, 1) + year_day_ - 1);
      out.month = day.month;
      out.day = day.day;
    }
    if (half_ >= 0) {
      if (out.hour < 1 || out.hour > 12) return false;
      out.hour = out.hour % 12 + half_ * 12;
    }
    return out.month <= 12 && out.day <= 31 && out.hour <= 23 && out.minute <= 59 &&
           out.second <= 59;
  }

 private:
  bool parts(std::string_view format, DateTime& out) {
    for (std::size_t i = 0; i < format.size(); ++i) {
      if (format[i] == ' ') continue;
      skip_blanks();
      if (format[i] != '%' || i + 1 == format.size()) {
        if (!literal(format[i])) return false;
      } else if (!part(format[++i], out)) {
        return false;
      }
    }
    return true;
  }

  void skip_blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool literal(char c) { return at_ < text_.size() && text_[at_] == c && ++at_; }

  bool number(std::size_t most, int& out) {
    const std::size_t start = at_;
    out = 0;
    while (at_ < text_.size() && at_ - start < most && text_[at_] >= '0' && text_[at_] <= '9')
      out = out * 10 + (text_[at_++] - '0');
    return at_ > start;
  }

  bool year(std::size_t most, int& out) {
    const std::size_t start = at_;
    if (!number(most, out)) return false;
    if (at_ - start <= 2) out += out < 70 ? 2000 : 1900;
    return true;
  }

  bool fraction(int& out) {
    const std::size_t start = at_;
    if (!number(6, out)) return false;
    for (std::size_t digits = at_ - start; digits < 6; ++digits) out *= 10;
    return true;
  }

  // The place of a name, or of its first letters, in a list; from 1.
  template <std::size_t Count>
  bool name(const std::string_view (&names)[Count], std::size_t letters, int& out) {
    for (std::size_t i = 0; i < Count; ++i) {
      const std::string_view wanted = names[i].substr(0, letters);
      if (!emulator::base::equals_ignoring_case(text_.substr(at_, wanted.size()), wanted)) continue;
      at_ += wanted.size();
      out = static_cast<int>(i) + 1;
      return true;
    }
    return false;
  }

  bool half_of_day() {
    const std::string_view word = text_.substr(at_, 2);
    if (!emulator::base::equals_ignoring_case(word, "AM") &&
        !emulator::base::equals_ignoring_case(word, "PM"))
      return false;
    half_ = word[0] == 'p' || word[0] == 'P' ? 1 : 0;
    at_ += 2;
    return true;
  }

  bool part(char letter, DateTime& out) {
    int ignored = 0;
    switch (letter) {
      case 'Y':
        return year(4, out.year);
      case 'y':
        return year(2, out.year);
      case 'm':
      case 'c':
        return number(2, out.month);
      case 'M':
        return name(month_names, std::string_view::npos, out.month);
      case 'b':
        return name(month_names, 3, out.month);
      case 'd':
      case 'e':
        return number(2, out.day);
      case 'D': {
        if (!number(2, out.day) || at_ + 2 > text_.size()) return false;
        at_ += 2;
        return true;
      }
      case 'j':
        return number(3, year_day_);
      case 'W':
        return name(day_names, std::string_view::npos, ignored);
      case 'a':
        return name(day_names, 3, ignored);
      case 'w':
        return number(1, ignored);
      case 'h':
      case 'I':
      case 'l':
        if (half_ < 0) half_ = 0;  // without %p it is the morning
        return number(2, out.hour);
      case 'H':
      case 'k':
        return number(2, out.hour);
      case 'i':
        return number(2, out.minute);
      case 's':
      case 'S':
        return number(2, out.second);
      case 'f':
        return fraction(out.microsecond);
      case 'p':
        return half_of_day();
      case 'r':
        return parts("%h:%i:%s %p", out);
      case 'T':
        return parts("%H:%i:%s", out);
      default:
        return literal(letter);
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int year_day_ = 0;
  int half_ = -1;
};

// wanted: d a date, t a time, b both.
Value from_format(Environment& environment, Values a) {
  DateTime at;
  const char wanted = a[2].bytes[0];
  bool good = FormatReader(a[0].bytes).read(a[1].bytes, at);
  if (good && wanted != 't') {
    if (at.date_is_zero() ? environment.mode.no_zero_date
                          : at.has_zero_part() && environment.mode.no_zero_in_date)
      good = false;
    if (at.month > 0 && at.day > days_in_month(at.year, at.month)) good = false;
  }
  if (!good) {
    environment.warn(1411, fmt::format("Incorrect {} value: '{}' for function str_to_date",
                                       wanted == 't' ? "time" : "datetime", a[0].bytes));
    return Value::null();
  }
  if (wanted == 't')
    return Value::of(microseconds_of_day(at) + std::int64_t{at.day} * 86'400 * second_us);
  return Value::text(wanted == 'd' ? date_text(at)
                                   : datetime_text(at, static_cast<int>(a[3].integer)));
}

Value from_unix_time(Environment&, Values a) {
  const Decimal seconds = Decimal::parse(a[0].bytes);
  std::int64_t micros = 0;
  const bool fits = (seconds.rounded(6) * Decimal::from_integer(second_us)).to_integer(micros);
  if (!fits || micros < 0 || micros >= 32'536'771'200 * second_us) return Value::null();
  const DateTime at = from_instant(
      emulator::base::Instant(std::chrono::microseconds(micros + a[1].integer * second_us)));
  return Value::text(
      datetime_text(rounded(at, static_cast<int>(a[2].integer)), static_cast<int>(a[2].integer)));
}

Value extract_unit(Environment&, Values a) {
  const DateTime at = moment(a[1]);
  const std::string& unit = a[0].bytes;
  if (unit == "YEAR") return Value::of(std::int64_t{at.year});
  if (unit == "QUARTER") return Value::of(std::int64_t{(at.month + 2) / 3});
  if (unit == "MONTH") return Value::of(std::int64_t{at.month});
  if (unit == "DAY") return Value::of(std::int64_t{at.day});
  if (unit == "HOUR") return Value::of(std::int64_t{at.hour});
  if (unit == "MINUTE") return Value::of(std::int64_t{at.minute});
  if (unit == "SECOND") return Value::of(std::int64_t{at.second});
  if (unit == "MICROSECOND") return Value::of(std::int64_t{at.microsecond});
  if (unit == "YEAR_MONTH") return Value::of(std::int64_t{at.year * 100 + at.month});
  if (unit == "DAY_HOUR") return Value::of(std::int64_t{at.day * 100 + at.hour});
  if (unit == "HOUR_MINUTE") return Value::of(std::int64_t{at.hour * 100 + at.minute});
  if (unit == "MINUTE_SECOND") return Value::of(std::int64_t{at.minute * 100 + at.second});
  if (unit == "WEEK") {
    int of_year = 0;
    return Value::of(week_of(at, 0, of_year));
  }
  return Value::null();
}

Value timestamp_difference(Environment&, Values a) {
  DateTime from = moment(a[1]);
  DateTime to = moment(a[2]);
  const std::int64_t sign = from > to ? -1 : 1;
  if (sign < 0) std::swap(from, to);
  const std::string& unit = a[0].bytes;
  const std::int64_t gap = (days(to) - days(from)) * 86'400 * second_us + microseconds_of_day(to) -
                           microseconds_of_day(from);
  if (unit == "MICROSECOND") return Value::of(sign * gap);
  if (unit == "SECOND") return Value::of(sign * (gap / second_us));
  if (unit == "MINUTE") return Value::of(sign * (gap / second_us / 60));
  if (unit == "HOUR") return Value::of(sign * (gap / second_us / 3600));
  if (unit == "DAY") return Value::of(sign * (gap / second_us / 86'400));
  if (unit == "WEEK") return Value::of(sign * (gap / second_us / 86'400 / 7));
  std::int64_t months = (to.year - from.year) * 12 + to.month - from.month;
  if (to.day < from.day ||
      (to.day == from.day && microseconds_of_day(to) < microseconds_of_day(from)))
    --months;
  if (unit == "QUARTER") months /= 3;
  if (unit == "YEAR") months /= 12;
  return Value::of(sign * months);
}

constexpr std::array date_table{
    ScalarFunction{"YEAR", "d", 'i', year},
    ScalarFunction{"MONTH", "d", 'i', month},
    ScalarFunction{"DAY", "d", 'i', day},
    ScalarFunction{"QUARTER", "d", 'i', quarter},
    ScalarFunction{"HOUR", "m", 'i', hour},
    ScalarFunction{"MINUTE", "m", 'i', minute},
    ScalarFunction{"SECOND", "m", 'i', second},
    ScalarFunction{"MICROSECOND", "m", 'i', microsecond},
    ScalarFunction{"DAYOFWEEK", "d", 'i', day_of_week},
    ScalarFunction{"WEEKDAY", "d", 'i', weekday},
    ScalarFunction{"DAYOFYEAR", "d", 'i', year_day},
    ScalarFunction{"MONTHNAME", "d", 't', month_name},
    ScalarFunction{"DAYNAME", "d", 't', day_name},
    ScalarFunction{"LAST_DAY", "d", 'D', last_day},
    ScalarFunction{"WEEK", "d?i", 'i', week},
    ScalarFunction{"WEEKOFYEAR", "d", 'i', week_of_year},
    ScalarFunction{"DATEDIFF", "dd", 'i', date_difference},
    ScalarFunction{"TO_DAYS", "d", 'i', to_days},
    ScalarFunction{"FROM_DAYS", "i", 'D', from_days},
    ScalarFunction{"TO_SECONDS", "d", 'i', to_seconds},
    ScalarFunction{"TIME_TO_SEC", "m", 'i', time_to_seconds},
    ScalarFunction{"SEC_TO_TIME", "i", 'm', seconds_to_time},
    ScalarFunction{"MAKEDATE", "ii", 'D', make_date},
    ScalarFunction{"DATE_FORMAT", "dt", 't', date_format},
    ScalarFunction{"EXTRACT", "td", 'i', extract_unit},
    ScalarFunction{"FROM_UNIXTIME", "tii", 't', from_unix_time},
    ScalarFunction{"STR_TO_DATE", "ttti", 't', from_format},
    ScalarFunction{"TIMESTAMPDIFF", "tdd", 'i', timestamp_difference},
};

}  // namespace

std::span<const ScalarFunction> date_functions() { return date_table; }

}  // namespace pipeline::rds::embedded
