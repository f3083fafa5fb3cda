#include "emulator/sim/faults/faults.h"

namespace emulator::sim::faults {

// Held back until `places` later messages of the link have gone by.
void reorder(const Fault& fault, Delivery& delivery) {
  delivery.hold_behind = static_cast<int>(fault.places);
}

}  // namespace emulator::sim::faults
