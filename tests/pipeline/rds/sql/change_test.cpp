#include <gtest/gtest.h>

#include "tests/pipeline/rds/sql/describe.h"

namespace pipeline::rds::sql {
namespace {

std::string row(ExprList values) {
  std::string out;
  for (ExprPtr value : values) out += (out.empty() ? "" : ",") + describe(value);
  return "(" + out + ")";
}

std::string describe_insert(std::string_view sql) {
  const auto statement = parse(sql);
  if (!statement) return statement.error().text();
  const auto* insert = statement->as<Insert>();
  if (!insert) return "not an insert";
  std::string out = std::string(insert->replace  ? "replace "
                                : insert->ignore ? "ignore "
                                                 : "insert ") +
                    std::string(insert->table.name);
  if (insert->has_columns) out += " [";
  for (const ColumnName& column : insert->columns) out += std::string(column.name) + " ";
  if (insert->has_columns) out += "]";
  for (ExprList values : insert->rows) out += " " + row(values);
  if (insert->query) out += " " + describe(*insert->query);
  if (!insert->row_alias.empty()) out += " as " + std::string(insert->row_alias);
  for (const ColumnName& column : insert->column_aliases) out += " " + std::string(column.name);
  for (const Assignment& a : insert->on_duplicate)
    out += " update " + describe(a.column) + "=" + describe(a.value);
  return out;
}

TEST(Insert, TakesRowsSetAndSelect) {
  EXPECT_EQ(describe_insert("INSERT INTO t VALUES (1, 'a'), (DEFAULT, -2)"),
            "insert t (1,'a') (default,(- 2))");
  EXPECT_EQ(describe_insert("INSERT t (a, t.b) VALUE (1, DEFAULT(b))"),
            "insert t [a b ] (1,(default-of b))");
  EXPECT_EQ(describe_insert("INSERT INTO t () VALUES ()"), "insert t [] ()");
  EXPECT_EQ(describe_insert("INSERT IGNORE INTO t SET a = 1, b := DEFAULT"),
            "ignore t [a b ] (1,default)");
  EXPECT_EQ(describe_insert("INSERT INTO t (a) SELECT 1 UNION SELECT 2"),
            "insert t [a ] select 1 union select 2");
  EXPECT_EQ(describe_insert("INSERT INTO t (SELECT 1)"), "insert t {select 1}");
  EXPECT_EQ(describe_insert("REPLACE INTO d.t VALUES (1)"), "replace t (1)");
}

TEST(Insert, TakesOnDuplicateKeyUpdate) {
  EXPECT_EQ(
      describe_insert(
          "INSERT INTO t VALUES (1, 2) ON DUPLICATE KEY UPDATE a = VALUES(a) + 1, t.b = DEFAULT"),
      "insert t (1,2) update a=(+ (values a) 1) update t.b=default");
  EXPECT_EQ(describe_insert("INSERT INTO t VALUES (1) AS new(x) ON DUPLICATE KEY UPDATE a = new.x"),
            "insert t (1) as new x update a=new.x");
  EXPECT_EQ(error_of("REPLACE t VALUES (1) ON DUPLICATE KEY UPDATE a = 1"),
            "1064 near 'ON DUPLICATE KEY UPDATE a = 1' at line 1");
}

TEST(Update, TakesOneTable) {
  const auto statement = parse(
      "UPDATE IGNORE d.t AS x SET a = a + 1, b = DEFAULT WHERE a = 1 ORDER BY b DESC LIMIT 3");
  ASSERT_TRUE(statement) << statement.error().text();
  const auto* update = statement->as<Update>();
  ASSERT_TRUE(update);
  EXPECT_TRUE(update->ignore);
  EXPECT_EQ(update->table.schema, "d");
  EXPECT_EQ(update->alias, "x");
  ASSERT_EQ(update->assignments.size(), 2u);
  EXPECT_EQ(describe(update->assignments[0].value), "(+ a 1)");
  EXPECT_EQ(describe(update->where), "(= a 1)");
  EXPECT_TRUE(update->order_by.at(0).descending);
  EXPECT_EQ(describe(update->limit.count), "3");
  EXPECT_EQ(error_of("UPDATE a, b SET a.x = 1"), "1235 UPDATE of several tables");
  EXPECT_EQ(error_of("UPDATE a JOIN b SET a.x = 1"), "1235 UPDATE of several tables");
}

TEST(Delete, TakesOneTable) {
  const auto statement = parse("DELETE FROM t x WHERE a IN (1, 2) ORDER BY a LIMIT 1");
  ASSERT_TRUE(statement) << statement.error().text();
  EXPECT_EQ(describe(statement->as<Delete>()->where), "(in a 1 2)");
  EXPECT_EQ(error_of("DELETE a, b FROM a, b"), "1235 DELETE from several tables");
  EXPECT_EQ(error_of("DELETE FROM a USING a JOIN b"), "1235 DELETE from several tables");
  EXPECT_EQ(error_of("DELETE t"), "1064 near '' at line 1");
}

}  // namespace
}  // namespace pipeline::rds::sql
