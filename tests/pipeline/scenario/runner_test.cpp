#include "pipeline/scenario/runner.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "emulator/base/file.h"
#include "pipeline/scenario/report.h"
#include "pipeline/scenario/story.h"
#include "tests/source_path.h"

namespace pipeline::scenario {
namespace {

const std::string root = tests::source_path("");

Scenario parse(const std::string& text) {
  auto scenario = parse_scenario(text, root + "/scenarios/inline.toml");
  EXPECT_TRUE(scenario) << (scenario ? "" : scenario.error().text());
  return scenario ? std::move(*scenario) : Scenario{};
}

RunReport run(const Scenario& scenario, const RunOptions& options = {}) {
  auto report = run_scenario(scenario, options);
  EXPECT_TRUE(report) << (report ? "" : report.error().text());
  return report ? std::move(*report) : RunReport{};
}

const std::string buckets = R"toml(title = "buckets"
buckets = ["one"]
[[step]]
put_object = { bucket = "one", key = "a/b", body = "x" }
[[step]]
run_for = "90s"
[[step]]
expect_object = { bucket = "one", key = "a/*", body = "x" }
)toml";

TEST(Runner, RunsStepsOnAVirtualClock) {
  const RunReport report = run(parse(buckets));
  EXPECT_TRUE(report.passed());
  EXPECT_EQ(report.steps.size(), 3u);
  EXPECT_EQ(report.virtual_time, std::chrono::seconds(90));
}

TEST(Runner, GoesOnAfterAnExpectationThatDidNotHold) {
  const RunReport report = run(parse(buckets + "[[step]]\nexpect_no_object = { bucket = \"one\", "
                                               "key = \"a/b\" }\n[[step]]\nrun_for = \"1s\"\n"));
  EXPECT_FALSE(report.passed());
  EXPECT_EQ(report.steps.size(), 5u);
  EXPECT_EQ(report.steps[3].outcome.message, "one has 1 such objects");
}

TEST(Runner, SaysWhereAScenarioIsWrongThatOnlyRunningShows) {
  const auto report = run_scenario(parse(
      "title = \"t\"\n[[step]]\nrun_for = \"1h\"\n[[step]]\nrun_until = 2026-01-01T00:30:00Z\n"));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().where.line, 5);
}

TEST(Tutorial, LoadFileIsTheGoldenOne) {
  const auto scenario = read_scenario(root + "/scenarios/tutorial.toml");
  ASSERT_TRUE(scenario) << scenario.error().text();
  auto stack = Stack::create(scenario->stack, 1, scenario->stack.start);
  ASSERT_TRUE(stack) << stack.error().text();
  ASSERT_TRUE((*stack)->scheduler().run_until_idle(std::chrono::hours(1)));
  auto object =
      (*stack)->s3().get_object("cdc-input-pyspark", "kaustubh_schema/Persons/LOAD00000001.csv");
  ASSERT_TRUE(object);
  const std::string path = root + "/fixtures/tutorial/LOAD00000001.csv";
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path) << object->read_all();
  EXPECT_EQ(object->read_all(), emulator::base::read_file(path).value_or(""));
}

// The real chain, without SQL of our own: a recorded binlog of MySQL 9.7 in, the truth out.
class Recorded : public ::testing::Test {
 protected:
  Scenario scenario(const std::string& name) const {
    auto read = read_scenario(root + "/scenarios/" + name);
    EXPECT_TRUE(read) << (read ? "" : read.error().text());
    return read ? std::move(*read) : Scenario{};
  }
};

TEST_F(Recorded, BinlogsGiveTheRowsOfTheirServer) {
  for (const char* name : {"20-real-mysql-binlog.toml", "21-real-mariadb-binlog.toml"}) {
    EXPECT_TRUE(run(scenario(name)).passed()) << name;
  }
}

TEST_F(Recorded, RunsOfOneSeedAreEqualLineByLineAndOfTwoSeedsAreNot) {
  std::vector<std::string> traces(3);
  for (std::size_t i = 0; i < traces.size(); ++i) {
    RunOptions options;
    options.seed = i < 2 ? 7 : 8;
    options.trace = [&](const emulator::sim::TraceLine& line) { traces[i] += line.json() + "\n"; };
    run(scenario("20-real-mysql-binlog.toml"), options);
  }
  EXPECT_EQ(traces[0], traces[1]);
  EXPECT_NE(traces[0], traces[2]);
}

TEST_F(Recorded, TracesHoldNoPath) {
  RunOptions options;
  options.trace = [&](const emulator::sim::TraceLine& line) {
    EXPECT_EQ(line.json().find(root), std::string::npos) << line.json();
  };
  run(scenario("20-real-mysql-binlog.toml"), options);
}

TEST_F(Recorded, ALostEventIsExplained) {
  Scenario lost = scenario("20-real-mysql-binlog.toml");
  auto fault = parse_document(
      "fault = { link = \"s3.notification\", kind = \"drop\", match = \"ks4/z/*\" }", "f.toml");
  auto step = parse_step(*fault, {lost.stack, ""});
  ASSERT_TRUE(step);
  lost.steps.insert(lost.steps.begin(), std::move(*step));
  lost.stack.job->script = "tutorial";
  const RunReport report = run(lost);
  EXPECT_FALSE(report.passed());
  const std::string text = text_report(report);
  EXPECT_NE(text.find("event lost (drop on s3.notification): never merged"), std::string::npos)
      << text;
}

TEST_F(Recorded, RunsAreToldFromFileToOutput) {
  RunOptions options;
  options.keep_lines = true;
  const std::string told = tell(run(scenario("20-real-mysql-binlog.toml"), options));
  std::size_t at = 0;
  for (const char* noun :
       {"\n     00:00:01.100  file         s3://cdc-input/ks2/b/LOAD00000001.csv  4 rows",
        "  event  ", "  invocation  ", "  run  ", "  output  ", "output = table, 10 rows"}) {
    at = told.find(noun, at);
    ASSERT_NE(at, std::string::npos) << noun << "\n" << told;
  }
}

}  // namespace
}  // namespace pipeline::scenario
