#pragma once
// What a test of S3 needs: a Service on a memory store with its own time, chance and trace, and
// destinations that remember.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "emulator/s3/service.h"

namespace emulator::s3 {

struct Inbox final : EventDestination {
  void deliver(const OutboxEvent& event, std::function<void()> done) override {
    events.push_back(event);
    if (answers) done();
  }
  std::vector<OutboxEvent> events;
  bool answers = true;
};

inline constexpr const char* function_arn = "arn:aws:lambda:us-east-1:000000000000:function:cdc";

struct World {
  World() {
    trace.listen([this](const sim::TraceLine& line) { lines.push_back(line); });
    service.register_destination(function_arn, inbox);
  }

  Bucket bucket(const std::string& name) { return service.create_bucket(name).value(); }
  PutObjectOutput put(const std::string& bucket_name, const std::string& key,
                      std::string_view body = "x") {
    return service.put_object({.bucket = bucket_name, .key = key}, body).value();
  }
  // One function for these events, prefix and suffix.
  void notify(const std::string& bucket_name, std::vector<std::string> events,
              std::string prefix = {}, std::string suffix = {}) {
    Notification notification{.id = "rule",
                              .kind = TargetKind::function,
                              .arn = function_arn,
                              .events = std::move(events),
                              .prefix = std::move(prefix),
                              .suffix = std::move(suffix)};
    const auto done =
        service.put_bucket_notification_configuration(bucket_name, {{notification}, false});
    ASSERT_TRUE(done.has_value()) << done.error().text();
  }
  void run() { scheduler.run_until_idle(std::chrono::hours(1)); }
  // "put key=a cause=0; event key=a cause=1": the trace of S3 from a line on.
  std::string story(std::size_t from = 0) const {
    std::string out;
    for (std::size_t i = from; i < lines.size(); ++i) {
      if (lines[i].actor != "s3") continue;
      if (!out.empty()) out += "; ";
      out += lines[i].kind + " " + std::string(lines[i].field("key"));
    }
    return out;
  }

  sim::Scheduler scheduler{base::parse_instant("2026-01-02T03:04:05.678Z").value()};
  sim::Trace trace{scheduler};
  sim::Faults faults{sim::Random(1, "faults"), trace};
  std::unique_ptr<ObjectStore> store = memory_store();
  Service service{*store, scheduler, trace, faults, sim::Random(1, "s3")};
  Inbox inbox;
  std::vector<sim::TraceLine> lines;
};

// "a b/ c" of a listing: keys and prefixes, each in their order.
inline std::string describe(const ListObjectsOutput& output) {
  std::string out;
  for (const ListedObject& object : output.objects) out += object.key + " ";
  for (const std::string& prefix : output.common_prefixes) out += "[" + prefix + "] ";
  if (output.truncated) out += "... ";
  if (!out.empty()) out.pop_back();
  return out;
}

template <class T>
std::string outcome(const Result<T>& result) {
  return result ? "ok" : std::string(error_row(result.error().code).name);
}

}  // namespace emulator::s3
