// The same statements (fixtures/sql/versions.sql) on servers of many versions: their logs, read
// without help, tell the same changes. Each log has what its version differs in: rows v1 and v2,
// checksums and none, temporal types of before 5.6, metadata FULL, MINIMAL or none, signs with YEAR
// and without, collations that stand before the charset of a statement.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "emulator/base/file.h"
#include "pipeline/commands/command.h"
#include "tests/pipeline/commands/command_line.h"
#include "tests/source_path.h"

namespace pipeline::commands {
namespace {

const std::string folder = tests::source_path("fixtures/binlog/versions");

std::vector<std::string> logs() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() != ".jsonl") out.push_back(entry.path().filename().string());
  std::sort(out.begin(), out.end());
  return out;
}

class BinlogVersions : public CommandLine, public testing::WithParamInterface<std::string> {};

// Without DDL, positions, GTIDs and times, which differ.
std::string changes(const std::string& lines) {
  std::istringstream in(lines);
  std::string out;
  for (std::string line; std::getline(in, line);)
    if (line.find("\"op\":\"ddl\"") == std::string::npos)
      out += "{" + line.substr(line.find("\"schema\"")) + "\n";
  return out;
}

TEST_P(BinlogVersions, TellTheSameChanges) {
  const auto expected = emulator::base::read_file(folder + "/changes.jsonl");
  ASSERT_TRUE(expected);
  ASSERT_EQ(sluice({"binlog", "--json", folder + "/" + GetParam()}), exit_ok) << err_;
  EXPECT_EQ(err_, "");
  EXPECT_EQ(changes(out_), *expected);
}

std::string name_of(const testing::TestParamInfo<std::string>& each) {
  std::string out = each.param;
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '-' || c == '.'; }, '_');
  return out;
}
INSTANTIATE_TEST_SUITE_P(, BinlogVersions, testing::ValuesIn(logs()), name_of);

}  // namespace
}  // namespace pipeline::commands
