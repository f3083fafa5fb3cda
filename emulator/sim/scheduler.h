#pragma once
// Runs labelled tasks in order of virtual time; tasks of one instant run in the order they were
// added. Time moves only between tasks, so a task sees one instant from its first line to its last.
// `serve` paces the same queue with advance_to(real now).
//
// The scheduler also carries the cause: the id of the trace line whose consequences are being
// worked out. A task inherits the cause that was current when it was scheduled; Trace::record takes
// it as the line's cause.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "emulator/sim/clock.h"

namespace emulator::sim {

using Task = std::function<void()>;
using EventId = std::uint64_t;  // number of a trace line, from 1; 0 = no cause

class Scheduler final : public Clock {
 public:
  // A timer that can be cancelled. Cancelling one that has run is harmless.
  struct Timer {
    Instant at{};
    std::uint64_t sequence = 0;
  };
  // background: goes on by itself (a schedule, a poll), so "idle" does not wait for it.
  enum class Kind { work, background };

  explicit Scheduler(Instant start) : now_(start) {}

  Instant now() const override { return now_; }
  Timer after(Duration delay, std::string_view label, Task task, Kind kind = Kind::work);
  void cancel(const Timer& timer);

  bool step();                     // runs the next task; false if there is none
  void advance_to(Instant until);  // runs all that is due up to and at `until`, then now() == until
  void advance_by(Duration duration) { advance_to(now_ + duration); }
  // Runs until no Kind::work task is left (true) or `limit` of virtual time has passed (false).
  bool run_until_idle(Duration limit);
  bool is_idle() const { return work_pending_ == 0; }
  std::optional<Instant> next_at() const;
  std::size_t pending() const { return queue_.size(); }

  EventId cause() const { return cause_; }
  void set_cause(EventId cause) { cause_ = cause; }

 private:
  struct Entry {
    std::string label;
    Task task;
    Kind kind;
    EventId cause;
  };
  Instant now_;
  std::uint64_t next_sequence_ = 1;
  std::size_t work_pending_ = 0;
  EventId cause_ = 0;
  std::map<std::pair<Instant, std::uint64_t>, Entry> queue_;
};

// Sets the cause for a scope: Cause scope(scheduler, id);
class Cause {
 public:
  Cause(Scheduler& scheduler, EventId cause) : scheduler_(scheduler), before_(scheduler.cause()) {
    scheduler_.set_cause(cause);
  }
  ~Cause() { scheduler_.set_cause(before_); }
  Cause(const Cause&) = delete;
  Cause& operator=(const Cause&) = delete;

 private:
  Scheduler& scheduler_;
  EventId before_;
};

}  // namespace emulator::sim
