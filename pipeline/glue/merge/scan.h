#pragma once
// Finding record ends in CSV, 64 bytes at a time: the line feeds outside quotes. Whether a byte is
// inside quotes is the parity of the quotes before it, so a bit mask and a prefix XOR answer it for
// 64 bytes at once (Geoff Langdale's and Daniel Lemire's trick).

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace pipeline::glue::merge {

// Bit i is set where text[i] == wanted, for the 64 bytes at text.
inline std::uint64_t match_mask(const char* text, char wanted) {
#ifdef __SSE2__
  const __m128i needle = _mm_set1_epi8(wanted);
  std::uint64_t mask = 0;
  for (int i = 0; i < 4; ++i) {
    __m128i piece = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + 16 * i));
    auto bits = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(piece, needle)));
    mask |= static_cast<std::uint64_t>(bits) << (16 * i);
  }
  return mask;
#else
  std::uint64_t mask = 0;
  for (int i = 0; i < 64; ++i) mask |= static_cast<std::uint64_t>(text[i] == wanted) << i;
  return mask;
#endif
}

// Bit i of the result = parity of bits 0..i.
inline std::uint64_t prefix_xor(std::uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

inline bool odd_quotes(std::string_view text) {
  std::uint64_t folded = 0;
  std::size_t at = 0;
  for (; at + 64 <= text.size(); at += 64) folded ^= match_mask(text.data() + at, '"');
  int count = std::popcount(folded);
  for (; at < text.size(); ++at) count += text[at] == '"';
  return count % 2 != 0;
}

// Calls on_record(start, end) for each record that is complete, `end` being the offset of its line
// feed. Returns the offset after the last one; in_quotes (if given) tells whether the text ends
// inside quotes.
template <class OnRecord>
std::size_t for_each_record(std::string_view text, OnRecord&& on_record,
                            bool* in_quotes = nullptr) {
  std::uint64_t inside_before = 0;  // all ones inside quotes
  std::size_t start = 0;
  char padded[64];
  for (std::size_t at = 0; at < text.size(); at += 64) {
    const char* bytes = text.data() + at;
    if (text.size() - at < 64) {
      std::memset(padded, 0, sizeof padded);
      std::memcpy(padded, bytes, text.size() - at);
      bytes = padded;
    }
    const std::uint64_t inside = prefix_xor(match_mask(bytes, '"')) ^ inside_before;
    inside_before = static_cast<std::uint64_t>(static_cast<std::int64_t>(inside) >> 63);
    std::uint64_t ends = match_mask(bytes, '\n') & ~inside;
    for (; ends != 0; ends &= ends - 1) {
      const std::size_t end = at + static_cast<std::size_t>(std::countr_zero(ends));
      on_record(start, end);
      start = end + 1;
    }
  }
  if (in_quotes) *in_quotes = inside_before != 0;
  return start;
}

// Offset of the first record that begins at or after the start of text, given whether text begins
// inside quotes; text.size() if none does. The record that text begins in the middle of is not
// counted.
inline std::size_t first_record_start(std::string_view text, bool in_quotes) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') in_quotes = !in_quotes;
    if (text[at] == '\n' && !in_quotes) return at + 1;
  }
  return text.size();
}

}  // namespace pipeline::glue::merge
