#include "emulator/sim/faults/faults.h"

namespace emulator::sim::faults {

// At-least-once: the same event again, `places` times, each `by` after the one before.
void duplicate(const Fault& fault, Delivery& delivery) {
  for (std::int64_t copy = 1; copy <= fault.places; ++copy)
    delivery.copies.push_back(fault.by * copy);
}

}  // namespace emulator::sim::faults
