#include <gtest/gtest.h>

#include "tests/pipeline/rds/sql/describe.h"

namespace pipeline::rds::sql {
namespace {

TEST(Select, ReadsEveryClause) {
  EXPECT_EQ(query("SELECT DISTINCT a, COUNT(*) AS n FROM t WHERE a > 1 GROUP BY a WITH ROLLUP "
                  "HAVING n > 1 ORDER BY n DESC, a LIMIT 5, 10 FOR UPDATE"),
            "select distinct a (COUNT *):n from t where (> a 1) group a rollup having (> n 1) "
            "order n desc a limit 10 offset 5 for update");
  EXPECT_EQ(query("SELECT 1 FROM DUAL"), "select 1");
  EXPECT_EQ(query("SELECT * , t.*, d.t.* FROM t LIMIT 1 OFFSET 2;"),
            "select * t.* d.t.* from t limit 1 offset 2");
  EXPECT_EQ(query("SELECT a b, c AS 'd e', 1 \"f\" FROM t u"), "select a:b c:d e 1:f from t:u");
  EXPECT_EQ(query("SELECT 1 LOCK IN SHARE MODE"), "select 1 for share");
  EXPECT_EQ(query("SELECT a FROM t USE INDEX (i) IGNORE KEY FOR ORDER BY (PRIMARY), u"),
            "select a from (join t u)");
}

TEST(Select, NamesItsColumnsAsMySQLDoes) {
  const auto statement = parse(
      "SELECT a, t.b, 1+ 1 , 'x''y', 'a' 'b', (c), NULL, _latin1'z', now() AS n, COUNT(*), +a FROM "
      "t");
  ASSERT_TRUE(statement);
  std::string names;
  for (const SelectItem& item : statement->as<SelectStatement>()->query->terms[0].select.items)
    names += std::string(item.name) + "|";
  EXPECT_EQ(names, "a|b|1+ 1|x'y|a|c|NULL|z|n|COUNT(*)|a|");
}

TEST(Joins, BuildATree) {
  EXPECT_EQ(query("SELECT 1 FROM a JOIN b ON a.x = b.x LEFT JOIN c USING (y, z)"),
            "select 1 from (left (join a b on (= a.x b.x)) c using y using z)");
  EXPECT_EQ(query("SELECT 1 FROM a, b CROSS JOIN c"), "select 1 from (join a (join b c))");
  EXPECT_EQ(query("SELECT 1 FROM a NATURAL LEFT JOIN b"), "select 1 from (natural-left a b)");
  EXPECT_EQ(query("SELECT 1 FROM a LEFT JOIN b JOIN c ON 1 ON 2"),
            "select 1 from (left a (join b c on 1) on 2)");
  EXPECT_EQ(query("SELECT 1 FROM (a, b) RIGHT OUTER JOIN (c JOIN d) ON 1"),
            "select 1 from (right (join a b) (join c d) on 1)");
  EXPECT_EQ(query("SELECT 1 FROM a STRAIGHT_JOIN b ON 1"), "select 1 from (join a b on 1)");
}

TEST(DerivedTables, NeedAnAlias) {
  EXPECT_EQ(query("SELECT x FROM (SELECT 1, 2) AS d (x, y)"), "select x from (select 1 2):d,x,y");
  EXPECT_EQ(query("SELECT 1 FROM ((SELECT 1) UNION (SELECT 2)) d"),
            "select 1 from ({select 1} union {select 2}):d");
  EXPECT_EQ(query("SELECT 1 FROM ((SELECT 1) d JOIN t)"), "select 1 from (join (select 1):d t)");
  EXPECT_EQ(error_of("SELECT 1 FROM (SELECT 1)"),
            "1248 Every derived table must have its own alias");
}

TEST(Union, KeepsOrderAndLimitWhereTheyBelong) {
  EXPECT_EQ(query("SELECT 1 UNION ALL SELECT 2 UNION DISTINCT SELECT 3 ORDER BY 1 LIMIT 1"),
            "select 1 union all select 2 union select 3 order 1 limit 1");
  EXPECT_EQ(query("(SELECT 1 LIMIT 1) UNION (SELECT 2)"), "{select 1 limit 1} union {select 2}");
  EXPECT_EQ(error_of("SELECT 1 ORDER BY 1 UNION SELECT 2"), "1064 near 'UNION SELECT 2' at line 1");
}

}  // namespace
}  // namespace pipeline::rds::sql
