#include <gtest/gtest.h>

#include "tests/pipeline/rds/sql/describe.h"

namespace pipeline::rds::sql {
namespace {

std::vector<std::string> split(std::string_view script) {
  std::vector<std::string> out;
  const auto parts = split_script(script);
  if (!parts) return {parts.error().text()};
  for (const ScriptPart& part : *parts) {
    EXPECT_EQ(script.substr(part.offset, part.text.size()), part.text);
    out.emplace_back(part.text);
  }
  return out;
}

using Parts = std::vector<std::string>;

TEST(Script, IsCutAtSemicolonsOutsideQuotesAndComments) {
  EXPECT_EQ(split("a; b 'x;y' \"z;\" `;` ;; -- c;\n d # e;\n f; /* g; */ h"),
            (Parts{"a", "b 'x;y' \"z;\" `;`", "d # e;\n f", "h"}));
  EXPECT_EQ(split("SELECT 'a\\';b'; SELECT 2"), (Parts{"SELECT 'a\\';b'", "SELECT 2"}));
  EXPECT_EQ(split(" ; -- nothing\n /* here */ ;"), Parts{});
  EXPECT_EQ(split("SELECT 1--2; x"), (Parts{"SELECT 1--2", "x"}));
}

TEST(Script, KeepsTheMarksOfVersionedComments) {
  EXPECT_EQ(split("/*!40101 SET NAMES utf8mb4 */; SELECT 1"),
            (Parts{"/*!40101 SET NAMES utf8mb4 */", "SELECT 1"}));
  EXPECT_EQ(split("CREATE DATABASE /*!32312 IF NOT EXISTS*/ d /*!40100 CHARSET utf8mb4 */;"),
            (Parts{"CREATE DATABASE /*!32312 IF NOT EXISTS*/ d /*!40100 CHARSET utf8mb4 */"}));
  EXPECT_EQ(split("/*!99999 future; */ SELECT 1"), Parts{"SELECT 1"});
}

TEST(Script, RefusesDelimiter) {
  EXPECT_NE(split("SELECT 1;\nDELIMITER //\n").at(0).find("DELIMITER"), std::string::npos);
}

TEST(VersionedComments, AreReadUpToOurVersion) {
  EXPECT_EQ(query("SELECT /*!80000 1 + */ 2"), "select (+ 1 2)");
  EXPECT_EQ(query("SELECT /*!90000 1 + */ 2"), "select 2");
  EXPECT_EQ(query("SELECT /*! 1 + */ 2"), "select (+ 1 2)");
  EXPECT_EQ(query("SELECT 1 /*!50003 + 1"), "select (+ 1 1)");
  EXPECT_TRUE(parse("/* nothing */ ; ")->as<Empty>());
}

}  // namespace
}  // namespace pipeline::rds::sql
