#include "emulator/sim/faults/faults.h"

namespace emulator::sim::faults {

// On a link, the far side dies before it has done anything; at a crash point, crash_here() is all
// there is.
void crash(const Fault&, Delivery& delivery) { delivery.fail_before = true; }

}  // namespace emulator::sim::faults
