#include "pipeline/lambda/service.h"

#include <gtest/gtest.h>

#include <deque>

namespace pipeline::lambda {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const Instant start = *emulator::base::parse_instant("2026-01-02T03:04:05Z");
const std::string event =
    R"({"Records":[{"s3":{"bucket":{"name":"in"},"object":{"key":"a/b.csv"}}}]})";

Outcome error(std::string type, std::string message) {
  Outcome outcome;
  outcome.ok = false;
  outcome.error_type = std::move(type);
  outcome.error_message = std::move(message);
  return outcome;
}

// Answers as told, after `takes`; remembers what it was called with.
struct Script {
  std::deque<Outcome> outcomes;  // then successes
  Duration takes{};
  std::vector<std::string> calls;  // "03:04:05 attempt 1 <request id>"
};
class ScriptedHandler final : public Handler {
 public:
  ScriptedHandler(Script& script, emulator::sim::Scheduler& scheduler)
      : script_(script), scheduler_(scheduler) {}
  void handle(const Invocation& invocation, std::function<void(Outcome)> done) override {
    script_.calls.push_back(emulator::base::sql_time(scheduler_.now(), 0).substr(11) + " attempt " +
                            std::to_string(invocation.attempt) + " " + invocation.request_id);
    invocation.log("hello");
    Outcome outcome;
    if (!script_.outcomes.empty()) {
      outcome = script_.outcomes.front();
      script_.outcomes.pop_front();
    }
    if (script_.takes == Duration::zero()) return done(outcome);
    scheduler_.after(script_.takes, "handler",
                     [done = std::move(done), outcome] { done(outcome); });
  }

 private:
  Script& script_;
  emulator::sim::Scheduler& scheduler_;
};

struct Lambda {
  explicit Lambda(Function function = {.name = "cdc"}) {
    trace.listen([this](const emulator::sim::TraceLine& line) {
      story.push_back(line.kind + std::string(line.field("retry_in").empty() ? "" : " ") +
                      std::string(line.field("retry_in")));
    });
    arn = service.create_function(std::move(function),
                                  std::make_unique<ScriptedHandler>(script, scheduler));
  }
  void invoke() {
    service.invoke_async("cdc", event, [this] { ++done; });
  }
  void settle() { ASSERT_TRUE(scheduler.run_until_idle(std::chrono::hours(24))); }

  emulator::sim::Scheduler scheduler{start};
  emulator::sim::Trace trace{scheduler};
  Script script;
  Service service{scheduler, trace, emulator::sim::Random(1, "lambda")};
  std::vector<std::string> story;
  std::string arn;
  int done = 0;
};

TEST(Function, HasAnArn) {
  EXPECT_EQ(Lambda().arn, "arn:aws:lambda:us-east-1:000000000000:function:cdc");
}

TEST(Invocation, ThatSucceedsIsDoneAtOnce) {
  Lambda l;
  l.invoke();
  EXPECT_EQ(l.done, 1);
  EXPECT_EQ(l.service.statistics("cdc").succeeded, 1u);
  EXPECT_EQ(l.story, (std::vector<std::string>{"invoke", "succeeded"}));
}

TEST(Invocation, IsRetriedAfterOneAndTwoMinutesWithTheSameRequestId) {
  Lambda l;
  l.script.outcomes = {error("KeyError", "'Records'"), error("KeyError", "'Records'")};
  l.invoke();
  EXPECT_EQ(l.done, 0);
  l.settle();
  ASSERT_EQ(l.script.calls.size(), 3u);
  const std::string id = l.script.calls[0].substr(19);
  EXPECT_EQ(id.size(), 36u);
  EXPECT_EQ(l.script.calls,
            (std::vector<std::string>{"03:04:05 attempt 1 " + id, "03:05:05 attempt 2 " + id,
                                      "03:07:05 attempt 3 " + id}));
  EXPECT_EQ(l.done, 1);
  EXPECT_EQ(l.story, (std::vector<std::string>{"invoke", "failed 1m", "invoke", "failed 2m",
                                               "invoke", "succeeded"}));
  EXPECT_EQ(l.service.statistics("cdc").invocations, 3u);
  EXPECT_EQ(l.service.statistics("cdc").errors, 2u);
}

TEST(Invocation, ThatFailsThreeTimesBecomesADeadLetterAndIsDone) {
  Lambda l;
  for (int i = 0; i < 3; ++i) l.script.outcomes.push_back(error("KeyError", "'Records'"));
  l.invoke();
  l.settle();
  EXPECT_EQ(l.done, 1);
  const auto& letters = l.service.dead_letters("cdc");
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].event_json, event);
  EXPECT_EQ(letters[0].error_type, "KeyError");
  EXPECT_EQ(l.story.back(), "dead_letter");
  EXPECT_EQ(l.service.statistics("cdc").dead_letters, 1u);
  EXPECT_EQ(l.service.statistics("cdc").succeeded, 0u);
}

