#pragma once
// Where MySQL's charsets differ from iconv's of the same or the nearest name. Found by asking both
// MySQL 9.7 and MariaDB 10.11, which agree, for CONVERT(_charset x'...' USING utf8mb4) of every
// byte of the one-byte charsets and every well-formed character of the others (of gb18030's
// four-byte ones: what the BMP and every 997th character above it become; 9.7 alone has it).
// tests/differential/charsets.py asks again. Only this folder includes it.

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>

namespace pipeline::mysql::types {

// Codes as big-endian numbers: 0xA145 is the character of the bytes A1 45.
struct CharsetException {
  std::string_view charset;
  std::uint32_t first, last;
  char32_t character;  // of the first; the others follow it, but '?' and U+FFFD stand for each
};

constexpr std::array charset_exceptions{
    CharsetException{"armscii8", 0xA1, 0xA1, 0x2741},
    CharsetException{"armscii8", 0xA2, 0xA2, 0xA7},
    CharsetException{"armscii8", 0xAD, 0xAD, 0x55F},
    CharsetException{"armscii8", 0xFE, 0xFE, 0x2019},
    CharsetException{"armscii8", 0xFF, 0xFF, 0x27},
    CharsetException{"big5", 0xA145, 0xA145, 0x2022},
    CharsetException{"big5", 0xA14E, 0xA14E, 0xFF64},
    CharsetException{"big5", 0xA15A, 0xA15A, 0xFFFD},
    CharsetException{"big5", 0xA1C2, 0xA1C2, 0x203E},
    CharsetException{"big5", 0xA1C3, 0xA1C3, 0xFFFD},
    CharsetException{"big5", 0xA1C5, 0xA1C5, 0xFFFD},
    CharsetException{"big5", 0xA1E3, 0xA1E3, 0x223C},
    CharsetException{"big5", 0xA1F2, 0xA1F2, 0x2641},
    CharsetException{"big5", 0xA1F3, 0xA1F3, 0x2609},
    CharsetException{"big5", 0xA1FE, 0xA1FE, 0xFFFD},
    CharsetException{"big5", 0xA240, 0xA240, 0xFFFD},
    CharsetException{"big5", 0xA241, 0xA241, 0xFF0F},
    CharsetException{"big5", 0xA242, 0xA242, 0xFF3C},
    CharsetException{"big5", 0xA244, 0xA244, 0xA5},
    CharsetException{"big5", 0xA246, 0xA247, 0xA2},
    CharsetException{"big5", 0xA2CC, 0xA2CC, 0xFFFD},
    CharsetException{"big5", 0xA2CE, 0xA2CE, 0xFFFD},
    CharsetException{"big5", 0xA3E1, 0xA3E1, '?'},
    CharsetException{"big5", 0xC6A1, 0xC6A1, 0x30FE},
    CharsetException{"big5", 0xC6A2, 0xC6A3, 0x309D},
    CharsetException{"big5", 0xC6A4, 0xC6A4, 0x3005},
    CharsetException{"big5", 0xC6A5, 0xC6F7, 0x3041},
    CharsetException{"big5", 0xC6F8, 0xC6FE, 0x30A1},
    CharsetException{"big5", 0xC740, 0xC77E, 0x30A8},
    CharsetException{"big5", 0xC7A1, 0xC7B0, 0x30E7},
    CharsetException{"big5", 0xC7B1, 0xC7B2, 0x414},
    CharsetException{"big5", 0xC7B3, 0xC7B3, 0x401},
    CharsetException{"big5", 0xC7B4, 0xC7BA, 0x416},
    CharsetException{"big5", 0xC7BB, 0xC7CD, 0x423},
    CharsetException{"big5", 0xC7CE, 0xC7CE, 0x451},
    CharsetException{"big5", 0xC7CF, 0xC7E8, 0x436},
    CharsetException{"big5", 0xC7E9, 0xC7F2, 0x2460},
    CharsetException{"big5", 0xC7F3, 0xC7FC, 0x2474},
    CharsetException{"big5", 0xC7FD, 0xC7FE, '?'},
    CharsetException{"big5", 0xC840, 0xC87E, '?'},
    CharsetException{"big5", 0xC8A1, 0xC8FE, '?'},
    CharsetException{"big5", 0xF9DD, 0xF9FE, '?'},
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
    CharsetException{"dec8", 0xA4, 0xA4, '?'},
    CharsetException{"dec8", 0xA6, 0xA6, '?'},
    CharsetException{"dec8", 0xA8, 0xA8, 0xA4},
    CharsetException{"dec8", 0xAC, 0xAF, '?'},
    CharsetException{"dec8", 0xB4, 0xB4, '?'},
    CharsetException{"dec8", 0xB8, 0xB8, '?'},
    CharsetException{"dec8", 0xBE, 0xBE, '?'},
    CharsetException{"dec8", 0xD0, 0xD0, '?'},
    CharsetException{"dec8", 0xD7, 0xD7, 0x152},
    CharsetException{"dec8", 0xDD, 0xDD, 0x178},
    CharsetException{"dec8", 0xDE, 0xDE, '?'},
    CharsetException{"dec8", 0xF0, 0xF0, '?'},
    CharsetException{"dec8", 0xF7, 0xF7, 0x153},
    CharsetException{"dec8", 0xFD, 0xFD, 0xFF},
    CharsetException{"dec8", 0xFE, 0xFF, '?'},
    CharsetException{"euckr", 0xA2E8, 0xA2E8, '?'},
    CharsetException{"gb18030", 0xA6D9, 0xA6DF, 0xE78D},
    CharsetException{"gb18030", 0xA6EC, 0xA6ED, 0xE794},
    CharsetException{"gb18030", 0xA6F3, 0xA6F3, 0xE796},
    CharsetException{"gb18030", 0xFE51, 0xFE53, 0xE816},
    CharsetException{"gb18030", 0xFE59, 0xFE59, 0xE81E},
    CharsetException{"gb18030", 0xFE61, 0xFE61, 0xE826},
    CharsetException{"gb18030", 0xFE66, 0xFE67, 0xE82B},
    CharsetException{"gb18030", 0xFE6C, 0xFE6D, 0xE831},
    CharsetException{"gb18030", 0xFE76, 0xFE76, 0xE83B},
    CharsetException{"gb18030", 0xFE7E, 0xFE7E, 0xE843},
    CharsetException{"gb18030", 0xFE90, 0xFE91, 0xE854},
    CharsetException{"gb18030", 0xFEA0, 0xFEA0, 0xE864},
    CharsetException{"gb18030", 0x82359037, 0x82359039, 0x9FB4},
    CharsetException{"gb18030", 0x82359130, 0x82359134, 0x9FB7},
    CharsetException{"gb18030", 0x84318236, 0x84318239, 0xFE10},
    CharsetException{"gb18030", 0x84318330, 0x84318335, 0xFE14},
    CharsetException{"geostd8", 0x80, 0x80, 0x20AC},
    CharsetException{"geostd8", 0x81, 0x81, '?'},
    CharsetException{"geostd8", 0x83, 0x83, '?'},
    CharsetException{"geostd8", 0x88, 0x88, '?'},
    CharsetException{"geostd8", 0x8A, 0x8A, '?'},
    CharsetException{"geostd8", 0x8C, 0x90, '?'},
    CharsetException{"geostd8", 0x98, 0x9A, '?'},
    CharsetException{"geostd8", 0x9C, 0x9F, '?'},
    CharsetException{"geostd8", 0xE6, 0xFC, '?'},
    CharsetException{"geostd8", 0xFD, 0xFD, 0x2116},
    CharsetException{"geostd8", 0xFE, 0xFF, '?'},
    CharsetException{"greek", 0xA1, 0xA1, 0x2BD},
    CharsetException{"greek", 0xA2, 0xA2, 0x2BC},
    CharsetException{"greek", 0xA4, 0xA5, '?'},
    CharsetException{"greek", 0xAA, 0xAA, '?'},
    CharsetException{"hebrew", 0xAF, 0xAF, 0x203E},
    CharsetException{"keybcs2", 0x80, 0x80, 0x10C},
    CharsetException{"keybcs2", 0x83, 0x83, 0x10F},
    CharsetException{"keybcs2", 0x85, 0x85, 0x10E},
    CharsetException{"keybcs2", 0x86, 0x86, 0x164},
    CharsetException{"keybcs2", 0x87, 0x87, 0x10D},
    CharsetException{"keybcs2", 0x88, 0x88, 0x11B},
    CharsetException{"keybcs2", 0x89, 0x89, 0x11A},
    CharsetException{"keybcs2", 0x8A, 0x8A, 0x139},
    CharsetException{"keybcs2", 0x8B, 0x8B, 0xCD},
    CharsetException{"keybcs2", 0x8C, 0x8C, 0x13E},
    CharsetException{"keybcs2", 0x8D, 0x8D, 0x13A},
    CharsetException{"keybcs2", 0x8F, 0x8F, 0xC1},
    CharsetException{"keybcs2", 0x91, 0x91, 0x17E},
    CharsetException{"keybcs2", 0x92, 0x92, 0x17D},
    CharsetException{"keybcs2", 0x95, 0x95, 0xD3},
    CharsetException{"keybcs2", 0x96, 0x96, 0x16F},
    CharsetException{"keybcs2", 0x97, 0x97, 0xDA},
    CharsetException{"keybcs2", 0x98, 0x98, 0xFD},
    CharsetException{"keybcs2", 0x9B, 0x9B, 0x160},
    CharsetException{"keybcs2", 0x9C, 0x9C, 0x13D},
    CharsetException{"keybcs2", 0x9D, 0x9D, 0xDD},
    CharsetException{"keybcs2", 0x9E, 0x9E, 0x158},
    CharsetException{"keybcs2", 0x9F, 0x9F, 0x165},
    CharsetException{"keybcs2", 0xA4, 0xA4, 0x148},
    CharsetException{"keybcs2", 0xA5, 0xA5, 0x147},
    CharsetException{"keybcs2", 0xA6, 0xA6, 0x16E},
    CharsetException{"keybcs2", 0xA7, 0xA7, 0xD4},
    CharsetException{"keybcs2", 0xA8, 0xA8, 0x161},
    CharsetException{"keybcs2", 0xA9, 0xA9, 0x159},
    CharsetException{"keybcs2", 0xAA, 0xAA, 0x155},
    CharsetException{"keybcs2", 0xAB, 0xAB, 0x154},
    CharsetException{"koi8u", 0x95, 0x95, 0x2022},
    CharsetException{"macroman", 0xC6, 0xC6, 0x2206},
    CharsetException{"macroman", 0xF0, 0xF0, 0xF8FF},
    CharsetException{"sjis", 0x815F, 0x815F, 0x5C},
    CharsetException{"swe7", 0x40, 0x40, 0xC9},
    CharsetException{"swe7", 0x5B, 0x5B, 0xC4},
    CharsetException{"swe7", 0x5C, 0x5C, 0xD6},
    CharsetException{"swe7", 0x5D, 0x5D, 0xC5},
    CharsetException{"swe7", 0x5E, 0x5E, 0xDC},
    CharsetException{"swe7", 0x60, 0x60, 0xE9},
    CharsetException{"swe7", 0x7B, 0x7B, 0xE4},
    CharsetException{"swe7", 0x7C, 0x7C, 0xF6},
    CharsetException{"swe7", 0x7D, 0x7D, 0xE5},
    CharsetException{"swe7", 0x7E, 0x7E, 0xFC},
    CharsetException{"swe7", 0x7F, 0x7F, '?'},
    CharsetException{"tis620", 0x80, 0x9F, 0x80},
    CharsetException{"tis620", 0xA0, 0xA0, 0xFFFD},
    CharsetException{"tis620", 0xDB, 0xDE, 0xFFFD},
    CharsetException{"tis620", 0xFC, 0xFF, 0xFFFD},
    CharsetException{"ujis", 0xA1C0, 0xA1C0, 0x5C},
    CharsetException{"ujis", 0xA1C1, 0xA1C1, 0x301C},
    CharsetException{"ujis", 0xA1C2, 0xA1C2, 0x2016},
    CharsetException{"ujis", 0xA1DD, 0xA1DD, 0x2212},
    CharsetException{"ujis", 0xA1F1, 0xA1F2, 0xA2},
    CharsetException{"ujis", 0xA2CC, 0xA2CC, 0xAC},
    CharsetException{"ujis", 0xADA1, 0xADBE, '?'},
    CharsetException{"ujis", 0xADC0, 0xADD6, '?'},
    CharsetException{"ujis", 0xADDF, 0xADFC, '?'},
    CharsetException{"ujis", 0x8FA2B7, 0x8FA2B7, 0x7E},
    CharsetException{"ujis", 0x8FA2C3, 0x8FA2C3, 0xA6},
    CharsetException{"ujis", 0x8FF3F3, 0x8FF3FE, '?'},
    CharsetException{"ujis", 0x8FF4A1, 0x8FF4FE, '?'},
};

// By charset, in the order of their codes.
inline std::span<const CharsetException> exceptions_of(std::string_view charset) {
  const auto of_it = [&](const CharsetException& e) { return e.charset == charset; };
  const auto first = std::find_if(charset_exceptions.begin(), charset_exceptions.end(), of_it);
  return {first, std::find_if_not(first, charset_exceptions.end(), of_it)};
}

inline std::optional<char32_t> exception_at(std::span<const CharsetException> exceptions,
                                            std::uint32_t code) {
  const auto after =
      std::upper_bound(exceptions.begin(), exceptions.end(), code,
                       [](std::uint32_t c, const CharsetException& e) { return c < e.first; });
  if (after == exceptions.begin() || std::prev(after)->last < code) return std::nullopt;
  const CharsetException& e = *std::prev(after);
  return e.character == U'?' || e.character == 0xFFFD ? e.character
                                                      : e.character + (code - e.first);
}

// The code of a character; ASCII is never one of several codes' characters.
inline std::optional<std::uint32_t> exceptional_code(std::span<const CharsetException> exceptions,
                                                     char32_t c) {
  if (c < 0x80 || c == 0xFFFD) return std::nullopt;
  for (const CharsetException& e : exceptions)
    if (e.character != U'?' && c >= e.character && c - e.character <= e.last - e.first)
      return e.first + (c - e.character);
  return std::nullopt;
}

}  // namespace pipeline::mysql::types
