#include "emulator/sim/link.h"

#include <utility>

namespace emulator::sim {

Link::Link(std::string name, Scheduler& scheduler, Faults& faults, Trace& trace, Duration latency)
    : name_(std::move(name)),
      scheduler_(scheduler),
      faults_(faults),
      trace_(trace),
      latency_(latency) {}

void Link::cross(std::string_view label, Duration delay, Task task) {
  scheduler_.after(delay, name_, [this, label = std::string(label), task = std::move(task)] {
    Cause scope(scheduler_, trace_.record("link", "cross", {{"link", name_}, {"label", label}}));
    task();
  });
}

// Each crossing lets what was held back step one place forward; what has waited its turn goes after
// this crossing.
void Link::release_held() {
  for (Held& held : held_) --held.behind;
  while (!held_.empty() && held_.front().behind <= 0) {
    Held due = std::move(held_.front());
    held_.pop_front();
    cross(due.label, latency_, std::move(due.deliver));
  }
}

void Link::send(std::string_view label, Task deliver, Task on_lost) {
  Delivery delivery{.delay = latency_};
  faults_.apply(name_, label, delivery);
  if (delivery.dropped || delivery.fail_before) {
    trace_.record("link", "lost", {{"link", name_}, {"label", label}});
    if (on_lost) on_lost();
    return;
  }
  for (Duration later : delivery.copies) cross(label, delivery.delay + later, deliver);
  if (delivery.hold_behind > 0) {
    held_.push_back({delivery.hold_behind, std::string(label), std::move(deliver)});
    return;
  }
  cross(label, delivery.delay, std::move(deliver));
  release_held();
}

void Link::call(std::string_view label, Task effect, std::function<void(Outcome)> reply) {
  Delivery delivery{.delay = latency_};
  faults_.apply(name_, label, delivery);
  Outcome outcome = Outcome::delivered;
  if (delivery.dropped || delivery.fail_before)
    outcome = Outcome::failed_before;
  else if (delivery.fail_after)
    outcome = Outcome::failed_after;
  const bool twice = !delivery.copies.empty();
  cross(label, delivery.delay,
        [this, outcome, twice, effect = std::move(effect), reply = std::move(reply)]() mutable {
          if (outcome != Outcome::failed_before) {
            effect();
            if (twice) effect();
          }
          scheduler_.after(latency_, name_,
                           [outcome, reply = std::move(reply)] { reply(outcome); });
        });
}

}  // namespace emulator::sim
