#pragma once
// A table as the engine knows it: MySQL's definition and where it lives in SQLite. A definition
// never changes once made: DDL makes a new one. In SQLite a table is t<id> with columns c0, c1, ...
// without declared type (values are stored as value.h says); a key of one integer column is
// SQLite's own rowid, any other primary key makes a WITHOUT ROWID table, so that rows lie in
// primary-key order as in InnoDB.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/mysql/schema.h"
#include "pipeline/rds/embedded/value.h"
#include "pipeline/rds/sql/ast.h"

namespace pipeline::rds::embedded {

struct DefaultValue {
  enum class Kind : std::uint8_t { none, null, literal, now, expression };
  Kind kind = Kind::none;
  Value value;       // literal: coerced to the column
  std::string text;  // literal: as printed; expression: its SQL
};

struct ColumnExtras {
  DefaultValue default_value;
  bool auto_increment = false;
  bool on_update_now = false;
  std::string comment;
  std::string generated;  // the expression's SQL; "" = an ordinary column
  bool stored = false;
  bool explicit_collation = false;  // SHOW CREATE TABLE prints it
};

struct IndexPart {
  std::uint32_t column = 0;
  std::uint64_t length = 0;  // prefix in characters; 0 = whole
  bool descending = false;
};

struct Index {
  sql::IndexKind kind = sql::IndexKind::plain;
  std::string name;
  std::vector<IndexPart> parts;
  std::string comment;
  bool invisible = false;

  bool is_unique() const {
    return kind == sql::IndexKind::primary || kind == sql::IndexKind::unique;
  }
};

struct Check {
  std::string name;
  std::string expression;  // SQL
  bool enforced = true;
};

struct TableDefinition {
  mysql::TablePtr schema;
  std::vector<ColumnExtras> extras;  // one a column
  std::vector<Index>
      indexes;  // the primary key first, then unique ones, then the rest, as MySQL orders them
  std::vector<Check> checks;
  std::string comment;
  std::uint32_t collation = mysql::collation_utf8mb4;
  std::uint64_t start_increment = 1;  // AUTO_INCREMENT=n of CREATE TABLE
  std::int64_t id = 0;                // t<id> in SQLite

  const std::vector<mysql::Column>& columns() const { return schema->columns; }
  std::optional<std::uint32_t> column_index(std::string_view name) const;  // ignoring case
  std::optional<std::uint32_t> auto_column() const;
  bool has_generated() const;
  bool has_rowid_key() const;  // the primary key is SQLite's rowid
  bool without_rowid() const;
  std::string sqlite_name() const { return "t" + std::to_string(id); }
  // The columns that name a row in SQLite: c0, c3 or rowid.
  std::vector<std::string> key_columns() const;
  // In primary-key order: "c1, c0 DESC" or "rowid".
  std::string key_order() const;
};
using DefinitionPtr = std::shared_ptr<const TableDefinition>;

// SQLite's CREATE TABLE and CREATE INDEX statements.
std::string sqlite_schema(const TableDefinition& table);
// SHOW CREATE TABLE.
std::string show_create_table(const TableDefinition& table, std::uint64_t next_increment);
std::string quoted(std::string_view name);         // `name`
std::string quoted_string(std::string_view text);  // 'text' for MySQL
std::string sqlite_string(std::string_view text);  // 'text' for SQLite

}  // namespace pipeline::rds::embedded
