#include "pipeline/scenario/why.h"

#include <gtest/gtest.h>

#include "emulator/sim/fault.h"
#include "emulator/sqs/service.h"

namespace pipeline::scenario {
namespace {

namespace s3 = emulator::s3;
namespace sim = emulator::sim;
namespace sqs = emulator::sqs;
using std::chrono::hours;

// A bucket whose events go to a queue, and its trace as JSON lines.
struct World {
  World() {
    trace.listen([this](const sim::TraceLine& line) { text += line.json() + "\n"; });
    s3.register_service("sqs", queues);
    EXPECT_TRUE(queues.create_queue({"us-east-1", "q"}, {}, {}));
    EXPECT_TRUE(s3.create_bucket("one"));
  }
  void notify(std::vector<std::pair<std::string, std::string>> ids_and_prefixes) {
    s3::NotificationConfiguration configuration;
    for (const auto& [id, prefix] : ids_and_prefixes) {
      configuration.notifications.push_back({.id = id,
                                             .kind = s3::TargetKind::queue,
                                             .arn = "arn:aws:sqs:us-east-1:000000000000:q",
                                             .events = {"s3:ObjectCreated:*"},
                                             .prefix = prefix});
    }
    EXPECT_TRUE(s3.put_bucket_notification_configuration("one", configuration));
  }
  void put(const std::string& key) {
    EXPECT_TRUE(s3.put_object({.bucket = "one", .key = key}, "x"));
    scheduler.run_until_idle(hours(1));
  }
  Why why(const std::string& key) {
    const auto runs = parse_trace(text, "trace");
    EXPECT_TRUE(runs && runs->size() == 1);
    return explain_object(runs->at(0), "one", key);
  }
  // "put: a fired, in the queue; b not, the key ..."
  std::string told(const std::string& key) {
    std::string out;
    for (const ObjectChange& change : why(key).changes) {
      out += (out.empty() ? "" : " | ") + change.what + ":";
      for (const RuleOutcome& rule : change.rules)
        out +=
            " " + rule.rule + (rule.fired ? " fired, " + rule.outcome : " not, " + rule.why) + ";";
    }
    return out;
  }

  sim::Scheduler scheduler{emulator::base::parse_instant("2026-01-02T03:04:05Z").value()};
  sim::Trace trace{scheduler};
  std::string text;
  sim::Faults faults{sim::Random(1, "faults"), trace};
  emulator::sqlite::Database database = emulator::sqlite::Database::open(":memory:").value();
  std::unique_ptr<s3::ObjectStore> store = s3::memory_store();
  s3::Service s3{*store, scheduler, trace, faults, sim::Random(1, "s3")};
  sqs::Service queues{database, scheduler, trace, sim::Random(1, "sqs")};
};

TEST(Why, SaysOfEachRuleWhetherItFired) {
  World world;
  world.notify({{"in", "in/"}, {"out", "out/"}});
  world.put("in/a");
  EXPECT_EQ(world.told("in/a"),
            "put: out not, the key does not begin with \"out/\"; in fired, in the queue;");
}

TEST(Why, SaysThatTheRulesCameTooLate) {
  World world;
  world.put("a");
  world.notify({{"rule", ""}});
  EXPECT_EQ(world.told("a"), "put:");
}

TEST(Why, FollowsAMessageToItsDeletion) {
  World world;
  world.notify({{"rule", "a"}});
  world.scheduler.run_until_idle(hours(1));
  world.put("a");
  std::vector<sqs::Message> got;
  const auto take = [&] {
    world.queues.receive_message(
        {"us-east-1", "q"}, {.messages_max = 10},
        [&](sqs::Result<std::vector<sqs::Message>> messages) { got = *messages; });
  };
  take();
  EXPECT_EQ(world.told("a"), "put: rule fired, received;");
  for (const sqs::Message& message : got)
    EXPECT_TRUE(world.queues.delete_message({"us-east-1", "q"}, message.receipt_handle));
  EXPECT_EQ(world.told("a"), "put: rule fired, received and deleted;");
  EXPECT_EQ(world.why("a").changes.at(0).rules.at(0).steps.size(), 3u);
}

TEST(Why, NamesTheFaultThatLostAnEvent) {
  World world;
  world.notify({{"rule", ""}});
  world.scheduler.run_until_idle(hours(1));
  ASSERT_TRUE(world.faults.set({.link = "s3.notification", .kind = "drop"}));
  world.put("a");
  EXPECT_EQ(world.told("a"), "put: rule fired, lost: a fault dropped it;");
}

TEST(Why, SaysThatAnEventWasSentAgainAfterARestart) {
  World world;
  world.notify({{"rule", ""}});
  world.scheduler.run_until_idle(hours(1));
  ASSERT_TRUE(world.s3.put_object({.bucket = "one", .key = "a"},
                                  "x"));  // killed here: its event has not crossed
  world.text.clear();
  s3::Service again(*world.store, world.scheduler, world.trace, world.faults, sim::Random(2, "s3"));
  again.register_service("sqs", world.queues);
  again.redeliver();
  world.scheduler.run_until_idle(hours(1));
  EXPECT_EQ(world.told("a"), "sent again: rule fired, in the queue;");
}

TEST(Why, KnowsTheKeysThatMayHaveBeenMeant) {
  World world;
  world.put("in/a.csv");
  const Why why = world.why("in/a.cvs");
  EXPECT_TRUE(why.changes.empty());
  EXPECT_TRUE(why.bucket_known);
  EXPECT_EQ(why.keys, std::vector<std::string>{"in/a.csv"});
}

TEST(Trace, IsReadBackAsItWasWritten) {
  World world;
  world.put("a \"b\"\n\xC3\xA9");
  const auto runs = parse_trace(world.text + "\n" + world.text, "trace");
  ASSERT_TRUE(runs);
  ASSERT_EQ(runs->size(), 2u) << "ids that begin anew are another run";
  std::string again;
  for (const sim::TraceLine& line : runs->at(0)) again += line.json() + "\n";
  EXPECT_EQ(again, world.text);
  const auto broken = parse_trace("{\"id\":1,\"actor\":\"s3\"}\n{\"id\":", "file.jsonl");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().text().substr(0, 13), "file.jsonl:2:");
}

}  // namespace
}  // namespace pipeline::scenario
