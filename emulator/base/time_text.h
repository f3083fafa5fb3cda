#pragma once
// Instants as text and back, by the proleptic Gregorian calendar in UTC; no locale, no TZ.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace emulator::base {

// Microseconds: MySQL's and DMS's finest unit. The clock of sys_time is only a tag here: nothing
// reads it.
using Duration = std::chrono::microseconds;
using Instant = std::chrono::sys_time<Duration>;

struct CivilTime {
  int year, month, day, hour, minute, second, microsecond;
};
CivilTime civil(Instant at);
Instant from_civil(const CivilTime& time);
int weekday(Instant at);  // 0 = Sunday

std::string iso_millis(Instant at);  // 2026-01-02T03:04:05.678Z, as S3 writes
std::string iso_micros(Instant at);  // 2026-01-02T03:04:05.678901Z
std::string rfc1123(Instant at);     // Fri, 02 Jan 2026 03:04:05 GMT, as HTTP writes
std::string sql_time(Instant at,
                     int fraction_digits);  // 2026-01-02 03:04:05[.678901], as MySQL writes
// RFC 3339 or "YYYY-MM-DD HH:MM:SS[.ffffff]", UTC unless an offset is given.
std::optional<Instant> parse_instant(std::string_view text);
// A date of HTTP, as rfc1123 writes it (the zone may be +0000 too), or what parse_instant takes.
std::optional<Instant> parse_http_date(std::string_view text);
// "90s", "2m", "1h30m", "250ms", "1d"; nullopt if it is none.
std::optional<Duration> parse_duration(std::string_view text);
std::string duration_text(Duration duration);  // the shortest of those forms

}  // namespace emulator::base
