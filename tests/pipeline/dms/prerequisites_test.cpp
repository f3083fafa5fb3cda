#include "pipeline/dms/prerequisites.h"

#include <gtest/gtest.h>

#include "tests/pipeline/dms/world.h"

namespace pipeline::dms {
namespace {

struct Prerequisites : testing::Test {
  emulator::sim::Scheduler scheduler{emulator::base::Instant{}};
  pipeline::dms::test::Source source{scheduler};

  // "check: verdict" of what is not passed.
  std::vector<std::string> findings() {
    std::vector<std::string> out;
    for (const Finding& finding : check_source(source)) {
      if (finding.verdict == Finding::Verdict::passed) continue;
      out.push_back(
          std::string(finding.verdict == Finding::Verdict::failed ? "failed " : "warning ") +
          std::string(finding.check));
    }
    return out;
  }
  std::string message() {
    for (const Finding& finding : check_source(source))
      if (finding.verdict != Finding::Verdict::passed) return finding.message;
    return "";
  }
};
using Lines = std::vector<std::string>;

TEST_F(Prerequisites, AreMetByAServerThatIsSetUpForIt) { EXPECT_EQ(findings(), Lines{}); }

TEST_F(Prerequisites, NameTheVariableThatIsWrong) {
  source.variables["binlog_format"] = "MIXED";
  EXPECT_EQ(findings(), Lines{"failed mysql-check-binlog-format"});
  EXPECT_EQ(message(),
            "Errors in MySQL server binary logging configuration. Follow all prerequisites for "
            "'MySQL as a source in DMS': binlog_format is MIXED, "
            "it must be ROW");
  source.variables["binlog_format"] = "row";
  source.variables["binlog_row_image"] = "MINIMAL";
  source.variables["log_bin"] = "0";
  EXPECT_EQ(findings(),
            (Lines{"failed mysql-check-binlog-enabled", "failed mysql-check-binlog-image"}));
  source.variables = {
      {"log_bin", "1"}, {"binlog_format", "ROW"}, {"binlog_row_image", "FULL"}, {"server_id", "0"}};
  EXPECT_EQ(findings(), Lines{"failed mysql-check-server-id"});
}

TEST_F(Prerequisites, AskForThePrivilegesOfAReplica) {
  source.granted = Lines{"GRANT SELECT, REPLICATION SLAVE ON *.* TO `dms`@`%`",
                         "GRANT ALL PRIVILEGES ON `d`.* TO `dms`@`%`"};
  EXPECT_EQ(findings(), Lines{"failed mysql-check-replication-privileges"});
  EXPECT_EQ(message(),
            "the user lacks the privilege REPLICATION CLIENT, which ongoing replication needs");
  source.granted = Lines{
      "GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO `dms`@`%` IDENTIFIED BY PASSWORD '*1'"};
  EXPECT_EQ(findings(), Lines{});
  source.granted = Lines{"GRANT ALL PRIVILEGES ON *.* TO `root`@`%` WITH GRANT OPTION"};
  EXPECT_EQ(findings(), Lines{});
  source.granted = Lines{"GRANT USAGE ON *.* TO `dms`@`%`",
                         "GRANT `replica`@`%` TO `dms`@`%`"};  // a role may have it
  EXPECT_EQ(findings(), Lines{});
}

TEST_F(Prerequisites, WarnOfXaTransactionsThatNobodyTellsOf) {
  source.granted = Lines{"GRANT SELECT, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO `dms`@`%`"};
  source.variables["version"] = "8.0.36";
  EXPECT_EQ(findings(), Lines{"warning mysql-check-replication-privileges"});
  EXPECT_EQ(message(),
            "the user lacks the privilege XA_RECOVER_ADMIN: the rows of an XA transaction that is "
            "prepared when the load begins and commits after it are missed");
  for (const char* version : {"5.7.44-log", "10.11.14-MariaDB"}) {  // anybody may ask
    source.variables["version"] = version;
    EXPECT_EQ(findings(), Lines{});
  }
  source.variables["version"] = "8.0.36";
  source.granted->push_back("GRANT XA_RECOVER_ADMIN ON *.* TO `dms`@`%`");
  EXPECT_EQ(findings(), Lines{});
}

TEST_F(Prerequisites, WarnOfLogsThatGoTooSoonAndOfVersions) {
  source.variables["binlog_expire_logs_seconds"] = "3600";
  source.variables["version"] = "9.7.4";
  EXPECT_EQ(findings(), (Lines{"warning mysql-check-binlog-retention-time",
                               "warning mysql-check-supported-version"}));
  source.variables["binlog_expire_logs_seconds"] = "0";
  for (const char* version :
       {"8.4.6", "5.7.44-log", "10.11.14-MariaDB-0+deb12u2", "11.8.2-MariaDB"}) {
    source.variables["version"] = version;
    EXPECT_EQ(findings(), Lines{}) << version;
  }
}

TEST_F(Prerequisites, WarnOfAReplicaThatDoesNotLogWhatItReplicates) {
  source.variables["log_replica_updates"] = "OFF";
  EXPECT_EQ(findings(), Lines{});
  source.variables["read_only"] = "ON";
  EXPECT_EQ(findings(), Lines{"warning mysql-check-source-replica"});
}

}  // namespace
}  // namespace pipeline::dms
