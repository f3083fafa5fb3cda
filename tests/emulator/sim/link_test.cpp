#include "emulator/sim/link.h"

#include <gtest/gtest.h>

namespace emulator::sim {
namespace {

using namespace std::chrono_literals;

struct World {
  Scheduler scheduler{base::from_civil({2026, 1, 1, 0, 0, 0, 0})};
  Trace trace{scheduler};
  Faults faults{Random(1, "faults"), trace};
  Link link{"s3.notification", scheduler, faults, trace, 1s};
  std::string arrived;

  void send(const std::string& label) {
    link.send(label, [this, label] { arrived += label; });
  }
  void set(Fault fault) {
    fault.link = "s3.notification";
    auto done = faults.set(std::move(fault));
    ASSERT_TRUE(done) << done.error().text();
  }
  void run() { EXPECT_TRUE(scheduler.run_until_idle(1h)); }
};

TEST(Link, DeliversInOrderAfterItsLatency) {
  World world;
  world.send("a");
  world.send("b");
  world.run();
  EXPECT_EQ(world.arrived, "ab");
  EXPECT_EQ(world.scheduler.now(), base::from_civil({2026, 1, 1, 0, 0, 1, 0}));
}

TEST(Link, DropsAsManyAsTheFaultCountsAfterThoseItSkips) {
  World world;
  world.set({.kind = "drop", .count = 2, .skip = 1});
  int lost = 0;
  for (const char* label : {"a", "b", "c", "d"})
    world.link.send(
        label, [&world, label] { world.arrived += label; }, [&] { ++lost; });
  world.run();
  EXPECT_EQ(world.arrived, "ad");
  EXPECT_EQ(lost, 2);
  EXPECT_EQ(world.faults.hits().front().second, 2);
}

TEST(Link, HitsOnlyWhatTheGlobMatches) {
  World world;
  world.set({.kind = "drop", .count = std::nullopt, .match = "*LOAD*.csv"});
  world.send("x/LOAD00000001.csv ");
  world.send("x/LOAD00000001.csv");
  world.run();
  EXPECT_EQ(world.arrived, "x/LOAD00000001.csv ");
}

TEST(Link, DelaysDuplicatesAndReorders) {
  World delayed;
  delayed.set({.kind = "delay", .by = 5s});
  delayed.send("a");
  delayed.send("b");
  delayed.run();
  EXPECT_EQ(delayed.arrived, "ba");

  World doubled;
  doubled.set({.kind = "duplicate", .by = 5s, .places = 2});
  doubled.send("a");
  doubled.send("b");
  doubled.run();
  EXPECT_EQ(doubled.arrived, "abaa");

  World reordered;
  reordered.set({.kind = "reorder", .places = 2});
  for (const char* label : {"a", "b", "c", "d"}) reordered.send(label);
  reordered.run();
  EXPECT_EQ(reordered.arrived, "bcad");
}

TEST(Link, TellsTheCallerWhetherTheEffectHappened) {
  for (const auto& [kind, outcome, effects] :
       {std::tuple("fail_before", Link::Outcome::failed_before, 0),
        std::tuple("fail_after", Link::Outcome::failed_after, 1),
        std::tuple("duplicate", Link::Outcome::delivered, 2),
        std::tuple("crash", Link::Outcome::failed_before, 0)}) {
    World world;
    world.set({.kind = kind});
    int happened = 0;
    std::optional<Link::Outcome> told;
    world.link.call(
        "x", [&] { ++happened; }, [&](Link::Outcome o) { told = o; });
    world.run();
    EXPECT_EQ(told, outcome) << kind;
    EXPECT_EQ(happened, effects) << kind;
  }
}

TEST(Faults, LeaveTheTraceAsItIsWhileNothingMatches) {
  World plain;
  World armed;
  armed.set({.kind = "drop", .probability = 0.5, .match = "nothing like it"});
  for (World* world : {&plain, &armed}) {
    world->send("a");
    world->run();
  }
  EXPECT_EQ(plain.trace.hash(), armed.trace.hash());
}

TEST(Faults, CrashOnlyAtTheirPointAndOnlyAsOftenAsSaid) {
  World world;
  ASSERT_TRUE(world.faults.set({.link = "dms.after_put", .kind = "crash"}));
  EXPECT_FALSE(world.faults.crash_here("dms.before_put"));
  EXPECT_TRUE(world.faults.crash_here("dms.after_put"));
  EXPECT_FALSE(world.faults.crash_here("dms.after_put"));
}

TEST(Faults, RefuseAnUnknownKindAndNameTheNearest) {
  World world;
  auto refused = world.faults.set({.link = "s3.notification", .kind = "dorp"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text(), "there is no fault \"dorp\" (did you mean \"drop\"?)");
}

TEST(Trace, TellsTimeActorKindCauseAndPayloadAsCanonicalJson) {
  World world;
  std::string json;
  world.trace.listen([&](const TraceLine& line) { json = line.json(); });
  Cause scope(world.scheduler, 3);
  world.trace.record("dms", "file", {{"key", "a\"b"}, {"rows", 2}, {"last", true}});
  EXPECT_EQ(json,
            R"({"id":1,"at":"2026-01-01T00:00:00.000000Z","actor":"dms","kind":"file","cause":3,)"
            R"("key":"a\"b","rows":2,"last":true})");
  EXPECT_EQ(world.trace.hash_text().size(), 16u);
}

}  // namespace
}  // namespace emulator::sim
