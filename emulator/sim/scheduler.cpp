#include "emulator/sim/scheduler.h"

#include "emulator/base/check.h"

namespace emulator::sim {

Scheduler::Timer Scheduler::after(Duration delay, std::string_view label, Task task, Kind kind) {
  CHECK(delay >= Duration::zero());
  Timer timer{now_ + delay, next_sequence_++};
  queue_.try_emplace({timer.at, timer.sequence},
                     Entry{std::string(label), std::move(task), kind, cause_});
  if (kind == Kind::work) ++work_pending_;
  return timer;
}

void Scheduler::cancel(const Timer& timer) {
  auto found = queue_.find({timer.at, timer.sequence});
  if (found == queue_.end()) return;
  if (found->second.kind == Kind::work) --work_pending_;
  queue_.erase(found);
}

bool Scheduler::step() {
  if (queue_.empty()) return false;
  auto node = queue_.extract(queue_.begin());
  if (node.key().first > now_) now_ = node.key().first;
  if (node.mapped().kind == Kind::work) --work_pending_;
  Cause scope(*this, node.mapped().cause);
  node.mapped().task();
  return true;
}

void Scheduler::advance_to(Instant until) {
  while (!queue_.empty() && queue_.begin()->first.first <= until) step();
  if (until > now_) now_ = until;
}

bool Scheduler::run_until_idle(Duration limit) {
  const Instant deadline = now_ + limit;
  while (work_pending_ > 0) {
    if (queue_.begin()->first.first > deadline) return false;
    step();
  }
  return true;
}

std::optional<Instant> Scheduler::next_at() const {
  if (queue_.empty()) return std::nullopt;
  return queue_.begin()->first.first;
}

}  // namespace emulator::sim
