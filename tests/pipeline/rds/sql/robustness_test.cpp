// Whatever the bytes, the parser answers: a statement, or an error with a place inside the text.
#include <gtest/gtest.h>

#include "emulator/sim/random.h"
#include "tests/pipeline/rds/sql/describe.h"

namespace pipeline::rds::sql {
namespace {

constexpr std::string_view samples[] = {
    "CREATE TABLE IF NOT EXISTS d.t (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT "
    "'it''s', a VARCHAR(10) CHARACTER SET utf8mb4 DEFAULT 'x', "
    "e ENUM('a','b') DEFAULT 'a', c DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE NOW(3), g "
    "INT AS (a * 2) STORED, KEY k (a(3) DESC), "
    "CONSTRAINT f FOREIGN KEY (a) REFERENCES p (b) ON DELETE SET NULL) ENGINE=InnoDB DEFAULT "
    "CHARSET=utf8mb4 COMMENT 'x'",
    "INSERT INTO `t` (a, b) VALUES (1, 'x\\'y'), (-2.5e3, NULL), (x'41', b'101') AS n ON DUPLICATE "
    "KEY UPDATE a = n.a + 1, b = VALUES(b)",
    "SELECT DISTINCT a.*, COUNT(DISTINCT b) c, CASE WHEN x IS NOT NULL THEN y ELSE z END FROM a "
    "LEFT JOIN (SELECT 1 x) d ON a.x = d.x "
    "WHERE a BETWEEN 1 AND 2 AND b NOT IN (SELECT 1 UNION ALL SELECT 2) OR c LIKE 'a%' ESCAPE '!' "
    "GROUP BY a HAVING c > 1 ORDER BY 1 DESC LIMIT 1, 2",
    "ALTER TABLE t ADD COLUMN a INT DEFAULT 1 AFTER b, CHANGE c d DECIMAL(10,2) UNSIGNED, DROP "
    "PRIMARY KEY, RENAME TO x",
    "SET @a := DATE_ADD(NOW(), INTERVAL 1 DAY), GLOBAL x = DEFAULT, NAMES utf8mb4",
    "UPDATE t SET a = TRIM(LEADING 'x' FROM b) WHERE c->>'$.a' = 1 ORDER BY d LIMIT 3 /*!80000 */ "
    "-- end",
};

void expect_an_answer(const std::string& sql) {
  const auto statement = parse(sql);
  if (!statement) {
    EXPECT_LE(statement.error().offset, sql.size());
    EXPECT_FALSE(statement.error().message.empty());
  }
  const auto parts = split_script(sql);
  if (parts) {
    for (const ScriptPart& part : *parts)
      EXPECT_EQ(std::string_view(sql).substr(part.offset, part.text.size()), part.text);
  }
}

TEST(Parser, ReadsTheSamples) {
  for (std::string_view sql : samples) EXPECT_EQ(error_of(sql), "none") << sql;
}

TEST(Parser, AnswersEveryTruncation) {
  for (std::string_view sql : samples) {
    for (std::size_t size = 0; size < sql.size(); ++size)
      expect_an_answer(std::string(sql.substr(0, size)));
  }
}

TEST(Parser, AnswersMutations) {
  emulator::sim::Random random(7, "sql");
  constexpr std::string_view hostile = "'\"`()\\;,.@?*-/#!\0\xFF\n0aXx=<>|&:%{}";
  for (int round = 0; round < 4000; ++round) {
    std::string sql(samples[random.below(std::size(samples))]);
    for (std::uint64_t edits = 1 + random.below(4); edits > 0; --edits) {
      const std::size_t place = random.below(sql.size());
      const char byte = hostile[random.below(hostile.size())];
      if (random.below(2) == 0) {
        sql[place] = byte;
      } else {
        sql.erase(place, 1 + random.below(8));
        sql.insert(std::min(place, sql.size()), 1, byte);
      }
    }
    expect_an_answer(sql);
  }
}

TEST(Parser, AnswersDeepNestingWithAnError) {
  const auto repeat = [](std::string_view part, std::string_view tail = "") {
    std::string out = "SELECT ";
    for (int i = 0; i < 100000; ++i) out += part;
    return out + std::string(tail);
  };
  EXPECT_EQ(error_of(repeat("(")).substr(0, 4), "1436");
  EXPECT_EQ(error_of(repeat("-")).substr(0, 4), "1436");
  EXPECT_EQ(error_of(repeat("NOT ")).substr(0, 4), "1436");
  EXPECT_EQ(error_of(repeat("1+", "1")).substr(0, 4), "1436");
  EXPECT_EQ(error_of(repeat("(SELECT ")).substr(0, 4), "1436");
  EXPECT_EQ(error_of(repeat("1 IN (")).substr(0, 4), "1436");
  EXPECT_EQ(error_of(repeat("f(")).substr(0, 4), "1436");
  EXPECT_EQ(error_of(repeat("CASE ")).substr(0, 4), "1436");
  EXPECT_EQ(error_of(repeat("1 BETWEEN 2 AND ")).substr(0, 4), "1436");
  EXPECT_EQ(error_of(repeat("INTERVAL ")).substr(0, 4), "1436");
  EXPECT_EQ(error_of(repeat("a OR ", "a")), "none");  // flat
}

TEST(Parser, AnswersDeepJoins) {
  std::string chain = "SELECT 1 FROM a";
  std::string nested = "SELECT 1 FROM a";
  for (int i = 0; i < 5000; ++i) {
    chain += " JOIN a";
    nested += " LEFT JOIN (a";
  }
  EXPECT_EQ(error_of(chain).substr(0, 4), "1436");
  EXPECT_EQ(error_of(nested).substr(0, 4), "1436");
}

TEST(Parser, ReadsALongInsert) {
  std::string sql = "INSERT INTO t VALUES ";
  for (int i = 0; i < 20000; ++i)
    sql += std::string(i ? "," : "") + "(" + std::to_string(i) + ",'Ada Lovelace',NULL)";
  const auto statement = parse(sql);
  ASSERT_TRUE(statement);
  EXPECT_EQ(statement->as<Insert>()->rows.size(), 20000u);
}

}  // namespace
}  // namespace pipeline::rds::sql
