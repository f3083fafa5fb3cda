// The judge: the state before a recorded log, changed by what we decode of the log, must be the
// state that the server had after it, in every table and value. SLUICE_CORPORA names a folder of
// more recordings (its binlog/SERVER/manifest.tsv); without it those of fixtures/ are run.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <set>

#include "emulator/base/file.h"
#include "emulator/base/text.h"
#include "pipeline/mysql/binlog/file.h"
#include "pipeline/mysql/binlog/reader.h"
#include "pipeline/mysql/binlog/transaction_assembler.h"
#include "replay.h"
#include "tests/source_path.h"

namespace pipeline::mysql {
namespace {

struct Part {
  std::string folder, name, first, last, state_after;
};
void PrintTo(const Part& part, std::ostream* out) { *out << part.folder << " " << part.name; }

std::string corpora_folder() {
  const char* named = std::getenv("SLUICE_CORPORA");
  return named ? std::string(named) + "/binlog" : tests::source_path("fixtures/binlog");
}

std::vector<Part> all_parts() {
  std::vector<Part> parts;
  for (const char* server : {"mysql-9.7", "mariadb-10.11"}) {
    const std::string folder = corpora_folder() + "/" + server;
    const std::string manifest = emulator::base::read_file(folder + "/manifest.tsv").value_or("");
    for (const std::string_view line : emulator::base::split(manifest, '\n')) {
      const auto cells = emulator::base::split(line, '\t');
      if (cells.size() == 4)
        parts.push_back({folder, std::string(cells[0]), std::string(cells[1]),
                         std::string(cells[2]), std::string(cells[3])});
    }
  }
  return parts;
}

// state-03.jsonl.gz comes before state-04.jsonl.gz.
std::string state_before(const Part& part) {
  const int number = std::atoi(part.name.substr(0, 2).c_str()) - 1;
  return part.folder + "/state-" + (number < 10 ? "0" : "") + std::to_string(number) + ".jsonl.gz";
}

std::vector<std::string> logs_of(const Part& part) {
  std::vector<std::string> logs;
  for (int number = std::atoi(part.first.substr(part.first.size() - 6).c_str());; ++number) {
    std::string digits = std::to_string(number);
    const std::string name = "binlog." + std::string(6 - digits.size(), '0') + digits;
    const std::string path = part.folder + "/" + name;
    logs.push_back(std::filesystem::exists(path) ? path : path + ".gz");
    if (name == part.last) return logs;
  }
}

// Part 03: what statements in ks3.m and ks3.ai did.
void forget_rows_known_only_as_sql(Replay& copy, std::vector<TableState>& truth) {
  const std::set<std::string> ids{"7", "8", "9", "10"};
  auto& rows = copy.tables()["ks3.m"];
  rows.erase(
      std::remove_if(rows.begin(), rows.end(),
                     [&](const auto& row) { return ids.count(row.at("id").value_or("")) > 0; }),
      rows.end());
  for (TableState& state : truth) {
    auto& lines = state.rows;
    if (state.schema->name() == "ks3.ai") lines.clear();
    if (state.schema->name() == "ks3.m")
      lines.erase(
          std::remove_if(lines.begin(), lines.end(),
                         [&](const TextRow& row) { return ids.count(row[0].value_or("")) > 0; }),
          lines.end());
  }
}

// ST_AsBinary of MySQL 8 and later, which the truth was taken with, swaps to latitude first under
// SRID 4326. The log has the stored order, x first.
void use_storage_axis_order(std::vector<TableState>& truth) {
  for (TableState& state : truth)
    for (TextRow& row : state.rows)
      for (auto& value : row)
        if (value == "wkb:010100000000000000000010400000000000001440:4326" &&
            state.schema->columns[0].declared == "int")
          value = "wkb:010100000000000000000014400000000000001040:4326";
}

class RecordedPart : public testing::TestWithParam<Part> {};

TEST_P(RecordedPart, ReplaysToTheStateThatTheServerHad) {
  const Part& part = GetParam();
  auto before = read_table_states(state_before(part));
  auto after = read_table_states(part.folder + "/" + part.state_after);
  ASSERT_TRUE(before) << before.error().text();
  ASSERT_TRUE(after) << after.error().text();
  Replay copy;
  copy.load(*before);

  std::vector<std::string> warnings;
  binlog::TransactionAssembler assembler(
      [&](const Position&, const std::string& message) { warnings.push_back(message); });
  std::size_t changes = 0;
  for (const std::string& path : logs_of(part)) {
    auto bytes = binlog::read_possibly_gzipped(path);
    ASSERT_TRUE(bytes) << bytes.error().text();
    auto reader = binlog::Reader::over(binlog::log_name(path), *bytes);
    assembler.begin_file(reader.file());
    while (true) {
      auto event = reader.next();
      ASSERT_TRUE(event) << event.error().text();
      if (!*event) break;
      auto transaction = assembler.add(**event, reader.format());
      ASSERT_TRUE(transaction) << path << " " << (**event).offset << ": "
                               << transaction.error().text();
      if (!*transaction) continue;
      changes += (**transaction).changes.size();
      copy.apply(**transaction);
      const auto& ddl = (**transaction).schema_change;
      if (ddl && ddl->sql.find("truncate partition p1") !=
                     std::string::npos)  // range(y): p1 is what is not below 2000
        copy.truncate_partition("ks2.part", [](const Replay::NamedRow& row) {
          return row.at("y").value_or("") >= "2000";
        });
    }
    ASSERT_TRUE(reader.finish());
  }
  EXPECT_FALSE(assembler.inside_transaction());

  std::vector<std::string> problems = copy.problems();
  if (part.name == "03-row-image") {
    // Five inserts and an update were logged as SQL: the reader says so, and neither copy nor truth
    // can be held to them.
    EXPECT_EQ(warnings.size(), 6u);
    for (const std::string& warning : warnings)
      EXPECT_TRUE(warning.find("insert into") != std::string::npos ||
                  warning.find("update m set b='ten'") != std::string::npos)
          << warning;
    ASSERT_EQ(problems.size(), 1u) << (problems.empty() ? "" : problems[0]);
    EXPECT_NE(problems[0].find("no such row in ks3.m:"), std::string::npos) << problems[0];
    problems.clear();
    forget_rows_known_only_as_sql(copy, *after);
  } else {
    EXPECT_TRUE(warnings.empty()) << warnings[0];
  }
  if (part.name == "01-types") use_storage_axis_order(*after);
  // MariaDB's sequences and system-versioned tables are no base tables to the recorded state.
  copy.tables().erase("ks6.sq");
  copy.tables().erase("ks6.ver");
  EXPECT_GT(changes, 0u);
  EXPECT_TRUE(problems.empty()) << problems.size() << " problems, first: " << problems[0];
  for (const std::string& difference : copy.differences(*after)) ADD_FAILURE() << difference;
}

INSTANTIATE_TEST_SUITE_P(Corpora, RecordedPart, testing::ValuesIn(all_parts()),
                         [](const auto& one) {
                           std::string name =
                               one.param.folder.substr(one.param.folder.find_last_of('/') + 1) +
                               "_" + one.param.name;
                           for (char& c : name)
                             if (c == '-' || c == '.') c = '_';
                           return name;
                         });

}  // namespace
}  // namespace pipeline::mysql
