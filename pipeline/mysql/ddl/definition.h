#pragma once
// What a DDL statement says of tables and columns, as the parser reads it: no schema is known yet,
// so charsets and defaults that a statement leaves out are empty here.

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "pipeline/mysql/types/codec.h"

namespace pipeline::mysql::ddl {

struct Charset {
  std::string name = {};       // "latin1"; "" = not said; "default" = the default of what is above
  std::string collation = {};  // "latin1_bin"; "" = not said
  bool said() const { return !name.empty() || !collation.empty(); }
};

struct ColumnDefinition {
  std::string name;
  types::TypeDeclaration type;  // its name is the one of codec.h; "text" with a number: the
                                // smallest of its family that has room
  Charset charset = {};
  bool nullable = true;
  bool visible = true;
  bool generated = false;
  bool compressed = false;  // MariaDB
  bool primary_key = false;
};

struct ColumnPosition {
  enum class Kind { unsaid, first, after } kind = Kind::unsaid;
  std::string after = {};
};

using TableName = std::pair<std::string, std::string>;  // schema, table
using ColumnNames = std::vector<std::string>;

// ---- Clauses of ALTER TABLE ----
struct AddColumn {
  ColumnDefinition column;
  ColumnPosition position = {};
  bool if_not_exists = false;
};
struct ChangeColumn {
  std::string from;
  ColumnDefinition column;
  ColumnPosition position = {};
  bool if_exists = false;
};
struct DropColumn {
  std::string name;
  bool if_exists = false;
};
struct RenameColumn {
  std::string from, to;
  bool if_exists = false;
};
struct SetVisible {
  std::string name;
  bool visible;
};
struct AddPrimaryKey {
  ColumnNames columns;
};
struct DropPrimaryKey {};
struct DefaultCharset {
  Charset charset;
};
struct ConvertCharset {
  Charset charset;
};
struct Versioning {
  bool on;
};  // MariaDB: ADD, DROP SYSTEM VERSIONING
struct RenameTo {
  TableName name;
};
struct PartitionToTable {
  TableName name;
};  // MariaDB: CONVERT PARTITION p TO TABLE t
struct TableToPartition {
  TableName name;
};  // MariaDB: CONVERT TABLE t TO PARTITION p
using AlterAction = std::variant<AddColumn, ChangeColumn, DropColumn, RenameColumn, SetVisible,
                                 AddPrimaryKey, DropPrimaryKey, DefaultCharset, ConvertCharset,
                                 Versioning, RenameTo, PartitionToTable, TableToPartition>;

// ---- Statements ----
struct CreateTable {
  TableName name;
  bool or_replace = false;
  bool if_not_exists = false;
  std::vector<ColumnDefinition> columns = {};
  ColumnNames primary_key = {};
  Charset charset = {};
  bool versioned = false;   // MariaDB: WITH SYSTEM VERSIONING
  bool own_period = false;  // whose row start and row end are columns of their own
  bool from_query = false;  // AS SELECT: more columns than are named here
};
struct CreateTableLike {
  TableName name, like;
  bool or_replace = false, if_not_exists = false;
};
struct CreateSequence {
  TableName name;
  bool or_replace = false, if_not_exists = false;
  types::TypeDeclaration type = {};
};
struct AlterTable {
  TableName name;
  std::vector<AlterAction> actions = {};
  bool if_exists = false;
};
struct RenameTables {
  std::vector<std::pair<TableName, TableName>> names;
};  // from left to right
struct DropTables {
  std::vector<TableName> names;
};
struct CreateDatabase {
  std::string name;
  Charset charset = {};
  bool or_replace = false, if_not_exists = false;
};
struct AlterDatabase {
  std::string name;
  Charset charset = {};
};
struct DropDatabase {
  std::string name;
};
struct DropPrimaryKeyOf {
  TableName name;
};                         // DROP INDEX `PRIMARY` ON t
struct NothingTracked {};  // TRUNCATE, views, users, temporary tables...

using Definition = std::variant<NothingTracked, CreateTable, CreateTableLike, CreateSequence,
                                AlterTable, RenameTables, DropTables, CreateDatabase, AlterDatabase,
                                DropDatabase, DropPrimaryKeyOf>;

}  // namespace pipeline::mysql::ddl
