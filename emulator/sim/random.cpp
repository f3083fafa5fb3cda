#include "emulator/sim/random.h"

#include "emulator/base/check.h"
#include "emulator/base/digest.h"

namespace emulator::sim {
namespace {

std::uint64_t rotate_left(std::uint64_t value, int by) { return value << by | value >> (64 - by); }

// SplitMix64 (Steele, Lea, Flood 2014), which the authors of xoshiro advise for seeding.
std::uint64_t split_mix(std::uint64_t& state) {
  std::uint64_t z = state += 0x9E3779B97F4A7C15ull;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ z >> 27) * 0x94D049BB133111EBull;
  return z ^ z >> 31;
}

}  // namespace

Random::Random(std::uint64_t seed, std::string_view stream) {
  std::uint64_t state = seed ^ base::fnv1a(stream);
  for (auto& word : state_) word = split_mix(state);
}

// xoshiro256** 1.0 (Blackman, Vigna 2018).
std::uint64_t Random::next() {
  const std::uint64_t result = rotate_left(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = rotate_left(state_[3], 45);
  return result;
}

std::uint64_t Random::below(std::uint64_t bound) {
  CHECK(bound > 0);
  if ((bound & (bound - 1)) == 0)
    return next() & (bound - 1);  // the same value, without two divisions
  const std::uint64_t rejected =
      (0 - bound) % bound;  // the low values that would make the rest uneven
  while (true) {
    std::uint64_t value = next();
    if (value >= rejected) return value % bound;
  }
}

std::int64_t Random::between(std::int64_t low, std::int64_t high) {
  CHECK(low <= high);
  auto span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  if (span == UINT64_MAX) return static_cast<std::int64_t>(next());
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + below(span + 1));
}

bool Random::chance(double probability) {
  if (probability <= 0) return false;
  if (probability >= 1) return true;
  return static_cast<double>(next() >> 11) * 0x1.0p-53 < probability;
}

std::string Random::text(std::size_t length, std::string_view alphabet) {
  std::string out(length, '\0');
  for (char& c : out) c = alphabet[below(alphabet.size())];
  return out;
}

std::string Random::hex(std::size_t digits) { return text(digits, "0123456789abcdef"); }
std::string Random::upper_hex(std::size_t digits) { return text(digits, "0123456789ABCDEF"); }

std::string Random::uuid() {
  std::string digits = hex(32);
  digits[12] = '4';
  digits[16] = "89ab"[below(4)];
  return digits.substr(0, 8) + '-' + digits.substr(8, 4) + '-' + digits.substr(12, 4) + '-' +
         digits.substr(16, 4) + '-' + digits.substr(20);
}

}  // namespace emulator::sim
