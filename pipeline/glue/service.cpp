#include "pipeline/glue/service.h"

#include <fmt/format.h>

#include "pipeline/glue/run_store.h"

namespace pipeline::glue {
namespace {

using emulator::sim::Cause;
using emulator::sim::Field;

constexpr std::string_view key_argument = "--s3_target_path_key";

bool is_under_way(const JobRun& run) { return !run.completed_on; }

// AWS names the retry of a run after the run: jr_..._attempt_1.
std::string retry_id(const JobRun& run) {
  return fmt::format("{}_attempt_{}", run.id.substr(0, run.id.find("_attempt_")), run.attempt + 1);
}

}  // namespace

struct Service::Impl {
  Engine::Context context(JobRun& run) {
    const Job& job = jobs.at(run.job_name);
    Arguments merged = run.arguments;
    merged.insert(job.default_arguments.begin(), job.default_arguments.end());
    return {job, run, std::move(merged), s3, trace, faults, random};
  }

  int runs_under_way(const std::string& job_name) const {
    int count = 0;
    for (const auto& run : runs) count += run->job_name == job_name && is_under_way(*run);
    return count;
  }

  // The state database is beside the stores: when it cannot be written, a restart forgets the run,
  // and the story says so.
  void save(const JobRun& run) {
    if (auto saved = store.save(run); !saved)
      trace.record(
          "glue", "warning",
          {{"run", run.id}, {"message", "the run's state was not saved: " + saved.error().text()}});
  }

  JobRun& add_run(std::string id, std::string job_name, Arguments arguments, int attempt) {
    auto run = std::make_unique<JobRun>();
    run->id = std::move(id);
    run->job_name = std::move(job_name);
    run->arguments = std::move(arguments);
    run->attempt = attempt;
    run->started_on = scheduler.now();
    runs.push_back(std::move(run));
    save(*runs.back());
    return *runs.back();
  }

  // One job run from STARTING on; also again after a restart.
  void launch(JobRun& run) {
    std::vector<Field> fields{{"job", run.job_name}, {"run", run.id}};
    if (auto key = run.arguments.find(std::string(key_argument)); key != run.arguments.end())
      fields.emplace_back("key", key->second);
    if (run.attempt > 0) fields.emplace_back("attempt", run.attempt);
    Cause scope(scheduler, trace.record("glue", "run_started", std::move(fields)));
    scheduler.after(Duration::zero(), "glue.begin", [this, &run] { begin(run); });
  }

  void begin(JobRun& run) {
    run.state = RunState::running;
    save(run);
    await_tick(run.job_name, Kind::background);  // this run sees all that is there now
    Engine::Context begun = context(run);
    auto work = engine.begin(begun);
    if (!work) return failed(run, work.error());
    // shared: a task must be copyable.
    std::shared_ptr<Engine::Work> shared = std::move(*work);
    scheduler.after(begun.job.duration, "glue.finish",
                    [this, &run, shared] { finish(run, *shared); });
  }

  void finish(JobRun& run, Engine::Work& work) {
    Engine::Context ending = context(run);
    auto finished = work.finish(ending);
    if (!finished) return failed(run, finished.error());
    complete(run, RunState::succeeded);
    trace.record("glue", "run_succeeded",
                 {{"job", run.job_name}, {"run", run.id}, {"seconds", seconds(run)}});
  }

  void failed(JobRun& run, const emulator::base::Error& error) {
    run.error_message = error.text();
    complete(run, RunState::failed);
    Cause scope(
        scheduler,
        trace.record("glue", "run_failed",
                     {{"job", run.job_name}, {"run", run.id}, {"error", run.error_message}}));
    if (run.attempt < jobs.at(run.job_name).max_retries)
      launch(add_run(retry_id(run), run.job_name, run.arguments, run.attempt + 1));
  }

  void complete(JobRun& run, RunState state) {
    run.state = state;
    run.completed_on = scheduler.now();
    save(run);
  }

  static std::int64_t seconds(const JobRun& run) {
    return std::chrono::duration_cast<std::chrono::seconds>(*run.completed_on - run.started_on)
        .count();
  }

  tl::expected<std::string, GlueError> refuse(const std::string& job_name, GlueError error) {
    trace.record("glue", "refused", {{"job", job_name}, {"error", error.code}});
    return tl::unexpected(std::move(error));
  }

