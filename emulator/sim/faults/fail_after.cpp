#include "emulator/sim/faults/faults.h"

namespace emulator::sim::faults {

// The answer is lost on its way back: it happened, and the caller will do it again.
void fail_after(const Fault&, Delivery& delivery) { delivery.fail_after = true; }

}  // namespace emulator::sim::faults
