// Confirmed against MySQL 9.7: each expression below parses there, and where the tree could differ
// its value was compared.
#include <gtest/gtest.h>

#include "tests/pipeline/rds/sql/describe.h"

namespace pipeline::rds::sql {
namespace {

TEST(Precedence, FollowsTheManual) {
  EXPECT_EQ(expression("1 + 2 * 3"), "(+ 1 (* 2 3))");
  EXPECT_EQ(expression("1 - 2 - 3"), "(- (- 1 2) 3)");
  EXPECT_EQ(expression("2 ^ 3 * 4"), "(* (^ 2 3) 4)");
  EXPECT_EQ(expression("-2 ^ 2"), "(^ (- 2) 2)");
  EXPECT_EQ(expression("1 << 2 + 3"), "(<< 1 (+ 2 3))");
  EXPECT_EQ(expression("1 | 2 & 3"), "(| 1 (& 2 3))");
  EXPECT_EQ(expression("5 DIV 2 MOD 3 % 4"), "(% (% (DIV 5 2) 3) 4)");
  EXPECT_EQ(expression("a = b + 1 AND c"), "(and (= a (+ b 1)) c)");
  EXPECT_EQ(expression("a OR b XOR c AND d"), "(or a (XOR b (and c d)))");
  EXPECT_EQ(expression("NOT a = b"), "(NOT (= a b))");
  EXPECT_EQ(expression("NOT a AND b"), "(and (NOT a) b)");
  EXPECT_EQ(expression("!a = b"), "(= (NOT a) b)");
  EXPECT_EQ(expression("a = b = c"), "(= (= a b) c)");
  EXPECT_EQ(expression("1--1"), "(- 1 (- 1))");
  EXPECT_EQ(expression("~-1"), "(~ (- 1))");
  EXPECT_EQ(expression("-a COLLATE utf8mb4_bin"), "(- (collate utf8mb4_bin a))");
}

TEST(Precedence, PutsBetweenInsideAnd) {
  EXPECT_EQ(expression("a BETWEEN 1 AND 2 AND b"), "(and (between a 1 2) b)");
  EXPECT_EQ(expression("a NOT BETWEEN 1 AND 2 + 3"), "(not-between a 1 (+ 2 3))");
}

TEST(Precedence, KeepsLongChainsOfAndAndOrFlat) {
  EXPECT_EQ(expression("a OR b || c"), "(or a b c)");
  EXPECT_EQ(expression("a AND b && c"), "(and a b c)");
}

TEST(SqlMode, ChangesWhatSymbolsMean) {
  EXPECT_EQ(expression("a || b", {.pipes_as_concat = true}), "(|| a b)");
  EXPECT_EQ(expression("-a || b ^ c", {.pipes_as_concat = true}), "(^ (|| (- a) b) c)");
  EXPECT_EQ(expression("\"a\"", {.ansi_quotes = true}), "a");
  EXPECT_EQ(expression("\"a\""), "'a'");
  EXPECT_EQ(expression("'a\\'", {.no_backslash_escapes = true}), "'a\\'");
  EXPECT_EQ(expression("NOT a = b", {.high_not_precedence = true}), "(= (NOT a) b)");
  EXPECT_EQ(expression("COUNT (*)", {.ignore_space = true}), "(COUNT *)");
}

TEST(Literals, AreReadAsMySQLReadsThem) {
  EXPECT_EQ(expression("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(expression("18446744073709551616"), "18446744073709551616d");
  EXPECT_EQ(expression("1.50"), "1.50d");
  EXPECT_EQ(expression(".5"), ".5d");
  EXPECT_EQ(expression("5.e1"), "5.e1r");
  EXPECT_EQ(expression("1E-3"), "1E-3r");
  EXPECT_EQ(expression("1e"), "1e");  // a name
  EXPECT_EQ(expression("TRUE"), "true");
  EXPECT_EQ(expression("null"), "null");
  EXPECT_EQ(expression("0x4"), "x04");
  EXPECT_EQ(expression("x'4142'"), "x4142");
  EXPECT_EQ(expression("b'101'"), "b05");
  EXPECT_EQ(expression("0b1000000001"), "b0201");
  EXPECT_EQ(expression("DATE '2024-01-02'"), "date'2024-01-02'");
  EXPECT_EQ(expression("TIMESTAMP'2024-01-02 03:04:05'"), "datetime'2024-01-02 03:04:05'");
  EXPECT_EQ(expression("{t '10:00'}"), "time'10:00'");
  EXPECT_EQ(expression("_latin1'a' 'b'"), "_latin1'ab'");
  EXPECT_EQ(expression("N'a'"), "_utf8mb3'a'");
  EXPECT_EQ(expression("_foo"), "_foo");  // no charset: a name
}

TEST(Strings, UnescapeAndJoin) {
  EXPECT_EQ(expression("'it''s'"), "'it's'");
  EXPECT_EQ(expression("\"a\"\"b'\""), "'a\"b''");
  EXPECT_EQ(expression(R"('a\nb\\c\%d\_e\q')"), "'a\nb\\c\\%d\\_eq'");
  EXPECT_EQ(expression("'a' \"b\"\n'c'"), "'abc'");
  EXPECT_EQ(expression("'\xF0\x9F\x98\x80'"), "'\xF0\x9F\x98\x80'");
}

TEST(Names, MayBeQualifiedAndQuoted) {
  EXPECT_EQ(expression("d.t.c"), "d.t.c");
  EXPECT_EQ(expression("`a``b` . `select`"), "a`b.select");
  EXPECT_EQ(expression("t.select"), "t.select");  // behind a dot no word is reserved
  EXPECT_EQ(expression("t.1a"), "t.1a");
  EXPECT_EQ(expression("date"), "date");
  EXPECT_EQ(expression("@x"), "@x");
  EXPECT_EQ(expression("@`a b`"), "@a b");
  EXPECT_EQ(expression("@@global.sql_mode"), "@@global.sql_mode");
  EXPECT_EQ(expression("@@local.autocommit"), "@@session.autocommit");
  EXPECT_EQ(expression("@a := @b := 1 + 1"), "(@a := (@b := (+ 1 1)))");
  EXPECT_EQ(expression("? + ?"), "(+ ? ?)");
}

TEST(Predicates, TakeTheirNegation) {
  EXPECT_EQ(expression("a NOT IN (1, 'b')"), "(not-in a 1 'b')");
  EXPECT_EQ(expression("a IN (SELECT 1)"), "(in a select 1)");
  EXPECT_EQ(expression("a NOT LIKE 'x%' ESCAPE '!'"), "(not-like a 'x%' '!')");
  EXPECT_EQ(expression("a RLIKE 'x'"), "(regexp a 'x')");
  EXPECT_EQ(expression("a IS NOT NULL"), "(not-null? a)");
  EXPECT_EQ(expression("a IS NULL IS TRUE"), "(true? (null? a))");
  EXPECT_EQ(expression("a IS NOT UNKNOWN"), "(not-unknown? a)");
  EXPECT_EQ(expression("a <=> NULL"), "(<=> a null)");
  EXPECT_EQ(expression("a > ALL (SELECT 1)"), "(>ALL a select 1)");
  EXPECT_EQ(expression("a = SOME (SELECT 1)"), "(=ANY a select 1)");
  EXPECT_EQ(expression("(a, b) = ROW(1, 2)"), "(= (row a b) (row 1 2))");
  EXPECT_EQ(expression("NOT EXISTS (SELECT 1)"), "(NOT (exists select 1))");
  EXPECT_EQ(expression("a SOUNDS LIKE b"), "(SOUNDS LIKE a b)");
}

TEST(Parentheses, TellQueriesFromExpressions) {
  EXPECT_EQ(expression("(1)"), "1");
  EXPECT_EQ(expression("((SELECT 1) + 1)"), "(+ (select 1) 1)");
  EXPECT_EQ(expression("((SELECT 1))"), "({select 1})");
  EXPECT_EQ(expression("((SELECT 1) UNION (SELECT 2))"), "({select 1} union {select 2})");
  EXPECT_EQ(expression("((SELECT 1), 2)"), "(row (select 1) 2)");
}

TEST(Intervals, AreOperandsOrAFunction) {
  EXPECT_EQ(expression("a + INTERVAL 1 DAY - INTERVAL '1:2' HOUR_MINUTE"),
            "(- (+ a (interval DAY 1)) (interval HOUR_MINUTE '1:2'))");
  EXPECT_EQ(expression("INTERVAL 1 SQL_TSI_WEEK + a"), "(+ (interval WEEK 1) a)");
  EXPECT_EQ(expression("a + INTERVAL (1 + 1) DAY"), "(+ a (interval DAY (+ 1 1)))");
  EXPECT_EQ(expression("INTERVAL(5, 1, 10) + 1"), "(+ (INTERVAL 5 1 10) 1)");
  EXPECT_EQ(expression("DATE_ADD(a, INTERVAL 1 DAY)"), "(DATE_ADD a (interval DAY 1))");
  EXPECT_EQ(expression("SUBDATE(a, INTERVAL b MONTH)"), "(DATE_SUB a (interval MONTH b))");
  EXPECT_EQ(expression("ADDDATE(a, 31)"), "(ADDDATE a 31)");
}

TEST(Calls, HaveOneSpellingAFunction) {
  EXPECT_EQ(expression("current_timestamp"), "(NOW)");
  EXPECT_EQ(expression("LOCALTIME(3)"), "(NOW 3)");
  EXPECT_EQ(expression("curdate()"), "(CURDATE)");
  EXPECT_EQ(expression("CURRENT_USER"), "(CURRENT_USER)");
  EXPECT_EQ(expression("MID('abc', 2)"), "(SUBSTRING 'abc' 2)");
  EXPECT_EQ(expression("SUBSTRING('abc' FROM 2 FOR 1)"), "(SUBSTRING 'abc' 2 1)");
  EXPECT_EQ(expression("POSITION('a' IN b)"), "(LOCATE 'a' b)");
  EXPECT_EQ(expression("ucase(a)"), "(UPPER a)");
  EXPECT_EQ(expression("TRIM(LEADING 'x' FROM a)"), "(TRIM_LEADING a 'x')");
  EXPECT_EQ(expression("TRIM(BOTH FROM a)"), "(TRIM a)");
  EXPECT_EQ(expression("TRIM('x' FROM a)"), "(TRIM a 'x')");
  EXPECT_EQ(expression("EXTRACT(year_month FROM a)"), "(EXTRACT YEAR_MONTH a)");
  EXPECT_EQ(expression("TIMESTAMPDIFF(day, a, b)"), "(TIMESTAMPDIFF DAY a b)");
  EXPECT_EQ(expression("c->'$.a'"), "(JSON_EXTRACT c '$.a')");
  EXPECT_EQ(expression("c->>'$.a'"), "(JSON_UNQUOTE (JSON_EXTRACT c '$.a'))");
  EXPECT_EQ(expression("if (a, b, left(c, 1))"), "(IF a b (LEFT c 1))");
  EXPECT_EQ(expression("Abs (1)"), "(ABS 1)");
}

TEST(Calls, KnowAggregates) {
  EXPECT_EQ(expression("COUNT(*)"), "(COUNT *)");
  EXPECT_EQ(expression("COUNT(DISTINCT a, b)"), "(COUNT distinct a b)");
  EXPECT_EQ(expression("SUM(ALL a)"), "(SUM a)");
  EXPECT_EQ(expression("GROUP_CONCAT(DISTINCT a, b ORDER BY c DESC SEPARATOR '-')"),
            "(GROUP_CONCAT distinct a b by c desc separator '-')");
}

TEST(Calls, CastAndConvert) {
  EXPECT_EQ(expression("CAST(a AS DECIMAL(10,2))"), "(cast decimal(10,2) a)");
  EXPECT_EQ(expression("CAST(a AS UNSIGNED INTEGER)"), "(cast bigint unsigned a)");
  EXPECT_EQ(expression("CONVERT(a, CHAR(3))"), "(cast char(3) a)");
  EXPECT_EQ(expression("CONVERT(a USING latin1)"), "(using latin1 a)");
  EXPECT_EQ(expression("BINARY a = b"), "(= (cast binary(1) a) b)");
  EXPECT_EQ(expression("CHAR(65, 66 USING utf8mb4)"), "(using utf8mb4 (CHAR 65 66))");
}

TEST(Case, KeepsItsOperandAndItsElse) {
  EXPECT_EQ(expression("CASE a WHEN 1 THEN 'x' ELSE 'y' END"), "(case a 1 'x' 'y')");
  EXPECT_EQ(expression("CASE WHEN a THEN b WHEN c THEN d END"), "(case - a b c d -)");
}

TEST(Expressions, CarryTheirPlaceInTheText) {
  const std::string_view sql = "SELECT 1,  a + b FROM t";
  const auto statement = parse(sql);
  ASSERT_TRUE(statement);
  const ExprPtr sum = statement->as<SelectStatement>()->query->terms[0].select.items[1].expr;
  EXPECT_EQ(sql.substr(sum->offset, sum->end - sum->offset), "a + b");
}

}  // namespace
}  // namespace pipeline::rds::sql
