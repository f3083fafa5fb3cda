// The bytes and names of the files that a task writes.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "emulator/base/file.h"
#include "tests/pipeline/dms/world.h"
#include "tests/source_path.h"

namespace pipeline::dms {
namespace {

using test::PersonsWorld;
using test::Values;
using test::World;
using Kind = mysql::SchemaChange::Kind;

// Compares with fixtures/dms/NAME; UPDATE_GOLDEN=1 rewrites it.
void expect_golden(const std::string& name, const std::string& actual) {
  const std::string path = tests::source_path("fixtures/dms/" + name);
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    ASSERT_TRUE(emulator::base::write_file_atomically(path, actual).has_value());
    return;
  }
  const auto expected = emulator::base::read_file(path);
  ASSERT_TRUE(expected.has_value()) << path;
  EXPECT_EQ(actual, *expected) << "differs from fixtures/dms/" << name;
}

mysql::TablePtr everything() {
  return test::table_schema("shop", "everything",
                            {{"id", "int"},
                             {"amount", "decimal(10,2)"},
                             {"ratio", "double"},
                             {"flag", "bit(1)"},
                             {"day", "date"},
                             {"at", "datetime(3)"},
                             {"note", "varchar(255)"},
                             {"raw", "varbinary(16)"}});
}

void fill(World& world, const mysql::TablePtr& table) {
  world.source.create(table);
  world.source.begin()
      .insert(table, {"1", "85100.00", "21804.858784530072", "1", "1996-07-04",
                      "2022-10-02 06:56:33.120", "54, rue R", "0x00FF"})
      .insert(table, {"2", "-0.50", "0", "0", "0000-00-00", std::nullopt, "say \"hi\"\nthen\\n go",
                      std::nullopt})
      .insert(table, {"3", std::nullopt, std::nullopt, std::nullopt, std::nullopt, std::nullopt,
                      " it's +#; \xF0\x9F\x98\x80 ", "0x"})
      .commit();
}

TEST(LoadFiles, AreGolden) {
  World world;
  world.options.mappings = test::select("shop");
  fill(world, everything());
  world.start_and_load();
  ASSERT_EQ(world.keys(), std::vector<std::string>{"shop/everything/LOAD00000001.csv"});
  expect_golden("load_defaults.csv", world.body("shop/everything/LOAD00000001.csv"));
}

TEST(LoadFiles, WithEverySettingAreGolden) {
  World world;
  world.options.mappings = test::select("shop");
  world.options.target.bucket_folder = "lake/raw";
  world.options.target.csv_delimiter = '|';
  world.options.target.csv_null_value = "NULL";
  world.options.target.include_op_for_full_load = true;
  world.options.target.add_column_name = true;
  world.options.target.timestamp_column_name = "ts";
  world.options.target.sluice_change_seq = true;
  fill(world, everything());
  world.start_and_load();
  ASSERT_EQ(world.keys(), std::vector<std::string>{"lake/raw/shop/everything/LOAD00000001.csv"});
  expect_golden("load_all_settings.csv", world.body("lake/raw/shop/everything/LOAD00000001.csv"));
}

void change_everything(World& world, const mysql::TablePtr& table) {
  const Values first{"1",         "85100.00",   "21804.858784530072",
                     "1",         "1996-07-04", "2022-10-02 06:56:33.120",
                     "54, rue R", "0x00FF"};
  const Values second{
      "2", "-0.50", "0", "0", "0000-00-00", std::nullopt, "say \"hi\"\nthen\\n go", std::nullopt};
  Values changed = first;
  changed[1] = "1.00";
  Values moved = changed;
  moved[0] = "11";
  world.source.begin()
      .insert(table,
              {"4", "4.00", "4", "1", "2024-02-29", "2024-02-29 12:00:00.000", "a|b,c", "0x"})
      .commit();
  world.run("20s");
  world.source.begin()
      .update(table, first, changed)
      .update(table, changed, moved)
      .remove(table, second)
      .commit();
  world.run("2m");
}

TEST(ChangeFiles, AreGolden) {
  World world;
  world.options.mappings = test::select("shop");
  const mysql::TablePtr table = everything();
  fill(world, table);
  world.start_and_load();
  change_everything(world, table);
  expect_golden("changes_defaults.csv", world.changes("shop/everything/"));
}

TEST(ChangeFiles, WithEverySettingAreGolden) {
  World world;
  world.options.mappings = test::select("shop");
  world.options.target.csv_delimiter = '|';
  world.options.target.csv_null_value = "NULL";
  world.options.target.add_column_name = true;
  world.options.target.timestamp_column_name = "ts";
  world.options.target.sluice_change_seq = true;
  const mysql::TablePtr table = everything();
  fill(world, table);
  world.start_and_load();
  change_everything(world, table);
  expect_golden("changes_all_settings.csv", world.changes("shop/everything/"));
}

// dms.md 1.2: file time = first change + interval + 3 ms, in UTC.
TEST(ChangeFiles, AreNamedByTheTimeAtWhichTheyAreClosed) {
  PersonsWorld world;
  world.start_and_load();
  world.run("10s");
  world.insert(101);
  world.run("59s");
  world.insert(102);
  EXPECT_TRUE(world.keys().empty());
  world.run("10s");
  EXPECT_EQ(world.keys(),
            std::vector<std::string>{"kaustubh_schema/Persons/20260101-000112003.csv"});
  EXPECT_EQ(world.changes(), "I,101,Ada,London\nI,102,Ada,London\n");
}

TEST(ChangeFiles, AreNotWrittenWhileTheTableIsIdle) {
  PersonsWorld world;
  world.start_and_load();
  world.run("1h");
  EXPECT_TRUE(world.keys().empty());
  world.insert(1);
  world.run("1h");
  world.insert(2);
  world.run("1h");
  EXPECT_EQ(world.keys().size(), 2u);
}

TEST(ChangeFiles, OfTwoTablesHaveTimersOfTheirOwn) {
  PersonsWorld world;
  const mysql::TablePtr other = test::table_schema("kaustubh_schema", "Cities", {{"id", "int"}});
  world.source.create(other);
  world.start_and_load();
  world.insert(1);
  world.run("30s");
  world.source.begin().insert(other, {"7"}).commit();
  world.run("31s");
  EXPECT_EQ(world.keys().size(), 1u);
  world.run("30s");
  EXPECT_EQ(world.changes("kaustubh_schema/Cities/"), "I,7\n");
}

TEST(ChangeFiles, CloseAtTheirSizeWithoutSharingAName) {
  PersonsWorld world;
  world.options.target.cdc_min_file_size_kb = 1;
  world.start_and_load();
  auto transaction = world.source.begin();
  for (int id = 1; id <= 10; ++id)
    transaction.insert(world.table, world.row(id, std::string(600, 'x')));
  transaction.commit();
  world.run("1s");
  const std::vector<std::string> keys = world.keys();
  ASSERT_EQ(keys.size(), 5u);
  EXPECT_EQ(keys[0], "kaustubh_schema/Persons/20260101-000002000.csv");
  EXPECT_EQ(keys[4], "kaustubh_schema/Persons/20260101-000002004.csv");
}

TEST(LoadFiles, AreSplitAtTheirSizeAndNumberedInHex) {
  PersonsWorld world;
  world.options.target.max_file_size_kb = 1;
  auto transaction = world.source.begin();
  for (int id = 1; id <= 34; ++id)
    transaction.insert(world.table, world.row(id, std::string(400, 'x')));
  transaction.commit();
  world.start_and_load();
  const std::vector<std::string> keys = world.keys();
  ASSERT_EQ(keys.size(), 17u);
  EXPECT_EQ(keys.front(), "kaustubh_schema/Persons/LOAD00000001.csv");
  EXPECT_EQ(keys[9], "kaustubh_schema/Persons/LOAD0000000A.csv");
  EXPECT_EQ(keys.back(), "kaustubh_schema/Persons/LOAD00000011.csv");
  std::size_t lines = 0;
  for (const std::string& key : keys) {
    const std::string body = world.body(key);
    EXPECT_LE(body.size(), 1024u);
    EXPECT_EQ(body.back(), '\n');
    lines += static_cast<std::size_t>(std::count(body.begin(), body.end(), '\n'));
  }
  EXPECT_EQ(lines, 34u);
}

TEST(LoadFiles, OfAnEmptyTableDoNotExist) {
  PersonsWorld world;
  world.start_and_load();
  EXPECT_TRUE(world.keys().empty());
}

TEST(LoadFiles, CarryAGrowingTimestamp) {
  PersonsWorld world;
  world.options.target.timestamp_column_name = "ts";
  world.source.begin().insert(world.table, world.row(1)).insert(world.table, world.row(2)).commit();
  world.start_and_load();
  EXPECT_EQ(world.body("kaustubh_schema/Persons/LOAD00000001.csv"),
            "2026-01-01 00:00:01.100000,1,Ada,London\n2026-01-01 00:00:01.100010,2,Ada,London\n");
}

// The table of dms.md 2.5.
TEST(OpColumn, FollowsTheSettings) {
  struct Case {
    bool include_op, inserts_only;
    std::string_view load, changes;
  };
  const Case cases[] = {
      {false, false, "1,Ada,London\n", "I,2,Bob,London\nU,2,Eve,London\nD,2,Eve,London\n"},
      {true, false, "I,1,Ada,London\n", "I,2,Bob,London\nU,2,Eve,London\nD,2,Eve,London\n"},
      {true, true, "I,1,Ada,London\n", "I,2,Bob,London\n"},
      {false, true, "1,Ada,London\n", "2,Bob,London\n"}};
  for (const Case& expected : cases) {
    PersonsWorld world;
    world.options.target.include_op_for_full_load = expected.include_op;
    world.options.target.cdc_inserts_only = expected.inserts_only;
    world.insert(1);
    world.start_and_load();
    world.source.begin()
        .insert(world.table, world.row(2, "Bob"))
        .update(world.table, world.row(2, "Bob"), world.row(2, "Eve"))
        .remove(world.table, world.row(2, "Eve"))
        .commit();
    world.run("2m");
    EXPECT_EQ(world.body("kaustubh_schema/Persons/LOAD00000001.csv"), expected.load);
    EXPECT_EQ(world.changes(), expected.changes);
  }
}

TEST(ChangeFiles, HoldOneRowForAChangedKey) {
  PersonsWorld world;
  world.insert(1);
  world.start_and_load();
  world.source.begin().update(world.table, world.row(1), world.row(9)).commit();
  world.run("2m");
  EXPECT_EQ(world.changes(), "U,9,Ada,London\n");
}

TEST(ChangeFiles, CarryCommitTimesInWholeSecondsUnlessAskedForMore) {
  for (const bool micros : {false, true}) {
    PersonsWorld world;
    world.options.target.timestamp_column_name = "ts";
    world.options.target.sluice_commit_micros = micros;
    world.start_and_load();
    world.run("250ms");
    world.insert(1);
    world.run("2m");
    EXPECT_EQ(world.changes(), micros ? "I,2026-01-01 00:00:02.250000,1,Ada,London\n"
                                      : "I,2026-01-01 00:00:02.000000,1,Ada,London\n");
  }
}

TEST(ChangeFiles, QuoteWhateverHoldsTheDelimiter) {
  PersonsWorld world;
  world.options.target.csv_delimiter = '-';
  world.options.target.timestamp_column_name = "ts";
  world.start_and_load();
  world.source.begin().insert(world.table, {"-1", "a,b", "c-d"}).commit();
  world.run("2m");
  EXPECT_EQ(world.changes(), "I-\"2026-01-01 00:00:02.000000\"-\"-1\"-a,b-\"c-d\"\n");
}

TEST(GeneratedColumns, AreNotCarried) {
  World world;
  const mysql::TablePtr in_log = test::persons();
  auto known = std::make_shared<mysql::TableSchema>(*in_log);
  known->columns[1].generated = true;
  world.source.create(known);
  world.source.begin().insert(in_log, {"1", "Ada", "London"}).commit();
  world.start_and_load();
  world.source.begin().insert(in_log, {"2", "Bob", "Paris"}).commit();
  world.run("2m");
  EXPECT_EQ(world.body("kaustubh_schema/Persons/LOAD00000001.csv"), "1,London\n");
  EXPECT_EQ(world.changes(), "I,2,Paris\n");
}

TEST(ChangeSequence, GrowsByTwelveAndFourOverAllTables) {
  PersonsWorld world;
  const mysql::TablePtr other = test::table_schema("kaustubh_schema", "Cities", {{"id", "int"}});
  world.source.create(other);
  world.options.target.sluice_change_seq = true;
  world.start_and_load();
  world.insert(1);
  world.source.begin()
      .insert(world.table, world.row(2))
      .insert(other, {"7"})
      .insert(world.table, world.row(3))
      .commit();
  world.run("2m");
  EXPECT_EQ(world.changes(),
            "I,1,Ada,London,20260101000002000000000000000000012\n"
            "I,2,Ada,London,20260101000002000000000000000000024\n"
            "I,3,Ada,London,20260101000002000000000000000000032\n");
  EXPECT_EQ(world.changes("kaustubh_schema/Cities/"), "I,7,20260101000002000000000000000000028\n");
}

TEST(ChangeSequence, ComesFromATransformationRuleToo) {
  PersonsWorld world;
  world.options.mappings.change_sequences.push_back({"kaustubh_schema", "%", "transact_seq"});
  world.options.target.add_column_name = true;
  world.insert(1);
  world.start_and_load();
  world.insert(2);
  world.run("2m");
  EXPECT_EQ(world.body("kaustubh_schema/Persons/LOAD00000001.csv"),
            "PersonID,FullName,City,transact_seq\n1,Ada,London,\n");
  EXPECT_EQ(world.changes(),
            "Op,PersonID,FullName,City,transact_seq\nI,2,Ada,London,"
            "20260101000002000000000000000000012\n");
}

TEST(Ddl, StartsANewFileWithTheNewColumns) {
  PersonsWorld world;
  world.options.target.add_column_name = true;
  world.start_and_load();
  world.insert(1);
  const mysql::TablePtr wider = test::table_schema("kaustubh_schema", "Persons",
                                                   {{"PersonID", "int"},
                                                    {"FullName", "varchar(255)"},
                                                    {"Age", "int"},
                                                    {"City", "varchar(255)"}});
  world.source.change_shape(wider);
  world.source.begin().ddl(Kind::alter_table, "kaustubh_schema", "Persons").commit();
  world.source.begin().insert(wider, {"2", "Bob", "30", "Paris"}).commit();
  world.run("2m");
  const std::vector<std::string> keys = world.keys();
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(world.body(keys[0]), "Op,PersonID,FullName,City\nI,1,Ada,London\n");
  EXPECT_EQ(world.body(keys[1]), "Op,PersonID,FullName,Age,City\nI,2,Bob,30,Paris\n");
  EXPECT_EQ(world.task->table_statistics()[0].ddls, 1u);
  EXPECT_EQ(world.task->table_statistics()[0].applied_ddls, 1u);
}

TEST(Ddl, TruncateDeletesTheFilesOfTheTable) {
  for (const bool handled : {true, false}) {
    PersonsWorld world;
    if (!handled)
      world.options.settings_json =
          R"({"ChangeProcessingDdlHandlingPolicy":{"HandleSourceTableTruncated":false}})";
    world.insert(1);
    world.start_and_load();
    world.insert(2);
    world.source.begin().ddl(Kind::truncate_table, "kaustubh_schema", "Persons").commit();
    world.insert(3);
    world.run("2m");
    EXPECT_EQ(world.keys().size(), handled ? 1u : 3u);
    EXPECT_EQ(world.changes(), handled ? "I,3,Ada,London\n" : "I,2,Ada,London\nI,3,Ada,London\n");
    EXPECT_EQ(world.task->table_statistics()[0].ddls, 1u);
    EXPECT_EQ(world.task->table_statistics()[0].applied_ddls, 0u);
  }
}

TEST(Ddl, OfDropAndRenameIsOnlyAWarning) {
  PersonsWorld world;
  world.insert(1);
  world.start_and_load();
  world.source.begin().ddl(Kind::drop_table, "kaustubh_schema", "Persons").commit();
  world.source.begin().ddl(Kind::rename_table, "kaustubh_schema", "Persons").commit();
  world.run("2m");
  EXPECT_TRUE(world.warned("DROP TABLE is not currently supported"));
  EXPECT_TRUE(world.warned("RENAME TABLE"));
  EXPECT_EQ(world.keys().size(), 1u);
  EXPECT_EQ(world.task->status(), Status::running);
  EXPECT_EQ(world.task->table_statistics()[0].ddls, 0u);
}

TEST(Ddl, OfPartitionsSuspendsTheTable) {
  PersonsWorld world;
  world.start_and_load();
  world.insert(1);
  world.source.begin()
      .ddl(Kind::alter_table, "kaustubh_schema", "Persons",
           "ALTER TABLE Persons ADD `partition` INT /* PARTITION */")
      .commit();
  world.insert(2);
  world.run("2m");
  EXPECT_EQ(world.task->table_statistics()[0].state, "Table completed");
  world.insert(3);
  world.source.begin()
      .ddl(Kind::alter_table, "kaustubh_schema", "Persons",
           "alter table Persons truncate partition p0")
      .commit();
  world.insert(4);
  world.run("2m");
  EXPECT_EQ(world.changes(), "I,1,Ada,London\nI,2,Ada,London\nI,3,Ada,London\n");
  EXPECT_EQ(world.task->table_statistics()[0].state, "Table error");
  EXPECT_EQ(world.task->status(), Status::running);
  EXPECT_TRUE(world.warned("is suspended"));
}

TEST(Ddl, ANewTableUnderAWildcardIsPickedUp) {
  PersonsWorld world;
  world.start_and_load();
  const mysql::TablePtr created = test::table_schema("kaustubh_schema", "Created", {{"id", "int"}});
  world.source.create(created);
  world.source.begin().ddl(Kind::create_table, "kaustubh_schema", "Created").commit();
  world.source.begin().insert(created, {"1"}).commit();
  world.run("2m");
  EXPECT_EQ(world.changes("kaustubh_schema/Created/"), "I,1\n");
  EXPECT_EQ(world.task->table_statistics().size(), 2u);
}

}  // namespace
}  // namespace pipeline::dms
