#include "emulator/sim/scheduler.h"

#include <gtest/gtest.h>

#include <string>

namespace emulator::sim {
namespace {

using namespace std::chrono_literals;
const Instant start = base::from_civil({2026, 1, 1, 0, 0, 0, 0});

TEST(Scheduler, RunsTiesInTheOrderTheyWereAdded) {
  Scheduler scheduler(start);
  std::string order;
  scheduler.after(2s, "c", [&] { order += 'c'; });
  scheduler.after(1s, "a", [&] { order += 'a'; });
  scheduler.after(1s, "b", [&] { order += 'b'; });
  EXPECT_TRUE(scheduler.run_until_idle(1min));
  EXPECT_EQ(order, "abc");
  EXPECT_EQ(scheduler.now(), start + 2s);
}

TEST(Scheduler, ShowsOneInstantToATaskAndRunsWhatItAddsForNowAfterIt) {
  Scheduler scheduler(start);
  std::vector<Instant> seen;
  scheduler.after(1s, "first", [&] {
    scheduler.after(0s, "second", [&] { seen.push_back(scheduler.now()); });
    seen.push_back(scheduler.now());
  });
  scheduler.advance_to(start + 5s);
  EXPECT_EQ(seen, (std::vector<Instant>{start + 1s, start + 1s}));
  EXPECT_EQ(scheduler.now(), start + 5s);
}

TEST(Scheduler, IsIdleWhenOnlyBackgroundWorkIsLeft) {
  Scheduler scheduler(start);
  int ticks = 0;
  scheduler.after(
      10s, "sweep", [&] { ++ticks; }, Scheduler::Kind::background);
  scheduler.after(1s, "work", [] {});
  EXPECT_TRUE(scheduler.run_until_idle(1h));
  EXPECT_EQ(scheduler.now(), start + 1s);
  EXPECT_EQ(ticks, 0);
  scheduler.advance_by(10s);
  EXPECT_EQ(ticks, 1);
}

TEST(Scheduler, SaysWhenItDidNotBecomeIdleInTime) {
  Scheduler scheduler(start);
  std::function<void()> again = [&] { scheduler.after(1s, "again", again); };
  again();
  EXPECT_FALSE(scheduler.run_until_idle(1min));
}

TEST(Scheduler, ForgetsACancelledTimer) {
  Scheduler scheduler(start);
  bool ran = false;
  auto timer = scheduler.after(1s, "x", [&] { ran = true; });
  scheduler.cancel(timer);
  scheduler.cancel(timer);
  EXPECT_TRUE(scheduler.is_idle());
  scheduler.advance_by(2s);
  EXPECT_FALSE(ran);
}

TEST(Scheduler, HandsTheCauseOnToWhatATaskSchedules) {
  Scheduler scheduler(start);
  EventId seen = 0;
  {
    Cause scope(scheduler, 42);
    scheduler.after(1s, "x", [&] { scheduler.after(1s, "y", [&] { seen = scheduler.cause(); }); });
  }
  EXPECT_EQ(scheduler.cause(), 0u);
  scheduler.run_until_idle(1min);
  EXPECT_EQ(seen, 42u);
  EXPECT_EQ(scheduler.cause(), 0u);
}

}  // namespace
}  // namespace emulator::sim
