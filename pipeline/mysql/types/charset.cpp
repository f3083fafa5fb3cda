// Charsets: which one a collation id belongs to, and their conversion from and to UTF-8. The
// Unicode forms, latin1 and ascii are done here; the national ones by iconv. Bytes that a charset
// does not define become '?', as MySQL prints them.

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "emulator/base/text.h"
#include "pipeline/mysql/types/charset_exceptions.h"
#include "pipeline/mysql/types/codec.h"

namespace pipeline::mysql::types {

namespace {

using emulator::base::fail;
using emulator::base::Result;

enum class Coding : std::uint8_t { same, utf8mb3, ascii, cp1252, utf16, utf16le, utf32, iconv };

struct Charset {
  std::string_view name;
  Coding coding;
  std::uint32_t bytes_max;  // of one character
  std::uint32_t default_collation;
  const char* iconv_name = nullptr;
};

constexpr std::array charsets{
    Charset{"armscii8", Coding::iconv, 1, 32, "ARMSCII-8"},
    Charset{"ascii", Coding::ascii, 1, 11},
    Charset{"big5", Coding::iconv, 2, 1, "BIG5"},
    Charset{"binary", Coding::same, 1, 63},
    Charset{"cp1250", Coding::iconv, 1, 26, "CP1250"},
    Charset{"cp1251", Coding::iconv, 1, 51, "CP1251"},
    Charset{"cp1256", Coding::iconv, 1, 57, "CP1256"},
    Charset{"cp1257", Coding::iconv, 1, 59, "CP1257"},
    Charset{"cp850", Coding::iconv, 1, 4, "CP850"},
    Charset{"cp852", Coding::iconv, 1, 40, "CP852"},
    Charset{"cp866", Coding::iconv, 1, 36, "CP866"},
    Charset{"cp932", Coding::iconv, 2, 95, "CP932"},
    Charset{"dec8", Coding::iconv, 1, 3, "ISO-8859-1"},
    Charset{"eucjpms", Coding::iconv, 3, 97, "EUC-JP-MS"},
    Charset{"euckr", Coding::iconv, 2, 19, "CP949"},
    Charset{"gb18030", Coding::iconv, 4, 248, "GB18030"},
    Charset{"gb2312", Coding::iconv, 2, 24, "EUC-CN"},
    Charset{"gbk", Coding::iconv, 2, 28, "GBK"},
    Charset{"geostd8", Coding::iconv, 1, 92, "GEORGIAN-PS"},
    Charset{"greek", Coding::iconv, 1, 25, "ISO-8859-7"},
    Charset{"hebrew", Coding::iconv, 1, 16, "ISO-8859-8"},
    Charset{"hp8", Coding::iconv, 1, 6, "HP-ROMAN8"},
    Charset{"keybcs2", Coding::iconv, 1, 37, "CP437"},
    Charset{"koi8r", Coding::iconv, 1, 7, "KOI8-R"},
    Charset{"koi8u", Coding::iconv, 1, 22, "KOI8-U"},
    Charset{"latin1", Coding::cp1252, 1, 8},
    Charset{"latin2", Coding::iconv, 1, 9, "ISO-8859-2"},
    Charset{"latin5", Coding::iconv, 1, 30, "ISO-8859-9"},
    Charset{"latin7", Coding::iconv, 1, 41, "ISO-8859-13"},
    Charset{"macce", Coding::iconv, 1, 38, "MAC-CENTRALEUROPE"},
    Charset{"macroman", Coding::iconv, 1, 39, "MACINTOSH"},
    Charset{"sjis", Coding::iconv, 2, 13, "SJIS"},
    Charset{"swe7", Coding::iconv, 1, 10, "ASCII"},
    Charset{"tis620", Coding::iconv, 1, 18, "TIS-620"},
    Charset{"ucs2", Coding::utf16, 2, 35},
    Charset{"ujis", Coding::iconv, 3, 12, "EUC-JP-MS"},
    Charset{"utf16", Coding::utf16, 4, 54},
    Charset{"utf16le", Coding::utf16le, 4, 56},
    Charset{"utf32", Coding::utf32, 4, 60},
    Charset{"utf8mb3", Coding::utf8mb3, 3, 33},
    Charset{"utf8mb4", Coding::same, 4, 255},
};

struct CollationRange {
  std::uint32_t first, last;
  std::string_view charset;
};

// By first id. 576 and up are MariaDB's; its ids from 1024 on repeat the lower ones without padding
// (NOPAD).
constexpr std::array collations{
    CollationRange{1, 1, "big5"},          CollationRange{2, 2, "latin2"},
    CollationRange{3, 3, "dec8"},          CollationRange{4, 4, "cp850"},
    CollationRange{5, 5, "latin1"},        CollationRange{6, 6, "hp8"},
    CollationRange{7, 7, "koi8r"},         CollationRange{8, 8, "latin1"},
    CollationRange{9, 9, "latin2"},        CollationRange{10, 10, "swe7"},
    CollationRange{11, 11, "ascii"},       CollationRange{12, 12, "ujis"},
    CollationRange{13, 13, "sjis"},        CollationRange{14, 14, "cp1251"},
    CollationRange{15, 15, "latin1"},      CollationRange{16, 16, "hebrew"},
    CollationRange{18, 18, "tis620"},      CollationRange{19, 19, "euckr"},
    CollationRange{20, 20, "latin7"},      CollationRange{21, 21, "latin2"},
    CollationRange{22, 22, "koi8u"},       CollationRange{23, 23, "cp1251"},
    CollationRange{24, 24, "gb2312"},      CollationRange{25, 25, "greek"},
    CollationRange{26, 26, "cp1250"},      CollationRange{27, 27, "latin2"},
    CollationRange{28, 28, "gbk"},         CollationRange{29, 29, "cp1257"},
    CollationRange{30, 30, "latin5"},      CollationRange{31, 31, "latin1"},
    CollationRange{32, 32, "armscii8"},    CollationRange{33, 33, "utf8mb3"},
    CollationRange{34, 34, "cp1250"},      CollationRange{35, 35, "ucs2"},
    CollationRange{36, 36, "cp866"},       CollationRange{37, 37, "keybcs2"},
    CollationRange{38, 38, "macce"},       CollationRange{39, 39, "macroman"},
    CollationRange{40, 40, "cp852"},       CollationRange{41, 42, "latin7"},
    CollationRange{43, 43, "macce"},       CollationRange{44, 44, "cp1250"},
    CollationRange{45, 46, "utf8mb4"},     CollationRange{47, 49, "latin1"},
    CollationRange{50, 52, "cp1251"},      CollationRange{53, 53, "macroman"},
    CollationRange{54, 55, "utf16"},       CollationRange{56, 56, "utf16le"},
    CollationRange{57, 57, "cp1256"},      CollationRange{58, 59, "cp1257"},
    CollationRange{60, 61, "utf32"},       CollationRange{62, 62, "utf16le"},
    CollationRange{63, 63, "binary"},      CollationRange{64, 64, "armscii8"},
    CollationRange{65, 65, "ascii"},       CollationRange{66, 66, "cp1250"},
    CollationRange{67, 67, "cp1256"},      CollationRange{68, 68, "cp866"},
    CollationRange{69, 69, "dec8"},        CollationRange{70, 70, "greek"},
    CollationRange{71, 71, "hebrew"},      CollationRange{72, 72, "hp8"},
    CollationRange{73, 73, "keybcs2"},     CollationRange{74, 74, "koi8r"},
    CollationRange{75, 75, "koi8u"},       CollationRange{76, 76, "utf8mb3"},
    CollationRange{77, 77, "latin2"},      CollationRange{78, 78, "latin5"},
    CollationRange{79, 79, "latin7"},      CollationRange{80, 80, "cp850"},
    CollationRange{81, 81, "cp852"},       CollationRange{82, 82, "swe7"},
    CollationRange{83, 83, "utf8mb3"},     CollationRange{84, 84, "big5"},
    CollationRange{85, 85, "euckr"},       CollationRange{86, 86, "gb2312"},
    CollationRange{87, 87, "gbk"},         CollationRange{88, 88, "sjis"},
    CollationRange{89, 89, "tis620"},      CollationRange{90, 90, "ucs2"},
    CollationRange{91, 91, "ujis"},        CollationRange{92, 93, "geostd8"},
    CollationRange{94, 94, "latin1"},      CollationRange{95, 96, "cp932"},
    CollationRange{97, 98, "eucjpms"},     CollationRange{99, 99, "cp1250"},
    CollationRange{101, 124, "utf16"},     CollationRange{128, 151, "ucs2"},
    CollationRange{159, 159, "ucs2"},      CollationRange{160, 183, "utf32"},
    CollationRange{192, 215, "utf8mb3"},   CollationRange{223, 223, "utf8mb3"},
    CollationRange{224, 247, "utf8mb4"},   CollationRange{248, 250, "gb18030"},
    CollationRange{255, 323, "utf8mb4"},   CollationRange{576, 578, "utf8mb3"},
    CollationRange{608, 610, "utf8mb4"},   CollationRange{640, 642, "ucs2"},
    CollationRange{672, 674, "utf16"},     CollationRange{736, 738, "utf32"},
    CollationRange{2048, 2303, "utf8mb3"}, CollationRange{2304, 2559, "utf8mb4"},
    CollationRange{2560, 2815, "ucs2"},    CollationRange{2816, 3071, "utf16"},
    CollationRange{3072, 3327, "utf32"},
};
constexpr std::uint32_t mariadb_nopad_first = 1024, mariadb_uca1400_first = 2048;

const Charset* charset_named(std::string_view name) {
  const auto row = std::find_if(charsets.begin(), charsets.end(),
                                [&](const Charset& c) { return c.name == name; });
  return row == charsets.end() ? nullptr : &*row;
}

const Charset* charset_of(std::uint32_t collation) {
  if (collation == collation_utf8mb4) return charset_named("utf8mb4");
  if (collation >= mariadb_nopad_first && collation < mariadb_uca1400_first)
    collation -= mariadb_nopad_first;
  const auto after = std::upper_bound(
      collations.begin(), collations.end(), collation,
      [](std::uint32_t id, const CollationRange& range) { return id < range.first; });
  if (after == collations.begin() || std::prev(after)->last < collation) return nullptr;
  return charset_named(std::prev(after)->charset);
}

// 0x80 to 0x9F of cp1252; the five bytes it leaves out are the control characters of their number
// in MySQL.
constexpr std::array<char16_t, 32> cp1252_high{
    0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021, 0x2C6,  0x2030, 0x160,
    0x2039, 0x152,  0x8D,   0x17D,  0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0x9D,   0x17E,  0x178};

void append_utf8(std::string& out, char32_t c) {
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0 | c >> 6);
  } else {
    if (c < 0x10000) {
      put(0xE0 | c >> 12);
    } else {
      put(0xF0 | c >> 18);
      put(0x80 | (c >> 12 & 0x3F));
    }
    put(0x80 | (c >> 6 & 0x3F));
  }
  put(0x80 | (c & 0x3F));
}

