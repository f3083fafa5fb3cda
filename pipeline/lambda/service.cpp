#include "pipeline/lambda/service.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "emulator/base/check.h"
#include "emulator/base/json_document.h"
#include "emulator/base/text.h"
#include "emulator/base/time_text.h"

namespace pipeline::lambda {
namespace {

using emulator::sim::Cause;
using emulator::sim::EventId;
using emulator::sim::Field;

// "Error handling for asynchronous invocation": a minute before the second attempt, two before the
// third.
constexpr std::array retry_delays{Duration(std::chrono::minutes(1)),
                                  Duration(std::chrono::minutes(2))};
constexpr int memory_size_mb = 128;  // Lambda's default

// The key of the first record, for the trace; "" where the event is of another kind.
std::string event_key(const std::string& event_json) {
  static const nlohmann::json::json_pointer pointer("/Records/0/s3/object/key");
  auto event = emulator::base::read_json(event_json);
  if (event.is_discarded() || !event.contains(pointer) || !event[pointer].is_string()) return {};
  return event[pointer].get<std::string>();
}

std::string error_text(const Outcome& outcome) {
  if (outcome.error_message.empty()) return outcome.error_type;
  return fmt::format("{}: {}", outcome.error_type, outcome.error_message);
}

// 1234567 us -> "1234.57": hundredths of a millisecond, rounded, without a floating point number.
std::string milliseconds_text(Duration duration) {
  const std::int64_t hundredths = (duration.count() + 5) / 10;
  return fmt::format("{}.{:02}", hundredths / 100, hundredths % 100);
}

}  // namespace

struct Service::Impl {
  // An event on its way through its attempts.
  struct Event {
    std::string request_id;
    std::string json;
    std::string key;
    Instant accepted{};
    int attempt = 0;
    std::function<void()> done;
  };
  // What AWS calls an execution environment: serves one invocation at a time, and owns a log
  // stream.
  struct Environment {
    std::string stream;
    bool busy = false;
  };
  struct Entry final : emulator::s3::EventDestination {
    void deliver(const emulator::s3::OutboxEvent& event, std::function<void()> done) override {
      service->invoke(*this, event.record_json, std::move(done));
    }
    Impl* service = nullptr;
    Function function;
    std::unique_ptr<Handler> handler;
    std::vector<Environment> environments;
    FunctionStatistics statistics;
    std::vector<LogLine> log;
    std::vector<DeadLetter> dead_letters;
  };

  Entry& entry(const std::string& name) const {
    auto found = functions.find(name);
    CHECK(found != functions.end());
    return *found->second;
  }

