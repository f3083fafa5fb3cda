#include "emulator/sqs/service.h"

#include "emulator/sqs/queue_attributes.h"
#include "emulator/sqs/queue_policy.h"
#include "tests/emulator/sqs/world.h"
#include "tests/temporary_folder.h"

namespace emulator::sqs {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// A poll that is waiting, and what it got.
struct Waiting {
  Waiting(World& world, ReceiveMessageInput input)
      : poll(world.service.receive_message(q, input, [this](Result<std::vector<Message>> messages) {
          done = true;
          if (!messages)
            error = message_of(messages.error());
          else
            for (const Message& message : *messages) bodies += message.body;
        })) {}
  bool done = false;
  std::string bodies, error;
  std::uint64_t poll;
};

TEST(Queue, IsTheSameWhenItIsCreatedAgainAlike) {
  World world;
  world.create({{"VisibilityTimeout", "5"}});
  world.create({{"VisibilityTimeout", "5"}, {"DelaySeconds", "0"}});
  const auto other = world.service.create_queue(q, {{"VisibilityTimeout", "6"}}, {});
  ASSERT_FALSE(other);
  EXPECT_EQ(message_of(other.error()),
            "A queue already exists with the same name and a different value for attribute "
            "VisibilityTimeout");
}

TEST(Queue, IsRefusedByNameIfItIsFifoOrHasAKey) {
  World world;
  EXPECT_EQ(world.service.create_queue({"us-east-1", "q.fifo"}, {}, {}).error().code,
            ErrorCode::unsupported_operation);
  EXPECT_EQ(world.service.create_queue(q, {{"KmsMasterKeyId", "alias/x"}}, {}).error().code,
            ErrorCode::unsupported_operation);
  EXPECT_EQ(world.service.create_queue({"us-east-1", "a b"}, {}, {}).error().code,
            ErrorCode::invalid_parameter_value);
  EXPECT_EQ(world.service.create_queue(q, {{"Visibility", "1"}}, {}).error().code,
            ErrorCode::invalid_attribute_name);
  EXPECT_EQ(world.service.create_queue(q, {{"VisibilityTimeout", "43201"}}, {}).error().code,
            ErrorCode::invalid_attribute_value);
  EXPECT_EQ(world.service.create_queue(q, {{"Policy", "{"}}, {}).error().code,
            ErrorCode::invalid_attribute_value);
  EXPECT_TRUE(world.service.list_queues("us-east-1", "", "", 10).empty());
}

TEST(Queue, BelongsToItsRegion) {
  World world;
  world.create({}, {"eu-west-1", "q"});
  EXPECT_FALSE(world.service.get_queue(q));
  EXPECT_EQ(world.service.get_queue({"eu-west-1", "q"})->arn,
            "arn:aws:sqs:eu-west-1:000000000000:q");
}

TEST(Message, IsHiddenForItsVisibilityTimeoutAndComesAgain) {
  World world;
  world.create({{"VisibilityTimeout", "5"}});
  world.send("a");
  EXPECT_EQ(world.bodies(), "a");
  EXPECT_EQ(world.bodies(), "");
  EXPECT_EQ(world.attribute("ApproximateNumberOfMessagesNotVisible"), "1");
  world.pass(seconds(5));
  const auto again = world.receive();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].receive_count, 2u);
}

TEST(Message, IsGoneWhenItIsDeletedByItsLatestReceipt) {
  World world;
  world.create();
  world.send("a");
  const std::string old = world.receive({.visibility_timeout = 0}).at(0).receipt_handle;
  const std::string latest = world.receive().at(0).receipt_handle;
  EXPECT_EQ(outcome(world.service.delete_message(q, old)), "ok");
  EXPECT_EQ(world.attribute("ApproximateNumberOfMessagesNotVisible"), "1");
  EXPECT_EQ(outcome(world.service.delete_message(q, latest)), "ok");
  EXPECT_EQ(world.attribute("ApproximateNumberOfMessagesNotVisible"), "0");
  EXPECT_EQ(outcome(world.service.delete_message(q, "nonsense")), "ReceiptHandleIsInvalid");
}

TEST(Message, IsVisibleAsLongAsItsReceiverSays) {
  World world;
  world.create();
  world.send("a");
  const std::string handle = world.receive().at(0).receipt_handle;
  EXPECT_EQ(outcome(world.service.change_message_visibility(q, handle, 100)), "ok");
  world.pass(seconds(99));
  EXPECT_EQ(world.bodies(), "");
  EXPECT_EQ(outcome(world.service.change_message_visibility(q, handle, 0)), "ok");
  EXPECT_EQ(outcome(world.service.change_message_visibility(q, handle, 1)),
            "AWS.SimpleQueueService.MessageNotInflight");
  EXPECT_EQ(world.bodies(), "a");
}

TEST(Message, ComesInTheOrderOfSendingAfterItsDelay) {
  World world;
  world.create();
  world.send("late", 2);
  world.send("b");
  world.send("c");
  EXPECT_EQ(world.attribute("ApproximateNumberOfMessagesDelayed"), "1");
  EXPECT_EQ(world.bodies({.messages_max = 1}), "b");
  EXPECT_EQ(world.bodies(), "c");
  world.pass(seconds(2));
  EXPECT_EQ(world.bodies(), "late");
}