// The next code point of valid UTF-8; -1 at bytes that are not.
std::int64_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
  };
  const std::uint32_t first = byte(at++);
  if (first < 0x80) return first;
  const int more = first >= 0xF0 && first < 0xF8 ? 3 : first >= 0xE0 ? 2 : first >= 0xC2 ? 1 : 0;
  if (more == 0 || first >= 0xF8 || at + static_cast<std::size_t>(more) > text.size()) return -1;
  std::uint32_t value = first & (0x3Fu >> more);
  for (int i = 0; i < more; ++i) {
    if ((byte(at) & 0xC0) != 0x80) return -1;
    value = value << 6 | (byte(at++) & 0x3F);
  }
  const bool overlong = (more == 2 && value < 0x800) || (more == 3 && value < 0x10000);
  const bool surrogate = value >= 0xD800 && value < 0xE000;
  return overlong || surrogate || value > 0x10FFFF ? -1 : static_cast<std::int64_t>(value);
}

struct Utf16 {
  bool little_endian;
};

std::string utf16_to_utf8(std::string_view bytes, Utf16 form) {
  const auto unit = [&](std::size_t at) {
    const auto a = static_cast<unsigned char>(bytes[at]),
               b = static_cast<unsigned char>(bytes[at + 1]);
    return static_cast<char32_t>(form.little_endian ? b << 8 | a : a << 8 | b);
  };
  std::string out;
  std::size_t at = 0;
  for (; at + 2 <= bytes.size(); at += 2) {
    const char32_t first = unit(at);
    if (first < 0xD800 || first >= 0xE000) {
      append_utf8(out, first);
    } else if (first < 0xDC00 && at + 4 <= bytes.size() && unit(at + 2) >= 0xDC00 &&
               unit(at + 2) < 0xE000) {
      append_utf8(out, 0x10000 + ((first - 0xD800) << 10) + (unit(at + 2) - 0xDC00));
      at += 2;
    } else {
      out.push_back('?');
    }
  }
  if (at != bytes.size()) out.push_back('?');
  return out;
}

