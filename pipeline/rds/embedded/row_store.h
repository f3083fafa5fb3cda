#pragma once
// The place that changes rows, by prepared statements kept per table. RowCapture sees what they do.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "emulator/sqlite/database.h"
#include "pipeline/rds/embedded/row_capture.h"
#include "pipeline/rds/embedded/table.h"
#include "pipeline/rds/error.h"

namespace pipeline::rds::embedded {

struct StoredRow {
  std::vector<Value> values;  // one a column
  std::int64_t rowid = 0;     // of tables that are not WITHOUT ROWID
};

class RowStore {
 public:
  RowStore(emulator::sqlite::Database& database, RowCapture& capture)
      : database_(database), capture_(capture) {}

  // false: a unique key stands against it, and nothing happened.
  Result<bool> insert(const TableDefinition& table, const std::vector<Value>& row);
  Result<bool> update(const TableDefinition& table, const StoredRow& before,
                      const std::vector<Value>& after);
  Result<void> remove(const TableDefinition& table, const StoredRow& row);

  // The first unique key (in MySQL's order) that has another row with these values, and that row.
  struct Conflict {
    const Index* index = nullptr;
    StoredRow row;
  };
  Result<std::optional<Conflict>> find_conflict(const TableDefinition& table,
                                                const std::vector<Value>& values,
                                                const StoredRow* except = nullptr);
  // The table is dropped or made anew: its statements go.
  void forget(const TableDefinition& table) { statements_.erase(table.id); }

  // "SELECT rowid, c0, c1": what read_row reads.
  static std::string select_list(const TableDefinition& table, std::string_view alias);
  static StoredRow read_row(const TableDefinition& table, sqlite3_stmt* statement);

 private:
  struct Statements {
    emulator::sqlite::Statement insert, update, remove;
    std::map<std::size_t, emulator::sqlite::Statement>
        conflicts;  // by index of TableDefinition::indexes
  };
  Result<bool> run(const TableDefinition& table, emulator::sqlite::Statement& statement);
  Result<void> prepare(emulator::sqlite::Statement& statement, const std::string& sql);
  void bind_key(const TableDefinition& table, const StoredRow& row, sqlite3_stmt* statement,
                int first);

  emulator::sqlite::Database& database_;
  RowCapture& capture_;
  std::map<std::int64_t, Statements> statements_;
};

// 1062: "Duplicate entry '1' for key 'Persons.PRIMARY'".
tl::unexpected<SqlError> duplicate_entry(const TableDefinition& table, const Index& index,
                                         const std::vector<Value>& values);

}  // namespace pipeline::rds::embedded
