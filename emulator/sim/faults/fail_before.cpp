#include "emulator/sim/faults/faults.h"

namespace emulator::sim::faults {

// 503 SlowDown, a refused connection: the caller knows that nothing happened, or must assume it may
// have.
void fail_before(const Fault&, Delivery& delivery) { delivery.fail_before = true; }

}  // namespace emulator::sim::faults
