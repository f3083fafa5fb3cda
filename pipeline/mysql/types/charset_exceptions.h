#pragma once
// Where MySQL's one-byte charsets differ from iconv's of the same name: compared over every byte
// with MySQL 9.7 and MariaDB 10.11, which agree. Only this folder includes it.

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace pipeline::mysql::types {

struct CharsetException {
  std::string_view charset;
  unsigned char first, last;
  char32_t character;  // of every byte of the range; 0: that of the byte's own number
};

constexpr std::array charset_exceptions{
    CharsetException{"armscii8", 0xA1, 0xA1, 0x2741},
    CharsetException{"armscii8", 0xA2, 0xA2, 0xA7},
    CharsetException{"armscii8", 0xAD, 0xAD, 0x55F},
    CharsetException{"armscii8", 0xFE, 0xFE, 0x2019},
    CharsetException{"armscii8", 0xFF, 0xFF, 0x27},
    CharsetException{"cp1256", 0x8A, 0x8A, '?'},
    CharsetException{"cp1256", 0x8F, 0x8F, '?'},
    CharsetException{"cp1256", 0x98, 0x98, '?'},
    CharsetException{"cp1256", 0x9A, 0x9A, '?'},
    CharsetException{"cp1256", 0x9F, 0x9F, '?'},
    CharsetException{"cp1256", 0xAA, 0xAA, '?'},
    CharsetException{"cp1256", 0xC0, 0xC0, '?'},
    CharsetException{"cp1256", 0xFF, 0xFF, '?'},
    CharsetException{"cp866", 0xFC, 0xFC, 0x207F},
    CharsetException{"cp866", 0xFD, 0xFD, 0xB2},
    CharsetException{"greek", 0xA1, 0xA1, 0x2BD},
    CharsetException{"greek", 0xA2, 0xA2, 0x2BC},
    CharsetException{"greek", 0xA4, 0xA5, '?'},
    CharsetException{"greek", 0xAA, 0xAA, '?'},
    CharsetException{"hebrew", 0xAF, 0xAF, 0x203E},
    CharsetException{"koi8u", 0x95, 0x95, 0x2022},
    CharsetException{"macroman", 0xC6, 0xC6, 0x2206},
    CharsetException{"macroman", 0xF0, 0xF0, 0xF8FF},
    CharsetException{"tis620", 0x80, 0x9F, 0},
    CharsetException{"tis620", 0xA0, 0xA0, 0xFFFD},
    CharsetException{"tis620", 0xDB, 0xDE, 0xFFFD},
    CharsetException{"tis620", 0xFC, 0xFF, 0xFFFD},
};

inline bool has_exceptions(std::string_view charset) {
  return std::any_of(charset_exceptions.begin(), charset_exceptions.end(),
                     [&](const CharsetException& e) { return e.charset == charset; });
}

inline std::optional<char32_t> exception_of(std::string_view charset, unsigned char byte) {
  for (const CharsetException& e : charset_exceptions)
    if (e.charset == charset && byte >= e.first && byte <= e.last)
      return e.character == 0 ? char32_t{byte} : e.character;
  return std::nullopt;
}

}  // namespace pipeline::mysql::types
