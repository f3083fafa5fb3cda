#include "emulator/sim/clock.h"

#include <chrono>

namespace emulator::sim {
namespace {

std::int64_t steady_nanoseconds() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Instant SystemClock::now() const {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

Stopwatch::Stopwatch() : started_nanoseconds_(steady_nanoseconds()) {}

Duration Stopwatch::elapsed() const {
  return std::chrono::floor<Duration>(
      std::chrono::nanoseconds(steady_nanoseconds() - started_nanoseconds_));
}

}  // namespace emulator::sim
