#pragma once
// The kinds of faults, one file each; their table is in fault.cpp. Each changes one crossing of a
// link.

#include "emulator/sim/fault.h"

namespace emulator::sim::faults {

void drop(const Fault& fault, Delivery& delivery);
void delay(const Fault& fault, Delivery& delivery);
void duplicate(const Fault& fault, Delivery& delivery);
void reorder(const Fault& fault, Delivery& delivery);
void fail_before(const Fault& fault, Delivery& delivery);
void fail_after(const Fault& fault, Delivery& delivery);
void crash(const Fault& fault, Delivery& delivery);

}  // namespace emulator::sim::faults
