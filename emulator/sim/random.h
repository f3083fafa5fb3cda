#pragma once
// Chance from a seed. Each service has a stream of its own, by name, so a draw added in one place
// moves nothing in another. Generator (xoshiro256**) and distributions are ours: std's
// distributions differ between libraries.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace emulator::sim {

class Random {
 public:
  Random(std::uint64_t seed, std::string_view stream);

  std::uint64_t next();                                       // 64 random bits
  std::uint64_t below(std::uint64_t bound);                   // [0, bound), unbiased; bound > 0
  std::int64_t between(std::int64_t low, std::int64_t high);  // both included
  bool chance(double probability);                            // no draw if probability <= 0
  std::string hex(std::size_t digits);                        // lower case
  std::string upper_hex(std::size_t digits);
  std::string text(std::size_t length, std::string_view alphabet);
  std::string uuid();  // version 4, lower case
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::array<std::uint64_t, 4> state_;
};

// Hands out the streams of one seed.
class RandomStreams {
 public:
  explicit RandomStreams(std::uint64_t seed) : seed_(seed) {}
  std::uint64_t seed() const { return seed_; }
  Random stream(std::string_view name) const { return Random(seed_, name); }

 private:
  std::uint64_t seed_;
};

}  // namespace emulator::sim
