#include "emulator/base/md5.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace emulator::base {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t md5_block_bytes = 64;

// RFC 1321: the integer part of 4294967296 * abs(sin(i + 1)).
constexpr std::array<std::uint32_t, 64> sines{
    0xD76AA478, 0xE8C7B756, 0x242070DB, 0xC1BDCEEE, 0xF57C0FAF, 0x4787C62A, 0xA8304613, 0xFD469501,
    0x698098D8, 0x8B44F7AF, 0xFFFF5BB1, 0x895CD7BE, 0x6B901122, 0xFD987193, 0xA679438E, 0x49B40821,
    0xF61E2562, 0xC040B340, 0x265E5A51, 0xE9B6C7AA, 0xD62F105D, 0x02441453, 0xD8A1E681, 0xE7D3FBC8,
    0x21E1CDE6, 0xC33707D6, 0xF4D50D87, 0x455A14ED, 0xA9E3E905, 0xFCEFA3F8, 0x676F02D9, 0x8D2A4C8A,
    0xFFFA3942, 0x8771F681, 0x6D9D6122, 0xFDE5380C, 0xA4BEEA44, 0x4BDECFA9, 0xF6BB4B60, 0xBEBFBC70,
    0x289B7EC6, 0xEAA127FA, 0xD4EF3085, 0x04881D05, 0xD9D4D039, 0xE6DB99E5, 0x1FA27CF8, 0xC4AC5665,
    0xF4292244, 0x432AFF97, 0xAB9423A7, 0xFC93A039, 0x655B59C3, 0x8F0CCC92, 0xFFEFF47D, 0x85845DD1,
    0x6FA87E4F, 0xFE2CE6E0, 0xA3014314, 0x4E0811A1, 0xF7537E82, 0xBD3AF235, 0x2AD7D2BB, 0xEB86D391};
