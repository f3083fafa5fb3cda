#include <gtest/gtest.h>

#include "tests/pipeline/rds/sql/describe.h"

namespace pipeline::rds::sql {
namespace {

TEST(Transactions, AreRead) {
  EXPECT_TRUE(parse("BEGIN WORK")->as<StartTransaction>());
  const auto start = parse("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
  EXPECT_TRUE(start->as<StartTransaction>()->consistent_snapshot);
  EXPECT_EQ(start->as<StartTransaction>()->read_only, true);
  EXPECT_TRUE(parse("COMMIT AND CHAIN NO RELEASE")->as<Commit>()->chain);
  EXPECT_TRUE(parse("rollback;")->as<Rollback>());
  EXPECT_EQ(parse("ROLLBACK TO SAVEPOINT `a b`")->as<RollbackTo>()->name.name, "a b");
  EXPECT_EQ(parse("SAVEPOINT s")->as<Savepoint>()->name.name, "s");
  EXPECT_EQ(parse("RELEASE SAVEPOINT s")->as<ReleaseSavepoint>()->name.name, "s");
  EXPECT_TRUE(parse("LOCK TABLES a READ LOCAL, b AS c WRITE")->as<LockTables>()->items.at(1).write);
  EXPECT_TRUE(parse("UNLOCK TABLES")->as<UnlockTables>());
}

TEST(Set, ReadsVariablesOfEveryKind) {
  const auto statement = parse(
      "SET autocommit = ON, @a := 1 + 1, GLOBAL sql_mode = ANSI, @@session.time_zone = '+00:00', "
      "NAMES utf8mb4 COLLATE utf8mb4_bin, x = DEFAULT");
  ASSERT_TRUE(statement) << statement.error().text();
  const auto& items = statement->as<Set>()->items;
  ASSERT_EQ(items.size(), 6u);
  EXPECT_EQ(describe(std::get<SetVariable>(items[0]).value), "'ON'");
  EXPECT_EQ(std::get<SetVariable>(items[1]).target, SetVariable::Target::user_variable);
  EXPECT_EQ(std::get<SetVariable>(items[2]).scope, Scope::global);
  EXPECT_EQ(describe(std::get<SetVariable>(items[2]).value), "'ANSI'");
  EXPECT_EQ(std::get<SetVariable>(items[3]).scope, Scope::session);
  EXPECT_EQ(std::get<SetNames>(items[4]).collation, "utf8mb4_bin");
  EXPECT_EQ(std::get<SetVariable>(items[5]).value, nullptr);
}

TEST(Set, ReadsTransactionCharacteristics) {
  const auto statement = parse("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY");
  ASSERT_TRUE(statement);
  const auto& item = std::get<SetTransaction>(statement->as<Set>()->items.at(0));
  EXPECT_EQ(item.isolation, "READ-COMMITTED");
  EXPECT_EQ(item.read_only, true);
}

TEST(Show, KnowsItsForms) {
  const auto kind = [](std::string_view sql) {
    const auto statement = parse(sql);
    EXPECT_TRUE(statement) << sql;
    return statement && statement->as<Show>() ? statement->as<Show>()->kind : ShowKind::engines;
  };
  EXPECT_EQ(kind("SHOW DATABASES LIKE 'a%'"), ShowKind::databases);
  EXPECT_EQ(kind("SHOW FULL TABLES FROM d WHERE 1"), ShowKind::tables);
  EXPECT_EQ(kind("SHOW FULL COLUMNS FROM t FROM d"), ShowKind::columns);
  EXPECT_EQ(kind("DESC t a"), ShowKind::columns);
  EXPECT_EQ(kind("EXPLAIN t"), ShowKind::columns);
  EXPECT_EQ(kind("SHOW CREATE TABLE d.t"), ShowKind::create_table);
  EXPECT_EQ(kind("SHOW GLOBAL VARIABLES LIKE 'binlog%'"), ShowKind::variables);
  EXPECT_EQ(kind("SHOW BINARY LOGS"), ShowKind::binary_logs);
  EXPECT_EQ(kind("SHOW MASTER STATUS"), ShowKind::binary_log_status);
  EXPECT_EQ(kind("SHOW BINARY LOG STATUS"), ShowKind::binary_log_status);
  EXPECT_EQ(kind("SHOW COUNT(*) WARNINGS"), ShowKind::warnings);
  EXPECT_EQ(kind("SHOW KEYS IN t"), ShowKind::indexes);
}

TEST(Flush, NamesWhatToFlush) {
  EXPECT_EQ(parse("FLUSH BINARY LOGS, STATUS")->as<Flush>()->what,
            (std::vector<std::string_view>{"BINARY LOGS", "STATUS"}));
  EXPECT_EQ(parse("FLUSH TABLES a, b WITH READ LOCK")->as<Flush>()->tables.size(), 2u);
  EXPECT_EQ(describe(parse("PURGE BINARY LOGS TO 'binlog.000002'")->as<PurgeBinaryLogs>()->to),
            "'binlog.000002'");
}

TEST(Unsupported, IsRefusedByName) {
  EXPECT_EQ(error_of("CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW SET @a = 1"),
            "1235 CREATE TRIGGER");
  EXPECT_EQ(error_of("CREATE DEFINER = 'x'@'%' PROCEDURE p() SELECT 1"), "1235 CREATE PROCEDURE");
  EXPECT_EQ(error_of("CREATE OR REPLACE ALGORITHM = MERGE VIEW v AS SELECT 1"), "1235 CREATE VIEW");
  EXPECT_EQ(error_of("DROP USER a"), "1235 DROP USER");
  EXPECT_EQ(error_of("ALTER EVENT e ENABLE"), "1235 ALTER EVENT");
  EXPECT_EQ(error_of("WITH c AS (SELECT 1) SELECT * FROM c"),
            "1235 WITH (common table expressions)");
  EXPECT_EQ(error_of("SELECT ROW_NUMBER() OVER (ORDER BY a) FROM t"), "1235 window functions");
  EXPECT_EQ(error_of("SELECT SUM(a) OVER w FROM t"), "1235 window functions");
  EXPECT_EQ(error_of("SELECT 1 EXCEPT SELECT 2"), "1235 EXCEPT");
  EXPECT_EQ(error_of("SELECT 1 INTO @a"), "1235 SELECT ... INTO");
  EXPECT_EQ(error_of("SELECT * FROM t WHERE MATCH (a) AGAINST ('x')"), "1235 MATCH ... AGAINST");
  EXPECT_EQ(error_of("LOAD DATA INFILE 'x' INTO TABLE t"), "1235 LOAD DATA");
  EXPECT_EQ(error_of("CALL p()"), "1235 CALL");
  EXPECT_EQ(error_of("GRANT ALL ON *.* TO a"), "1235 GRANT");
  EXPECT_EQ(error_of("EXPLAIN SELECT 1"), "1235 EXPLAIN");
  EXPECT_EQ(error_of("SELECT f.g(1)"), "1235 stored functions");
  EXPECT_EQ(error_of("GRANT"), "1064 near '' at line 1");  // as MySQL: nothing there to name
}

}  // namespace
}  // namespace pipeline::rds::sql
