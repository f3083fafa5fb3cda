// `sluice binlog` as scripts see it, over recorded logs of real servers.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "pipeline/commands/binlog_from.h"
#include "pipeline/commands/command.h"
#include "pipeline/mysql/binlog/file.h"
#include "tests/pipeline/commands/command_line.h"
#include "tests/source_path.h"

namespace pipeline::commands {
namespace {

class BinlogCommand : public CommandLine {
 protected:
  static std::string log(const std::string& name) {
    return tests::source_path("fixtures/binlog/") + name;
  }

  int sluice(std::vector<std::string> words) {
    words.insert(words.begin(), "binlog");
    return CommandLine::sluice(std::move(words));
  }
  std::ptrdiff_t lines() const { return std::count(out_.begin(), out_.end(), '\n'); }

  // "pos" of the line that this offset lies in.
  static std::string member(const std::string& line, const std::string& key) {
    const std::size_t at = line.find("\"" + key + "\":");
    const std::size_t start = at + key.size() + 3;
    return line.substr(start, line.find(',', start) - start);
  }
};

TEST_F(BinlogCommand, PrintsWhatComesAfterAPosition) {
  ASSERT_EQ(sluice({"--json", log("mysql-9.7/binlog.000005")}), exit_ok) << err_;
  const std::string all = out_;
  const std::string last = all.substr(all.rfind('\n', all.size() - 2) + 1);
  ASSERT_EQ(sluice({"--json", "--from", "binlog.000005:" + member(last, "pos"),
                    log("mysql-9.7/binlog.000005")}),
            exit_ok)
      << err_;
  EXPECT_EQ(out_.substr(out_.size() - last.size()), last);
  EXPECT_LT(out_.size(), all.size());
  const std::string from_there = out_;
  ASSERT_EQ(sluice({"--json", "--from", member(last, "pos"), log("mysql-9.7/binlog.000005")}),
            exit_ok)
      << err_;
  EXPECT_EQ(out_, from_there);
}

TEST_F(BinlogCommand, NamesTheNearestFileForOneThatIsNotThere) {
  EXPECT_EQ(sluice({"--json", log("mysql-9.7/binlg.000005")}), exit_usage);
  EXPECT_NE(err_.find("did you mean " + log("mysql-9.7/binlog.000005") + "?"), std::string::npos)
      << err_;
  EXPECT_EQ(sluice({"--json", log("mysql-9.7/of-another-kind")}), exit_usage);
  EXPECT_EQ(err_.find("did you mean"), std::string::npos) << err_;
}

TEST_F(BinlogCommand, SaysWhereAnEventBeginsThatThePositionLiesIn) {
  EXPECT_EQ(sluice({"--from", "300", log("mysql-9.7/binlog.000005")}), exit_usage);
  EXPECT_NE(err_.find("no event begins at 300"), std::string::npos) << err_;
}

TEST_F(BinlogCommand, PassesOverFilesBeforeTheOneOfThePosition) {
  EXPECT_EQ(sluice({"--json", "--from", "binlog.000009", log("mysql-9.7/binlog.000005"),
                    log("mysql-9.7/binlog.000009")}),
            exit_ok)
      << err_;
  EXPECT_EQ(out_.find("binlog.000005"), std::string::npos);
  EXPECT_GT(lines(), 0);
  EXPECT_EQ(sluice({"--json", "--from", "binlog.000077:4", log("mysql-9.7/binlog.000005")}),
            exit_usage);
  EXPECT_NE(err_.find("no file binlog.000077"), std::string::npos) << err_;
}

TEST_F(BinlogCommand, PrintsWhatAGtidSetDoesNotHave) {
  ASSERT_EQ(sluice({"--json", log("mysql-9.7/binlog.000005")}), exit_ok) << err_;
  const std::string first = out_.substr(0, out_.find('\n'));
  std::string gtid = member(first, "gtid");
  gtid = gtid.substr(1, gtid.size() - 2);
  ASSERT_EQ(sluice({"--json", "--from", gtid, log("mysql-9.7/binlog.000005")}), exit_ok) << err_;
  EXPECT_EQ(out_.find("\"" + gtid + "\""), std::string::npos);
  EXPECT_GT(lines(), 0);
}

TEST_F(BinlogCommand, PrintsOnlyTheTablesThatAreNamed) {
  ASSERT_EQ(sluice({"--json", log("mysql-9.7/binlog.000005"), log("mysql-9.7/binlog.000009")}),
            exit_ok)
      << err_;
  const auto all = lines();
  const std::string name = "\"schema\":\"ks6\",\"table\":\"g\"";
  ASSERT_NE(out_.find(name), std::string::npos);
  ASSERT_EQ(sluice({"--json", "--table", "k%6.g", log("mysql-9.7/binlog.000009"),
                    log("mysql-9.7/binlog.000005")}),
            exit_ok)
      << err_;
  ASSERT_GT(lines(), 0);
  EXPECT_LT(lines(), all);
  for (std::size_t at = 0; at < out_.size(); at = out_.find('\n', at) + 1) {
    const std::string line = out_.substr(at, out_.find('\n', at) - at);
    EXPECT_TRUE(line.find(name) != std::string::npos ||
                line.find("\"op\":\"ddl\"") != std::string::npos)
        << line;
  }
  ASSERT_EQ(sluice({"--json", "--table", "none.such", log("mysql-9.7/binlog.000005")}), exit_ok)
      << err_;
  EXPECT_EQ(out_, "");
}

TEST_F(BinlogCommand, CountsTheSameInOnePieceAndGzipped) {
  ASSERT_EQ(sluice({"--stats", "--json", log("mariadb-10.11/binlog.000005")}), exit_ok) << err_;
  EXPECT_NE(out_.find("\"row_images\":"), std::string::npos);
  EXPECT_EQ(sluice({"--verify", "--json", log("mariadb-10.11/binlog.000005")}), exit_ok) << err_;
  EXPECT_EQ(out_.find("\"rows\""), std::string::npos);
}

TEST_F(BinlogCommand, TakesATornEndForDamageUnlessTheServerHadTheFileOpen) {
  auto bytes = mysql::binlog::read_possibly_gzipped(log("mysql-9.7/binlog.000005"));
  ASSERT_TRUE(bytes);
  const std::string path = ::testing::TempDir() + "torn.000001";
  std::ofstream(path, std::ios::binary) << bytes->substr(0, bytes->size() - 20);
  EXPECT_EQ(sluice({"--stats", path}), exit_usage);
  EXPECT_NE(err_.find("ends inside an event"), std::string::npos) << err_;
  (*bytes)[4 + 17] |=
      1;  // the in-use flag of the FORMAT_DESCRIPTION, which its checksum leaves out
  std::ofstream(path, std::ios::binary) << bytes->substr(0, bytes->size() - 20);
  EXPECT_EQ(sluice({"--stats", path}), exit_ok) << err_;
  EXPECT_NE(err_.find("last event is not whole"), std::string::npos) << err_;
  std::filesystem::remove(path);
}

TEST_F(BinlogCommand, FailsWithTheEnvironmentsCodeWhereNoServerIs) {
  EXPECT_EQ(sluice({"--json", "mysql://nobody@127.0.0.1:1"}), exit_environment);
  EXPECT_NE(err_.find("127.0.0.1:1"), std::string::npos) << err_;
  EXPECT_EQ(sluice({"--json", "mysql://nobody@127.0.0.1:1?ssl=1"}), exit_usage);
}

TEST(BinlogFrom, TellsPositionsFromGtids) {
  EXPECT_EQ(parse_binlog_from("1234")->position->offset, 1234u);
  EXPECT_EQ(parse_binlog_from("mysql-bin.000007:99")->position->text(), "mysql-bin.000007:99");
  EXPECT_EQ(parse_binlog_from("mysql-bin.000007")->position->offset, 4u);
  EXPECT_FALSE(parse_binlog_from("mysql-bin.000007:x"));
  EXPECT_FALSE(parse_binlog_from(""));
  const auto maria = parse_binlog_from("0-1-100,1-1-7");
  ASSERT_TRUE(maria && maria->is_gtid());
  EXPECT_FALSE(maria->precedes("0-2-100"));
  EXPECT_TRUE(maria->precedes("0-2-101"));
  EXPECT_FALSE(maria->precedes("1-1-7"));
  EXPECT_TRUE(maria->precedes("2-1-1"));
  const auto set = parse_binlog_from("54090024-e798-11f1-ba82-02fc00000001:1-5:blue:3");
  ASSERT_TRUE(set && set->is_gtid());
  EXPECT_FALSE(set->precedes("54090024-e798-11f1-ba82-02fc00000001:5"));
  EXPECT_TRUE(set->precedes("54090024-e798-11f1-ba82-02fc00000001:6"));
  EXPECT_FALSE(set->precedes("54090024-e798-11f1-ba82-02fc00000001:blue:3"));
  EXPECT_TRUE(set->precedes("54090024-e798-11f1-ba82-02fc00000001:blue:4"));
}

TEST(TablePatterns, TakePercentForAnythingAndUnderscoreForItself) {
  EXPECT_TRUE(is_wanted_table({}, "a", "b"));
  EXPECT_TRUE(is_wanted_table({"shop.%"}, "shop", "orders"));
  EXPECT_FALSE(is_wanted_table({"shop.%"}, "shop2", "orders"));
  EXPECT_TRUE(is_wanted_table({"%.a_b"}, "x", "a_b"));
  EXPECT_FALSE(is_wanted_table({"%.a_b"}, "x", "acb"));
  EXPECT_TRUE(is_wanted_table({"x.y", "s%p.%rs"}, "shop", "orders"));
}

}  // namespace
}  // namespace pipeline::commands
