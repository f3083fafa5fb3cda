#pragma once
// CRCs at the speed of memory: sixteen bytes at a step by the processor's carry-less multiplication
// (Intel: "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction"). Where there
// is none, nothing is folded, and tables do it all: same value.

#include <array>
#include <cstdint>
#include <string_view>

namespace emulator::base {

// x^n modulo the polynomial, as the multiplication wants it: reflected, in the high bits.
template <class Word>
constexpr std::uint64_t power_of_x(unsigned n, Word reflected_polynomial) {
  Word value = Word{1} << (8 * sizeof(Word) - 1);
  for (unsigned i = 0; i < n; ++i)
    value = (value & 1) != 0 ? value >> 1 ^ reflected_polynomial : value >> 1;
  return static_cast<std::uint64_t>(value) << (64 - 8 * sizeof(Word));
}

// To move sixteen bytes by 16 and by 64 bytes: factors of their first half and of their second. One
// less than the distance in bits, since the product of two reflected numbers is one bit off.
struct FoldFactors {
  std::array<std::uint64_t, 2> by_16;
  std::array<std::uint64_t, 2> by_64;
};

template <class Word>
constexpr FoldFactors fold_factors(Word polynomial) {
  return {{power_of_x(128 + 64 - 1, polynomial), power_of_x(128 - 1, polynomial)},
          {power_of_x(512 + 64 - 1, polynomial), power_of_x(512 - 1, polynomial)}};
}

// Takes whole blocks off the front of `bytes`, which follow a CRC whose register is `state`. What
// it leaves is sixteen bytes that have the same CRC from a register of zero; false: it took
// nothing.
bool fold_crc(std::string_view& bytes, std::uint64_t state, const FoldFactors& factors,
              std::array<char, 16>& folded);

}  // namespace emulator::base
