#pragma once
// "00" to "99", one after the other: numbers are printed two digits at a step. Only this folder
// includes it.

#include <array>

namespace pipeline::mysql::types {

inline constexpr auto digit_pairs = [] {
  std::array<char, 200> out{};
  for (std::size_t i = 0; i < 100; ++i) {
    out[2 * i] = static_cast<char>('0' + i / 10);
    out[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return out;
}();

}  // namespace pipeline::mysql::types