std::string utf32_to_utf8(std::string_view bytes) {
  std::string out;
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
    char32_t c = 0;
    for (std::size_t i = 0; i < 4; ++i) c = c << 8 | static_cast<unsigned char>(bytes[at + i]);
    append_utf8(out, c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) ? U'?' : c);
  }
  return out;
}

// Of the character that `text` begins with, as far as it is there.
std::size_t character_bytes(const Charset& charset, std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const auto in = [](int value, int low, int high) { return value >= low && value <= high; };
  const int lead = byte(0);
  std::size_t bytes = 1;
  if (charset.bytes_max == 1 || lead < 0x80) return 1;
  if (charset.name == "sjis" || charset.name == "cp932") {
    bytes = in(lead, 0x81, 0x9F) || in(lead, 0xE0, 0xFC) ? 2 : 1;
  } else if (charset.bytes_max == 3) {  // ujis, eucjpms
    bytes = lead == 0x8F ? 3 : lead == 0x8E || lead >= 0xA1 ? 2 : 1;
  } else {
    bytes = charset.bytes_max == 4 && in(byte(1), 0x30, 0x39) ? 4 : 2;
  }
  return std::min(bytes, text.size());
}

// One iconv conversion; the descriptor is closed whatever happens.
class Converter {
 public:
  Converter(const char* to, const char* from) : descriptor_(iconv_open(to, from)) {}
  ~Converter() {
    if (ok()) iconv_close(descriptor_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  bool ok() const { return descriptor_ != reinterpret_cast<iconv_t>(-1); }

  // False at the first character that has no counterpart; with `replaced` in its charset, it
  // becomes '?' instead.
  bool run(std::string_view in, const Charset* replaced, std::string& out) {
    char* from = const_cast<char*>(in.data());  // iconv's signature; it does not write there
    std::size_t left = in.size();
    char buffer[512];
    while (left > 0) {
      char* to = buffer;
      std::size_t room = sizeof buffer;
      const bool stopped =
          iconv(descriptor_, &from, &left, &to, &room) == static_cast<std::size_t>(-1);
      const int why = errno;
      out.append(buffer, to);
      if (!stopped || why == E2BIG) continue;
      if (!replaced) return false;
      out.push_back('?');
      const std::size_t lost = character_bytes(*replaced, {from, left});
      from += lost;
      left -= lost;
    }
    return true;
  }

 private:
  iconv_t descriptor_;
};

tl::unexpected<emulator::base::Error> unsupported(std::uint32_t collation, const Charset* charset) {
  if (charset) return fail("charset " + std::string(charset->name) + " is not supported");
  return fail("the charset of collation " + std::to_string(collation) + " is not known");
}

tl::unexpected<emulator::base::Error> not_in(const Charset& charset) {
  return fail("the text has a character that charset " + std::string(charset.name) + " has not");
}

bool append_encoded(std::string& out, const Charset& charset, char32_t c) {
  const auto unit = [&](char32_t u, bool little) {
    const char high = static_cast<char>(u >> 8), low = static_cast<char>(u & 0xFF);
    out.push_back(little ? low : high);
    out.push_back(little ? high : low);
  };
  switch (charset.coding) {
    case Coding::ascii:
      if (c >= 0x80) return false;
      out.push_back(static_cast<char>(c));
      return true;
    case Coding::cp1252: {
      const auto high = std::find(cp1252_high.begin(), cp1252_high.end(), c);
      if (high == cp1252_high.end() && (c > 0xFF || (c >= 0x80 && c < 0xA0))) return false;
      out.push_back(static_cast<char>(high != cp1252_high.end()
                                          ? 0x80 + (high - cp1252_high.begin())
                                          : static_cast<std::ptrdiff_t>(c)));
      return true;
    }
    case Coding::utf16:
    case Coding::utf16le: {
      const bool little = charset.coding == Coding::utf16le;
      if (c < 0x10000) return unit(c, little), true;
      if (charset.bytes_max < 4) return false;
      unit(0xD800 + ((c - 0x10000) >> 10), little);
      unit(0xDC00 + ((c - 0x10000) & 0x3FF), little);
      return true;
    }
    case Coding::utf32:
      for (int shift = 24; shift >= 0; shift -= 8)
        out.push_back(static_cast<char>(c >> shift & 0xFF));
      return true;
    default:
      return false;
  }
}

Result<std::string> encode_by_iconv(std::string_view text, const Charset& charset) {
  Converter converter(charset.iconv_name, "UTF-8");
  if (!converter.ok()) return unsupported(charset.default_collation, &charset);
  const auto exceptions = exceptions_of(charset.name);
  std::string out;
  if (exceptions.empty()) {
    if (!converter.run(text, nullptr, out)) return not_in(charset);
    return out;
  }
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const std::int64_t c = next_code_point(text, at);
    if (c < 0) return fail("the text is not UTF-8");
    if (const auto code = exceptional_code(exceptions, static_cast<char32_t>(c))) {
      for (int shift = 24; shift >= 0; shift -= 8)
        if (*code >> shift != 0) out.push_back(static_cast<char>(*code >> shift & 0xFF));
      continue;
    }
    const std::size_t written = out.size();
    if (!converter.run(text.substr(begin, at - begin), nullptr, out)) return not_in(charset);
    std::uint32_t code = 0;
    for (const char byte : std::string_view(out).substr(written))
      code = code << 8 | static_cast<unsigned char>(byte);
    if (exception_at(exceptions, code)) return not_in(charset);  // another character's in MySQL
  }
  return out;
}

}  // namespace

