#pragma once
// SQLite's preupdate hook: every row of a user's table that SQLite inserts, updates or deletes goes
// to the journal from here, with its old and new values, whichever statement did it. What is not to
// be logged (copies of ALTER TABLE, TRUNCATE) must pause the journal.

#include <string_view>
#include <vector>

#include "pipeline/rds/embedded/catalog.h"
#include "pipeline/rds/embedded/journal.h"

struct sqlite3;

namespace pipeline::rds::embedded {

class RowCapture {
 public:
  RowCapture(const Catalog& catalog, Journal& journal) : catalog_(catalog), journal_(journal) {}
  RowCapture(const RowCapture&) = delete;
  RowCapture& operator=(const RowCapture&) = delete;

  // From here on SQLite calls this object, which must outlive the connection.
  void install(sqlite3* database);
  // The table that the next statement writes: saves the search by id. nullptr: none.
  void expect(const TableDefinition* table) { expected_ = table; }

 private:
  void take(sqlite3* database, int operation, std::string_view table);
  const TableDefinition* table_of(std::string_view name) const;

  const Catalog& catalog_;
  Journal& journal_;
  const TableDefinition* expected_ = nullptr;
  std::vector<Value> before_, after_;  // of the row at hand
};

}  // namespace pipeline::rds::embedded
