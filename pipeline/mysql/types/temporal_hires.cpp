// MariaDB's own form of TIME(n), DATETIME(n) and TIMESTAMP(n), of before its 10.1 and under
// mysql56_temporal_format=OFF: the type bytes of the old types, fractions behind them, and nothing
// in the log that says how many digits (its Field_*_hires classes). Column::scale has the digits,
// from DDL.

#include <array>

#include "emulator/base/bytes.h"
#include "pipeline/mysql/types/codecs.h"
#include "pipeline/mysql/types/temporal.h"

namespace pipeline::mysql::types {

namespace {

using emulator::base::ByteReader;

constexpr std::uint64_t micros_per_second = 1000000;
constexpr std::uint64_t time_seconds_max = 838 * 3600 + 59 * 60 + 59;

std::uint64_t micros_per_unit_of(const Column& column) {
  std::uint64_t out = 1;
  for (int digits = column.scale; digits < 6; ++digits) out *= 10;
  return out;
}

}  // namespace

void append_hires_time(const Column& column, std::string_view packed, std::string& out) {
  const std::uint64_t unit = micros_per_unit_of(column);
  const auto zero = static_cast<std::int64_t>((time_seconds_max + 1) * micros_per_second / unit);
  const std::int64_t value =
      static_cast<std::int64_t>(ByteReader(packed).be(static_cast<int>(packed.size()))) - zero;
  const std::uint64_t micros = static_cast<std::uint64_t>(value < 0 ? -value : value) * unit;
  const std::uint64_t seconds = micros / micros_per_second;
  const auto part = [](std::uint64_t number) { return static_cast<std::uint32_t>(number); };
  if (value < 0) out.push_back('-');
  append_clock_text(out,
                    {0, 0, 0, part(seconds / 3600), part(seconds / 60 % 60), part(seconds % 60),
                     part(micros % micros_per_second)},
                    column.scale);
}

void append_hires_datetime(const Column& column, std::string_view packed, std::string& out) {
  std::uint64_t left =
      ByteReader(packed).be(static_cast<int>(packed.size())) * micros_per_unit_of(column);
  const auto take = [&](std::uint64_t radix) {
    const auto part = static_cast<std::uint32_t>(left % radix);
    left /= radix;
    return part;
  };
  Civil at;
  at.micros = take(micros_per_second);
  at.second = take(60);
  at.minute = take(60);
  at.hour = take(24);
  at.day = take(32);
  at.month = take(13);
  at.year = static_cast<std::uint32_t>(left);
  append_datetime_text(out, at, column.scale);
}

std::uint32_t hires_timestamp_micros(const Column& column, std::string_view packed) {
  return static_cast<std::uint32_t>(
      ByteReader(packed.substr(4)).be(static_cast<int>(packed.size() - 4)) *
      micros_per_unit_of(column));
}

}  // namespace pipeline::mysql::types
