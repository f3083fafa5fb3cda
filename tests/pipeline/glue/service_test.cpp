#include "pipeline/glue/service.h"

#include <gtest/gtest.h>

#include "world.h"

namespace pipeline::glue {
namespace {

// Keeps a list of what was called when, and fails as told.
class ScriptedEngine final : public Engine {
 public:
  emulator::base::Result<std::unique_ptr<Work>> begin(Context& context) override {
    begun.push_back(context.run.id);
    arguments = context.arguments;
    if (fail_begin) return emulator::base::fail("no luck at the start");
    return std::make_unique<Ending>(*this);
  }
  struct Ending final : Work {
    explicit Ending(ScriptedEngine& e) : engine(e) {}
    emulator::base::Result<void> finish(Context& context) override {
      engine.finished.push_back(context.run.id);
      if (engine.failures > 0 && engine.failures--)
        return emulator::base::fail("no luck at the end");
      return {};
    }
    ScriptedEngine& engine;
  };
  std::vector<std::string> begun, finished;
  Arguments arguments;
  bool fail_begin = false;
  int failures = 0;
};

struct Glue {
  explicit Glue(Job made = job_of("merge")) : job(std::move(made)), world(job_of("merge")) {
    world.glue = std::make_unique<Service>(engine, world.s3, world.state, world.scheduler,
                                           world.trace, world.faults, world.random.stream("glue"));
    EXPECT_TRUE(world.glue->create_job(job));
  }
  JobRun latest() { return world.glue->job_runs("job").front(); }
  Job job;
  World world;
  ScriptedEngine engine;
};

TEST(JobRun, GoesFromStartingOverRunningToSucceededInTheJobsDuration) {
  Glue g;
  auto id = g.world.glue->start_job_run("job", {});
  ASSERT_TRUE(id);
  EXPECT_EQ(id->size(), 67u);
  EXPECT_EQ(id->substr(0, 3), "jr_");
  EXPECT_EQ(g.latest().state, RunState::starting);
  EXPECT_TRUE(g.engine.begun.empty());
  g.world.scheduler.advance_by(Duration::zero());
  EXPECT_EQ(g.latest().state, RunState::running);
  EXPECT_EQ(g.engine.begun, std::vector<std::string>{*id});
  g.world.scheduler.advance_by(std::chrono::seconds(29));
  EXPECT_TRUE(g.engine.finished.empty());
  g.world.scheduler.advance_by(std::chrono::seconds(1));
  EXPECT_EQ(g.latest().state, RunState::succeeded);
  EXPECT_EQ(g.latest().completed_on, world_start + std::chrono::seconds(30));
  EXPECT_TRUE(g.world.scheduler.is_idle());
}

TEST(JobRun, KeepsItsOwnArgumentsAndShowsTheScriptThoseOfTheJobToo) {
  Glue g;
  ASSERT_TRUE(g.world.glue->start_job_run("job", {{"--output", "s3://elsewhere"}, {"--k", "v"}}));
  g.world.settle();
  EXPECT_EQ(g.latest().arguments, (Arguments{{"--output", "s3://elsewhere"}, {"--k", "v"}}));
  EXPECT_EQ(g.engine.arguments, (Arguments{{"--output", "s3://elsewhere"},
                                           {"--k", "v"},
                                           {"--s3_target_path_bucket", "input"}}));
}

TEST(JobRun, IsRefusedWhileAsManyAsAllowedAreUnderWay) {
  Job job = job_of("merge");
  job.max_concurrent_runs = 2;
  Glue g(job);
  ASSERT_TRUE(g.world.glue->start_job_run("job", {}));
  ASSERT_TRUE(g.world.glue->start_job_run("job", {}));
  auto third = g.world.glue->start_job_run("job", {});
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, "ConcurrentRunsExceededException");
  EXPECT_EQ(third.error().message, "Concurrent runs exceeded for job");
  g.world.settle();
  EXPECT_TRUE(g.world.glue->start_job_run("job", {}));
}

TEST(JobRun, OfAnUnknownJobIsRefused) {
  Glue g;
  auto run = g.world.glue->start_job_run("glue-job", {});
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, "EntityNotFoundException");
}

TEST(Job, CannotBeCreatedTwice) {
  Glue g;
  auto again = g.world.glue->create_job(g.job);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, "AlreadyExistsException");
}

