#include "pipeline/scenario/definition.h"

#include <gtest/gtest.h>

#include "tests/temporary_folder.h"

namespace pipeline::scenario {
namespace {

// A stack with everything; lines of a test follow it.
const std::string stack = R"toml(title = "t"
buckets = ["in", "out"]
[database]
schema = "s"
sql = "CREATE DATABASE s; CREATE TABLE s.t (id int PRIMARY KEY)"
[task]
include = ["s.%"]
target = { BucketName = "in" }
[function]
bucket = "in"
[job]
output = "s3://out/t"
)toml";
constexpr int stack_lines = 12;

std::string error_of(const std::string& text) {
  const auto scenario = parse_scenario(text, "f.toml");
  return scenario ? "no error" : scenario.error().text();
}

// The error of one step behind the stack, its line counted from the step's header.
std::string step_error(const std::string& step) {
  std::string error = error_of(stack + "[[step]]\n" + step + "\n");
  const std::string before = "f.toml:" + std::to_string(stack_lines + 2) + ":";
  return error.substr(0, before.size()) == before ? error.substr(before.size()) : error;
}

TEST(Definition, ReadsAWholeStack) {
  const auto scenario = parse_scenario(stack + "[[step]]\nrun_until = \"idle\"\n", "f.toml");
  ASSERT_TRUE(scenario) << scenario.error().text();
  EXPECT_EQ(scenario->stack.task->options.target.bucket_name, "in");
  EXPECT_TRUE(scenario->stack.task->options.mappings.selects("s", "t"));
  EXPECT_EQ(scenario->stack.job->default_arguments.at("--output"), "s3://out/t");
  EXPECT_EQ(scenario->steps.size(), 1u);
}

TEST(Definition, RefusesAnUnknownKeyWithTheNearest) {
  EXPECT_EQ(error_of("title = \"t\"\nbukets = []\n"),
            "f.toml:2:1: unknown key bukets in the file (did you mean buckets?)");
  EXPECT_EQ(error_of(stack + "durration = \"1s\"\n"),
            "f.toml:13:1: unknown key durration in [job] (did you mean duration?)");
}

TEST(Definition, ReadsHowToReachARunningServer) {
  const auto scenario = parse_scenario(
      "title = \"t\"\n[database]\nengine = \"external\"\nhost = \"db\"\nport = 3307\nuser = "
      "\"dms\"\n"
      "password_env = \"SECRET\"\ntls = \"verify_identity\"\n",
      "f.toml");
  ASSERT_TRUE(scenario) << scenario.error().text();
  const DatabaseDefinition& database = *scenario->stack.database;
  EXPECT_EQ(database.host, "db");
  EXPECT_EQ(database.port, 3307);
  EXPECT_EQ(database.user, "dms");
  EXPECT_EQ(database.password_env, "SECRET");
  EXPECT_EQ(database.tls, "verify_identity");
}

TEST(Definition, RefusesKeysThatTheEngineWouldPassOver) {
  const std::string title = "title = \"t\"\n[database]\nengine = ";
  EXPECT_EQ(error_of(title + "\"external\"\nuser = \"a\"\nparameters = { log_bin = \"ON\" }\n"),
            "f.toml:5:1: parameters is not for engine = \"external\" (it is for embedded mysqld "
            "recorded)");
  EXPECT_EQ(error_of(title + "\"embedded\"\nhost = \"db\"\n"),
            "f.toml:4:1: host is not for engine = \"embedded\" (it is for external)");
  EXPECT_EQ(error_of(title + "\"external\"\n"),
            "f.toml:2:1: engine = \"external\" needs a user (user = \"admin\")");
  EXPECT_EQ(error_of(title + "\"external\"\nuser = \"a\"\ntls = \"verify\"\n").substr(0, 31),
            "f.toml:5:7: unknown tls verify ");
  EXPECT_EQ(error_of(title + "\"external\"\nuser = \"a\"\nport = 70000\n"),
            "f.toml:2:1: 70000 is no port");
}

TEST(Definition, RefusesAWrongType) {
  EXPECT_EQ(error_of("title = 7\n"), "f.toml:1:9: title must be a string, not an integer");
  EXPECT_EQ(error_of("title = \"t\"\nbuckets = [1]\n"),
            "f.toml:2:12: each of buckets must be a string, not an integer");
}

TEST(Definition, RefusesBadDurations) {
  EXPECT_EQ(error_of(stack + "duration = \"soon\"\n"),
            "f.toml:13:12: duration = \"soon\" is no duration (write 90s, 2m, 1h30m, 250ms or 1d)");
}

TEST(Definition, RefusesAMissingFile) {
  const std::string error = error_of("title = \"t\"\nuse = \"nowhere.toml\"\n");
  EXPECT_NE(error.find("f.toml:2:7: cannot read nowhere.toml"), std::string::npos) << error;
}

TEST(Definition, RefusesPartsThatDoNotFit) {
  EXPECT_EQ(error_of("title = \"t\"\nbuckets = [\"input\"]\n[database]\n[task]\ninclude = "
                     "[\"a.b\"]\ntarget = { BucketName = \"imput\" }\n"),
            "f.toml:4:1: [task] writes to bucket imput, which is not among buckets (did you mean "
            "input?)");
  EXPECT_EQ(error_of("title = \"t\"\n[task]\ninclude = [\"a.b\"]\n"),
            "f.toml:2:1: [task] needs a [database] to read from");
}

TEST(Definition, RefusesAnUnknownSettingOfTheTargetByName) {
  const std::string error = error_of(stack + "[[step]]\nrun_until = \"idle\"\n[task.target]\n");
  EXPECT_NE(error.find("f.toml:"), std::string::npos) << error;
  const std::string misspelt = error_of(
      "title = \"t\"\nbuckets = [\"in\"]\n[database]\n[task]\ninclude = [\"a.b\"]\ntarget = { "
      "BucketNam = \"in\" }\n");
  EXPECT_EQ(misspelt.substr(0, 12), "f.toml:6:24:") << misspelt;
  EXPECT_NE(misspelt.find("BucketName"), std::string::npos) << misspelt;
}

TEST(Step, HasExactlyOneKey) {
  EXPECT_EQ(error_of(stack + "[[step]]\nrun_for = \"1s\"\nrun_until = \"idle\"\n"),
            "f.toml:13:1: a step has exactly one key, this one has 2 (write one [[step]] for each "
            "thing to do)");
}

TEST(Step, NamesTheNearestKind) {
  EXPECT_EQ(step_error("run_untl = \"idle\""),
            "1: unknown step run_untl (did you mean run_until?)");
}

TEST(Step, ChecksNamesOfLinksCrashPointsAndFaults) {
  EXPECT_EQ(step_error("fault = { link = \"s3.notificaton\", kind = \"drop\" }"),
            "18: unknown link s3.notificaton (did you mean s3.notification?)");
  EXPECT_EQ(step_error("fault = { link = \"s3.notification\", kind = \"dorp\" }"),
            "44: unknown kind of fault dorp (did you mean drop?)");
  EXPECT_EQ(step_error("fault = { crash = \"dms.after_putt\" }"),
            "19: unknown crash point dms.after_putt (did you mean dms.after_put?)");
  EXPECT_EQ(step_error("fault = { kind = \"drop\" }"), "9: fault needs link and kind, or crash");
}

TEST(Step, ChecksThatSqlParsesBeforeAnythingRuns) {
  EXPECT_EQ(step_error("sql = \"INSERT INTO t VALUES (1); SELEC 1\"").substr(0, 27),
            "34: ERROR 1064 (42000): You");
  const std::string lines = error_of(
      stack + "[[step]]\nsql = \"\"\"\nINSERT INTO t VALUES (1);\n  UPDAT t SET id = 2\n\"\"\"\n");
  EXPECT_EQ(lines.substr(0, 28), "f.toml:16:3: ERROR 1064 (420") << lines;
}

TEST(Step, NeedsThePartThatItIsAbout) {
  EXPECT_EQ(error_of("title = \"t\"\n[[step]]\nsql = \"SELECT 1\"\n"),
            "f.toml:3:7: an sql step needs a database (add [database] to the stack)");
  EXPECT_EQ(error_of("title = \"t\"\n[[step]]\ntask = \"stop\"\n"),
            "f.toml:3:8: the stack has no replication task (add [task] to it)");
}

TEST(Step, ChecksTheTableNameOfAnExpectation) {
  EXPECT_EQ(step_error("expect_equal = { table = \"s.t\" }"),
            "16: expect_equal needs the key output");
  EXPECT_EQ(step_error("expect_equal = { table = \"s.t\", output = \"s3://out/t\", tabel = 1 }"),
            "56: unknown key tabel in expect_equal (did you mean table?)");
}

class Files : public ::testing::Test {
 protected:
  tests::TemporaryFolder folder_;
};

TEST_F(Files, OfAFolderComeByNameAndStacksArePassedOver) {
  folder_.write("stack.toml", stack);
  folder_.write(
      "02-b.toml",
      "title = \"b\"\nuse = \"stack.toml\"\n[job]\nscript = \"tutorial\"\n[[step]]\nrun_until = "
      "\"idle\"\n");
  folder_.write("01-a.toml", "title = \"a\"\n[[step]]\nrun_for = \"1s\"\n");
  const auto scenarios = read_scenarios({folder_.path()});
  ASSERT_TRUE(scenarios) << scenarios.error().text();
  ASSERT_EQ(scenarios->size(), 2u);
  EXPECT_EQ((*scenarios)[0].title, "a");
  EXPECT_EQ((*scenarios)[1].stack.job->script, "tutorial");
  EXPECT_EQ((*scenarios)[1].stack.job->default_arguments.at("--output"), "s3://out/t");
}

TEST_F(Files, ThatAreNotThereNameTheNearestOfTheirFolder) {
  folder_.write("lost-row.toml", stack);
  const auto hint_for = [&](const std::string& name) {
    const auto scenario = read_scenario(folder_.path() + "/" + name);
    return scenario ? "no error" : scenario.error().hint;
  };
  EXPECT_EQ(hint_for("lost-rwo.toml"), "did you mean " + folder_.path() + "/lost-row.toml?");
  EXPECT_EQ(hint_for("of-another-kind.toml"), "");
  EXPECT_EQ(hint_for("no-folder/lost-row.toml"), "");
}

TEST_F(Files, ThatAreStacksAreNoScenarios) {
  const auto scenarios = read_scenarios({folder_.write("stack.toml", stack)});
  ASSERT_FALSE(scenarios);
  EXPECT_NE(scenarios.error().text().find("the file has no steps: it is a stack"),
            std::string::npos);
}

TEST_F(Files, OfSqlAreReadBesideTheirFileAndLocateTheirErrors) {
  folder_.write("setup.sql", "CREATE DATABASE s;\n");
  const std::string path = folder_.write(
      "a.toml",
      "title = \"a\"\n[database]\nsql_file = \"setup.sql\"\n[[step]]\nrun_for = \"1s\"\n");
  const auto scenario = read_scenario(path);
  ASSERT_TRUE(scenario) << scenario.error().text();
  EXPECT_EQ(scenario->stack.database->sql.at(19).line, 2);
}

}  // namespace
}  // namespace pipeline::scenario
