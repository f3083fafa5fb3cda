#pragma once
// The inside of a JSON string from UTF-8, written where there is room: eight bytes at a step while
// none needs an escape.

#include <cstdint>
#include <cstring>
#include <string_view>

namespace pipeline::mysql::binlog {

constexpr std::size_t escaped_bytes_max(std::size_t bytes) { return 6 * bytes + 8; }

// The high bit of each byte that is a control character, a quote or a backslash. Bytes above 0x7F
// have it clear.
inline std::uint64_t needing_escape(std::uint64_t word) {
  constexpr std::uint64_t ones = 0x0101010101010101ull, high = 0x8080808080808080ull;
  const auto equal = [](std::uint64_t w, std::uint64_t c) {
    const std::uint64_t x = w ^ (ones * c);
    return (x - ones) & ~x;
  };
  return ((word - ones * 0x20) | equal(word, '"') | equal(word, '\\')) & ~word & high;
}

inline char* escape_byte(char* at, char c) {
  constexpr char digits[] = "0123456789abcdef";
  const auto two = [&](char letter) {
    *at++ = '\\';
    *at++ = letter;
    return at;
  };
  switch (c) {
    case '"':
      return two('"');
    case '\\':
      return two('\\');
    case '\n':
      return two('n');
    case '\r':
      return two('r');
    case '\t':
      return two('t');
    case '\b':
      return two('b');
    case '\f':
      return two('f');
    default:
      break;
  }
  if (static_cast<unsigned char>(c) >= 0x20) {
    *at++ = c;
    return at;
  }
  std::memcpy(at, "\\u00", 4);
  at[4] = digits[static_cast<unsigned char>(c) >> 4];
  at[5] = digits[static_cast<unsigned char>(c) & 15];
  return at + 6;
}

// Needs escaped_bytes_max(text.size()) bytes at `at`; returns the end of what it wrote.
inline char* escape_json(char* at, std::string_view text) {
  const char* from = text.data();
  const char* const end = from + text.size();
  while (end - from >= 8) {
    std::uint64_t word;
    std::memcpy(&word, from, 8);
    std::memcpy(at, &word, 8);
    if (needing_escape(word) == 0) {
      from += 8;
      at += 8;
      continue;
    }
    for (int i = 0; i < 8; ++i) at = escape_byte(at, *from++);
  }
  while (from != end) at = escape_byte(at, *from++);
  return at;
}

}  // namespace pipeline::mysql::binlog