  std::size_t take_environment(Entry& entry) {
    auto& all = entry.environments;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].busy) continue;
      all[i].busy = true;
      return i;
    }
    const auto day = emulator::base::civil(scheduler.now());
    all.push_back(
        {fmt::format("{:04}/{:02}/{:02}/[$LATEST]{}", day.year, day.month, day.day, random.hex(32)),
         true});
    return all.size() - 1;
  }

  void invoke(Entry& entry, std::string event_json, std::function<void()> done) {
    auto event = std::make_shared<Event>();
    event->request_id = random.uuid();
    event->key = event_key(event_json);
    event->json = std::move(event_json);
    event->accepted = scheduler.now();
    event->done = std::move(done);
    ++entry.statistics.events;
    attempt(entry, event);
  }

  void attempt(Entry& entry, const std::shared_ptr<Event>& event) {
    ++event->attempt;
    ++entry.statistics.invocations;
    Cause scope(scheduler, trace.record("lambda", "invoke",
                                        {{"function", entry.function.name},
                                         {"request_id", event->request_id},
                                         {"attempt", event->attempt},
                                         {"key", event->key}}));
    const std::size_t environment = take_environment(entry);
    auto log = [this, &entry, environment](std::string line) {
      entry.log.push_back(
          {scheduler.now(), entry.environments[environment].stream, std::move(line)});
    };
    log(fmt::format("START RequestId: {} Version: $LATEST", event->request_id));
    const Handler::Invocation invocation{event->request_id, event->json, event->attempt, log};
    entry.handler->handle(invocation,
                          [this, &entry, event, environment, log, started = scheduler.now(),
                           answered = std::make_shared<bool>(false)](Outcome outcome) {
                            CHECK(!*answered);
                            *answered = true;
                            if (!outcome.ok) log(fmt::format("[ERROR] {}", error_text(outcome)));
                            log(fmt::format("END RequestId: {}", event->request_id));
                            log(report(event->request_id, scheduler.now() - started));
                            entry.environments[environment].busy = false;
                            if (outcome.ok)
                              succeeded(entry, *event, outcome);
                            else
                              failed(entry, event, outcome);
                          });
  }

  static std::string report(const std::string& request_id, Duration duration) {
    const std::int64_t billed = std::max<std::int64_t>(1, (duration.count() + 999) / 1000);
    return fmt::format(
        "REPORT RequestId: {}\tDuration: {} ms\tBilled Duration: {} ms\tMemory Size: {} MB\tMax "
        "Memory Used: {} MB\t",
        request_id, milliseconds_text(duration), billed, memory_size_mb, memory_size_mb);
  }

  void succeeded(Entry& entry, Event& event, const Outcome& outcome) {
    ++entry.statistics.succeeded;
    trace.record("lambda", "succeeded",
                 {{"function", entry.function.name},
                  {"request_id", event.request_id},
                  {"result", outcome.payload}});
    finish(event);
  }

  void failed(Entry& entry, const std::shared_ptr<Event>& event, const Outcome& outcome) {
    ++entry.statistics.errors;
    const std::optional<Duration> retry_in = next_delay(entry.function, *event);
    std::vector<Field> fields{{"function", entry.function.name},
                              {"request_id", event->request_id},
                              {"attempt", event->attempt},
                              {"error", error_text(outcome)}};
    if (retry_in) fields.emplace_back("retry_in", emulator::base::duration_text(*retry_in));
    Cause scope(scheduler, trace.record("lambda", "failed", std::move(fields)));
    if (retry_in) {
      scheduler.after(*retry_in, "lambda.retry", [this, &entry, event] { attempt(entry, event); });
      return;
    }
    ++entry.statistics.dead_letters;
    entry.dead_letters.push_back(
        {event->request_id, event->json, outcome.error_type, outcome.error_message});
    trace.record("lambda", "dead_letter",
                 {{"function", entry.function.name},
                  {"request_id", event->request_id},
                  {"key", event->key},
                  {"error", error_text(outcome)}});
    finish(*event);
  }

  std::optional<Duration> next_delay(const Function& function, const Event& event) const {
    if (event.attempt > function.maximum_retry_attempts) return std::nullopt;
    const std::size_t index =
        std::min<std::size_t>(static_cast<std::size_t>(event.attempt), retry_delays.size()) - 1;
    const Duration delay = retry_delays[index];
    if (scheduler.now() + delay - event.accepted > function.maximum_event_age) return std::nullopt;
    return delay;
  }

  static void finish(Event& event) {
    if (event.done) std::exchange(event.done, {})();
  }

  emulator::sim::Scheduler& scheduler;
  emulator::sim::Trace& trace;
  emulator::sim::Random random;
  std::string region;
  std::string account;
  std::map<std::string, std::unique_ptr<Entry>> functions;
};

Service::Service(emulator::sim::Scheduler& scheduler, emulator::sim::Trace& trace,
                 emulator::sim::Random random, std::string region, std::string account)
    : impl_(new Impl{scheduler, trace, random, std::move(region), std::move(account), {}}) {}
Service::~Service() = default;

std::string Service::create_function(Function function, std::unique_ptr<Handler> handler) {
  auto entry = std::make_unique<Impl::Entry>();
  entry->service = impl_.get();
  entry->function = std::move(function);
  entry->handler = std::move(handler);
  const std::string name = entry->function.name;
  const bool is_new = impl_->functions.try_emplace(name, std::move(entry)).second;
  CHECK(is_new);
  return fmt::format("arn:aws:lambda:{}:{}:function:{}", impl_->region, impl_->account, name);
}

emulator::s3::EventDestination& Service::destination(const std::string& name) {
  return impl_->entry(name);
}

void Service::invoke_async(const std::string& name, std::string event_json,
                           std::function<void()> done) {
  impl_->invoke(impl_->entry(name), std::move(event_json), std::move(done));
}

const FunctionStatistics& Service::statistics(const std::string& name) const {
  return impl_->entry(name).statistics;
}
const std::vector<Service::LogLine>& Service::log(const std::string& name) const {
  return impl_->entry(name).log;
}
const std::vector<Service::DeadLetter>& Service::dead_letters(const std::string& name) const {
  return impl_->entry(name).dead_letters;
}

}  // namespace pipeline::lambda
