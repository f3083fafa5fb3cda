#include "tests/pipeline/rds/embedded/harness.h"

namespace pipeline::rds::embedded {
namespace {

struct Case {
  const char* sql;
  const char* expected;
};

// Each case on its own table t, as MySQL 8.4 answers.
TEST(Dialect, RefusesValuesWithMySqlsErrors) {
  const Case cases[] = {
      {"CREATE TABLE t (a TINYINT); INSERT INTO t VALUES (128)",
       "ERROR 1264 (22003): Out of range value for column 'a' at row 1"},
      {"CREATE TABLE t (a INT); INSERT INTO t VALUES (1), ('abc')",
       "ERROR 1366 (HY000): Incorrect integer value: 'abc' for column 'a' at row 2"},
      {"CREATE TABLE t (a INT); INSERT INTO t VALUES ('12abc')",
       "ERROR 1265 (01000): Data truncated for column 'a' at row 1"},
      {"CREATE TABLE t (a INT NOT NULL); INSERT INTO t VALUES (NULL)",
       "ERROR 1048 (23000): Column 'a' cannot be null"},
      {"CREATE TABLE t (a INT NOT NULL, b INT); INSERT INTO t (b) VALUES (1)",
       "ERROR 1364 (HY000): Field 'a' doesn't have a default value"},
      {"CREATE TABLE t (a VARCHAR(3)); INSERT INTO t VALUES ('abcd')",
       "ERROR 1406 (22001): Data too long for column 'a' at row 1"},
      {"CREATE TABLE t (a DATE); INSERT INTO t VALUES ('2026-02-30')",
       "ERROR 1292 (22007): Incorrect date value: '2026-02-30' for column 'a' at row 1"},
      {"CREATE TABLE t (a ENUM('x')); INSERT INTO t VALUES ('z')",
       "ERROR 1265 (01000): Data truncated for column 'a' at row 1"},
      {"CREATE TABLE t (a INT); INSERT INTO t VALUES (1, 2)",
       "ERROR 1136 (21S01): Column count doesn't match value count at row 1"},
      {"CREATE TABLE t (a INT); INSERT INTO t (z) VALUES (1)",
       "ERROR 1054 (42S22): Unknown column 'z' in 'field list'"},
      {"CREATE TABLE t (a INT); SELECT z FROM t WHERE y = 1",
       "ERROR 1054 (42S22): Unknown column 'z' in 'field list'"},
      {"CREATE TABLE t (a INT); SELECT a FROM t WHERE y = 1",
       "ERROR 1054 (42S22): Unknown column 'y' in 'where clause'"},
      {"SELECT * FROM nowhere", "ERROR 1146 (42S02): Table 'shop.nowhere' doesn't exist"},
      {"CREATE TABLE t (a INT); CREATE TABLE t (a INT)",
       "ERROR 1050 (42S01): Table 't' already exists"},
      {"DROP TABLE nowhere", "ERROR 1051 (42S02): Unknown table 'shop.nowhere'"},
      {"CREATE DATABASE shop", "ERROR 1007 (HY000): Can't create database 'shop'; database exists"},
      {"DROP DATABASE nowhere",
       "ERROR 1008 (HY000): Can't drop database 'nowhere'; database doesn't exist"},
      {"USE nowhere", "ERROR 1049 (42000): Unknown database 'nowhere'"},
      {"CREATE TABLE t (a INT, A INT)", "ERROR 1060 (42S21): Duplicate column name 'A'"},
      {"CREATE TABLE t (a INT, KEY k (b))",
       "ERROR 1072 (42000): Key column 'b' doesn't exist in table"},
      {"CREATE TABLE t (a INT AUTO_INCREMENT)",
       "ERROR 1075 (42000): Incorrect table definition; there can be only one auto column and it "
       "must be defined as a key"},
      {"CREATE TABLE t (a INT DEFAULT 'x')", "ERROR 1067 (42000): Invalid default value for 'a'"},
      {"CREATE TABLE t (a INT); ALTER TABLE t DROP COLUMN z",
       "ERROR 1091 (42000): Can't DROP 'z'; check that column/key exists"},
      {"SELECT no_such(1)", "ERROR 1305 (42000): FUNCTION shop.no_such does not exist"},
      {"SELECT 9223372036854775807 + 1",
       "ERROR 1690 (22003): BIGINT value is out of range in '(9223372036854775807 + 1)'"},
      {"ROLLBACK TO nowhere", "ERROR 1305 (42000): SAVEPOINT nowhere does not exist"},
  };
  for (const Case& c : cases) {
    Harness h;
    EXPECT_EQ(h.run(c.sql), c.expected) << c.sql;
  }
}

TEST(Dialect, EvaluatesExpressionsAsMySql) {
  const Case cases[] = {
      {"SELECT 1 + 1, 7 / 2, 7 DIV 2, 7 % 3, 1.5 * 2, '3' + 4, -5", "2,3.5000,3,1,3.0,7,-5"},
      {"SELECT 'a' = 'A', 'é' = 'E', 'a' = 'b', '1' = 1, '1abc' = 1, NULL = 1, NULL <=> NULL",
       "1,1,0,1,1,NULL,1"},
      {"SELECT CONCAT('a', 1, 2.50), UPPER('é'), LENGTH('é'), CHAR_LENGTH('é'), SUBSTRING('hello', "
       "2, 3), REPLACE('aXbX', 'X', '-')",
       "a12.50,É,2,1,ell,a-b-"},
      {"SELECT IF(1 > 2, 'a', 'b'), IFNULL(NULL, 3), COALESCE(NULL, NULL, 'x'), NULLIF(1, 1), "
       "GREATEST(1, 5, 3), LEAST('b', 'a')",
       "b,3,x,NULL,5,a"},
      {"SELECT ROUND(2.5), ROUND(-1.455, 2), FLOOR(-1.5), CEILING(1.2), ABS(-3), TRUNCATE(1.999, "
       "1), MOD(10, 4)",
       "3,-1.46,-2,2,3,1.9,2"},
      {"SELECT NOW(), CURDATE(), DATE_ADD('2026-01-31', INTERVAL 1 MONTH), DATE('2026-01-02 "
       "03:04:05') + INTERVAL 1 DAY",
       "2026-01-01 00:00:00,2026-01-01,2026-02-28,2026-01-03"},
      {"SELECT 10 BETWEEN 1 AND 20, 3 IN (1, 2, 3), 'abc' LIKE 'A_c', 'a%b' LIKE 'a\\%b', 5 NOT IN "
       "(1, NULL)",
       "1,1,1,1,NULL"},
      {"SELECT CASE 2 WHEN 1 THEN 'one' WHEN 2 THEN 'two' ELSE 'many' END, CAST('12.7' AS SIGNED), "
       "CAST(1.005 AS DECIMAL(5,2)), CAST('2026-1-2' AS DATE)",
       "two,12,1.01,2026-01-02"},
      {"SELECT 0.1 + 0.2, 1e0 / 3, 1 / 3, 1e20, 0.00001e0, 1/0",
       "0.3,0.3333333333333333,0.3333,1e20,0.00001,NULL"},
      {"SELECT DATABASE(), VERSION(), @@sql_mode LIKE '%STRICT%', @@version",
       "shop,8.4.3-sluice,1,8.4.3-sluice"},
      {"SET @a = 5; SELECT @a + 1, @b", "6,NULL"},
      {"SELECT DATE_FORMAT('2026-03-04 05:06:07', '%Y/%m/%d %H:%i:%s'), DATEDIFF('2026-03-01', "
       "'2026-02-01'), YEAR('2026-03-04')",
       "2026/03/04 05:06:07,28,2026"},
      {"SELECT 5 & 6, 5 | 6, 5 ^ 6, 1 << 3, ~0, x'41', b'1' + 0",
       "4,7,3,8,18446744073709551615,A,1"},
      {"SELECT JSON_EXTRACT('{\"a\": {\"b\": [1, 2]}}', '$.a.b[1]'), '{\"a\": \"x\"}' LIKE '%x%'",
       "2,1"},
  };
  for (const Case& c : cases) {
    Harness h;
    EXPECT_EQ(h.run(c.sql), c.expected) << c.sql;
  }
}

TEST(Dialect, SelectsGroupsAndJoins) {
  Harness h;
  h.run(
      "CREATE TABLE a (id INT PRIMARY KEY, city VARCHAR(20), n DECIMAL(8,2)); CREATE TABLE b (id "
      "INT PRIMARY KEY, a_id INT, s VARCHAR(10))");
  h.run(
      "INSERT INTO a VALUES (1, 'Pune', 10.50), (2, 'pune', 2), (3, 'Oslo', NULL); INSERT INTO b "
      "VALUES (1, 1, 'x'), (2, 1, 'y'), (3, 9, 'z')");
  EXPECT_EQ(h.run("SELECT city, COUNT(*), SUM(n), AVG(n) FROM a GROUP BY city ORDER BY city"),
            "Oslo,1,NULL,NULL|Pune,2,12.50,6.250000");
  EXPECT_EQ(h.run("SELECT a.id, b.s FROM a LEFT JOIN b ON b.a_id = a.id ORDER BY a.id DESC, b.s"),
            "3,NULL|2,NULL|1,x|1,y");
  EXPECT_EQ(h.run("SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.a_id = a.id)"), "1");
  EXPECT_EQ(h.run("SELECT id, (SELECT COUNT(*) FROM b WHERE a_id = a.id) AS c FROM a HAVING c > 0"),
            "1,2");
  EXPECT_EQ(h.run("SELECT DISTINCT city FROM a ORDER BY 1 LIMIT 1 OFFSET 1"), "Pune");
  EXPECT_EQ(
      h.run("SELECT id FROM a WHERE id IN (SELECT a_id FROM b) UNION SELECT 7 ORDER BY id DESC"),
      "7|1");
  EXPECT_EQ(h.run("SELECT GROUP_CONCAT(s ORDER BY s DESC SEPARATOR '-') FROM b"), "z-y-x");
  EXPECT_EQ(h.run("SELECT x.m FROM (SELECT MAX(n) AS m FROM a) AS x"), "10.50");
  EXPECT_EQ(h.run("SELECT (SELECT id FROM a)"),
            "ERROR 1242 (21000): Subquery returns more than 1 row");
}

TEST(Dialect, ChangesTables) {
  Harness h;
  h.run("CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(10) NOT NULL, b INT)");
  h.run("INSERT INTO t VALUES (1, '12', 5), (2, '7', NULL)");
  EXPECT_EQ(h.run("ALTER TABLE t ADD COLUMN c INT NOT NULL DEFAULT 9 AFTER id, DROP COLUMN b"),
            "ok 0");
  EXPECT_EQ(h.run("SELECT * FROM t"), "1,9,12|2,9,7");
  EXPECT_EQ(h.run("ALTER TABLE t MODIFY a INT FIRST; SELECT * FROM t"), "12,1,9|7,2,9");
  EXPECT_EQ(
      h.run(
          "ALTER TABLE t RENAME COLUMN a TO z, ADD UNIQUE KEY k (z); SELECT z FROM t WHERE z = 7"),
      "7");
  EXPECT_EQ(h.run("INSERT INTO t VALUES (7, 3, 1)"),
            "ERROR 1062 (23000): Duplicate entry '7' for key 't.k'");
  EXPECT_EQ(h.run("ALTER TABLE t ADD UNIQUE KEY c (c)"),
            "ERROR 1062 (23000): Duplicate entry '9' for key 't.c'");
  EXPECT_EQ(h.run("RENAME TABLE t TO u; SELECT COUNT(*) FROM u"), "2");
  EXPECT_EQ(
      h.run("SHOW CREATE TABLE u"),
      "u,CREATE TABLE `u` (\n  `z` int DEFAULT NULL,\n  `id` int NOT NULL,\n  `c` int NOT NULL "
      "DEFAULT '9',\n  PRIMARY KEY (`id`),\n  UNIQUE KEY `k` (`z`)\n) ENGINE=InnoDB DEFAULT "
      "CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci");
  EXPECT_EQ(h.run("CREATE TABLE v LIKE u; SHOW TABLES"), "u|v");
  EXPECT_EQ(h.run("CREATE TABLE w AS SELECT id, z + 1 AS y FROM u ORDER BY id; SELECT * FROM w"),
            "1,13|2,8");
  EXPECT_EQ(h.run("DESCRIBE u"), "z,int,YES,UNI,NULL,|id,int,NO,PRI,NULL,|c,int,NO,,9,");
}

TEST(Dialect, UpdatesFromLeftToRightInOrderAndWithLimit) {
  Harness h;
  h.run(
      "CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT); INSERT INTO t VALUES (1, 1, 0), (2, 2, "
      "0), (3, 3, 0)");
  EXPECT_EQ(h.run("UPDATE t SET a = a + 1, b = a WHERE id < 3"), "ok 2");
  EXPECT_EQ(h.run("UPDATE t SET id = id + 1"),
            "ERROR 1062 (23000): Duplicate entry '2' for key 't.PRIMARY'");
  EXPECT_EQ(h.run("UPDATE t SET id = id + 1 ORDER BY id DESC"), "ok 3");
  EXPECT_EQ(h.run("DELETE FROM t ORDER BY id LIMIT 1"), "ok 1");
  EXPECT_EQ(h.run("SELECT * FROM t"), "3,3,3|4,3,0");
}

TEST(Dialect, ComputesGeneratedColumnsAndTimestamps) {
  Harness h;
  h.run(
      "CREATE TABLE t (a INT, b INT AS (a * 2) STORED, c TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON "
      "UPDATE CURRENT_TIMESTAMP)");
  h.run("INSERT INTO t (a) VALUES (4)");
  h.scheduler.advance_by(std::chrono::seconds(5));
  h.run("UPDATE t SET a = 5");
  EXPECT_EQ(h.run("SELECT * FROM t"), "5,10,2026-01-01 00:00:05");
  EXPECT_EQ(h.run("SET time_zone = '+05:30'; SELECT c FROM t"), "2026-01-01 05:30:05");
  EXPECT_EQ(h.log().back(), "U t(4,8,2026-01-01 00:00:00)->(5,10,2026-01-01 00:00:05)");
}

TEST(Dialect, LogsEveryTypeAsItIsStored) {
  Harness h;
  h.run(
      "CREATE TABLE t (a BIGINT UNSIGNED, b DECIMAL(12,4), c FLOAT, d DOUBLE, e DATE, f "
      "DATETIME(6), g TIME(2), h YEAR, i CHAR(5), j BINARY(4), k BLOB, l TEXT,"
      " m ENUM('x','y'), n SET('p','q','r'), o BIT(9), p JSON, q VARCHAR(9) CHARACTER SET latin1)");
  EXPECT_EQ(
      h.run("INSERT INTO t VALUES (18446744073709551615, -1.5, 1.5, 1e300, '2026-01-02', "
            "'2026-01-02 03:04:05.678901', '-838:59:58.99', 2026, 'ab  ', x'0102', x'00ff',"
            " 'été', 'y', 'r,p', b'101010101', '{\"bb\": 1, \"a\": [true, null, 1.0]}', 'é')"),
      "ok 1");
  EXPECT_EQ(h.log().back(),
            "I t(18446744073709551615,-1.5000,1.5,1e300,2026-01-02,2026-01-02 "
            "03:04:05.678901,-838:59:58.99,2026,ab,0x01020000,0x00FF,été,y,p,r,341,"
            "{\"a\": [true, null, 1.0], \"bb\": 1},é)");
}

TEST(Dialect, NonStrictModeWarnsAndAdjusts) {
  Harness h;
  h.run("SET sql_mode = ''; CREATE TABLE t (a TINYINT, b VARCHAR(2), c INT NOT NULL)");
  EXPECT_EQ(h.run("INSERT INTO t (a, b) VALUES (300, 'abc')"), "ok 1");
  EXPECT_EQ(h.run("SHOW WARNINGS"),
            "Warning,1264,Out of range value for column 'a' at row 1|Warning,1265,Data truncated "
            "for column 'b' at row 1|Warning,1364,Field 'c' doesn't have a default value");
  EXPECT_EQ(h.run("SELECT * FROM t"), "127,ab,0");
}

}  // namespace
}  // namespace pipeline::rds::embedded
