#include "emulator/base/crc_folding.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace emulator::base {

#if defined(__x86_64__)
namespace {

constexpr std::size_t block_bytes = 64;

[[gnu::target("pclmul,sse2")]] __m128i load(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

[[gnu::target("pclmul,sse2")]] __m128i moved(__m128i value, __m128i factors) {
  return _mm_xor_si128(_mm_clmulepi64_si128(value, factors, 0x00),
                       _mm_clmulepi64_si128(value, factors, 0x11));
}

[[gnu::target("pclmul,sse2")]] __m128i factors_of(const std::array<std::uint64_t, 2>& halves) {
  return _mm_set_epi64x(static_cast<long long>(halves[1]), static_cast<long long>(halves[0]));
}

// Four lanes, so that one multiplication need not wait for another.
[[gnu::target("pclmul,sse2")]] void fold(std::string_view& bytes, std::uint64_t state,
                                         const FoldFactors& factors, std::array<char, 16>& folded) {
  const char* at = bytes.data();
  __m128i lanes[4] = {load(at), load(at + 16), load(at + 32),
                      load(at + 48)};  // no std::array: it drops the type's alignment
  lanes[0] = _mm_xor_si128(lanes[0], _mm_cvtsi64_si128(static_cast<long long>(state)));
  std::size_t left = bytes.size() - block_bytes;
  const __m128i by_64 = factors_of(factors.by_64);
  for (at += block_bytes; left >= block_bytes; left -= block_bytes, at += block_bytes) {
    for (std::size_t lane = 0; lane < 4; ++lane)
      lanes[lane] = _mm_xor_si128(moved(lanes[lane], by_64), load(at + 16 * lane));
  }
  const __m128i by_16 = factors_of(factors.by_16);
  __m128i all = lanes[0];
  for (std::size_t lane = 1; lane < 4; ++lane) all = _mm_xor_si128(moved(all, by_16), lanes[lane]);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(folded.data()), all);
  bytes.remove_prefix(bytes.size() - left);
}

}  // namespace

bool fold_crc(std::string_view& bytes, std::uint64_t state, const FoldFactors& factors,
              std::array<char, 16>& folded) {
  static const bool multiplies = __builtin_cpu_supports("pclmul");
  if (!multiplies || bytes.size() < block_bytes) return false;
  fold(bytes, state, factors, folded);
  return true;
}
#else
bool fold_crc(std::string_view&, std::uint64_t, const FoldFactors&, std::array<char, 16>&) {
  return false;
}
#endif

}  // namespace emulator::base
