#include "pipeline/commands/result_text.h"

#include <gtest/gtest.h>

namespace pipeline::commands {
namespace {

const ResultText people{.columns = {"PersonID", "City"},
                        .rows = {{"1", "Zürich"}, {"20", std::nullopt}}};

TEST(ResultText, DrawsTheTableOfMySQL) {
  EXPECT_EQ(as_table(people),
            "+----------+--------+\n"
            "| PersonID | City   |\n"
            "+----------+--------+\n"
            "| 1        | Zürich |\n"
            "| 20       | NULL   |\n"
            "+----------+--------+\n"
            "2 rows in set\n");
  EXPECT_EQ(as_table({.columns = {"a"}, .rows = {}}), "Empty set\n");
}

TEST(ResultText, SaysHowManyRowsAStatementChanged) {
  EXPECT_EQ(as_table({.affected_rows = 1}), "Query OK, 1 row affected\n");
  EXPECT_EQ(as_table({.affected_rows = 2, .info = "Rows matched: 2  Changed: 2  Warnings: 0"}),
            "Query OK, 2 rows affected\nRows matched: 2  Changed: 2  Warnings: 0\n");
  EXPECT_EQ(as_tabs({.affected_rows = 2}), "");
}

TEST(ResultText, EscapesWhatWouldBreakALineOfTabs) {
  EXPECT_EQ(as_tabs(people), "PersonID\tCity\n1\tZürich\n20\tNULL\n");
  EXPECT_EQ(as_tabs({.columns = {"a"}, .rows = {{"x\ty\nz\\"}}}), "a\nx\\ty\\nz\\\\\n");
}

}  // namespace
}  // namespace pipeline::commands