Result<std::string> to_utf8(std::string_view bytes, std::uint32_t collation) {
  if (collation == collation_unknown)
    return emulator::base::is_utf8(bytes) ? std::string(bytes)
                                          : "0x" + emulator::base::to_upper_hex(bytes);
  const Charset* charset = charset_of(collation);
  if (!charset || (charset->coding == Coding::iconv && !charset->iconv_name))
    return unsupported(collation, charset);
  std::string out;
  switch (charset->coding) {
    case Coding::same:
    case Coding::utf8mb3:
      return std::string(bytes);
    case Coding::utf16:
      return utf16_to_utf8(bytes, {false});
    case Coding::utf16le:
      return utf16_to_utf8(bytes, {true});
    case Coding::utf32:
      return utf32_to_utf8(bytes);
    case Coding::ascii:
      for (const char c : bytes) out.push_back(static_cast<unsigned char>(c) < 0x80 ? c : '?');
      return out;
    case Coding::cp1252:
      for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        append_utf8(out, byte >= 0x80 && byte < 0xA0 ? cp1252_high[byte - 0x80u] : byte);
      }
      return out;
    case Coding::iconv:
      break;
  }
  Converter converter("UTF-8", charset->iconv_name);
  if (!converter.ok()) return unsupported(collation, charset);
  const auto exceptions = exceptions_of(charset->name);
  std::size_t begin = 0;  // of what iconv may do
  for (std::size_t at = 0; !exceptions.empty() && at < bytes.size();) {
    const std::size_t size = character_bytes(*charset, bytes.substr(at));
    std::uint32_t code = 0;
    for (const char c : bytes.substr(at, size)) code = code << 8 | static_cast<unsigned char>(c);
    const auto exception = exception_at(exceptions, code);
    if (exception) {
      converter.run(bytes.substr(begin, at - begin), charset, out);
      append_utf8(out, *exception);
      begin = at + size;
    }
    at += size;
  }
  converter.run(bytes.substr(begin), charset, out);
  return out;
}

