#include "pipeline/mysql/schema_tracker.h"

#include <gtest/gtest.h>

#include "pipeline/mysql/information_schema.h"
#include "pipeline/mysql/types/codec.h"

namespace pipeline::mysql {
namespace {

constexpr Dialect mysql_9{0, false, 90704}, mariadb_10{0, true, 101119};

// "id int, name varchar(20) latin1; key id", or why it is not known.
std::string describe(const SchemaTracker& tracker, const std::string& table) {
  const TableSchema* known = tracker.find("d", table);
  if (!known) return "unknown";
  std::string out;
  for (const Column& column : known->columns) {
    out += (out.empty() ? "" : ", ") + column.name + " " + types::type_name(column);
    const bool text = column.type == ColumnType::string || column.type == ColumnType::varchar ||
                      column.type == ColumnType::blob || column.type == ColumnType::enumeration ||
                      column.type == ColumnType::set;
    if (text && !column.is_binary())
      out += " " + std::string(types::charset_name(column.collation));
    if (column.generated) out += " generated";
    if (!column.visible) out += " invisible";
  }
  for (std::size_t i = 0; i < known->primary_key.size(); ++i)
    out += (i == 0 ? "; key " : ",") + known->columns[known->primary_key[i]].name;
  return out;
}

class Tracker : public testing::Test {
 protected:
  Tracker() { tracker.set_database("d", types::default_collation("utf8mb4").value()); }
  // The table after the statements.
  std::string after(const std::vector<std::string>& statements, const std::string& table = "t") {
    for (const std::string& sql : statements) {
      const auto done = tracker.apply({sql, "d", dialect, 8});
      if (!done) failures.push_back(done.error().message);
    }
    return describe(tracker, table);
  }
  SchemaTracker tracker;
  Dialect dialect = mysql_9;
  std::vector<std::string> failures;
};

TEST_F(Tracker, ReadsEveryTypeAsTheLogDescribesIt) {
  EXPECT_EQ(after({"CREATE TABLE t (a TINYINT(1), b BOOL, c INT1 UNSIGNED, d MIDDLEINT ZEROFILL, e "
                   "INTEGER(11) SIGNED, f SERIAL)"}),
            "a tinyint(1), b tinyint(1), c tinyint unsigned, d mediumint unsigned zerofill, e "
            "int(11), f bigint unsigned");
  EXPECT_EQ(after({"CREATE TABLE t (a DEC, b NUMERIC(65,30), c FIXED(5) UNSIGNED, d FLOAT(24), e "
                   "FLOAT(25), f DOUBLE PRECISION(10,2), g REAL)"}),
            "a decimal(10,0), b decimal(65,30), c decimal(5,0) unsigned, d float(24), e float(25), "
            "f double(10,2), g double");
  EXPECT_EQ(tracker.find("d", "t")->columns[4].type, ColumnType::float64);
  EXPECT_EQ(after({"CREATE TABLE t (a DATE, b TIME(3), c DATETIME(0), d TIMESTAMP(6) NULL DEFAULT "
                   "CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6), e YEAR(4))"}),
            "a date, b time(3), c datetime, d timestamp(6), e year");
  EXPECT_EQ(after({"CREATE TABLE t (a CHAR, b CHARACTER VARYING(3) CHARACTER SET latin1, c "
                   "NCHAR(2), d NATIONAL VARCHAR(4), e CHAR(5) BYTE, f VARCHAR(6) BINARY, "
                   "g VARCHAR(7) CHARSET binary, h CHAR(8) ASCII, i LONG VARCHAR, j LONG "
                   "VARBINARY, k TEXT(100), l BLOB(256), m VARBINARY(9), n BINARY)"}),
            "a char utf8mb4, b varchar(3) latin1, c char(2) utf8mb3, d varchar(4) utf8mb3, e "
            "binary(5), f varchar(6) utf8mb4, g varbinary(7), "
            "h char(8) latin1, i mediumtext utf8mb4, j mediumblob, k text utf8mb4, l blob, m "
            "varbinary(9), n binary");
  EXPECT_EQ(
      after({"CREATE TABLE t (a ENUM('x','it''s','y  ') COLLATE latin1_bin, b SET('p','q'), c BIT, "
             "d BIT(64), e JSON, f VECTOR(3), g POINT NOT NULL SRID 4326, h GEOMETRYCOLLECTION)"}),
      "a enum('x','it''s','y') latin1, b set('p','q') utf8mb4, c bit(1), d bit(64), e json, f "
      "vector(3), g point, h geomcollection");
  EXPECT_TRUE(failures.empty()) << failures[0];
}

TEST_F(Tracker, IsTheSameAfterItWasText) {
  const std::string all =
      after({"CREATE TABLE t (a INT UNSIGNED, e ENUM('x','it''s \"\xC3\xA9') CHARACTER SET latin1, "
             "g POINT, v VARCHAR(9) INVISIBLE, c INT AS (a + 1), PRIMARY KEY (a))",
             "CREATE TABLE `o\"dd` (d DECIMAL(9,3))"});
  auto again = SchemaTracker::of_text(tracker.text());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->text(), tracker.text());
  EXPECT_EQ(describe(*again, "t"), all);
  EXPECT_EQ(again->find("d", "t")->columns[1].labels, tracker.find("d", "t")->columns[1].labels);
  // DDL goes on from there: a new column takes the table's charset, a new table the database's.
  for (SchemaTracker* one : {&tracker, &*again}) {
    ASSERT_TRUE(one->apply({"ALTER TABLE t ADD n CHAR(3), DROP g", "d", dialect, 8}));
    ASSERT_TRUE(one->apply({"CREATE TABLE u (n CHAR(3))", "d", dialect, 8}));
  }
  EXPECT_EQ(again->text(), tracker.text());
}

TEST_F(Tracker, RefusesTextThatIsNone) {
  for (
      const char* text :
      {"", "{", "[]", "{}", R"({"databases":{"d":"x"},"tables":[]})",
       R"({"databases":{},"tables":[{"schema":"d"}]})",
       R"({"databases":{},"tables":[{"schema":"d","table":"t","collation":[1,false],"assumed":false,"unknown":"","warned":false,"columns":[[1]],"key":[]}]})"})
    EXPECT_FALSE(SchemaTracker::of_text(text)) << text;
}

TEST_F(Tracker, ReadsTheTypesOfMariadb) {
  dialect = mariadb_10;
  EXPECT_EQ(after({"CREATE TABLE t (a UUID, b INET6, c INET4, d JSON, e VARCHAR(20) COMPRESSED, f "
                   "TEXT COMPRESSED=zlib CHARACTER SET latin1, g mariadb_schema.date)"}),
            "a uuid, b inet6, c inet4, d longtext utf8mb4, e varchar(20) /*M!100301 COMPRESSED*/, "
            "f text /*M!100301 COMPRESSED*/, g date");
  EXPECT_EQ(tracker.find("d", "t")->columns[4].length, 81u);
  EXPECT_EQ(after({"CREATE TABLE t (a JSON)",
                   "ALTER TABLE t ADD b JSON, CONVERT TO CHARACTER SET cp1251, ADD c JSON"}),
            "a longtext cp1251, b longtext cp1251, c longtext cp1251");
  EXPECT_EQ(
      after({"CREATE TABLE t (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING"}),
      "id int, v int, row_start timestamp(6) invisible, row_end timestamp(6) invisible; key id");
  EXPECT_EQ(after({"CREATE TABLE t (id INT, s TIMESTAMP(6) GENERATED ALWAYS AS ROW START, e "
                   "TIMESTAMP(6) GENERATED ALWAYS AS ROW END INVISIBLE, "
                   "PERIOD FOR SYSTEM_TIME(s, e), p DATE, q DATE, PERIOD FOR valid(p, q)) WITH "
                   "SYSTEM VERSIONING"}),
            "id int, s timestamp(6), e timestamp(6) invisible, p date, q date");
  dialect.sql_mode = sql_mode::oracle;
  EXPECT_EQ(after({"CREATE TABLE t (a VARCHAR2(10), b NUMBER, c NUMBER(5,2), d DATE, e RAW(4), f "
                   "CLOB, g BLOB)"}),
            "a varchar(10) utf8mb4, b double, c decimal(5,2), d datetime, e varbinary(4), f "
            "longtext utf8mb4, g longblob");
  EXPECT_TRUE(failures.empty()) << failures[0];
}

TEST_F(Tracker, PassesOverWhatSaysNothingOfColumns) {
  EXPECT_EQ(after({"CREATE TABLE IF NOT EXISTS `d`.`t` ( -- first\n `id` INT NOT NULL "
                   "AUTO_INCREMENT COMMENT 'a, b) c', # two\n"
                   " `n, (m` VARCHAR(10) COLLATE utf8mb4_bin NOT NULL DEFAULT 'x,)' /* three */ "
                   "CHECK (`n, (m` <> ')'),\n"
                   " g INT GENERATED ALWAYS AS (id * (2 + length('),'))) STORED UNIQUE KEY, v INT "
                   "AS (1) VIRTUAL INVISIBLE,\n"
                   " d DATETIME DEFAULT (now() + interval 1 day), e DECIMAL(4,1) DEFAULT -1.5, f "
                   "INT REFERENCES x (y) ON DELETE SET NULL ON UPDATE CASCADE,\n"
                   " PRIMARY KEY USING BTREE (`id`, `n, (m`(5) DESC), UNIQUE KEY k ((lower(`n, "
                   "(m`)), id), FULLTEXT INDEX ft (`n, (m`) WITH PARSER ngram,\n"
                   " CONSTRAINT c FOREIGN KEY (f) REFERENCES x (y), CONSTRAINT CHECK (id > 0) NOT "
                   "ENFORCED, KEY (e) /*!80000 INVISIBLE */\n"
                   ") ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=latin1 COMMENT='select (' "
                   "UNION=(a,b) ROW_FORMAT DYNAMIC\n"
                   "/*!50100 PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10) ENGINE = "
                   "InnoDB, PARTITION p1 VALUES LESS THAN MAXVALUE) */"}),
            "id int, n, (m varchar(10) utf8mb4, g int generated, v int generated invisible, d "
            "datetime, e decimal(4,1), f int; key id,n, (m");
  EXPECT_TRUE(failures.empty()) << failures[0];
}

TEST_F(Tracker, TakesVersionedCommentsAsTheServerDoes) {
  EXPECT_EQ(
      after(
          {"CREATE TABLE t (a INT /*!80023 , b INT */ /*!99999 , c INT */ /*M!100000 , d INT */)"}),
      "a int, b int");
  dialect = mariadb_10;
  EXPECT_EQ(after({"CREATE TABLE t (a INT /*!50100 , b INT */ /*!80023 , c INT */ /*M!100000 , d "
                   "INT */ /*M!110000 , e INT */ /*! , f INT */)"}),
            "a int, b int, d int, f int");
}

TEST_F(Tracker, TakesQuotesAsTheSqlModeSays) {
  dialect.sql_mode = sql_mode::ansi_quotes | sql_mode::no_backslash_escapes;
  EXPECT_EQ(after({R"(CREATE TABLE "t" ("a ""b" ENUM('x\','y'), c INT))"}),
            R"(a "b enum('x\\','y') utf8mb4, c int)");
  dialect.sql_mode = 0;
  EXPECT_EQ(after({R"(CREATE TABLE t (a ENUM("x","y\n\"z")))"}), R"(a enum('x','y\n"z') utf8mb4)");
}

TEST_F(Tracker, FollowsAlterTable) {
  const std::string create = "CREATE TABLE t (a INT, b INT, c INT, PRIMARY KEY (a, b))";
  EXPECT_EQ(after({create,
                   "ALTER TABLE t ADD d INT, ADD COLUMN e INT FIRST, ADD f INT AFTER a, ADD (g "
                   "INT, h CHAR(2), KEY (g))"}),
            "e int, a int, f int, b int, c int, d int, g int, h char(2) utf8mb4; key a,b");
  EXPECT_EQ(
      after({create,
             "ALTER TABLE t DROP b, DROP COLUMN c RESTRICT, DROP FOREIGN KEY x, DROP INDEX y"}),
      "a int; key a");
  EXPECT_EQ(after({create,
                   "ALTER TABLE d.t CHANGE a z BIGINT UNSIGNED AFTER c, MODIFY b TEXT FIRST, ALTER "
                   "c SET DEFAULT 5"}),
            "b text utf8mb4, c int, z bigint unsigned; key z,b");
  EXPECT_EQ(
      after({create,
             "ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO a, RENAME INDEX p TO q"}),
      "b int, a int, c int; key b,a");
  EXPECT_EQ(
      after({create, "ALTER TABLE t DROP c, ADD c CHAR(3) AFTER a, ALTER COLUMN a SET INVISIBLE"}),
      "a int invisible, c char(3) utf8mb4, b int; key a,b");
  EXPECT_EQ(after({create, "ALTER TABLE t DROP PRIMARY KEY, ADD CONSTRAINT pk PRIMARY KEY (c)"}),
            "a int, b int, c int; key c");
  EXPECT_EQ(after({create, "DROP INDEX `PRIMARY` ON t"}), "a int, b int, c int");
  EXPECT_EQ(after({create, "ALTER TABLE t ADD x INT, ALGORITHM=INPLACE, LOCK=NONE, ORDER BY a, b",
                   "ALTER TABLE t REMOVE PARTITIONING",
                   "ALTER TABLE t ENGINE=InnoDB, COMMENT='x' PARTITION BY HASH(a) PARTITIONS 4",
                   "ALTER TABLE t ADD PARTITION (PARTITION p9 VALUES LESS THAN (9))",
                   "ALTER TABLE t DROP PARTITION p1, p2",
                   "ALTER TABLE t REORGANIZE PARTITION p1, p2 INTO (PARTITION p3 VALUES IN (1,2))",
                   "ALTER TABLE t DISABLE KEYS", "TRUNCATE t", "CREATE UNIQUE INDEX i ON t (a)",
                   "ANALYZE TABLE t"}),
            "a int, b int, c int, x int; key a,b");
  EXPECT_TRUE(failures.empty()) << failures[0];
}

TEST_F(Tracker, FollowsMariadbsAlterTable) {
  dialect = mariadb_10;
  EXPECT_EQ(after({"CREATE TABLE t (a INT)",
                   "ALTER ONLINE TABLE IF EXISTS t NOWAIT ADD COLUMN IF NOT EXISTS a INT, ADD IF "
                   "NOT EXISTS b INT, DROP COLUMN IF EXISTS x, "
                   "MODIFY COLUMN IF EXISTS y INT, CHANGE IF EXISTS z w INT, RENAME COLUMN IF "
                   "EXISTS q TO r"}),
            "a int, b int");
  EXPECT_EQ(after({"ALTER TABLE t ADD SYSTEM VERSIONING"}),
            "a int, b int, row_start timestamp(6) invisible, row_end timestamp(6) invisible");
  EXPECT_EQ(after({"ALTER TABLE t DROP SYSTEM VERSIONING"}), "a int, b int");
  EXPECT_EQ(after({"CREATE SEQUENCE s START WITH 5"}, "s"),
            "next_not_cached_value bigint, minimum_value bigint, maximum_value bigint, start_value "
            "bigint, increment bigint, "
            "cache_size bigint unsigned, cycle_option tinyint(1) unsigned, cycle_count bigint");
  EXPECT_TRUE(failures.empty()) << failures[0];
}

TEST_F(Tracker, FollowsCharsets) {
  const std::string create =
      "CREATE TABLE t (a VARCHAR(10), b TINYTEXT, c TEXT, d ENUM('x'), e BLOB, f CHAR(3) CHARACTER "
      "SET ascii) DEFAULT CHARACTER SET latin1";
  EXPECT_EQ(after({create}),
            "a varchar(10) latin1, b tinytext latin1, c text latin1, d enum('x') latin1, e blob, f "
            "char(3) ascii");
  EXPECT_EQ(after({"ALTER TABLE t DEFAULT CHARSET utf8mb4", "ALTER TABLE t ADD g CHAR"}),
            "a varchar(10) latin1, b tinytext latin1, c text latin1, d enum('x') latin1, e blob, f "
            "char(3) ascii, g char utf8mb4");
  EXPECT_EQ(after({"ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"}),
            "a varchar(10) utf8mb4, b text utf8mb4, c mediumtext utf8mb4, d enum('x') utf8mb4, e "
            "blob, f char(3) utf8mb4, g char(1) utf8mb4");
  EXPECT_EQ(
      after({create,
             "ALTER TABLE t DROP b, DROP c, DROP d, DROP e, DROP f, CONVERT TO CHARSET utf8mb4, "
             "ADD x CHAR(2) CHARACTER SET latin1, ADD y TEXT(100) ASCII, ADD z CHAR(2) BYTE"}),
      "a varchar(10) utf8mb4, x char(2) utf8mb4, y text utf8mb4, z binary(2)");
  EXPECT_EQ(after({"ALTER DATABASE d CHARACTER SET cp1251",
                   "CREATE TABLE u (a CHAR(1), b TEXT COLLATE utf8_bin)"},
                  "u"),
            "a char(1) cp1251, b text utf8mb3");
  EXPECT_EQ(after({"CREATE DATABASE x /*!40100 DEFAULT CHARACTER SET koi8r */",
                   "CREATE TABLE x.t (a CHAR(1))", "RENAME TABLE x.t TO d.v"},
                  "v"),
            "a char(1) koi8r");
  EXPECT_TRUE(failures.empty()) << failures[0];
}

TEST_F(Tracker, FollowsNamesFromLeftToRight) {
  after(
      {"CREATE TABLE a (x INT)", "CREATE TABLE b (y INT)", "RENAME TABLE a TO t, b TO a, t TO b"});
  EXPECT_EQ(describe(tracker, "a"), "y int");
  EXPECT_EQ(describe(tracker, "b"), "x int");
  EXPECT_EQ(after({"CREATE TABLE t LIKE a", "ALTER TABLE a ADD z INT, RENAME TO c"}), "y int");
  EXPECT_EQ(describe(tracker, "c"), "y int, z int");
  EXPECT_EQ(describe(tracker, "a"), "unknown");
  EXPECT_EQ(after({"DROP TABLE IF EXISTS t, c"}), "unknown");
  EXPECT_EQ(after({"DROP DATABASE d"}, "b"), "unknown");
  EXPECT_TRUE(failures.empty()) << failures[0];
}

TEST_F(Tracker, ForgetsWhatItCannotFollow) {
  EXPECT_EQ(after({"CREATE TABLE t (a INT, b HYPERINT)"}), "unknown");
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_EQ(failures[0],
            "this statement could not be followed: 'HYPERINT)' is not understood: CREATE TABLE t "
            "(a INT, b HYPERINT)");
  EXPECT_EQ(after({"CREATE TABLE t (a INT)", "ALTER TABLE t ADD b INT WIBBLE"}), "unknown");
  EXPECT_EQ(after({"CREATE TABLE t (a INT)", "ALTER TABLE t DROP nothing"}), "unknown");
  EXPECT_EQ(after({"CREATE TABLE t (a INT) AS SELECT 1 AS b"}), "unknown");
  EXPECT_EQ(after({"CREATE TABLE t SELECT 1"}), "unknown");
  EXPECT_EQ(after({"CREATE TEMPORARY TABLE t (x INT)", "CREATE TABLE t (a INT)",
                   "DROP TEMPORARY TABLE t"}),
            "a int");
}

// What TABLE_MAP says without optional metadata.
binlog::TableMapEvent bare_map(const std::vector<std::string>& types,
                               const std::string& charset = "utf8mb4") {
  binlog::TableMapEvent map;
  map.table.schema = "d";
  map.table.table = "t";
  for (const std::string& type : types) {
    Column column = types::parse_column_type(type, charset).value();
    column.declared.clear();
    column.labels.clear();
    column.is_unsigned = false;
    column.collation = collation_utf8mb4;
    map.table.columns.push_back(column);
  }
  return map;
}

TEST_F(Tracker, CompletesWhatTheLogLeavesOut) {
  after(
      {"CREATE TABLE t (id INT UNSIGNED PRIMARY KEY, name VARCHAR(9) CHARACTER SET latin1, e "
       "ENUM('p','q'), b VARBINARY(4), u VARCHAR(3))"});
  binlog::TableMapEvent map =
      bare_map({"int", "varchar(9)", "enum('p')", "varbinary(4)"}, "latin1");
  map.table.columns.push_back(types::parse_column_type("varchar(3)").value());
  const auto described = tracker.describe(map);
  EXPECT_EQ(described.warning, "");
  const auto& columns = described.table.columns;
  EXPECT_EQ(columns[0].name, "id");
  EXPECT_TRUE(columns[0].is_unsigned);
  EXPECT_EQ(types::charset_name(columns[1].collation), "latin1");
  EXPECT_EQ(columns[2].labels, (std::vector<std::string>{"p", "q"}));
  EXPECT_TRUE(columns[3].is_binary());
  EXPECT_EQ(described.table.primary_key, std::vector<std::uint32_t>{0});
}

TEST_F(Tracker, BelievesTheLogWhereTheTwoDisagree) {
  after({"CREATE TABLE t (id INT, name VARCHAR(9))"});
  auto described = tracker.describe(bare_map({"int", "bigint"}));
  EXPECT_EQ(described.table.columns[0].name, "");
  EXPECT_EQ(described.warning,
            "d.t: the log does not name its columns (binlog_row_metadata is not FULL), and column "
            "2 is of type bigint in the log, name varchar(9) by the statements "
            "before: they are @1, @2 ..., labels are numbers, integers signed, texts UTF-8");
  EXPECT_EQ(tracker.describe(bare_map({"int", "bigint"})).warning, "");  // once
  EXPECT_NE(tracker.describe(bare_map({"int"})).table.columns[0].name, "id");
}

TEST_F(Tracker, LearnsFromLogsThatSayAll) {
  auto map = bare_map({"int", "char(2)"});
  map.table.columns[0].name = "id";
  map.table.columns[1].name = "c";
  tracker.describe(map);
  EXPECT_EQ(after({"ALTER TABLE t ADD z INT FIRST"}), "z int, id int, c char(2) utf8mb4");
}

TEST_F(Tracker, IsSeededFromInformationSchema) {
  InformationSchema rows;
  rows.databases = {{"d", "latin1_swedish_ci"}};
  rows.tables = {{"d", "t", "BASE TABLE", "utf8mb4_bin"},
                 {"d", "v", "SYSTEM VERSIONED", "latin1_bin"}};
  rows.columns = {
      {"d", "t", "id", "bigint(20) unsigned", std::nullopt, "NO", "auto_increment", ""},
      {"d", "t", "n", "varchar(5)", "latin1", "YES", "", std::nullopt},
      {"d", "t", "g", "int(11)", std::nullopt, "YES", "VIRTUAL GENERATED INVISIBLE", "`id` + 1"},
      {"d", "v", "a", "enum('x','y')", "latin1", "YES", "", std::nullopt},
      {"d", "a_view", "a", "int", std::nullopt, "YES", "", std::nullopt}};
  rows.keys = {{"d", "t", "n"}, {"d", "t", "id"}};
  rows.mariadb = true;
  ASSERT_TRUE(seed(tracker, rows));
  EXPECT_EQ(describe(tracker, "t"),
            "id bigint(20) unsigned, n varchar(5) latin1, g int(11) generated invisible; key n,id");
  EXPECT_EQ(
      describe(tracker, "v"),
      "a enum('x','y') latin1, row_start timestamp(6) invisible, row_end timestamp(6) invisible");
  EXPECT_EQ(after({"ALTER TABLE t ADD c CHAR(1)"}),
            "id bigint(20) unsigned, n varchar(5) latin1, g int(11) generated invisible, c char(1) "
            "utf8mb4; key n,id");
}

}  // namespace
}  // namespace pipeline::mysql