constexpr std::array<std::array<int, 4>, 4> rotations{
    {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};

// One word of each lane. The same steps work on a plain word, too.
using Lanes [[gnu::vector_size(4 * Md5::lanes)]] = std::uint32_t;

template <class Word>
using State = Word[4];  // no std::array: it drops a vector's attributes

// Keeps a sum apart from what is added to it next: GCC would add in another order, and each step
// would wait for one addition more. A quarter of the time.
template <class Word>
[[gnu::always_inline]] inline void settle(Word& sum) {
#if defined(__x86_64__)
  if constexpr (sizeof(Word) > sizeof(std::uint32_t)) asm("" : "+v"(sum));
#else
  static_cast<void>(sum);
#endif
}

template <std::size_t i, class Word>
[[gnu::always_inline]] inline void step(State<Word>& state, const Word (&words)[16]) {
  Word& a = state[(64 - i) % 4];
  const Word b = state[(65 - i) % 4], c = state[(66 - i) % 4], d = state[(67 - i) % 4];
  Word mixed;
  std::size_t word = 0;
  if constexpr (i < 16) {
    mixed = d ^ (b & (c ^ d));
    word = i;
  } else if constexpr (i < 32) {
    mixed = c ^ (d & (b ^ c));
    word = (5 * i + 1) % 16;
  } else if constexpr (i < 48) {
    mixed = b ^ c ^ d;
    word = (3 * i + 5) % 16;
  } else {
    mixed = c ^ (b | ~d);
    word = 7 * i % 16;
  }
  constexpr int by = rotations[i / 16][i % 4];
  Word known = words[word] + sines[i] + a;  // needs nothing of the last three steps
  settle(known);
  const Word sum = known + mixed;
  a = b + (sum << by | sum >> (32 - by));
}

template <class Word, std::size_t... i>
[[gnu::always_inline]] inline void run_block(State<Word>& state, const Word (&words)[16],
                                             std::index_sequence<i...>) {
  const Word before[4] = {state[0], state[1], state[2], state[3]};
  (step<i>(state, words), ...);
  for (std::size_t w = 0; w < 4; ++w) state[w] += before[w];
}
constexpr auto all_steps = std::make_index_sequence<64>();

std::uint32_t load_word(const char* at) {
  std::uint32_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

using Texts = std::array<const char*, Md5::lanes>;

[[gnu::always_inline]] inline void run_lane_blocks(State<Lanes>& state, Texts at,
                                                   std::size_t blocks) {
  for (; blocks > 0; --blocks) {
    Lanes words[16];
    for (std::size_t w = 0; w < 16; ++w)
      words[w] = Lanes{load_word(at[0] + 4 * w), load_word(at[1] + 4 * w), load_word(at[2] + 4 * w),
                       load_word(at[3] + 4 * w)};
    run_block(state, words, all_steps);
    for (const char*& text : at) text += md5_block_bytes;
  }
}

void run_anywhere(State<Lanes>& state, const Texts& at, std::size_t blocks) {
  run_lane_blocks(state, at, blocks);
}

#if defined(__x86_64__)
// AVX-512 rotates in one instruction, and computes any function of three words in one.
[[gnu::target("avx512f,avx512vl")]] void run_avx512(State<Lanes>& state, const Texts& at,
                                                    std::size_t blocks) {
  run_lane_blocks(state, at, blocks);
}

bool has_avx512() {
  static const bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
  return has;
}
#else
constexpr auto run_avx512 = run_anywhere;
bool has_avx512() { return false; }
#endif

}  // namespace

void Md5::update(std::string_view bytes) {
  complete_block(bytes);
  run_blocks(bytes);
  keep(bytes);
}

void Md5::complete_block(std::string_view& bytes) {
  if (begun_bytes_ == 0) return;
  const std::string_view missing = bytes.substr(0, md5_block_bytes - begun_bytes_);
  bytes.remove_prefix(missing.size());
  keep(missing);
  if (begun_bytes_ < md5_block_bytes) return;
  begun_bytes_ = 0;
  size_ -= md5_block_bytes;  // counted again by the next
  std::string_view block(begun_.data(), md5_block_bytes);
  run_blocks(block);
}

void Md5::run_blocks(std::string_view& bytes) {
  const std::size_t whole = bytes.size() / md5_block_bytes * md5_block_bytes;
  State<std::uint32_t> state = {state_[0], state_[1], state_[2], state_[3]};
  for (std::size_t at = 0; at < whole; at += md5_block_bytes) {
    std::uint32_t words[16];
    std::memcpy(words, bytes.data() + at, md5_block_bytes);
    run_block(state, words, all_steps);
  }
  std::copy(std::begin(state), std::end(state), state_.begin());
  size_ += whole;
  bytes.remove_prefix(whole);
}

void Md5::keep(std::string_view bytes) {
  bytes.copy(begun_.data() + begun_bytes_, bytes.size());
  begun_bytes_ += bytes.size();
  size_ += bytes.size();
}

std::string Md5::finish() {
  const std::uint64_t bits = size_ * 8;
  std::string end(1, '\x80');
  end.append((2 * md5_block_bytes - 8 - 1 - begun_bytes_) % md5_block_bytes, '\0');
  end.append(reinterpret_cast<const char*>(&bits), sizeof bits);
  update(end);
  return {reinterpret_cast<const char*>(state_.data()), sizeof state_};
}

// Lanes that are left over work on the first text, for nothing.
void Md5::run_lanes(std::span<Piece* const> pieces, std::size_t blocks) {
  State<Lanes> state{};
  Texts at{};
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const Piece& piece = *pieces[lane < pieces.size() ? lane : 0];
    at[lane] = piece.bytes.data();
    for (std::size_t w = 0; w < 4; ++w) state[w][lane] = piece.text->state_[w];
  }
  has_avx512() ? run_avx512(state, at, blocks) : run_anywhere(state, at, blocks);
  for (std::size_t lane = 0; lane < pieces.size(); ++lane) {
    Md5& text = *pieces[lane]->text;
    for (std::size_t w = 0; w < 4; ++w) text.state_[w] = state[w][lane];
    text.size_ += blocks * md5_block_bytes;
    pieces[lane]->bytes.remove_prefix(blocks * md5_block_bytes);
  }
}

void Md5::update_together(std::span<Piece> pieces) {
  for (Piece& piece : pieces) piece.text->complete_block(piece.bytes);
  while (true) {
    std::array<Piece*, lanes> longest{};
    std::size_t count = 0;
    std::size_t blocks = SIZE_MAX;
    for (Piece& piece : pieces) {
      if (count == lanes || piece.bytes.size() < md5_block_bytes) continue;
      longest[count++] = &piece;
      blocks = std::min(blocks, piece.bytes.size() / md5_block_bytes);
    }
    if (count < 2) break;
    run_lanes(std::span(longest).first(count), blocks);
  }
  for (const Piece& piece : pieces) piece.text->update(piece.bytes);
}

}  // namespace emulator::base