TEST(Message, GoesWhenItsRetentionIsOver) {
  World world;
  world.create({{"MessageRetentionPeriod", "60"}});
  world.send("a");
  world.pass(seconds(59));
  world.send("b");
  world.pass(seconds(1));
  EXPECT_EQ(world.bodies(), "b");
  world.pass(seconds(60));
  EXPECT_EQ(world.attribute("ApproximateNumberOfMessagesNotVisible"), "0");
}

TEST(Message, MovesToTheDeadLetterQueueWhenItWasReceivedTooOften) {
  World world;
  world.create({}, {"us-east-1", "dead"});
  const std::string policy =
      R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":"2"})";
  world.create({{"RedrivePolicy", policy}, {"VisibilityTimeout", "0"}});
  world.send("a");
  EXPECT_EQ(world.bodies(), "a");
  EXPECT_EQ(world.bodies(), "a");
  EXPECT_EQ(world.bodies(), "");
  EXPECT_EQ(
      world.service.get_queue_attributes({"us-east-1", "dead"})->at("ApproximateNumberOfMessages"),
      "1");
  EXPECT_EQ(outcome(world.service.set_queue_attributes(
                q, {{"RedrivePolicy", R"({"deadLetterTargetArn":"arn:x","maxReceiveCount":1})"}})),
            "InvalidParameterValue");
}

TEST(Message, IsRefusedIfItIsEmptyOrTooLongOrHoldsWhatXmlCannot) {
  World world;
  world.create({{"MaximumMessageSize", "1024"}});
  const auto sent = [&](const std::string& body) {
    return world.service.send_message(q, {.body = body}).map([](const Message&) {});
  };
  EXPECT_EQ(outcome(sent("")), "MissingParameter");
  EXPECT_EQ(outcome(sent(std::string(1024, 'x'))), "ok");
  EXPECT_EQ(outcome(sent(std::string(1025, 'x'))), "InvalidParameterValue");
  EXPECT_EQ(outcome(sent("a\x01")), "InvalidMessageContents");
  EXPECT_EQ(outcome(sent("\xEF\xBF\xBF")), "InvalidMessageContents");
  EXPECT_EQ(outcome(sent("\t\r\n \xF0\x9F\x98\x80")), "ok");
}

TEST(LongPoll, EndsWithTheMessageThatComes) {
  World world;
  world.create();
  Waiting first(world, {.wait_seconds = 20}), second(world, {.wait_seconds = 20});
  world.pass(seconds(7));
  EXPECT_FALSE(first.done);
  world.send("a");
  EXPECT_EQ(first.bodies, "a");
  EXPECT_FALSE(second.done);
  world.send("b");
  EXPECT_EQ(second.bodies, "b");
}

TEST(LongPoll, EndsEmptyWhenItsTimeIsOver) {
  World world;
  world.create({{"ReceiveMessageWaitTimeSeconds", "3"}});
  Waiting poll(world, {});
  world.pass(seconds(3) - Duration(1));
  EXPECT_FALSE(poll.done);
  world.pass(Duration(1));
  EXPECT_TRUE(poll.done);
  EXPECT_EQ(poll.bodies, "");
  EXPECT_TRUE(world.scheduler.is_idle()) << "nobody waits for a poll";
}

TEST(LongPoll, EndsWhenAMessageBecomesVisibleAgain) {
  World world;
  world.create({{"VisibilityTimeout", "2"}});
  world.send("a");
  world.receive();
  Waiting poll(world, {.wait_seconds = 20});
  world.pass(seconds(2));
  EXPECT_EQ(poll.bodies, "a");
}

TEST(LongPoll, TakesNoMessageOnceItIsCancelled) {
  World world;
  world.create();
  Waiting poll(world, {.wait_seconds = 20});
  world.service.cancel_poll(poll.poll);
  world.send("a");
  EXPECT_FALSE(poll.done);
  EXPECT_EQ(world.bodies(), "a");
  world.pass(seconds(30));
  EXPECT_FALSE(poll.done);
}

TEST(LongPoll, EndsWithItsQueue) {
  World world;
  world.create();
  Waiting poll(world, {.wait_seconds = 20});
  ASSERT_TRUE(world.service.delete_queue(q));
  EXPECT_EQ(poll.error, "The specified queue does not exist.");
}

TEST(Queue, AndItsMessagesAreThereAfterARestart) {
  const tests::TemporaryFolder folder;
  const std::string path = folder.path() + "/state.sqlite";
  {
    World world(path);
    world.create({{"VisibilityTimeout", "5"}});
    world.send("a");
    world.send("b");
    world.receive({.messages_max = 1});
  }
  World world(path);
  EXPECT_EQ(world.attribute("VisibilityTimeout"), "5");
  EXPECT_EQ(world.bodies(), "b");
  world.pass(seconds(5));
  EXPECT_EQ(world.bodies(), "a b");
}

