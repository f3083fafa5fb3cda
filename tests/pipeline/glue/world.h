#pragma once
// A Glue with its S3 in memory, two buckets ("input", "out") and one job, for tests.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "emulator/s3/service.h"
#include "emulator/sim/fault.h"
#include "emulator/sqlite/database.h"
#include "pipeline/glue/output.h"
#include "pipeline/glue/service.h"

namespace pipeline::glue {

inline const Instant world_start = *emulator::base::parse_instant("2026-01-01T00:00:00Z");

inline Job job_of(std::string script) {
  Job job;
  job.name = "job";
  job.script = std::move(script);
  job.default_arguments = {{"--output", "s3://out/output"}, {"--s3_target_path_bucket", "input"}};
  return job;
}

struct World {
  explicit World(Job job, std::uint64_t seed = 1)
      : random(seed),
        store(emulator::s3::memory_store()),
        s3(*store, scheduler, trace, faults, random.stream("s3")),
        state(*emulator::sqlite::Database::open(":memory:")),
        engine(native_engine()) {
    EXPECT_TRUE(s3.create_bucket("input"));
    EXPECT_TRUE(s3.create_bucket("out"));
    glue = make_glue(std::move(job));
  }

  std::unique_ptr<Service> make_glue(Job job) {
    auto made = std::make_unique<Service>(*engine, s3, state, scheduler, trace, faults,
                                          random.stream("glue"));
    EXPECT_TRUE(made->create_job(std::move(job)));
    return made;
  }

  void put(const std::string& key, std::string_view text) {
    scheduler.advance_by(std::chrono::milliseconds(7));
    ASSERT_TRUE(s3.put_object({.bucket = "input", .key = key}, text));
  }
  void remove(const std::string& key, const std::string& bucket = "input") {
    ASSERT_TRUE(s3.delete_object({.bucket = bucket, .key = key}));
  }

  // What the handler does with an event; "" or Glue's error code.
  std::string start(const std::string& key, Arguments arguments = {}) {
    arguments["--s3_target_path_key"] = key;
    auto started = glue->start_job_run("job", arguments);
    return started ? "" : started.error().code;
  }
  void settle() { ASSERT_TRUE(scheduler.run_until_idle(std::chrono::hours(1))); }
  // One run to its end: "SUCCEEDED" or "FAILED: <message>".
  std::string run(const std::string& key = "", Arguments arguments = {}) {
    const std::string refused = start(key, std::move(arguments));
    if (!refused.empty()) return refused;
    settle();
    return last();
  }
  std::string last() const {
    const JobRun run = glue->job_runs("job").front();
    return std::string(run_state_text(run.state)) +
           (run.error_message.empty() ? "" : ": " + run.error_message);
  }
  // put and run.
  std::string arrive(const std::string& key, std::string_view text) {
    put(key, text);
    return run(key);
  }
  void crash_at(const std::string& point, std::int64_t skip = 0) {
    emulator::sim::Fault fault;
    fault.link = point;
    fault.kind = "crash";
    fault.skip = skip;
    ASSERT_TRUE(faults.set(fault));
  }

  // Rows sorted, "1,A,x|2,B,y"; or "error: ...".
  std::string rows(const std::string& uri = "s3://out/output") {
    auto table = read_output(s3, uri);
    if (!table) return "error: " + table.error().text();
    std::vector<std::string> lines;
    for (const auto& row : table->rows) {
      std::string line;
      for (const auto& field : row) line += (line.empty() ? "" : ",") + field.text;
      lines.push_back(line);
    }
    std::sort(lines.begin(), lines.end());
    std::string out;
    for (const std::string& line : lines) out += (out.empty() ? "" : "|") + line;
    return out;
  }
  std::vector<std::string> keys(const std::string& bucket) {
    std::vector<std::string> out;
    auto listed = s3.list_objects({.bucket = bucket});
    EXPECT_TRUE(listed);
    for (const auto& object : listed->objects) out.push_back(object.key);
    return out;
  }
  std::string text(const std::string& bucket, const std::string& key) {
    auto got = s3.get_object(bucket, key);
    return got ? got->read_all() : "error: " + got.error().text();
  }

  emulator::sim::RandomStreams random;
  emulator::sim::Scheduler scheduler{world_start};
  emulator::sim::Trace trace{scheduler};
  emulator::sim::Faults faults{random.stream("faults"), trace};
  std::unique_ptr<emulator::s3::ObjectStore> store;
  emulator::s3::Service s3;
  emulator::sqlite::Database state;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Service> glue;
};

inline const std::string folder = "shop/people/";

}  // namespace pipeline::glue
