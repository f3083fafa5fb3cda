#include "pipeline/lambda/start_job_handler.h"

#include <gtest/gtest.h>

#include <optional>

namespace pipeline::lambda {
namespace {

// Glue whose runs do nothing for half a minute.
class IdleEngine final : public glue::Engine {
  struct Idle final : Work {
    emulator::base::Result<void> finish(Context&) override { return {}; }
  };

 public:
  emulator::base::Result<std::unique_ptr<Work>> begin(Context&) override {
    return std::make_unique<Idle>();
  }
};

struct Chain {
  explicit Chain(StartJobHandlerOptions options = {}) {
    EXPECT_TRUE(glue.create_job({}));
    EXPECT_TRUE(s3.create_bucket("input"));
    const std::string arn = lambda.create_function(
        {.name = "cdc"}, start_job_handler(std::move(options), glue, scheduler, faults, trace));
    s3.register_destination(arn, lambda.destination("cdc"));
    emulator::s3::Notification rule{
        .id = "rule", .arn = arn, .events = {"s3:ObjectCreated:*"}, .prefix = {}, .suffix = {}};
    EXPECT_TRUE(s3.put_bucket_notification_configuration("input", {{rule}, false}));
  }
  void put(const std::string& key) {
    ASSERT_TRUE(s3.put_object({.bucket = "input", .key = key}, "x"));
  }
  void fault(const std::string& kind) {
    emulator::sim::Fault f;
    f.link = "glue.start_job_run";
    f.kind = kind;
    ASSERT_TRUE(faults.set(f));
  }
  void settle() { ASSERT_TRUE(scheduler.run_until_idle(std::chrono::hours(1))); }
  std::vector<glue::JobRun> runs() { return glue.job_runs("glueCDC-pyspark"); }
  const FunctionStatistics& statistics() { return lambda.statistics("cdc"); }
  std::size_t undelivered() { return store->outbox()->size(); }

  emulator::sim::RandomStreams random{1};
  emulator::sim::Scheduler scheduler{*emulator::base::parse_instant("2026-01-01T00:00:00Z")};
  emulator::sim::Trace trace{scheduler};
  emulator::sim::Faults faults{random.stream("faults"), trace};
  std::unique_ptr<emulator::s3::ObjectStore> store = emulator::s3::memory_store();
  emulator::s3::Service s3{*store, scheduler, trace, faults, random.stream("s3")};
  emulator::sqlite::Database state = *emulator::sqlite::Database::open(":memory:");
  IdleEngine engine;
  glue::Service glue{engine, s3, state, scheduler, trace, faults, random.stream("glue")};
  Service lambda{scheduler, trace, random.stream("lambda")};
};

TEST(StartJobHandler, StartsARunWithBucketAndKeyOfTheFirstRecord) {
  Chain c;
  c.put("shop/people/LOAD00000001.csv");
  c.settle();
  ASSERT_EQ(c.runs().size(), 1u);
  EXPECT_EQ(c.runs()[0].arguments,
            (glue::Arguments{{"--s3_target_path_bucket", "input"},
                             {"--s3_target_path_key", "shop/people/LOAD00000001.csv"}}));
  EXPECT_EQ(c.statistics().succeeded, 1u);
  EXPECT_EQ(c.undelivered(), 0u);
  EXPECT_EQ(c.lambda.log("cdc")[1].text, "input shop/people/LOAD00000001.csv");
}

TEST(StartJobHandler, PassesTheKeyOnEncodedUnlessToldToDecodeIt) {
  Chain raw;
  raw.put("my shop/people/a+b.csv");
  raw.settle();
  EXPECT_EQ(raw.runs()[0].arguments.at("--s3_target_path_key"), "my+shop/people/a%2Bb.csv");
  Chain decoding({.decode_key = true});
  decoding.put("my shop/people/a+b.csv");
  decoding.settle();
  EXPECT_EQ(decoding.runs()[0].arguments.at("--s3_target_path_key"), "my shop/people/a+b.csv");
}

TEST(StartJobHandler, IsRetriedByLambdaWhenGlueRefuses) {
  Chain c;
  c.put("a.csv");
  c.put("b.csv");
  c.settle();
  EXPECT_EQ(c.runs().size(), 2u);
  EXPECT_EQ(c.statistics().errors, 1u);
  EXPECT_EQ(c.statistics().succeeded, 2u);
  EXPECT_EQ(c.undelivered(), 0u);
  bool seen = false;
  for (const auto& line : c.lambda.log("cdc"))
    seen = seen || line.text ==
                       "[ERROR] ConcurrentRunsExceededException: An error occurred "
                       "(ConcurrentRunsExceededException) when calling "
                       "the StartJobRun operation: Concurrent runs exceeded for glueCDC-pyspark";
  EXPECT_TRUE(seen);
}

TEST(StartJobHandler, LosesTheEventWhenTheJobRunsLongerThanTheRetries) {
  Chain c;
  glue::Job slow;
  slow.name = "slow";
  slow.duration = std::chrono::minutes(10);
  ASSERT_TRUE(c.glue.create_job(slow));
  c.lambda.create_function({.name = "late"}, start_job_handler({.job_name = "slow"}, c.glue,
                                                               c.scheduler, c.faults, c.trace));
  const std::string event =
      R"({"Records":[{"s3":{"bucket":{"name":"input"},"object":{"key":"a"}}}]})";
  c.lambda.invoke_async("late", event, {});
  c.lambda.invoke_async("late", event, {});
  c.settle();
  ASSERT_EQ(c.lambda.dead_letters("late").size(), 1u);
  EXPECT_EQ(c.lambda.dead_letters("late")[0].error_type, "ConcurrentRunsExceededException");
}

TEST(StartJobHandler, StartsASecondRunWhenOnlyTheAnswerWasLost) {
  Chain c;
  c.fault("fail_after");
  c.put("a.csv");
  c.settle();
  EXPECT_EQ(c.runs().size(), 2u);
  EXPECT_EQ(c.statistics().errors, 1u);
}

TEST(StartJobHandler, StartsOneRunWhenTheRequestWasLost) {
  Chain c;
  c.fault("fail_before");
  c.put("a.csv");
  c.settle();
  EXPECT_EQ(c.runs().size(), 1u);
  EXPECT_EQ(c.statistics().errors, 1u);
}

TEST(StartJobHandler, FailsAsPythonDoesOnAnEventOfAnotherShape) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {R"({"Service":"Amazon S3","Event":"s3:TestEvent"})", "KeyError: 'Records'"},
      {R"({"Records":[]})", "IndexError: list index out of range"},
      {R"({"Records":[{"s3":{}}]})", "KeyError: 'bucket'"},
      {R"({"Records":[{"s3":{"bucket":{"name":"b"},"object":{}}}]})", "KeyError: 'key'"},
      {R"([1])", "TypeError: 'array' object is not subscriptable"},
      {R"({"Records":[{"s3":{"bucket":{"name":7}}}]})", "TypeError: expected a string"},
      {"no json", "Runtime.UnmarshalError: the event is no JSON"},
  };
  for (const auto& [event, message] : wrong) {
    Chain c;
    c.lambda.invoke_async("cdc", event, {});
    c.settle();
    const auto& letters = c.lambda.dead_letters("cdc");
    ASSERT_EQ(letters.size(), 1u);
    EXPECT_EQ(letters[0].error_type + ": " + letters[0].error_message, message);
    EXPECT_TRUE(c.runs().empty());
  }
}

}  // namespace
}  // namespace pipeline::lambda