TEST(JobRun, FailsWithTheErrorOfItsBeginningOrItsEnd) {
  Glue g;
  g.engine.failures = 1;
  ASSERT_TRUE(g.world.glue->start_job_run("job", {}));
  g.world.settle();
  EXPECT_EQ(g.world.last(), "FAILED: no luck at the end");
  g.engine.fail_begin = true;
  ASSERT_TRUE(g.world.glue->start_job_run("job", {}));
  g.world.settle();
  EXPECT_EQ(g.world.last(), "FAILED: no luck at the start");
  EXPECT_EQ(g.world.glue->job_runs("job").size(), 2u);
}

TEST(JobRun, IsRetriedUnderAnIdOfItsOwnAsOftenAsMaxRetriesSays) {
  Job job = job_of("merge");
  job.max_retries = 2;
  Glue g(job);
  g.engine.failures = 5;
  auto id = g.world.glue->start_job_run("job", {{"--k", "v"}});
  g.world.settle();
  const auto runs = g.world.glue->job_runs("job");
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_EQ(runs[0].id, *id + "_attempt_2");
  EXPECT_EQ(runs[1].id, *id + "_attempt_1");
  EXPECT_EQ(runs[0].attempt, 2);
  EXPECT_EQ(runs[0].arguments.at("--k"), "v");
}

TEST(Trigger, StartsTheJobOnItsScheduleAsBackgroundWork) {
  Job job = job_of("merge");
  job.schedule = std::chrono::minutes(10);
  Glue g(job);
  EXPECT_TRUE(g.world.scheduler.is_idle());
  g.world.scheduler.advance_by(std::chrono::minutes(31));
  EXPECT_EQ(g.world.glue->job_runs("job").size(), 3u);
}

TEST(Recover, RunsWhatAKillCutShortAgainAndKeepsTheRest) {
  Glue g;
  ASSERT_TRUE(g.world.glue->start_job_run("job", {}));
  g.world.settle();
  auto cut = g.world.glue->start_job_run("job", {{"--k", "v"}});
  g.world.scheduler.advance_by(std::chrono::seconds(5));
  const auto before = g.world.glue->job_runs("job");

  // The next life: a new scheduler would be empty, so the old one's tasks never run; here they are
  // simply not stepped.
  emulator::sim::Scheduler scheduler(g.world.scheduler.now());
  emulator::sim::Trace trace(scheduler);
  ScriptedEngine engine;
  Service next(engine, g.world.s3, g.world.state, scheduler, trace, g.world.faults,
               g.world.random.stream("next"));
  ASSERT_TRUE(next.create_job(g.job));
  next.recover();
  ASSERT_TRUE(scheduler.run_until_idle(std::chrono::hours(1)));
  const auto runs = next.job_runs("job");
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].id, *cut);
  EXPECT_EQ(runs[0].state, RunState::succeeded);
  EXPECT_EQ(runs[0].arguments.at("--k"), "v");
  EXPECT_EQ(runs[1].id, before[1].id);
  EXPECT_EQ(runs[1].state, RunState::succeeded);
  EXPECT_EQ(engine.begun, std::vector<std::string>{*cut});
}

TEST(JobRun, LeavesItsStoryInTheTrace) {
  Glue g;
  std::vector<std::string> kinds;
  g.world.trace.listen([&](const emulator::sim::TraceLine& line) {
    if (line.actor == "glue")
      kinds.push_back(line.kind + " " + std::string(line.field("key")) +
                      std::string(line.field("error")));
  });
  g.world.start("a/b.csv");
  g.world.start("a/c.csv");
  g.world.settle();
  g.engine.failures = 1;
  g.world.run("a/c.csv");
  EXPECT_EQ(kinds, (std::vector<std::string>{
                       "run_started a/b.csv", "refused ConcurrentRunsExceededException",
                       "run_succeeded ", "run_started a/c.csv", "run_failed no luck at the end"}));
}

TEST(NativeEngine, NamesTheScriptThatItDoesNotHave) {
  World world(job_of("murge"));
  EXPECT_EQ(world.run(),
            "FAILED: the native engine has no script \"murge\" (it has tutorial and merge)");
}

}  // namespace
}  // namespace pipeline::glue
