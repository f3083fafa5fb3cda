#include "emulator/sim/faults/faults.h"

namespace emulator::sim::faults {

// What at-least-once delivery promises never to do, and what a wrong filter or a missing permission
// does.
void drop(const Fault&, Delivery& delivery) { delivery.dropped = true; }

}  // namespace emulator::sim::faults
