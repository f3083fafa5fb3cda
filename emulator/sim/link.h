#pragma once
// The way between two services: latency and faults live here, the services know neither. Each
// crossing is one scheduled event and one line of the trace (actor "link", kind "cross", link,
// label).

#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "emulator/sim/fault.h"
#include "emulator/sim/scheduler.h"
#include "emulator/sim/trace.h"

namespace emulator::sim {

class Link {
 public:
  enum class Outcome { delivered, failed_before, failed_after };

  Link(std::string name, Scheduler& scheduler, Faults& faults, Trace& trace, Duration latency = {});

  // One way: deliver runs after the latency; maybe never, late, twice or out of order. on_lost (may
  // be empty) runs if a fault dropped it: for accounting, the sender of a real event would not
  // know.
  void send(std::string_view label, Task deliver, Task on_lost = {});
  // There and back: effect runs on the other side, reply on this one, both after the latency.
  // failed_before: effect has not run. failed_after: it has. A drop is failed_before; duplicate
  // runs effect again (its result is the second's).
  void call(std::string_view label, Task effect, std::function<void(Outcome)> reply);

  const std::string& name() const { return name_; }
  void set_latency(Duration latency) { latency_ = latency; }

 private:
  struct Held {
    int behind;
    std::string label;
    Task deliver;
  };
  void cross(std::string_view label, Duration delay, Task task);
  void release_held();

  std::string name_;
  Scheduler& scheduler_;
  Faults& faults_;
  Trace& trace_;
  Duration latency_;
  std::deque<Held> held_;
};

}  // namespace emulator::sim