TEST(Invocation, IsNotRetriedMoreOftenThanTheFunctionSays) {
  Lambda l({.name = "cdc", .maximum_retry_attempts = 0});
  l.script.outcomes = {error("E", "")};
  l.invoke();
  EXPECT_EQ(l.done, 1);
  EXPECT_EQ(l.service.dead_letters("cdc").size(), 1u);
}

TEST(Invocation, IsGivenUpWhenItsRetryWouldBeTooOld) {
  Lambda l({.name = "cdc", .maximum_event_age = minutes(2)});
  for (int i = 0; i < 3; ++i) l.script.outcomes.push_back(error("E", ""));
  l.invoke();
  l.settle();
  EXPECT_EQ(l.script.calls.size(), 2u);
  EXPECT_EQ(l.service.dead_letters("cdc").size(), 1u);
}

TEST(Log, HasStartWhatWasPrintedEndAndReportInOneStreamOfTheEnvironment) {
  Lambda l;
  l.script.takes = Duration(12345);
  l.script.outcomes = {error("KeyError", "'Records'")};
  l.invoke();
  l.scheduler.advance_by(seconds(1));
  const auto& log = l.service.log("cdc");
  ASSERT_EQ(log.size(), 5u);
  const std::string id = l.script.calls[0].substr(19);
  EXPECT_EQ(log[0].text, "START RequestId: " + id + " Version: $LATEST");
  EXPECT_EQ(log[1].text, "hello");
  EXPECT_EQ(log[2].text, "[ERROR] KeyError: 'Records'");
  EXPECT_EQ(log[3].text, "END RequestId: " + id);
  EXPECT_EQ(log[4].text, "REPORT RequestId: " + id +
                             "\tDuration: 12.35 ms\tBilled Duration: 13 ms\tMemory Size: 128 "
                             "MB\tMax Memory Used: 128 MB\t");
  EXPECT_EQ(log[4].at, start + Duration(12345));
  EXPECT_EQ(log[0].stream.substr(0, 20), "2026/01/02/[$LATEST]");
  EXPECT_EQ(log[0].stream.size(), 52u);
  EXPECT_EQ(log[4].stream, log[0].stream);
}

TEST(Log, HasAStreamForEachOfTwoInvocationsAtOnceAndReusesThem) {
  Lambda l;
  l.script.takes = seconds(1);
  l.invoke();
  l.invoke();
  l.settle();
  l.invoke();
  l.settle();
  const auto& log = l.service.log("cdc");
  EXPECT_NE(log[0].stream, log[2].stream);
  EXPECT_EQ(log.back().stream, log[0].stream);
}

TEST(Destination, AcknowledgesOnceTheEventHasReachedItsEnd) {
  Lambda l;
  l.script.outcomes = {error("E", "")};
  emulator::s3::OutboxEvent outbox;
  outbox.record_json = event;
  int acknowledged = 0;
  l.service.destination("cdc").deliver(outbox, [&] { ++acknowledged; });
  EXPECT_EQ(acknowledged, 0);
  l.settle();
  EXPECT_EQ(acknowledged, 1);
}

TEST(Invocation, CarriesTheCauseToItsRetries) {
  Lambda l;
  std::vector<emulator::sim::TraceLine> lines;
  l.trace.listen([&](const emulator::sim::TraceLine& line) { lines.push_back(line); });
  l.script.outcomes = {error("E", "")};
  l.invoke();
  l.settle();
  ASSERT_EQ(lines.size(), 4u);  // invoke, failed, invoke, succeeded
  for (std::size_t i = 1; i < lines.size(); ++i) EXPECT_EQ(lines[i].cause, lines[i - 1].id);
  EXPECT_EQ(lines[0].field("key"), "a/b.csv");
}

}  // namespace
}  // namespace pipeline::lambda
