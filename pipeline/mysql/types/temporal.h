#pragma once
// Dates and clock times as MySQL packs and prints them; JSON shares these forms. Only this folder
// includes it.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/mysql/schema.h"

namespace pipeline::mysql::types {

struct Civil {
  std::uint32_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micros = 0;
};

// A fraction is stored in hundredths, ten-thousandths or millionths, by its width in bytes.
inline constexpr std::array<std::uint32_t, 4> micros_per_unit{1000000, 10000, 100, 1};

// The integer part of DATETIME2 and TIME2, without bias and sign.
Civil civil_of_packed_datetime(std::uint64_t value);
Civil civil_of_packed_time(std::uint64_t value);

void append_date_text(std::string& out, const Civil& at);
void append_clock_text(std::string& out, const Civil& at, std::uint32_t digits);
void append_datetime_text(std::string& out, const Civil& at, std::uint32_t digits);
void append_fraction_text(std::string& out, std::uint32_t micros, std::uint32_t digits);

// Values of the old types that have fractions (MariaDB; Column::scale digits).
void append_hires_time(const Column& column, std::string_view packed, std::string& out);
void append_hires_datetime(const Column& column, std::string_view packed, std::string& out);
std::uint32_t hires_timestamp_micros(const Column& column, std::string_view packed);

}  // namespace pipeline::mysql::types
