#pragma once
// AWS Glue, as far as the chain needs it: jobs and job runs with MaxConcurrentRuns, run states and
// logs (lambda-glue.md section 5). What a run does is an Engine's business; the two merges of the
// design are job scripts of the native engine.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/result.h"
#include "emulator/s3/service.h"
#include "emulator/sim/fault.h"
#include "emulator/sim/random.h"
#include "emulator/sim/scheduler.h"
#include "emulator/sim/trace.h"
#include "emulator/sqlite/database.h"

namespace pipeline::glue {

using emulator::base::Duration;
using emulator::base::Instant;

using Arguments =
    std::map<std::string, std::string>;  // keys with their dashes: "--s3_target_path_key"

struct Job {
  std::string name = "glueCDC-pyspark";
  std::string script = "merge";  // of the native engine: "tutorial" or "merge"
  Arguments default_arguments =
      {};  // "--output" = "s3://bucket/prefix", "--primary_key" = "1" or "db.table=1,2;..."
  int max_concurrent_runs = 1;
  int max_retries = 0;
  Duration duration =
      std::chrono::seconds(30);  // virtual time a run takes: without it concurrency never shows
  std::optional<Duration> schedule = {};  // a trigger that starts the job this often: the sweep
};

enum class RunState { starting, running, stopping, stopped, succeeded, failed, timeout };
std::string_view run_state_text(RunState state);  // "SUCCEEDED"

struct JobRun {
  std::string id;  // jr_ + 64 hex
  std::string job_name;
  int attempt = 0;
  RunState state = RunState::starting;
  Arguments arguments;  // those of the call, not merged with the defaults
  Instant started_on{};
  std::optional<Instant> completed_on;
  std::string error_message;
  std::vector<std::string> output;  // the driver's stdout, /aws-glue/jobs/output
};

struct GlueError {
  std::string code;  // "ConcurrentRunsExceededException"
  std::string message;
};

// Runs a job's script. begin is called when the run starts, finish after job.duration of virtual
// time: a script that reads at the start and writes at the end overlaps with others as on AWS.
class Engine {
 public:
  struct Context {
    const Job& job;
    JobRun& run;
    Arguments arguments;  // merged: run's over the job's defaults
    emulator::s3::Service& s3;
    emulator::sim::Trace& trace;
    emulator::sim::Faults& faults;
    emulator::sim::Random& random;
  };
  // What a begun run holds until its end.
  class Work {
   public:
    virtual ~Work() = default;
    virtual emulator::base::Result<void> finish(Context& context) = 0;
  };
  virtual ~Engine() = default;
  virtual emulator::base::Result<std::unique_ptr<Work>> begin(Context& context) = 0;
};

class Service {
 public:
  // state: where runs are kept, so that those under way at a kill are run again (recover()).
  Service(Engine& engine, emulator::s3::Service& s3, emulator::sqlite::Database& state,
          emulator::sim::Scheduler& scheduler, emulator::sim::Trace& trace,
          emulator::sim::Faults& faults, emulator::sim::Random random);
  ~Service();

  tl::expected<void, GlueError> create_job(Job job);
  tl::expected<std::string, GlueError> start_job_run(const std::string& job_name,
                                                     const Arguments& arguments);
  // Something was put where the job's scheduled runs look. Until a run has begun after it, the
  // trigger's next tick is work to be awaited; else it is background: "idle" waits for a sweep that
  // has something to do, and for no other.
  void input_arrived(const std::string& job_name);
  void recover();
  std::vector<JobRun> job_runs(const std::string& job_name) const;  // newest first, as GetJobRuns

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The engine with the native scripts: "tutorial" and "merge".
std::unique_ptr<Engine> native_engine();

// Trace lines (actor "glue"): run_started{job,run,key?} refused{job,error}
// published{run,table,rows,files,location} run_succeeded{job,run,seconds}
// run_failed{job,run,error}. Crash points: glue.between_delete_and_write (tutorial),
// glue.before_publish (merge), glue.before_write.

}  // namespace pipeline::glue
