// The place that MySQL 9.7 names for each of these texts.
#include <gtest/gtest.h>

#include "tests/pipeline/rds/sql/describe.h"

namespace pipeline::rds::sql {
namespace {

TEST(SyntaxError, HasMySQLsWords) {
  const auto statement = parse("selec 1");
  ASSERT_FALSE(statement);
  EXPECT_EQ(statement.error().text(),
            "ERROR 1064 (42000): You have an error in your SQL syntax; check the manual that "
            "corresponds to your MySQL server version for the right "
            "syntax to use near 'selec 1' at line 1");
}

TEST(SyntaxError, PointsAtTheFirstTokenThatDoesNotFit) {
  EXPECT_EQ(error_of("select 1 from"), "1064 near '' at line 1");
  EXPECT_EQ(error_of("select 1,\nfrom t\nwhere x = = 2"),
            "1064 near 'from t\nwhere x = = 2' at line 2");
  EXPECT_EQ(error_of("select 'abc"), "1064 near ''abc' at line 1");
  EXPECT_EQ(error_of("select `a"), "1064 near '`a' at line 1");
  EXPECT_EQ(error_of("select 1 /* abc"), "1064 near '/* abc' at line 1");
  EXPECT_EQ(error_of("select x'4'"), "1064 near 'x'4'' at line 1");
  EXPECT_EQ(error_of("select 0b12, b'12'"), "1064 near 'b'12'' at line 1");
  EXPECT_EQ(error_of("select 1 == 2"), "1064 near '== 2' at line 1");
  EXPECT_EQ(error_of("select ((((1"), "1064 near '' at line 1");
  EXPECT_EQ(error_of("select a b c"), "1064 near 'c' at line 1");
  EXPECT_EQ(error_of("select 1 is true is true"), "1064 near 'is true' at line 1");
  EXPECT_EQ(error_of("select 1 = not 1"), "1064 near 'not 1' at line 1");
  EXPECT_EQ(error_of("select 1, *"), "1064 near '*' at line 1");
  EXPECT_EQ(error_of("select count(distinct *)"), "1064 near '*)' at line 1");
  EXPECT_EQ(error_of("select 1 as select"), "1064 near 'select' at line 1");
  EXPECT_EQ(error_of("select `a`.`b`.`c`.`d`"), "1064 near '.`d`' at line 1");
  EXPECT_EQ(error_of("select 1 from t limit -1"), "1064 near '-1' at line 1");
  EXPECT_EQ(error_of("create table t (a int primary key, b int default 1+1)"),
            "1064 near '+1)' at line 1");
  EXPECT_EQ(error_of("update t set a = 1 b = 2"), "1064 near 'b = 2' at line 1");
  EXPECT_EQ(error_of("insert into t values (1,2"), "1064 near '' at line 1");
  EXPECT_EQ(error_of("set x"), "1064 near '' at line 1");
  EXPECT_EQ(error_of("select 1; select 2"), "1064 near 'select 2' at line 1");
}

TEST(SyntaxError, QuotesAtMostEightyBytesAndNoHalfCharacter) {
  EXPECT_EQ(error_of("select from " + std::string(200, 'x')),
            "1064 near 'from " + std::string(75, 'x') + "' at line 1");
  std::string accents = "select from ";
  for (int i = 0; i < 60; ++i) accents += "\xC3\xA9";
  EXPECT_EQ(error_of(accents), "1064 near '" + accents.substr(7, 79) + "' at line 1");
}

TEST(SyntaxError, CarriesItsOffset) {
  const auto statement = parse("SELECT 1,\n FROM t");
  ASSERT_FALSE(statement);
  EXPECT_EQ(statement.error().offset, 11u);
}

TEST(Calls, WithABlankBeforeTheParenthesisAreNotBuiltIn) {
  EXPECT_EQ(error_of("select count (1)").substr(0, 4), "1630");
}

}  // namespace
}  // namespace pipeline::rds::sql
