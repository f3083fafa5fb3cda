#include "tests/emulator/s3/world.h"

namespace emulator::s3 {
namespace {

std::size_t count(const World& world, std::string_view kind) {
  std::size_t n = 0;
  for (const sim::TraceLine& line : world.lines) n += line.actor == "s3" && line.kind == kind;
  return n;
}

TEST(Events, ReachTheFunctionWithTheIdOfTheRule) {
  World world;
  world.bucket("one");
  world.notify("one", {"s3:ObjectCreated:*"}, "in/", ".csv");
  world.put("one", "in/a.csv", "abc");
  EXPECT_TRUE(world.inbox.events.empty())
      << "an event crosses a link: it is not delivered within the call";
  world.run();
  ASSERT_EQ(world.inbox.events.size(), 1u);
  EXPECT_EQ(world.inbox.events[0].event_name, "ObjectCreated:Put");
  EXPECT_EQ(world.inbox.events[0].key, "in/a.csv");
  EXPECT_NE(world.inbox.events[0].record_json.find(R"("configurationId":"rule")"),
            std::string::npos);
}

TEST(Events, ComeForEachKindOfChange) {
  World world;
  world.bucket("one");
  world.notify("one", {"s3:ObjectCreated:*", "s3:ObjectRemoved:*"});
  world.put("one", "a");
  ASSERT_TRUE(world.service.copy_object(
      {.source_bucket = "one", .source_key = "a", .bucket = "one", .key = "b"}));
  ASSERT_TRUE(world.service.delete_object({.bucket = "one", .key = "a"}));
  ASSERT_TRUE(world.service.delete_object({.bucket = "one", .key = "a"}));
  EXPECT_FALSE(world.service.put_object(
      {.bucket = "one", .key = "b", .conditions = {.if_none_match = "*"}}, ""));
  world.run();
  std::string names;
  for (const OutboxEvent& event : world.inbox.events)
    names += event.event_name + " " + event.key + "; ";
  EXPECT_EQ(names, "ObjectCreated:Put a; ObjectCreated:Copy b; ObjectRemoved:Delete a; ");
}

// AWS promises no order; ours is that of the commits, so that a test can rely on it.
TEST(Events, ComeOnceEachInTheOrderOfTheCommits) {
  World world;
  world.bucket("one");
  world.notify("one", {"s3:ObjectCreated:*", "s3:ObjectRemoved:*"});
  std::string expected;
  for (int i = 0; i < 50; ++i) {
    const std::string key = std::to_string(i * 7 % 5);
    world.put("one", key);
    expected += key + " ";
    if (i % 3 != 0) continue;
    ASSERT_TRUE(world.service.delete_object({.bucket = "one", .key = key}));
    expected += key + "- ";
  }
  world.run();
  std::string told;
  for (const OutboxEvent& event : world.inbox.events)
    told += event.key + (event.event_name == "ObjectRemoved:Delete" ? "- " : " ");
  EXPECT_EQ(told, expected);
  EXPECT_TRUE(world.store->outbox()->empty());
}

TEST(Events, AreCausedByTheLineOfThePut) {
  World world;
  world.bucket("one");
  world.notify("one", {"s3:ObjectCreated:*"});
  const std::size_t before = world.lines.size();
  world.put("one", "a");
  ASSERT_GE(world.lines.size(), before + 2);
  const sim::TraceLine& put = world.lines[before];
  const sim::TraceLine& event = world.lines[before + 1];
  EXPECT_EQ(put.kind, "put");
  EXPECT_EQ(event.kind, "event");
  EXPECT_EQ(event.cause, put.id);
  EXPECT_EQ(event.field("destination"), function_arn);
  world.put("one", "b");
  EXPECT_EQ(world.lines.back().kind, "event");
  EXPECT_EQ(world.scheduler.cause(), 0u);
}

TEST(Events, SayWhyThereIsNoneWhereRulesAreSet) {
  World world;
  world.bucket("one");
  world.put("one", "a");
  EXPECT_EQ(count(world, "no_event"), 0u);
  world.notify("one", {"s3:ObjectCreated:*"}, "in/");
  world.put("one", "out/a");
  ASSERT_EQ(world.lines.back().kind, "no_event");
  EXPECT_EQ(world.lines.back().field("rule"), "rule");
  EXPECT_EQ(world.lines.back().field("event"), "ObjectCreated:Put");
  EXPECT_EQ(world.lines.back().field("why"), "the key does not begin with \"in/\"");
  ASSERT_TRUE(world.service.delete_object({.bucket = "one", .key = "out/a"}));
  EXPECT_EQ(world.lines.back().field("why"),
            "it is for s3:ObjectCreated:* and this is s3:ObjectRemoved:Delete, the key does not "
            "begin with \"in/\"");
}

TEST(Events, SayOfEachRuleWhetherItFired) {
  World world;
  world.bucket("one");
  NotificationConfiguration configuration;
  const auto rule = [](const std::string& id, const std::string& suffix) {
    return Notification{.id = id,
                        .kind = TargetKind::function,
                        .arn = function_arn,
                        .events = {"s3:ObjectCreated:*"},
                        .suffix = suffix};
  };
  configuration.notifications = {rule("text", ".txt"), rule("table", ".csv")};
  ASSERT_TRUE(world.service.put_bucket_notification_configuration("one", configuration));
  const std::size_t before = world.lines.size();
  world.put("one", "a.csv");
  ASSERT_EQ(world.lines.size(), before + 3);
  EXPECT_EQ(world.lines[before + 1].json().find("no_event") != std::string::npos, true);
  EXPECT_EQ(world.lines[before + 1].field("rule"), "text");
  EXPECT_EQ(world.lines[before + 1].field("why"), "the key does not end with \".txt\"");
  EXPECT_EQ(world.lines[before + 2].kind, "event");
  EXPECT_EQ(world.lines[before + 2].field("rule"), "table");
}

TEST(Events, LeaveTheOutboxWhenTheDestinationIsDone) {
  World world;
  world.bucket("one");
  world.notify("one", {"s3:ObjectCreated:*"});
  world.put("one", "a");
  EXPECT_EQ(world.store->outbox()->size(), 1u);
  world.run();
  EXPECT_TRUE(world.store->outbox()->empty());
}

TEST(Events, ComeAgainAfterARestartUntilTheyAreDone) {
  World world;
  world.bucket("one");
  world.notify("one", {"s3:ObjectCreated:*"});
  world.inbox.answers = false;
  world.put("one", "a");
  world.run();
  EXPECT_EQ(world.store->outbox()->size(), 1u);
  Service restarted(*world.store, world.scheduler, world.trace, world.faults, sim::Random(2, "s3"));
  Inbox inbox;
  restarted.register_destination(function_arn, inbox);
  restarted.redeliver();
  world.run();
  ASSERT_EQ(inbox.events.size(), 1u);
  EXPECT_EQ(inbox.events[0].record_json, world.inbox.events[0].record_json);
  EXPECT_TRUE(world.store->outbox()->empty());
}

TEST(Events, ThatAFaultDropsAreTracedAndForgotten) {
  World world;
  world.bucket("one");
  world.notify("one", {"s3:ObjectCreated:*"});
  ASSERT_TRUE(world.faults.set({.link = "s3.notification", .kind = "drop"}));
  world.put("one", "a");
  world.run();
  EXPECT_TRUE(world.inbox.events.empty());
  EXPECT_TRUE(world.store->outbox()->empty());
  EXPECT_EQ(count(world, "lost"), 1u);
  world.put("one", "b");
  world.run();
  EXPECT_EQ(world.inbox.events.size(), 1u);
}

TEST(Events, ThatAFaultDuplicatesArriveTwiceAndLeaveTheOutboxOnce) {
  World world;
  world.bucket("one");
  world.notify("one", {"s3:ObjectCreated:*"});
  ASSERT_TRUE(world.faults.set({.link = "s3.notification", .kind = "duplicate"}));
  world.put("one", "a");
  world.run();
  EXPECT_EQ(world.inbox.events.size(), 2u);
  EXPECT_TRUE(world.store->outbox()->empty());
}

TEST(Events, ToADestinationThatIsGoneAreLost) {
  World world;
  world.bucket("one");
  Notification notification{.id = "x",
                            .kind = TargetKind::function,
                            .arn = "arn:aws:lambda:us-east-1:000000000000:function:gone",
                            .events = {"s3:ObjectCreated:Put"}};
  NotificationConfiguration configuration{{notification}, false};
  EXPECT_EQ(outcome(world.service.put_bucket_notification_configuration("one", configuration)),
            "InvalidArgument");
  ASSERT_TRUE(world.service.put_bucket_notification_configuration("one", configuration, true));
  world.put("one", "a");
  world.run();
  EXPECT_EQ(count(world, "lost"), 1u);
  EXPECT_TRUE(world.store->outbox()->empty());
}

TEST(Events, OfANewConfigurationReplaceTheOldRules) {
  World world;
  world.bucket("one");
  world.notify("one", {"s3:ObjectCreated:*"}, "a");
  world.put("one", "a");
  world.notify("one", {"s3:ObjectCreated:*"}, "b");
  world.put("one", "a");
  world.put("one", "b");
  ASSERT_TRUE(world.service.put_bucket_notification_configuration("one", {}));
  world.put("one", "b");
  world.run();
  ASSERT_EQ(world.inbox.events.size(), 2u);
  EXPECT_EQ(world.inbox.events[1].key, "b");
}

TEST(TestEvent, GoesToQueuesAndNotToFunctions) {
  World world;
  world.bucket("one");
  const std::string queue_arn = "arn:aws:sqs:us-east-1:000000000000:q";
  Inbox queue;
  world.service.register_destination(queue_arn, queue);
  NotificationConfiguration configuration;
  configuration.notifications = {{.id = "f",
                                  .kind = TargetKind::function,
                                  .arn = function_arn,
                                  .events = {"s3:ObjectCreated:Put"}},
                                 {.id = "q",
                                  .kind = TargetKind::queue,
                                  .arn = queue_arn,
                                  .events = {"s3:ObjectRemoved:Delete"}}};
  ASSERT_TRUE(world.service.put_bucket_notification_configuration("one", configuration));
  world.run();
  EXPECT_TRUE(world.inbox.events.empty());
  ASSERT_EQ(queue.events.size(), 1u);
  EXPECT_EQ(queue.events[0].record_json.substr(0, 49),
            R"({"Service":"Amazon S3","Event":"s3:TestEvent","Ti)");
}

TEST(Events, AreTheSameForTheSameSeed) {
  std::string records[2];
  for (std::string& record : records) {
    World world;
    world.bucket("one");
    world.notify("one", {"s3:ObjectCreated:*"});
    world.put("one", "a");
    world.run();
    record = world.inbox.events.at(0).record_json + world.trace.hash_text();
  }
  EXPECT_EQ(records[0], records[1]);
}

}  // namespace
}  // namespace emulator::s3
