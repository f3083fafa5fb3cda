// The preupdate hook: what SQLite writes into a user's table is journaled, even when no statement
// of ours did it.
#include <gtest/gtest.h>

#include "pipeline/rds/embedded/define.h"
#include "pipeline/rds/embedded/storage.h"
#include "tests/pipeline/rds/embedded/harness.h"

namespace pipeline::rds::embedded {
namespace {

class RowCapture : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(storage.open());
    ASSERT_TRUE(storage.begin());
    auto persons = define_from_text(
        "shop", "CREATE TABLE Persons (id INT PRIMARY KEY, name VARCHAR(20), price DECIMAL(5,2))");
    auto pairs =
        define_from_text("shop", "CREATE TABLE Pairs (a INT, b INT, n INT, PRIMARY KEY (b, a))");
    ASSERT_TRUE(persons && pairs);
    ASSERT_TRUE(storage.catalog.create_table(std::move(*persons), 1));
    ASSERT_TRUE(storage.catalog.create_table(std::move(*pairs), 1));
    ASSERT_TRUE(storage.commit_ddl("shop", "CREATE TABLE Persons ...", 8));
    ASSERT_TRUE(storage.begin());
    storage.journal.begin_statement("by hand");
  }

  std::string changes() const {
    mysql::Transaction transaction;
    transaction.changes = storage.journal.changes();
    return Harness::describe(transaction);
  }

  emulator::sim::Scheduler scheduler{emulator::base::Instant{}};
  emulator::sim::Trace trace{scheduler};
  Storage storage{{}, scheduler, trace, emulator::sim::Random(7, "rds")};
};

TEST_F(RowCapture, SeesRowsThatAreWrittenBehindTheRowStore) {
  ASSERT_TRUE(storage.run("INSERT INTO t1 VALUES (1, 'Ada', '1.50'), (2, NULL, '2.00')"));
  ASSERT_TRUE(storage.run("UPDATE t1 SET c1 = 'Grace', c0 = 3 WHERE c0 = 2"));
  ASSERT_TRUE(storage.run("DELETE FROM t1"));
  EXPECT_EQ(changes(),
            "I Persons(1,Ada,1.50); I Persons(2,NULL,2.00); U "
            "Persons(2,NULL,2.00)->(3,Grace,2.00); D Persons(1,Ada,1.50); D Persons(3,Grace,2.00)");
}

TEST_F(RowCapture, SeesTheColumnsOfACompositeKeyInTheOrderOfTheTable) {
  ASSERT_TRUE(storage.run("INSERT INTO t2 VALUES (1, 2, 3)"));
  ASSERT_TRUE(storage.run("UPDATE t2 SET c2 = 4"));
  ASSERT_TRUE(storage.run("UPDATE t2 SET c0 = 9"));
  ASSERT_TRUE(storage.run("INSERT OR REPLACE INTO t2 VALUES (9, 2, 5)"));
  EXPECT_EQ(changes(),
            "I Pairs(1,2,3); U Pairs(1,2,3)->(1,2,4); U Pairs(1,2,4)->(9,2,4); D Pairs(9,2,4); I "
            "Pairs(9,2,5)");
}

TEST_F(RowCapture, LogsNothingForAnUpdateWithoutChange) {
  ASSERT_TRUE(storage.run("INSERT INTO t1 VALUES (1, 'Ada', '1.50')"));
  ASSERT_TRUE(storage.run("UPDATE t1 SET c1 = 'Ada'"));
  EXPECT_EQ(changes(), "I Persons(1,Ada,1.50)");
}

TEST_F(RowCapture, CutsWhatASavepointTakesBack) {
  ASSERT_TRUE(storage.run("INSERT INTO t1 VALUES (1, 'Ada', '1.50')"));
  const auto point = storage.savepoint();
  ASSERT_TRUE(point);
  ASSERT_TRUE(storage.run("DELETE FROM t1"));
  ASSERT_TRUE(storage.rollback_to(*point));
  EXPECT_EQ(changes(), "I Persons(1,Ada,1.50)");
}

TEST_F(RowCapture, TakesNothingFromARowThatAKeyRefuses) {
  ASSERT_TRUE(storage.run("INSERT INTO t1 VALUES (1, 'Ada', '1.50')"));
  EXPECT_FALSE(storage.run("INSERT INTO t1 VALUES (1, 'Eve', '0.00')"));
  EXPECT_EQ(changes(), "I Persons(1,Ada,1.50)");
}

TEST_F(RowCapture, LeavesTheEnginesOwnTablesAlone) {
  ASSERT_TRUE(storage.run("UPDATE sluice_table SET next_increment = '7'"));
  EXPECT_TRUE(storage.journal.empty());
}

TEST_F(RowCapture, WritesNothingDownWhileTheJournalIsPaused) {
  {
    const Journal::Pause pause(storage.journal);
    ASSERT_TRUE(storage.run("INSERT INTO t1 VALUES (1, 'Ada', '1.50')"));
  }
  EXPECT_TRUE(storage.journal.empty());
}

using RowCaptureDeathTest = RowCapture;
TEST_F(RowCaptureDeathTest, EndsTheProcessWhenDdlChangedRowsThatTheLogDoesNotGet) {
  ASSERT_TRUE(storage.run("INSERT INTO t1 VALUES (1, 'Ada', '1.50')"));
  EXPECT_DEATH(static_cast<void>(storage.commit_ddl("shop", "ALTER TABLE Persons ...", 8)),
               "journal");
}

}  // namespace
}  // namespace pipeline::rds::embedded
