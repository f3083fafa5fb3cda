#pragma once
// The databases and tables of an engine, by name. Kept in SQLite as the text of SHOW CREATE TABLE,
// which is parsed again at the next start. System schemas (mysql, sys, performance_schema,
// information_schema) are here too: mysql and sys have real tables with rows.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/sqlite/database.h"
#include "pipeline/rds/embedded/table.h"
#include "pipeline/rds/error.h"

namespace pipeline::rds::embedded {

struct DatabaseEntry {
  std::uint32_t collation = mysql::collation_utf8mb4;
};

struct TableEntry {
  DefinitionPtr definition;
  std::uint64_t next_increment = 1;
};

class Catalog {
 public:
  explicit Catalog(emulator::sqlite::Database& database) : database_(database) {}

  // Makes its tables on the first start, reads them on later ones.
  emulator::base::Result<void> open();
  // Reads all from SQLite again: after the rollback of a statement that had changed definitions.
  emulator::base::Result<void> reload();

  bool has_database(std::string_view name) const {
    return databases_.find(name) != databases_.end();
  }
  const std::map<std::string, DatabaseEntry, std::less<>>& databases() const { return databases_; }
  const std::map<std::pair<std::string, std::string>, TableEntry>& tables() const {
    return tables_;
  }
  // nullptr: no such table.
  TableEntry* find(std::string_view schema, std::string_view table);
  // With MySQL's errors: 1046 without a database, 1049, 1146.
  Result<TableEntry*> require(std::string_view schema, std::string_view table);

  // These change SQLite too, inside the caller's transaction.
  Result<void> create_database(const std::string& name, std::uint32_t collation);
  Result<void> alter_database(const std::string& name, std::uint32_t collation);
  Result<void> drop_database(const std::string& name);  // its tables are gone before
  // Gives the definition its id, makes the SQLite table and its indexes.
  Result<DefinitionPtr> create_table(TableDefinition definition, std::uint64_t next_increment);
  // A new SQLite table under a name that is taken: it replaces the old one in the catalog. The old
  // SQLite table stays for the caller to copy and drop.
  Result<DefinitionPtr> replace_table(TableDefinition definition, std::uint64_t next_increment);
  Result<void> drop_table(const std::string& schema, const std::string& table);
  // The definition under its (new) name; rows stay. For what needs no new SQLite table.
  Result<void> replace_definition(const std::string& schema, const std::string& table,
                                  TableDefinition definition);

 private:
  Result<void> run(const std::string& sql);
  Result<void> write_entry(const TableDefinition& table, std::uint64_t next_increment);

  emulator::sqlite::Database& database_;
  std::map<std::string, DatabaseEntry, std::less<>> databases_;
  std::map<std::pair<std::string, std::string>, TableEntry> tables_;
  std::int64_t last_id_ = 0;
};

bool is_system_schema(std::string_view name);

}  // namespace pipeline::rds::embedded