  tl::expected<std::string, GlueError> start(const std::string& job_name,
                                             const Arguments& arguments) {
    auto found = jobs.find(job_name);
    if (found == jobs.end())
      return refuse(job_name,
                    {"EntityNotFoundException", "Failed to start job run due to missing metadata"});
    if (runs_under_way(job_name) >= found->second.max_concurrent_runs)
      return refuse(job_name, {"ConcurrentRunsExceededException",
                               "Concurrent runs exceeded for " + job_name});
    JobRun& run = add_run("jr_" + random.hex(64), job_name, arguments, 0);
    launch(run);
    return run.id;
  }

  using Kind = emulator::sim::Scheduler::Kind;
  struct Trigger {
    emulator::sim::Scheduler::Timer timer;
    Kind kind = Kind::background;
  };

  // Sets the trigger's next tick. A run that is refused is only a sweep less: the next one makes up
  // for it.
  void set_tick(const std::string& job_name, Duration in, Kind kind) {
    Cause scope(scheduler, 0);  // time itself is the cause of a tick
    triggers[job_name] = {scheduler.after(
                              in, "glue.trigger",
                              [this, job_name, kind] {
                                set_tick(job_name, *jobs.at(job_name).schedule, kind);
                                static_cast<void>(start(job_name, {}));
                              },
                              kind),
                          kind};
  }

  void await_tick(const std::string& job_name, Kind kind) {
    auto trigger = triggers.find(job_name);
    if (trigger == triggers.end() || trigger->second.kind == kind) return;
    const auto timer = trigger->second.timer;
    scheduler.cancel(timer);
    set_tick(job_name, timer.at - scheduler.now(), kind);
  }

  Engine& engine;
  emulator::s3::Service& s3;
  RunStore store;
  emulator::sim::Scheduler& scheduler;
  emulator::sim::Trace& trace;
  emulator::sim::Faults& faults;
  emulator::sim::Random random;
  std::map<std::string, Job> jobs;
  std::map<std::string, Trigger> triggers = {};  // of the jobs that have a schedule
  std::vector<std::unique_ptr<JobRun>>
      runs;  // in the order of their start; addresses are kept by tasks
};

Service::Service(Engine& engine, emulator::s3::Service& s3, emulator::sqlite::Database& state,
                 emulator::sim::Scheduler& scheduler, emulator::sim::Trace& trace,
                 emulator::sim::Faults& faults, emulator::sim::Random random)
    : impl_(new Impl{engine, s3, RunStore(state), scheduler, trace, faults, random, {}, {}, {}}) {
  auto runs = impl_->store.load();
  if (!runs) {
    trace.record("glue", "warning",
                 {{"message", "earlier runs are not known: " + runs.error().text()}});
    return;
  }
  for (JobRun& run : *runs) impl_->runs.push_back(std::make_unique<JobRun>(std::move(run)));
}
Service::~Service() = default;

tl::expected<void, GlueError> Service::create_job(Job job) {
  if (impl_->jobs.count(job.name) != 0)
    return tl::unexpected(GlueError{"AlreadyExistsException",
                                    fmt::format("Job with name {} already exists.", job.name)});
  const std::string name = job.name;
  const std::optional<Duration> every = job.schedule;
  impl_->jobs.emplace(name, std::move(job));
  if (every) impl_->set_tick(name, *every, Impl::Kind::background);
  return {};
}

tl::expected<std::string, GlueError> Service::start_job_run(const std::string& job_name,
                                                            const Arguments& arguments) {
  return impl_->start(job_name, arguments);
}

void Service::input_arrived(const std::string& job_name) {
  impl_->await_tick(job_name, Impl::Kind::work);
}

void Service::recover() {
  for (std::size_t i = 0; i < impl_->runs.size(); ++i) {
    JobRun& run = *impl_->runs[i];
    if (!is_under_way(run)) continue;
    if (impl_->jobs.count(run.job_name) == 0) {
      run.error_message = "the job is no longer there";
      impl_->complete(run, RunState::failed);
      continue;
    }
    run.state = RunState::starting;
    run.output.clear();
    impl_->launch(run);
  }
}

std::vector<JobRun> Service::job_runs(const std::string& job_name) const {
  std::vector<JobRun> out;
  for (auto run = impl_->runs.rbegin(); run != impl_->runs.rend(); ++run)
    if ((*run)->job_name == job_name) out.push_back(**run);
  return out;
}

}  // namespace pipeline::glue
