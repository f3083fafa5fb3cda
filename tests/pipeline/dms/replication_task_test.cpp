#include "pipeline/dms/replication_task.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/pipeline/dms/world.h"

namespace pipeline::dms {
namespace {

using test::PersonsWorld;
using test::Values;
using test::World;

struct FaultyWorld : PersonsWorld {
  void fault(std::string link, std::string kind, std::int64_t count = 1) {
    emulator::sim::Fault fault;
    fault.link = std::move(link);
    fault.kind = std::move(kind);
    fault.count = count;
    const auto done = faults.set(std::move(fault));
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }
};

constexpr std::string_view load_key = "kaustubh_schema/Persons/LOAD00000001.csv";

TEST(Task, GoesFromReadyOverStartingToRunning) {
  FaultyWorld world;
  world.insert(1);
  world.make();
  EXPECT_EQ(world.task->status_text(), "ready");
  world.start();
  EXPECT_EQ(world.task->status_text(), "starting");
  world.run("1s");
  EXPECT_EQ(world.task->status_text(), "running");
  EXPECT_EQ(world.task->full_load_progress_percent(), 0);
  EXPECT_EQ(world.task->table_statistics()[0].state, "Full load");
  world.run("1s");
  EXPECT_EQ(world.task->full_load_progress_percent(), 100);
  EXPECT_EQ(world.task->table_statistics()[0].state, "Table completed");
  EXPECT_EQ(world.task->table_statistics()[0].full_load_rows, 1u);
}

TEST(Task, OfFullLoadEndsByItself) {
  FaultyWorld world;
  world.options.migration_type = MigrationType::full_load;
  world.source.variables["log_bin"] = "OFF";  // a full load needs no binlog
  world.insert(1);
  world.start_and_load();
  EXPECT_EQ(world.task->status(), Status::stopped);
  EXPECT_EQ(world.task->stop_reason(), "Stop Reason FULL_LOAD_ONLY_FINISHED");
  EXPECT_EQ(world.body(std::string(load_key)), "1,Ada,London\n");
}

TEST(Task, OfCdcBeginsAtTheEndOfTheLog) {
  FaultyWorld world;
  world.options.migration_type = MigrationType::cdc;
  world.insert(1);
  world.start_and_load();
  world.insert(2);
  world.run("2m");
  EXPECT_EQ(world.keys().size(), 1u);
  EXPECT_EQ(world.changes(), "I,2,Ada,London\n");
}

TEST(Task, LetsOthersInWhileTheRowsOfATableComePieceByPiece) {
  PersonsWorld world;
  world.source.in_pieces = true;
  std::string all;
  for (int id = 1; id <= 50; ++id) {
    world.insert(id);
    all += std::to_string(id) + ",Ada,London\n";
  }
  world.start();
  world.run("1010ms");
  EXPECT_EQ(world.task->table_statistics()[0].state,
            "Full load");  // in the middle of it, and here we are
  world.run("1s");
  EXPECT_EQ(world.body(std::string(load_key)), all);
  EXPECT_EQ(world.task->table_statistics()[0].full_load_rows, 50u);
  world.insert(51);
  world.run("2m");
  EXPECT_EQ(world.changes(), "I,51,Ada,London\n");
}

TEST(Task, LoadsATableAnewThatWasStoppedInTheMiddle) {
  PersonsWorld world;
  world.source.in_pieces = true;
  for (int id = 1; id <= 9; ++id) world.insert(id);
  world.start();
  world.run("1003ms");
  ASSERT_TRUE(world.task->stop());
  world.run("1s");
  EXPECT_EQ(world.task->status(), Status::stopped);
  EXPECT_EQ(world.keys().size(), 0u);
  world.start(StartType::resume_processing);
  world.run("3s");
  EXPECT_EQ(world.task->table_statistics()[0].full_load_rows, 9u);
}

TEST(Task, KeepsWithItsCheckpointWhatTheReaderOfTheLogHasToKnow) {
  PersonsWorld world;
  world.source.keeps_state = true;
  world.insert(1);
  world.start_and_load();
  world.insert(2);
  world.run("2m");
  ASSERT_TRUE(world.task->stop());
  world.run("1s");
  world.make();  // another process
  world.start(StartType::resume_processing);
  world.run("2s");
  EXPECT_EQ(world.source.restored,
            (std::vector<std::string>{"binlog.000001:104: known at binlog.000001:104",
                                      "binlog.000001:204: known at binlog.000001:204"}));
  world.source.keeps_state = false;
  world.insert(3);
  world.run("2m");
  ASSERT_TRUE(world.task->stop());
  world.run("1s");
  world.make();
  world.start(StartType::resume_processing);
  world.run("2s");
  EXPECT_EQ(world.source.restored.size(), 2u);
}

TEST(Task, LoadsTablesByLoadOrderThenByName) {
  World world;
  for (const char* name : {"a", "b", "c"}) {
    const mysql::TablePtr table = test::table_schema("kaustubh_schema", name, {{"id", "int"}});
    world.source.create(table);
    world.source.begin().insert(table, {"1"}).commit();
  }
  SelectionRule first = world.options.mappings.selection[0];
  first.table = "c";
  first.load_order = 2;
  world.options.mappings.selection.push_back(first);
  world.start_and_load();
  std::vector<std::string> order;
  for (const auto& line : world.lines) {
    if (line.kind == "load_file") order.emplace_back(line.field("key"));
  }
  EXPECT_EQ(order, (std::vector<std::string>{"kaustubh_schema/c/LOAD00000001.csv",
                                             "kaustubh_schema/a/LOAD00000001.csv",
                                             "kaustubh_schema/b/LOAD00000001.csv"}));
}

// dms.md 6.4: a change between the start of the capture and the SELECT is in both files.
TEST(Task, WritesChangesDuringTheLoadAsOrdinaryChangeFiles) {
  FaultyWorld world;
  world.insert(1);
  world.start();
  world.run("1s");
  world.insert(2);
  world.run("2m");
  EXPECT_EQ(world.body(std::string(load_key)), "1,Ada,London\n");
  EXPECT_EQ(world.changes(), "I,2,Ada,London\n");
}

TEST(Task, CatchesSystemSchemasUnderAPercent) {
  FaultyWorld world;
  world.options.mappings = test::select("%");
  const mysql::TablePtr user = test::table_schema("mysql", "user", {{"Host", "varchar(60)"}});
  world.source.create(user);
  world.source.begin().insert(user, {"%"}).commit();
  world.start_and_load();
  EXPECT_EQ(world.keys("mysql/").size(), 1u);
}

TEST(Task, FailsWhereTheSourceIsNotReadyForIt) {
  const std::pair<const char*, const char*> wrong[] = {
      {"log_bin", "OFF"}, {"binlog_format", "STATEMENT"}, {"binlog_row_image", "MINIMAL"}};
  for (const auto& [variable, value] : wrong) {
    FaultyWorld world;
    world.source.variables[variable] = value;
    world.start_and_load();
    EXPECT_EQ(world.task->status(), Status::failed);
    EXPECT_EQ(world.task->stop_reason(), "Stop Reason FATAL_ERROR");
    EXPECT_NE(world.task->last_failure_message().find(std::string(variable) + " is " + value),
              std::string::npos);
    EXPECT_NE(world.task->last_failure_message().find("Stop Reason FATAL_ERROR Error Level FATAL"),
              std::string::npos);
  }
}

TEST(Task, FailsWhereNoTableMatches) {
  FaultyWorld world;
  world.options.mappings = test::select("elsewhere");
  world.start_and_load();
  EXPECT_EQ(world.task->status(), Status::failed);
  EXPECT_NE(world.task->last_failure_message().find("No tables were found at task initialization"),
            std::string::npos);
}

TEST(Task, FailsWhereTheBinlogIsPurged) {
  FaultyWorld world;
  world.start_and_load();
  world.source.purged_error =
      "Error 1236 (Could not find first log file name in binary log index file) reading binary log";
  world.insert(1);
  world.run("1s");
  EXPECT_EQ(world.task->status(), Status::failed);
  EXPECT_NE(world.task->last_failure_message().find("1236"), std::string::npos);
}

TEST(Task, FailsWhereTheBucketIsMissing) {
  FaultyWorld world;
  world.options.target.bucket_name = "nowhere";
  world.start_and_load();
  EXPECT_EQ(world.task->status(), Status::failed);
  EXPECT_NE(world.task->last_failure_message().find("nowhere"), std::string::npos);
}

TEST(Task, RefusesAStartThatItsStateDoesNotAllow) {
  FaultyWorld world;
  world.make();
  EXPECT_FALSE(world.task->start(StartType::resume_processing).has_value());
  EXPECT_FALSE(world.task->start(StartType::reload_target).has_value());
  EXPECT_FALSE(world.task->stop().has_value());
  world.start_and_load();
  const auto again = world.task->start(StartType::resume_processing);
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().message.substr(0, 25), "InvalidResourceStateFault");
  ASSERT_TRUE(world.task->stop().has_value());
  world.run("1s");
  EXPECT_FALSE(world.task->start(StartType::start_replication).has_value());
}

TEST(Task, RefusesBadSettingsAtItsStart) {
  FaultyWorld world;
  world.options.settings_json = R"({"Nonsense":1})";
  EXPECT_FALSE(world.make().start(StartType::start_replication).has_value());
  EXPECT_EQ(world.task->status(), Status::ready);
}

TEST(Stop, WritesWhatIsBuffered) {
  FaultyWorld world;
  world.start_and_load();
  world.insert(1);
  world.run("1s");
  ASSERT_TRUE(world.task->stop().has_value());
  EXPECT_EQ(world.task->status(), Status::stopping);
  world.run("1s");
  EXPECT_EQ(world.task->status(), Status::stopped);
  EXPECT_EQ(world.task->stop_reason(), "Stop Reason NORMAL");
  EXPECT_EQ(world.changes(), "I,1,Ada,London\n");
  EXPECT_FALSE(world.source.is_watched());
  EXPECT_TRUE(world.scheduler.is_idle());
}

TEST(Resume, GoesOnWithTheFirstChangeThatIsNotDurable) {
  FaultyWorld world;
  world.insert(1);
  world.start_and_load();
  world.insert(2);
  world.run("1s");
  ASSERT_TRUE(world.task->stop().has_value());
  world.run("1s");
  world.insert(3);  // nobody listens
  world.start(StartType::resume_processing);
  world.run("2m");
  EXPECT_EQ(world.changes(), "I,2,Ada,London\nI,3,Ada,London\n");
  EXPECT_EQ(world.count("load_file"), 1u);
}

TEST(Reload, StartsFromNothing) {
  FaultyWorld world;
  world.insert(1);
  world.start_and_load();
  world.insert(2);
  world.run("2m");
  EXPECT_EQ(world.keys().size(), 2u);
  ASSERT_TRUE(world.task->stop().has_value());
  world.run("1s");
  world.start(StartType::reload_target);
  world.run("2m");
  EXPECT_EQ(world.keys(), std::vector<std::string>{std::string(load_key)});
  EXPECT_EQ(world.body(std::string(load_key)), "1,Ada,London\n2,Ada,London\n");
  EXPECT_EQ(world.task->table_statistics()[0].full_load_rows, 2u);
}

TEST(Reload, WithDoNothingKeepsTheOldChangeFiles) {
  FaultyWorld world;
  world.options.settings_json = R"({"FullLoadSettings":{"TargetTablePrepMode":"DO_NOTHING"}})";
  world.start_and_load();
  world.insert(2);
  world.run("2m");
  ASSERT_TRUE(world.task->stop().has_value());
  world.run("1s");
  world.start(StartType::reload_target);
  world.run("2m");
  EXPECT_EQ(world.keys().size(), 2u);
}

TEST(Task, StopsAfterTheLoadIfToldTo) {
  FaultyWorld world;
  world.options.settings_json = R"({"FullLoadSettings":{"StopTaskCachedChangesNotApplied":true}})";
  world.insert(1);
  world.start_and_load();
  EXPECT_EQ(world.task->status(), Status::stopped);
  EXPECT_EQ(world.task->stop_reason(), "Stop Reason STOPPED_AFTER_FULL_LOAD");
}

TEST(Task, StopsAfterTheCachedChangesIfToldTo) {
  FaultyWorld world;
  world.options.settings_json = R"({"FullLoadSettings":{"StopTaskCachedChangesApplied":true}})";
  world.insert(1);
  world.start();
  world.run("1s");
  world.insert(2);
  world.run("2s");
  EXPECT_EQ(world.task->status(), Status::stopped);
  EXPECT_EQ(world.task->stop_reason(), "Stop Reason STOPPED_AFTER_CACHED_EVENTS");
  EXPECT_EQ(world.changes(), "I,2,Ada,London\n");
  world.start(StartType::resume_processing);
  world.run("2m");
  EXPECT_EQ(world.task->status(), Status::running);
}

TEST(Puts, AreTriedAgainAfterOneTwoAndFourSeconds) {
  FaultyWorld world;
  world.start_and_load();
  world.fault("dms.put_object", "fail_before", 3);
  world.insert(1);
  world.run("60s");
  EXPECT_TRUE(world.keys().empty());
  world.run("6s");
  EXPECT_TRUE(world.keys().empty());
  world.run("2s");
  EXPECT_EQ(world.keys(),
            std::vector<std::string>{"kaustubh_schema/Persons/20260101-000102003.csv"});
  EXPECT_EQ(world.task->status(), Status::running);
}

TEST(Puts, ThatFailTooOftenEndTheTask) {
  FaultyWorld world;
  world.options.settings_json = R"({"ErrorBehavior":{"RecoverableErrorCount":1}})";
  world.start_and_load();
  world.fault("dms.put_object", "fail_before", 2);
  world.insert(1);
  world.run("2m");
  EXPECT_EQ(world.task->status(), Status::failed);
  world.start(StartType::resume_processing);
  world.run("2m");
  EXPECT_EQ(world.changes(), "I,1,Ada,London\n");
}

// Faults F5 and F8: stored, but the answer was lost.
TEST(Puts, ThatSucceedWithoutAnAnswerComeTwiceUnderOneName) {
  FaultyWorld world;
  world.insert(1);
  world.fault("dms.put_object", "fail_after");
  world.start();
  world.run("10s");
  EXPECT_EQ(world.body(std::string(load_key)), "1,Ada,London\n");
  EXPECT_EQ(world.task->full_load_progress_percent(), 100);
  world.fault("dms.put_object", "fail_after");
  world.insert(2);
  world.run("2m");
  EXPECT_EQ(world.keys().size(), 2u);
  EXPECT_EQ(world.changes(), "I,2,Ada,London\n");
}

TEST(Checkpoint, StaysBeforeTheFirstChangeThatIsNotDurable) {
  FaultyWorld world;
  const mysql::TablePtr other = test::table_schema("kaustubh_schema", "Cities", {{"id", "int"}});
  world.source.create(other);
  world.start_and_load();
  world.insert(1);  // 4: durable after a minute
  world.run("30s");
  world.source.begin().insert(other, {"7"}).commit();  // 104: durable half a minute later
  world.insert(2);                                     // 204
  world.run("31s");
  EXPECT_EQ(world.task->recovery_checkpoint().substr(0, 36),
            "checkpoint:V1#1#binlog.000001:104:-1");
  world.run("31s");
  EXPECT_EQ(world.task->recovery_checkpoint().substr(0, 36),
            "checkpoint:V1#1#binlog.000001:304:-1");
}

TEST(Checkpoint, FollowsALogInWhichNothingIsSelected) {
  FaultyWorld world;
  world.options.mappings = test::select("kaustubh_schema", "Persons");
  const mysql::TablePtr other = test::table_schema("other", "t", {{"id", "int"}});
  world.start_and_load();
  world.run("10s");
  world.source.begin().insert(other, {"7"}).commit();
  world.run("1s");
  EXPECT_EQ(world.task->recovery_checkpoint().substr(0, 32), "checkpoint:V1#1#binlog.000001:10");
  EXPECT_TRUE(world.keys().empty());
}

// Fault F1.
TEST(Crash, AfterThePutRepeatsTheRowsInAnotherFileWithTheSameSequence) {
  FaultyWorld world;
  world.options.target.sluice_change_seq = true;
  world.start_and_load();
  world.fault("dms.after_put", "crash");
  world.insert(1);
  world.insert(2);
  world.run("2m");
  EXPECT_EQ(world.task->status(), Status::failed);
  EXPECT_EQ(world.task->stop_reason(), "Stop Reason RECOVERABLE_ERROR");
  world.start(StartType::resume_processing);
  world.run("2m");
  const std::vector<std::string> keys = world.keys();
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(world.body(keys[0]), world.body(keys[1]));
}

TEST(Crash, InTheFullLoadLoadsTheUnfinishedTablesAgain) {
  World world;
  for (const char* name : {"a", "b"}) {
    const mysql::TablePtr table = test::table_schema("kaustubh_schema", name, {{"id", "int"}});
    world.source.create(table);
    world.source.begin().insert(table, {"1"}).commit();
  }
  emulator::sim::Fault fault;
  fault.link = "dms.after_load_file";
  fault.kind = "crash";
  fault.skip = 1;
  ASSERT_TRUE(world.faults.set(fault).has_value());
  world.start_and_load();
  EXPECT_EQ(world.task->status(), Status::failed);
  EXPECT_EQ(world.task->full_load_progress_percent(), 50);
  world.start(StartType::resume_processing);
  world.run("2s");
  EXPECT_EQ(world.task->full_load_progress_percent(), 100);
  EXPECT_EQ(world.count("load_file"), 2u);  // b's first one was never known to be stored
  EXPECT_EQ(world.body("kaustubh_schema/b/LOAD00000001.csv"), "1\n");
}

TEST(Recover, GoesOnAfterARestartOfTheProcess) {
  FaultyWorld world;
  world.insert(1);
  world.start_and_load();
  world.insert(2);
  world.run("10s");
  world.make();                                      // the process died: what was buffered is gone
  EXPECT_EQ(world.task->status(), Status::running);  // as far as anyone knows
  ASSERT_TRUE(world.task->recover().has_value());
  EXPECT_EQ(world.task->status(), Status::starting);
  world.run("2m");
  EXPECT_EQ(world.task->status(), Status::running);
  EXPECT_EQ(world.changes(), "I,2,Ada,London\n");
  EXPECT_EQ(world.count("load_file"), 1u);
}

TEST(Recover, LeavesAStoppedTaskStopped) {
  FaultyWorld world;
  world.start_and_load();
  ASSERT_TRUE(world.task->stop().has_value());
  world.run("1s");
  world.make();
  ASSERT_TRUE(world.task->recover().has_value());
  EXPECT_EQ(world.task->status(), Status::stopped);
}

TEST(Recover, IsNotNeededToStop) {
  FaultyWorld world;
  world.start_and_load();
  world.make();
  ASSERT_TRUE(world.task->stop().has_value());
  EXPECT_EQ(world.task->status(), Status::stopped);
}

TEST(Task, SuspendsATableThatItCannotRead) {
  FaultyWorld world;
  auto broken = std::make_shared<mysql::TableSchema>(
      *test::table_schema("kaustubh_schema", "Broken", {{"id", "int"}, {"n", "varchar(9)"}}));
  broken->columns[1].collation = 99999;  // no charset that anyone knows
  world.source.create(broken);
  world.source.begin().insert(broken, {"1", std::nullopt}).commit();
  world.insert(1);
  world.start_and_load();
  EXPECT_EQ(world.task->status(), Status::running);
  EXPECT_EQ(world.keys("kaustubh_schema/Persons/").size(), 1u);
}

TEST(Puts, OfOneTaskAreInOrder) {
  FaultyWorld world;
  world.options.target.cdc_min_file_size_kb = 1;
  world.start_and_load();
  world.fault("dms.put_object", "fail_before");
  for (int id = 1; id <= 6; ++id) world.insert(id, std::string(600, 'x'));
  world.run("2m");
  std::vector<std::string> order;
  for (const auto& line : world.lines) {
    if (line.kind == "change_file") order.emplace_back(line.field("key"));
  }
  EXPECT_EQ(order.size(), 3u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(Trace, NamesTheCommitAsTheCauseOfItsFile) {
  FaultyWorld world;
  world.start_and_load();
  const emulator::sim::EventId commit = world.trace.record("rds", "commit");
  world.source.begin().insert(world.table, world.row(1)).commit(commit);
  world.run("2m");
  for (const auto& line : world.lines) {
    if (line.kind != "change_file") continue;
    EXPECT_EQ(line.cause, commit);
    EXPECT_EQ(line.field("rows"), "1");
    EXPECT_EQ(line.field("first"), "binlog.000001:4");
  }
  EXPECT_EQ(world.count("change_file"), 1u);
}

}  // namespace
}  // namespace pipeline::dms