Result<std::string> from_utf8(std::string_view text, std::uint32_t collation) {
  const Charset* charset = charset_of(collation);
  if (!charset || (charset->coding == Coding::iconv && !charset->iconv_name))
    return unsupported(collation, charset);
  if (charset->coding == Coding::same) return std::string(text);
  std::string out;
  if (charset->coding == Coding::iconv) {
    return encode_by_iconv(text, *charset);
  }
  for (std::size_t at = 0; at < text.size();) {
    const std::int64_t c = next_code_point(text, at);
    if (c < 0) return fail("the text is not UTF-8");
    if (charset->coding == Coding::utf8mb3
            ? c > 0xFFFF
            : !append_encoded(out, *charset, static_cast<char32_t>(c)))
      return not_in(*charset);
  }
  if (charset->coding == Coding::utf8mb3) return std::string(text);
  return out;
}

std::string_view charset_name(std::uint32_t collation) {
  const Charset* charset = charset_of(collation);
  return charset ? charset->name : std::string_view();
}

std::uint32_t bytes_per_character(std::uint32_t collation) {
  const Charset* charset = charset_of(collation);
  return charset ? charset->bytes_max : 1;
}

std::optional<std::uint32_t> default_collation(std::string_view charset) {
  const std::string name = emulator::base::to_lower(charset);
  const Charset* row = charset_named(name == "utf8" ? "utf8mb3" : std::string_view(name));
  if (!row) return std::nullopt;
  return row->default_collation;
}

}  // namespace pipeline::mysql::types
