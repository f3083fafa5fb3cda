#pragma once
// How a packed value's length is known: a fixed number of bytes, or a little-endian length prefix
// of so many bytes.

#include <cstddef>
#include <cstdint>

#include "pipeline/mysql/schema.h"

namespace pipeline::mysql::types {

struct Layout {
  enum class Kind : std::uint8_t { fixed, prefixed, unknown } kind = Kind::unknown;
  std::uint32_t bytes = 0;
};

Layout layout_of(const Column& column);

// What a length prefix of so many bytes, at least one, says of the value behind it.
inline std::size_t length_in_prefix(const char* at, std::uint32_t bytes) {
  std::size_t length = static_cast<unsigned char>(at[0]);
  if (bytes == 1) return length;
  length += static_cast<std::size_t>(static_cast<unsigned char>(at[1])) << 8;
  for (std::uint32_t i = 2; i < bytes; ++i)
    length += static_cast<std::size_t>(static_cast<unsigned char>(at[i])) << (8 * i);
  return length;
}

inline constexpr std::uint32_t decimal_bytes_of[] = {0, 1, 1, 2, 2,
                                                     3, 3, 4, 4, 4};  // by number of digits, 0 to 9
inline constexpr std::uint32_t decimal_bytes(std::uint32_t precision, std::uint32_t scale) {
  const std::uint32_t whole = precision - scale;
  return whole / 9 * 4 + decimal_bytes_of[whole % 9] + scale / 9 * 4 + decimal_bytes_of[scale % 9];
}

// In JSON a DECIMAL has the digits that the server's nine words of nine have room for, not those of
// its type: a DECIMAL(65,30) may come as (66,30).
inline constexpr std::uint32_t json_decimal_digits_max = 81;

}  // namespace pipeline::mysql::types
