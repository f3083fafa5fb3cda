#pragma once
// The tables of a server as they were at each point of its log, by the DDL in it, so that rows have
// names, signs, charsets and labels where TABLE_MAP events leave them out (MySQL's
// binlog_row_metadata=MINIMAL and everything before 8.0; MariaDB's NO_LOG). Where a TABLE_MAP says
// more, it is believed. A table whose definition could not be followed is unknown from there on and
// says so: never guessed.
//
// Whoever reads a log applies each DDL statement where it stands and lets describe() complete each
// TABLE_MAP; binlog::TransactionAssembler does. A log that begins later than its tables is seeded
// at its start: by set_database and set_table, from a running server (information_schema.h), or
// from a dump (schema_file.h).

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "emulator/base/result.h"
#include "pipeline/mysql/binlog/table_map.h"
#include "pipeline/mysql/ddl/tracked_table.h"
#include "pipeline/mysql/schema.h"

namespace pipeline::mysql {

class SchemaTracker {
 public:
  struct Statement {
    std::string_view sql;     // UTF-8
    std::string_view schema;  // that unqualified names belong to
    Dialect dialect = {};
    std::uint32_t server_collation = collation_unknown;  // of a CREATE DATABASE that says none
    bool on_temporary_table =
        false;  // event_flag::thread_specific: of an ALTER; MariaDB sets it on every DROP
  };

  // ---- Seeds: what holds at the position where the log is read from ----
  void set_database(const std::string& name, std::uint32_t default_collation);
  // Columns with all that DDL would tell. default_collation: of columns that are added later
  // without a charset of their own.
  void set_table(TableSchema table, std::uint32_t default_collation);
  void clear() { *this = SchemaTracker(); }
  // Tables as they are later than the log that is read, for rows of those that nothing before tells
  // of: taken where their shape is that of the log, with a warning, because a column may have been
  // renamed in between.
  void fall_back_on(SchemaTracker later) {
    later_ = std::make_shared<const SchemaTracker>(std::move(later));
  }

  // ---- The log ----
  // Statements that are no DDL change nothing. An Error: this one could not be followed, and the
  // tables that it names are unknown now.
  emulator::base::Result<void> apply(const Statement& statement);
  struct Described {
    TableSchema table;
    std::string warning = {};  // once a table: why names or charsets are missing
  };
  // A TABLE_MAP, completed. Also learns from it.
  Described describe(binlog::TableMapEvent map);
  // Changes whenever describe() may answer differently than before for the same map.
  std::uint64_t version() const { return version_; }

  // nullptr: not known.
  const TableSchema* find(const std::string& schema, const std::string& table) const;
  // All whose columns are known, by name.
  std::vector<TablePtr> tables() const;

  // All of it as text (JSON), and back: for whoever keeps it with the position of the log that it
  // is valid for.
  std::string text() const;
  static emulator::base::Result<SchemaTracker> of_text(std::string_view text);

 private:
  using Name = ddl::TableName;
  using Tables = std::map<Name, ddl::TrackedTable>;

  struct Applying;  // a visitor of definitions
  Tables::iterator find_entry(const Name& name);
  const ddl::TrackedTable* find_later(const Name& name) const;
  void forget(const Statement& statement, const std::string& why);
  ddl::DefaultCollation default_of(const std::string& database, const Statement& statement) const;
  void learn(const binlog::TableMapEvent& map, ddl::TrackedTable* known);
  void complete(binlog::TableMapEvent& map, ddl::TrackedTable* known, std::string& warning);

  Tables tables_;
  std::map<std::string, std::uint32_t> databases_;  // their default collations
  std::shared_ptr<const SchemaTracker> later_;      // shared: never changed
  std::uint64_t version_ = 0;
};

}  // namespace pipeline::mysql
