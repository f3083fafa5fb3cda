#include <gtest/gtest.h>

#include "tests/pipeline/rds/sql/describe.h"

namespace pipeline::rds::sql {
namespace {

template <class T>
T parsed(const Result<Statement>& statement) {
  if (!statement) {
    ADD_FAILURE() << statement.error().text();
    return {};
  }
  const T* body = statement->as<T>();
  EXPECT_TRUE(body != nullptr);
  return body ? *body : T{};
}

std::string type_of(std::string_view declared) {
  const std::string sql = "CREATE TABLE t (c " + std::string(declared) + ")";
  const auto statement = parse(sql);
  if (!statement) return std::to_string(statement.error().code);
  const TypeSpec& type = statement->as<CreateTable>()->columns.at(0).type;
  return column_type(type) + (type.charset.empty() ? "" : " " + std::string(type.charset)) +
         (type.collation.empty() ? "" : " " + std::string(type.collation));
}

// What SHOW COLUMNS of MySQL 9.7 printed for the same declarations.
TEST(ColumnTypes, ReadAllSynonyms) {
  EXPECT_EQ(type_of("INTEGER(11)"), "int");
  EXPECT_EQ(type_of("INT(5) ZEROFILL"), "int(5) unsigned zerofill");
  EXPECT_EQ(type_of("BIGINT UNSIGNED SIGNED"), "bigint unsigned");
  EXPECT_EQ(type_of("INT1"), "tinyint");
  EXPECT_EQ(type_of("BOOL"), "tinyint(1)");
  EXPECT_EQ(type_of("SERIAL"), "bigint unsigned");
  EXPECT_EQ(type_of("DEC(5)"), "decimal(5,0)");
  EXPECT_EQ(type_of("NUMERIC"), "decimal(10,0)");
  EXPECT_EQ(type_of("FIXED(5,2) UNSIGNED"), "decimal(5,2) unsigned");
  EXPECT_EQ(type_of("FLOAT(10)"), "float");
  EXPECT_EQ(type_of("FLOAT(30)"), "double");
  EXPECT_EQ(type_of("DOUBLE PRECISION"), "double");
  EXPECT_EQ(type_of("DOUBLE(5,2)"), "double(5,2)");
  EXPECT_EQ(type_of("BIT"), "bit(1)");
  EXPECT_EQ(type_of("TIMESTAMP(3)"), "timestamp(3)");
  EXPECT_EQ(type_of("DATETIME(0)"), "datetime");
  EXPECT_EQ(type_of("YEAR(4)"), "year");
  EXPECT_EQ(type_of("CHAR"), "char(1)");
  EXPECT_EQ(type_of("CHAR BYTE"), "binary(1)");
  EXPECT_EQ(type_of("NATIONAL CHAR(5)"), "char(5) utf8mb3");
  EXPECT_EQ(type_of("NCHAR VARYING(5)"), "varchar(5) utf8mb3");
  EXPECT_EQ(type_of("VARCHAR(5) CHARACTER SET latin1 COLLATE latin1_bin"),
            "varchar(5) latin1 latin1_bin");
  EXPECT_EQ(type_of("LONG VARCHAR"), "mediumtext");
  EXPECT_EQ(type_of("LONG VARBINARY"), "mediumblob");
  EXPECT_EQ(type_of("TEXT(300)"), "text");
  EXPECT_EQ(type_of("BLOB(70000)"), "mediumblob");
  EXPECT_EQ(type_of("ENUM('a','b''c')"), "enum('a','b''c')");
  EXPECT_EQ(type_of("SET('x', 'y')"), "set('x','y')");
  EXPECT_EQ(type_of("JSON"), "json");
  EXPECT_EQ(type_of("GEOMETRYCOLLECTION"), "geomcollection");
  EXPECT_EQ(type_of("VARCHAR"), "1064");
  EXPECT_EQ(type_of("DOUBLE(5)"), "1064");
  EXPECT_EQ(type_of("ENUM()"), "1064");
  EXPECT_EQ(type_of("FOO"), "1064");
}

TEST(CreateTable, ReadsColumnsKeysAndOptions) {
  const auto statement = parse(
      "CREATE TABLE IF NOT EXISTS d.t ("
      " id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'it''s',"
      " a VARCHAR(10) DEFAULT 'x' UNIQUE, b INT DEFAULT -1, c DATETIME(3) DEFAULT "
      "CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),"
      " e INT DEFAULT (1 + 1), g INT GENERATED ALWAYS AS (b * 2) STORED, h INT AS (b) CHECK (h > "
      "0) NULL,"
      " KEY k (a(3) DESC, b), CONSTRAINT u UNIQUE INDEX (b), INDEX USING BTREE (c) INVISIBLE, KEY "
      "f ((b + 1)),"
      " CONSTRAINT fk FOREIGN KEY (b) REFERENCES p (id) ON DELETE CASCADE ON UPDATE SET NULL,"
      " CONSTRAINT positive CHECK (b > 0) NOT ENFORCED"
      ") ENGINE=InnoDB, AUTO_INCREMENT 7 DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_bin COMMENT = "
      "'hi'");
  const auto table = parsed<CreateTable>(statement);
  EXPECT_TRUE(table.if_not_exists);
  EXPECT_EQ(table.table.schema, "d");
  ASSERT_EQ(table.columns.size(), 7u);
  EXPECT_TRUE(table.columns[0].auto_increment && table.columns[0].primary_key);
  EXPECT_EQ(table.columns[0].nullable, false);
  EXPECT_EQ(table.columns[0].comment, "it's");
  EXPECT_TRUE(table.columns[1].unique);
  EXPECT_EQ(table.columns[1].nullable, std::nullopt);
  EXPECT_EQ(describe(table.columns[2].default_value), "(- 1)");
  EXPECT_EQ(describe(table.columns[3].default_value), "(NOW 3)");
  EXPECT_EQ(describe(table.columns[3].on_update), "(NOW 3)");
  EXPECT_TRUE(table.columns[4].default_is_expression);
  EXPECT_EQ(describe(table.columns[5].generated), "(* b 2)");
  EXPECT_TRUE(table.columns[5].stored);
  EXPECT_EQ(describe(table.columns[6].checks.at(0).expr), "(> h 0)");
  ASSERT_EQ(table.indexes.size(), 4u);
  EXPECT_EQ(table.indexes[0].parts[0].length, 3u);
  EXPECT_TRUE(table.indexes[0].parts[0].descending);
  EXPECT_EQ(table.indexes[1].name, "u");
  EXPECT_TRUE(table.indexes[2].invisible);
  EXPECT_EQ(describe(table.indexes[3].parts[0].expr), "(+ b 1)");
  ASSERT_EQ(table.foreign_keys.size(), 1u);
  EXPECT_EQ(table.foreign_keys[0].on_delete, ReferenceAction::cascade);
  EXPECT_EQ(table.foreign_keys[0].on_update, ReferenceAction::set_null);
  EXPECT_FALSE(table.checks.at(0).enforced);
  ASSERT_EQ(table.options.size(), 5u);
  EXPECT_EQ(table.options[1].value, "7");
  EXPECT_EQ(table.options[2].name, "CHARACTER SET");
  EXPECT_EQ(table.options[4].value, "hi");
}

TEST(CreateTable, CopiesOrSelects) {
  EXPECT_EQ(parsed<CreateTable>(parse("CREATE TABLE a LIKE d.b")).like->name, "b");
  const auto statement = parse("CREATE TEMPORARY TABLE a (x INT) REPLACE AS SELECT 1 AS x");
  const auto table = parsed<CreateTable>(statement);
  EXPECT_TRUE(table.temporary);
  EXPECT_EQ(table.on_duplicate, CreateTable::OnDuplicate::replace);
  EXPECT_EQ(describe(*table.query), "select 1:x");
  EXPECT_EQ(error_of("CREATE TABLE t"), "1113 A table must have at least 1 column");
  EXPECT_EQ(error_of("CREATE TABLE t (a INT,)"), "1064 near ')' at line 1");
  EXPECT_EQ(error_of("CREATE TABLE t (a INT) PARTITION BY HASH (a)"), "1235 PARTITION BY");
}

TEST(AlterTable, ReadsEveryAction) {
  const auto statement = parse(
      "ALTER TABLE t ADD COLUMN a INT FIRST, ADD (b INT, c INT), ADD d INT AFTER `a`, DROP e, "
      "MODIFY f INT NOT NULL, CHANGE g h INT AFTER f,"
      " RENAME COLUMN i TO j, ALTER k SET DEFAULT 5, ALTER COLUMN k DROP DEFAULT, ADD UNIQUE u "
      "(a), ADD INDEX (b), ADD PRIMARY KEY (a),"
      " DROP PRIMARY KEY, DROP INDEX u, DROP FOREIGN KEY fk, DROP CHECK ck, RENAME INDEX a TO b, "
      "ALTER INDEX a INVISIBLE, RENAME TO d.t2,"
      " ENGINE = InnoDB COMMENT 'x', CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, "
      "ALGORITHM = INPLACE, LOCK NONE, FORCE,"
      " ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES p (a), ADD CHECK (a > 0)");
  const auto alter = parsed<AlterTable>(statement);
  std::vector<std::size_t> kinds;
  for (const AlterAction& action : alter.actions) kinds.push_back(action.index());
  const auto index_of = [](const AlterAction& action) { return action.index(); };
  const std::size_t add = index_of(AddColumn{}), nothing = index_of(AlterNothing{}),
                    change = index_of(ChangeColumn{}), add_index = index_of(AddIndex{}),
                    default_change = index_of(AlterColumnDefault{});
  EXPECT_EQ(kinds, (std::vector<std::size_t>{add,
                                             add,
                                             add,
                                             add,
                                             index_of(DropColumn{}),
                                             change,
                                             change,
                                             index_of(RenameColumn{}),
                                             default_change,
                                             default_change,
                                             add_index,
                                             add_index,
                                             add_index,
                                             index_of(DropPrimaryKey{}),
                                             index_of(DropIndexAction{}),
                                             index_of(DropForeignKey{}),
                                             index_of(DropConstraint{}),
                                             index_of(RenameIndex{}),
                                             index_of(AlterIndexVisibility{}),
                                             index_of(RenameTo{}),
                                             index_of(SetOptions{}),
                                             index_of(ConvertCharset{}),
                                             nothing,
                                             nothing,
                                             nothing,
                                             index_of(AddForeignKey{}),
                                             index_of(AddCheck{})}));
  EXPECT_TRUE(std::get<AddColumn>(alter.actions[0]).position.first);
  EXPECT_EQ(std::get<AddColumn>(alter.actions[3]).position.after.name, "a");
  EXPECT_EQ(std::get<ChangeColumn>(alter.actions[6]).column.name.name, "h");
  EXPECT_EQ(error_of("ALTER TABLE t foo"), "1064 near 'foo' at line 1");
  EXPECT_EQ(error_of("ALTER TABLE t ADD PARTITION (PARTITION p)"),
            "1235 ALTER TABLE ... ADD PARTITION");
}

TEST(Definitions, OfDatabasesAndIndexes) {
  const auto database = parse(
      "CREATE DATABASE IF NOT EXISTS `kaustubh_schema` DEFAULT CHARACTER SET = utf8mb4 COLLATE "
      "utf8mb4_bin");
  EXPECT_EQ(parsed<CreateDatabase>(database).name.name, "kaustubh_schema");
  EXPECT_EQ(parsed<CreateDatabase>(database).collation, "utf8mb4_bin");
  EXPECT_TRUE(parsed<DropDatabase>(parse("DROP SCHEMA IF EXISTS d")).if_exists);
  EXPECT_EQ(parsed<DropTable>(parse("DROP TABLE IF EXISTS a, d.b CASCADE")).tables.size(), 2u);
  EXPECT_EQ(parsed<RenameTable>(parse("RENAME TABLE a TO b, c TO d.e")).pairs.at(1).to.schema, "d");
  EXPECT_EQ(
      parsed<CreateIndex>(parse("CREATE UNIQUE INDEX i ON t (a, b(3)) USING BTREE")).index.kind,
      IndexKind::unique);
  EXPECT_EQ(parsed<DropIndex>(parse("DROP INDEX `PRIMARY` ON t")).index.name, "PRIMARY");
  EXPECT_EQ(parsed<TruncateTable>(parse("TRUNCATE t")).table.name, "t");
}

}  // namespace
}  // namespace pipeline::rds::sql
