// The logs of real servers through a task: LOAD files and change files, put together by key and
// sequence number, are the rows that the server had afterwards.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "emulator/base/csv.h"
#include "pipeline/dms/csv_rows.h"
#include "pipeline/mysql/recorded_source.h"
#include "tests/pipeline/dms/world.h"
#include "tests/source_path.h"

namespace pipeline::dms {
namespace {

struct Recording {
  std::string folder;
  std::vector<std::string> binlogs;
  std::string before, after;  // states
};

std::unique_ptr<mysql::RecordedSource> open(const Recording& recording, const std::string& state) {
  const std::string folder = tests::source_path("fixtures/binlog/") + recording.folder + "/";
  mysql::RecordedOptions options;
  for (const std::string& binlog : recording.binlogs) options.binlogs.push_back(folder + binlog);
  options.state = folder + state;
  auto source = mysql::RecordedSource::open(options);
  EXPECT_TRUE(source.has_value()) << (source ? "" : source.error().message);
  return source ? std::move(*source) : nullptr;
}

using Fields = std::vector<std::string>;
using Rows = std::map<Fields, Fields>;  // by key

Fields texts(const emulator::base::CsvRow& row, std::size_t from, std::size_t count) {
  Fields all;
  for (std::size_t i = from; i < row.size() && all.size() < count; ++i) all.push_back(row[i].text);
  return all;
}

Fields key_of(const mysql::TableSchema& table, const Fields& row) {
  Fields key;
  for (const std::uint32_t column : table.primary_key) key.push_back(row.at(column));
  return key;
}

// The table as its server left it, in DMS's texts.
Rows truth_rows(mysql::RecordedSource& source, const mysql::TablePtr& table) {
  S3Settings settings;
  CsvRowsOptions options;
  options.settings = &settings;
  options.table = table;
  CsvRows rows(FileKind::load, std::move(options));
  std::string csv;
  const auto read = source.read_table(table->schema, table->table, [&](const mysql::Row& row) {
    EXPECT_TRUE(rows.append_row(csv, {}, row).has_value());
    return true;
  });
  EXPECT_TRUE(read.has_value());
  Rows all;
  const auto parsed = emulator::base::parse_csv(csv);
  EXPECT_TRUE(parsed.has_value());
  for (const auto& row : *parsed) {
    const Fields fields = texts(row, 0, row.size());
    all[key_of(*table, fields)] = fields;
  }
  return all;
}

Rows merged_rows(test::World& world, const mysql::TableSchema& table) {
  Rows all;
  std::map<std::string, Fields> changes;  // by sequence number
  const std::size_t width = table.columns.size();
  for (const std::string& key : world.keys(table.schema + "/" + table.table + "/")) {
    const auto parsed = emulator::base::parse_csv(world.body(key));
    EXPECT_TRUE(parsed.has_value()) << key;
    if (!parsed) continue;
    const bool load = key.find("/LOAD") != std::string::npos;
    for (const auto& row : *parsed) {
      if (load) {
        const Fields fields = texts(row, 0, width);
        all[key_of(table, fields)] = fields;
      } else {
        changes[row.back().text] = texts(row, 0, width + 1);
      }
    }
  }
  for (const auto& [sequence, change] : changes) {
    const Fields fields(change.begin() + 1, change.end());
    if (change[0] == "D") {
      all.erase(key_of(table, fields));
    } else {
      all[key_of(table, fields)] = fields;
    }
  }
  return all;
}

bool same_shape(const mysql::TableSchema& a, const mysql::TableSchema& b) {
  return a.columns.size() == b.columns.size() && a.primary_key == b.primary_key &&
         std::equal(
             a.columns.begin(), a.columns.end(), b.columns.begin(),
             [](const auto& x, const auto& y) { return x.name == y.name && x.type == y.type; });
}

class Recorded : public testing::TestWithParam<Recording> {};

TEST_P(Recorded, LogsComeOutAsTheRowsOfTheirServer) {
  const auto source = open(GetParam(), GetParam().before);
  const auto truth = open(GetParam(), GetParam().after);
  ASSERT_TRUE(source && truth);
  const auto before = *source->tables();
  const auto after = *truth->tables();
  test::World world;
  world.options.mappings = test::select("%");
  world.options.target.sluice_change_seq = true;
  world.task = std::make_unique<ReplicationTask>(world.options, *source, world.s3, world.state,
                                                 world.scheduler, world.trace, world.faults,
                                                 world.streams.stream("dms"));
  world.start();
  world.run("10m");
  ASSERT_EQ(world.task->status(), Status::running) << world.task->last_failure_message();
  std::size_t compared = 0, changed = 0;
  for (const mysql::TablePtr& table : after) {
    const auto old = std::find_if(before.begin(), before.end(),
                                  [&](const auto& t) { return t->name() == table->name(); });
    const bool generated = std::any_of(table->columns.begin(), table->columns.end(),
                                       [](const auto& c) { return c.generated || !c.visible; });
    // Without a key there is nothing to merge by; after an ALTER TABLE the files have two widths.
    if (table->primary_key.empty() || generated ||
        (old != before.end() && !same_shape(**old, *table)))
      continue;
    const Rows expected = truth_rows(*truth, table);
    EXPECT_EQ(merged_rows(world, *table), expected) << table->name();
    ++compared;
    changed += old == before.end() || expected != truth_rows(*source, *old) ? 1 : 0;
  }
  EXPECT_GT(compared, 15u);
  EXPECT_GT(changed, 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Real, Recorded,
    testing::Values(
        Recording{"mysql-9.7", {"binlog.000005"}, "state-03.jsonl.gz", "state-04.jsonl.gz"},
        Recording{"mysql-9.7",
                  {"binlog.000009", "binlog.000010", "binlog.000011"},
                  "state-05.jsonl.gz",
                  "state-06.jsonl.gz"},
        Recording{"mariadb-10.11", {"binlog.000005"}, "state-03.jsonl.gz", "state-04.jsonl.gz"},
        Recording{"mariadb-10.11",
                  {"binlog.000009", "binlog.000010", "binlog.000011"},
                  "state-05.jsonl.gz",
                  "state-06.jsonl.gz"}));

}  // namespace
}  // namespace pipeline::dms
