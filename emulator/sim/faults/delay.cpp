#include "emulator/sim/faults/faults.h"

namespace emulator::sim::faults {

// Later than its neighbours: S3 events usually take seconds, sometimes minutes.
void delay(const Fault& fault, Delivery& delivery) { delivery.delay += fault.by; }

}  // namespace emulator::sim::faults
