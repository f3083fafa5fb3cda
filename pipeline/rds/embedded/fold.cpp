#include "pipeline/rds/embedded/fold.h"

#include <array>

namespace pipeline::rds::embedded {
namespace {

// ASCII in the order of the Unicode collation table; what is not listed (other control characters)
// has no weight at all.
constexpr std::string_view ascii_order = "\t\n\v\f\r _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789";

constexpr std::array<std::uint32_t, 128> make_ascii_weights() {
  std::array<std::uint32_t, 128> out{};
  std::uint32_t weight = 1;
  for (char c : ascii_order) out[static_cast<std::size_t>(c)] = weight++;
  weight = 0x80;
  for (char c = 'a'; c <= 'z'; ++c, weight += 4) {
    out[static_cast<std::size_t>(c)] = weight;
    out[static_cast<std::size_t>(c - 'a' + 'A')] = weight;
  }
  return out;
}
constexpr auto ascii_weights = make_ascii_weights();

// U+00C0 to U+017F without their marks; '?' is a letter of its own, upper-case letters stand for
// two (A = AE, S = ss, O = OE, I = IJ).
constexpr std::string_view latin_base =
    "aaaaaaAceeeeiiii?nooooo?ouuuuy?S"
    "aaaaaaAceeeeiiii?nooooo?ouuuuy?y"
    "aaaaaaccccccccdd??eeeeeeeeeegggggggghh??iiiiiiiiiiIIjjkk?llllllllllnnnnnnn??"
    "ooooooOOrrrrrrsssssssstttt??uuuuuuuuuuuuwwyyyzzzzzzs";
static_assert(latin_base.size() == 0x180 - 0xC0);

std::uint32_t letter_weight(char c) { return ascii_weights[static_cast<std::size_t>(c)]; }

std::uint32_t lower_code_point(std::uint32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 32;
  if (c >= 0x100 && c <= 0x17F) {
    if (c == 0x130) return 'i';
    if (c == 0x178) return 0xFF;
    if (c == 0x131 || c == 0x138 || c == 0x149 || c == 0x17F) return c;
    const bool odd_is_upper = (c >= 0x139 && c <= 0x148) || c >= 0x179;
    return (c % 2 == 1) == odd_is_upper ? c + 1 : c;
  }
  if (c >= 0x391 && c <= 0x3A9) return c + 32;
  if (c >= 0x410 && c <= 0x42F) return c + 32;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  if (c >= 0x1E00 && c <= 0x1EFF && (c < 0x1E96 || c > 0x1E9F)) return c | 1;
  return c;
}

std::uint32_t upper_code_point(std::uint32_t c) {
  if (c < 0x80) return c >= 'a' && c <= 'z' ? c - 32 : c;
  if (c >= 0xE0 && c <= 0xFE && c != 0xF7) return c - 32;
  if (c == 0xFF) return 0x178;
  if (c == 0x131) return 'I';
  if (c == 0x17F) return 'S';
  if (c >= 0x100 && c <= 0x17F && c > 0 && lower_code_point(c - 1) == c) return c - 1;
  if (c == 0x3C2) return 0x3A3;
  if (c >= 0x3B1 && c <= 0x3C9) return c - 32;
  if (c >= 0x430 && c <= 0x44F) return c - 32;
  if (c >= 0x450 && c <= 0x45F) return c - 80;
  if (c >= 0x1E00 && c <= 0x1EFF && (c < 0x1E96 || c > 0x1E9F)) return c & ~1u;
  return c;
}

// Reads weights one by one; a letter that stands for two leaves the second in `pending`.
struct Weights {
  std::string_view text;
  std::size_t at = 0;
  std::uint32_t pending = 0;

  // 0 = the end.
  std::uint32_t next() {
    if (pending != 0) {
      const std::uint32_t out = pending;
      pending = 0;
      return out;
    }
    while (at < text.size()) {
      const auto c = static_cast<unsigned char>(text[at]);
      const std::uint32_t weight =
          c < 0x80 ? (++at, ascii_weights[c]) : wide(next_code_point(text, at));
      if (weight != 0) return weight;
    }
    return 0;
  }

  std::uint32_t wide(std::uint32_t c) {
    if (c >= 0x300 && c <= 0x36F) return 0;  // combining marks
    if (c == 0xA0) return letter_weight(' ');
    if (c >= 0xC0 && c < 0x180) {
      const char base = latin_base[c - 0xC0];
      switch (base) {
        case '?':
          break;
        case 'A':
          pending = letter_weight('e');
          return letter_weight('a');
        case 'O':
          pending = letter_weight('e');
          return letter_weight('o');
        case 'S':
          pending = letter_weight('s');
          return letter_weight('s');
        case 'I':
          pending = letter_weight('j');
          return letter_weight('i');
        default:
          return letter_weight(base);
      }
    }
    if (c >= 0x3AC && c <= 0x3CE) c = greek_base(c);
    return 0x1000 + lower_code_point(c);
  }

  static std::uint32_t greek_base(std::uint32_t c) {
    switch (c) {
      case 0x3AC:
        return 0x3B1;
      case 0x3AD:
        return 0x3B5;
      case 0x3AE:
        return 0x3B7;
      case 0x3AF:
      case 0x3CA:
        return 0x3B9;
      case 0x3CC:
        return 0x3BF;
      case 0x3CD:
      case 0x3CB:
        return 0x3C5;
      case 0x3CE:
        return 0x3C9;
      case 0x3C2:
        return 0x3C3;
      default:
        return c;
    }
  }
};

std::string map_text(std::string_view text, std::uint32_t (*map)(std::uint32_t)) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) append_utf8(out, map(next_code_point(text, at)));
  return out;
}

}  // namespace

std::uint32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const std::uint32_t first = byte(at);
  int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
  std::uint32_t out = more == 3   ? first & 0x07
                      : more == 2 ? first & 0x0F
                      : more == 1 ? first & 0x1F
                                  : first;
  ++at;
  while (more-- > 0 && (byte(at) & 0xC0) == 0x80) out = out << 6 | (byte(at++) & 0x3F);
  return out;
}

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xC0 | c >> 6));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | c >> 12));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | c >> 18));
    out.push_back(static_cast<char>(0x80 | (c >> 12 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  }
}

int compare_folded(std::string_view a, std::string_view b) {
  Weights left{a};
  Weights right{b};
  while (true) {
    const std::uint32_t x = left.next();
    const std::uint32_t y = right.next();
    if (x != y) return x < y ? -1 : 1;
    if (x == 0) return 0;
  }
}

std::string folded_key(std::string_view text) {
  std::string out;
  Weights weights{text};
  while (const std::uint32_t weight = weights.next()) append_utf8(out, weight);
  return out;
}

std::string upper_case(std::string_view text) { return map_text(text, upper_code_point); }
std::string lower_case(std::string_view text) { return map_text(text, lower_code_point); }

}  // namespace pipeline::rds::embedded
