#pragma once
// How a packed value's length is known: a fixed number of bytes, or a little-endian length prefix of so many bytes.

#include <cstdint>

#include "pipeline/mysql/schema.h"

namespace pipeline::mysql::types {

struct Layout {
  enum class Kind : std::uint8_t { fixed, prefixed, unknown } kind = Kind::unknown;
  std::uint32_t bytes = 0;
};

Layout layout_of(const Column& column);

inline constexpr std::uint32_t decimal_bytes_of[] = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};  // by number of digits, 0 to 9

}  // namespace pipeline::mysql::types