TEST(QueuePolicy, LetsS3SendOnlyWhatItNames) {
  const std::string arn = "arn:aws:sqs:us-east-1:000000000000:q";
  const auto sends = [&](const std::string& statement) {
    return lets_s3_send(R"({"Statement":[)" + statement + "]}", arn,
                        {"arn:aws:s3:::one", "000000000000"});
  };
  const std::string base = R"("Effect":"Allow","Action":"sqs:SendMessage","Resource":"*")";
  const std::string s3 = R"("Principal":{"Service":"s3.amazonaws.com"},)" + base;
  EXPECT_TRUE(sends("{" + s3 + "}"));
  EXPECT_TRUE(sends(R"({"Principal":"*",)" + base + "}"));
  EXPECT_TRUE(sends(
      R"({"Principal":{"AWS":"*"},"Effect":"Allow","Action":["SQS:*"],"Resource":"arn:aws:sqs:*:*:q"})"));
  EXPECT_FALSE(sends(R"({"Principal":{"Service":"sns.amazonaws.com"},)" + base + "}"));
  EXPECT_FALSE(
      sends(R"({"Principal":"*","Effect":"Allow","Action":"sqs:ReceiveMessage","Resource":"*"})"));
  EXPECT_FALSE(sends(
      R"({"Principal":"*","Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:000000000000:p"})"));
  EXPECT_TRUE(sends(
      "{" + s3 +
      R"(,"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:one"},"StringEquals":{"aws:SourceAccount":"000000000000"}}})"));
  EXPECT_FALSE(
      sends("{" + s3 + R"(,"Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:s3:::two"}}})"));
  EXPECT_FALSE(sends("{" + s3 + R"(,"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}})"));
  const std::string insecure =
      R"({"Principal":"*","Effect":"Deny","Action":"sqs:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}})";
  EXPECT_TRUE(sends("{" + s3 + "}," + insecure));
  EXPECT_FALSE(
      sends("{" + s3 +
            R"(},{"Principal":"*","Effect":"Deny","Action":"sqs:SendMessage","Resource":"*"})"));
  EXPECT_FALSE(lets_s3_send("[]", arn, {"arn:aws:s3:::one", "000000000000"}));
}

// S3 with this queue as a destination.
struct WithS3 : World {
  explicit WithS3(ServiceOptions options = {}) : World(":memory:", std::move(options)) {
    s3.register_service("sqs", service);
    EXPECT_TRUE(s3.create_bucket("one"));
  }
  std::string notify(const std::string& queue = "q") {
    const s3::Notification rule{.id = "rule",
                                .kind = s3::TargetKind::queue,
                                .arn = "arn:aws:sqs:us-east-1:000000000000:" + queue,
                                .events = {"s3:ObjectCreated:*"}};
    const auto put = s3.put_bucket_notification_configuration("one", {.notifications = {rule}});
    scheduler.run_until_idle(hours(1));
    return put ? "ok" : put.error().details.at(1).second;
  }
  void put(const std::string& key) {
    ASSERT_TRUE(s3.put_object({.bucket = "one", .key = key}, "x"));
    scheduler.run_until_idle(hours(1));
  }

  sim::Faults faults{sim::Random(1, "faults"), trace};
  std::unique_ptr<s3::ObjectStore> store = s3::memory_store();
  s3::Service s3{*store, scheduler, trace, faults, sim::Random(1, "s3")};
};

TEST(EventsOfS3, ReachTheQueueAfterATestEvent) {
  WithS3 world;
  world.create();
  EXPECT_EQ(world.notify(), "ok");
  world.put("a b/c");
  const auto messages = world.receive();
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_TRUE(messages[0].body.starts_with(
      R"({"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-01-02T03:04:05.678Z","Bucket":"one",)"));
  EXPECT_NE(messages[1].body.find(R"("object":{"key":"a+b/c","size":1,)"), std::string::npos);
  EXPECT_TRUE(world.store->outbox()->empty());
}

TEST(EventsOfS3, AreAnnouncedOnlyToAQueueThatIsThereAndLetsThem) {
  WithS3 world;
  EXPECT_EQ(world.notify(), "The destination queue does not exist");
  world.create({{"Policy", R"({"Statement":[]})"}});
  EXPECT_EQ(world.notify(),
            "Permissions on the destination queue do not allow S3 to publish notifications from "
            "this bucket");
  ASSERT_TRUE(world.service.set_queue_attributes(q, {{"Policy", ""}}));
  EXPECT_EQ(world.notify(), "ok");
  WithS3 strict({.policy_required = true});
  strict.create();
  EXPECT_EQ(strict.notify(),
            "Permissions on the destination queue do not allow S3 to publish notifications from "
            "this bucket");
}

TEST(EventsOfS3, AreLostWithTheirQueue) {
  WithS3 world;
  world.create();
  EXPECT_EQ(world.notify(), "ok");
  ASSERT_TRUE(world.service.delete_queue(q));
  world.put("a");
  EXPECT_EQ(world.lines.back().kind, "lost");
  EXPECT_EQ(world.lines.back().field("why"), "The destination queue does not exist");
  EXPECT_TRUE(world.store->outbox()->empty());
}

}  // namespace
}  // namespace emulator::sqs
