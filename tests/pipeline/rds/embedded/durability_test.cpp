#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "emulator/base/file.h"
#include "emulator/base/text.h"
#include "tests/pipeline/rds/embedded/harness.h"

namespace pipeline::rds::embedded {
namespace {

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/sluice-engine-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  EngineOptions options() const {
    EngineOptions out;
    out.folder = path;
    out.sync = emulator::sqlite::Sync::off;  // what kill -9 survives needs no fsync
    return out;
  }
  std::string path;
};

TEST(Durability, AnotherLifeFindsTablesRowsAndLog) {
  Folder folder;
  {
    Harness h(folder.options());
    h.run(
        "CREATE DATABASE shop; USE shop; CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, b "
        "BIGINT UNSIGNED, d DECIMAL(10,2) DEFAULT 1.50,"
        " s ENUM('x','y') CHARACTER SET latin1, at DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3), "
        "UNIQUE KEY u (b), CHECK (d > 0))");
    h.run(
        "INSERT INTO t (b, s) VALUES (18446744073709551615, 'y'), (1, 'x'); DELETE FROM t WHERE id "
        "= 2");
  }
  Harness h(folder.options());
  EXPECT_EQ(h.run("USE shop; SELECT * FROM t"),
            "1,18446744073709551615,1.50,y,2026-01-01 00:00:00.000");
  EXPECT_EQ(h.run("INSERT INTO t (b) VALUES (5)"), "ok 1");
  EXPECT_EQ(h.run("SELECT MAX(id) FROM t"), "3");
  EXPECT_EQ(h.run("INSERT INTO t (b, d) VALUES (6, -1)"),
            "ERROR 3819 (HY000): Check constraint 't_chk_1' is violated.");
  const auto log = h.log();
  ASSERT_EQ(log.size(), 5u);
  EXPECT_EQ(log[4], "I t(3,5,1.50,NULL,2026-01-01 00:00:00.000)");
}

TEST(Durability, WhatTheLogHasPastTheLastCommitIsCutOff) {
  Folder folder;
  std::string file;
  {
    Harness h(folder.options());
    h.run(
        "CREATE DATABASE shop; USE shop; CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES "
        "(1)");
    file = *h.engine->binlog_file("binlog.000001");
  }
  const std::string path = folder.path + "/database-1-binlog/binlog.000001";
  ASSERT_TRUE(emulator::base::write_file_atomically(path, file + std::string(57, 'x')));
  Harness h(folder.options());
  EXPECT_EQ(*h.engine->binlog_file("binlog.000001"), file);
  h.run("USE shop; INSERT INTO t VALUES (2)");
  EXPECT_EQ(h.log().back(), "I t(2)");
}

TEST(Durability, ALogThatIsTooShortIsRefused) {
  Folder folder;
  {
    Harness h(folder.options());
    h.run("CREATE DATABASE shop");
  }
  ASSERT_TRUE(
      emulator::base::write_file_atomically(folder.path + "/database-1-binlog/binlog.000001",
                                            "\xFE"
                                            "bin"));
  emulator::sim::Scheduler scheduler(emulator::base::Instant{});
  emulator::sim::Trace trace(scheduler);
  auto opened = Engine::open(folder.options(), scheduler, trace, emulator::sim::Random(1, "rds"));
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("the binlog ends before"), std::string::npos);
}

// A child commits rows one by one and says so through a pipe; it is killed at some moment. All that
// it said must be there, in the table and in the log alike, and nothing may be in one of the two
// only.
TEST(Durability, KillingTheProcessLosesNothingThatWasAcknowledged) {
  for (int round = 0; round < 5; ++round) {
    Folder folder;
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      Harness h(folder.options());
      h.run("CREATE DATABASE shop; USE shop; CREATE TABLE t (id INT PRIMARY KEY)");
      for (int i = 1;; ++i) {
        h.run("INSERT INTO t VALUES (" + std::to_string(i) + ")");
        const char done = 1;
        if (::write(ends[1], &done, 1) != 1) ::_exit(1);
      }
    }
    ::close(ends[1]);
    int acknowledged = 0;
    char byte;
    while (acknowledged < 20 + round * 13 && ::read(ends[0], &byte, 1) == 1) ++acknowledged;
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(ends[0], &byte, 1) == 1) ++acknowledged;
    ::close(ends[0]);
    Harness h(folder.options());
    const auto rows =
        emulator::base::parse_integer(h.run("USE shop; SELECT COUNT(*) FROM t")).value_or(-1);
    EXPECT_GE(rows, acknowledged);
    EXPECT_EQ(static_cast<std::int64_t>(h.log().size()),
              rows + 2);  // CREATE DATABASE and CREATE TABLE beside them
  }
}

}  // namespace
}  // namespace pipeline::rds::embedded
