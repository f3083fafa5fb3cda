#pragma once
// What time it is. Services ask their Scheduler, which is a Clock; SystemClock is the machine's,
// for `sluice serve` and for the "real time" a run prints. Nothing else reads a clock.

#include "emulator/base/time_text.h"

namespace emulator::sim {

using base::Duration;
using base::Instant;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Instant now() const override;
};

// Time that only moves forward, for measuring; never part of a trace or an output.
class Stopwatch {
 public:
  Stopwatch();
  Duration elapsed() const;

 private:
  std::int64_t started_nanoseconds_;
};

}  // namespace emulator::sim
