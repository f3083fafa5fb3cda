#pragma once
// The bitmaps of TABLE_MAPs and rows: one bit a column, the lowest of a byte first.

#include <cstddef>
#include <string_view>

namespace pipeline::mysql::binlog {

inline bool bit(const char* bitmap, std::size_t i) { return bitmap[i / 8] >> (i % 8) & 1; }

inline std::size_t count_bits(std::string_view bitmap, std::size_t bits) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < bits; ++i) count += bit(bitmap.data(), i);
  return count;
}

}  // namespace pipeline::mysql::binlog
