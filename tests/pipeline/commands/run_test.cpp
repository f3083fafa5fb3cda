// `sluice run` and `sluice list` as scripts see them: exit codes, standard output.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "pipeline/commands/command.h"
#include "tests/pipeline/commands/command_line.h"
#include "tests/temporary_folder.h"

namespace pipeline::commands {
namespace {

class RunCommandLine : public CommandLine {
 protected:
  std::string good() const {
    return folder_.write("good.toml",
                         "title = \"good\"\nbuckets = [\"one\"]\n[[step]]\nput_object = { bucket = "
                         "\"one\", key = \"k\", body = \"x\" }\n");
  }
  std::string failing() const {
    return folder_.write(
        "failing.toml",
        "title = \"failing\"\nbuckets = [\"one\"]\n[[step]]\nexpect_object = { bucket = "
        "\"one\", key = \"k\" }\n");
  }

  tests::TemporaryFolder folder_;
};

TEST_F(RunCommandLine, RunAnswersZeroWhenAllHeld) {
  EXPECT_EQ(sluice({"run", good()}), exit_ok);
  EXPECT_EQ(out_.substr(0, 9), "ok   good");
  EXPECT_EQ(err_, "");
}

TEST_F(RunCommandLine, RunAnswersOneWhenAnExpectationFailed) {
  EXPECT_EQ(sluice({"run", good(), failing()}), exit_failed);
  EXPECT_NE(out_.find("FAIL failing"), std::string::npos);
  EXPECT_NE(out_.find("failing.toml:4:1: expect_object: there is no object k in one"),
            std::string::npos)
      << out_;
  EXPECT_EQ(err_.substr(0, 21), "2 scenarios, 1 failed");
}

TEST_F(RunCommandLine, RunAnswersTwoToABadScenarioAndRunsNone) {
  EXPECT_EQ(
      sluice({"run", good(), folder_.write("bad.toml", "title = \"bad\"\n[[step]]\nfrob = 1\n")}),
      exit_usage);
  EXPECT_EQ(out_, "");
  EXPECT_NE(err_.find("bad.toml:3:1: unknown step frob"), std::string::npos) << err_;
}

TEST_F(RunCommandLine, RunAnswersTwoToAMissingFileAndABadOption) {
  EXPECT_EQ(sluice({"run", folder_.path() + "/nowhere.toml"}), exit_usage);
  EXPECT_EQ(sluice({"run", good(), "--repeat", "0"}), exit_usage);
  EXPECT_EQ(sluice({"frob"}), exit_usage);
  EXPECT_EQ(sluice({}), exit_usage);
}

TEST_F(RunCommandLine, GuessesWhatAMistypedWordWasMeantToBe) {
  EXPECT_EQ(sluice({"sevre"}), exit_usage);
  EXPECT_EQ(err_, "sluice: there is no command sevre; did you mean serve?\nTry: sluice --help\n");
  EXPECT_EQ(sluice({"--verison"}), exit_usage);
  EXPECT_NE(err_.find("no option --verison; did you mean --version?"), std::string::npos) << err_;
  EXPECT_EQ(sluice({"serve", "--prot", "1"}), exit_usage);
  EXPECT_EQ(err_,
            "sluice serve: there is no option --prot; did you mean --port?\n"
            "Try: sluice serve --help\n");
  EXPECT_EQ(sluice({"run", "--repaet=3"}), exit_usage);
  EXPECT_NE(err_.find("no option --repaet; did you mean --repeat?"), std::string::npos) << err_;
  EXPECT_EQ(sluice({"serve", "--sync", "ful"}), exit_usage);
  EXPECT_NE(err_.find("'ful' is none of full, normal, off; did you mean full?"), std::string::npos)
      << err_;
  EXPECT_EQ(sluice({"list", "operaions"}), exit_usage);
  EXPECT_NE(err_.find("did you mean operations?"), std::string::npos) << err_;
}

TEST_F(RunCommandLine, SaysWhatIsMissingOrTooMuch) {
  EXPECT_EQ(sluice({}), exit_usage);
  EXPECT_EQ(err_.substr(0, 22), "sluice: which command?");
  EXPECT_EQ(sluice({"frobnicate"}), exit_usage);
  EXPECT_NE(err_.find("no command frobnicate; the commands are run, serve"), std::string::npos)
      << err_;
  EXPECT_EQ(sluice({"run"}), exit_usage);
  EXPECT_EQ(err_, "sluice run: FILE is required\nTry: sluice run --help\n");
  EXPECT_EQ(sluice({"run", good(), "--seed", "x"}), exit_usage);
  EXPECT_NE(err_.find("--seed takes N, not 'x'"), std::string::npos) << err_;
  EXPECT_EQ(sluice({"serve", "extra"}), exit_usage);
  EXPECT_NE(err_.find("'extra' is one word too many"), std::string::npos) << err_;
}

TEST_F(RunCommandLine, RunAnswersFourWhereItCannotWrite) {
  EXPECT_EQ(sluice({"run", good(), "--trace", folder_.path() + "/no/t.jsonl"}), exit_environment);
  EXPECT_EQ(sluice({"run", good(), "--junit", folder_.path() + "/no/t.xml"}), exit_environment);
}

TEST_F(RunCommandLine, RunPrintsOneObjectAScenario) {
  EXPECT_EQ(sluice({"run", good(), failing(), "--json", "--seed", "5"}), exit_failed);
  EXPECT_EQ(std::count(out_.begin(), out_.end(), '\n'), 2);
  EXPECT_NE(out_.find("\"seed\":5,\"passed\":true,\"steps\":1,\"virtual_ms\":0,"),
            std::string::npos)
      << out_;
}

TEST_F(RunCommandLine, RunWritesTheTraceOfTheFirstRepetitionOnly) {
  const std::string trace = folder_.path() + "/t.jsonl";
  EXPECT_EQ(sluice({"run", good(), "--trace", trace, "--repeat", "3"}), exit_ok);
  std::ifstream file(trace);
  std::string line;
  std::size_t lines = 0;
  while (std::getline(file, line)) lines += line.find("\"kind\":\"step\"") != std::string::npos;
  EXPECT_EQ(lines, 1u);
}

TEST_F(RunCommandLine, ListNamesWhatThereIs) {
  EXPECT_EQ(sluice({"list", "steps"}), exit_ok);
  EXPECT_NE(out_.find("expect_equal"), std::string::npos);
  EXPECT_EQ(sluice({"list", "faults"}), exit_ok);
  EXPECT_NE(out_.find("s3.notification"), std::string::npos);
  EXPECT_EQ(sluice({"list", "settings", "--json"}), exit_ok);
  EXPECT_NE(out_.find("{\"name\":\"CdcMaxBatchInterval\",\"default\":\"60\","), std::string::npos)
      << out_;
  EXPECT_EQ(sluice({"list", "operations"}), exit_ok);
  EXPECT_NE(out_.find("PutObject"), std::string::npos);
  EXPECT_EQ(sluice({"list", "frob"}), exit_usage);
}

TEST_F(RunCommandLine, MergeAppliesChangesToABase) {
  const std::string base = folder_.write("base.csv", "1,Ada\n2,Bob\n3,Cy\n");
  const std::string changes = folder_.write("changes.csv", "U,2,Bo\nD,3,Cy\nI,4,Di\n");
  const std::string out = folder_.path() + "/out.csv";
  EXPECT_EQ(sluice({"merge", "--key", "1", "--out", out, base, changes}), exit_ok);
  std::ifstream file(out);
  const std::string merged((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(merged, "1,Ada\n2,Bo\n4,Di\n");
  EXPECT_EQ(err_, "3 changes on 3 rows: 1 replaced, 1 deleted, 1 inserted; 3 rows\n");
}

}  // namespace
}  // namespace pipeline::commands
