#pragma once
// A table as its definition and every ALTER since have made it. Applying a definition needs what
// the statement leaves out: defaults of the database, and what the server is. Columns come out as
// the log will describe them (TABLE_MAP), so that the two can be compared.

#include <cstdint>
#include <string>

#include "emulator/base/result.h"
#include "pipeline/mysql/ddl/definition.h"
#include "pipeline/mysql/ddl/tokens.h"
#include "pipeline/mysql/schema.h"

namespace pipeline::mysql::ddl {

using emulator::base::Result;

// What a table or a column is in that says no charset. Assumed: the database was made before the
// log begins, so it is the server's.
struct DefaultCollation {
  std::uint32_t collation = collation_unknown;
  bool assumed = false;
};

struct TrackedTable {
  TableSchema schema;
  DefaultCollation collation = {};
  bool charset_assumed = false;  // some column's charset is an assumption
  std::string unknown = {};      // why its columns are not known; "" = they are
  bool warned = false;           // that they are not, or are not what the log says

  static TrackedTable of_unknown(const TableName& name, std::string why);
};

// `database`: the default of the table's schema.
Result<TrackedTable> make_table(const CreateTable& definition, const DefaultCollation& database,
                                const Dialect& dialect);
Result<TrackedTable> make_sequence(const CreateSequence& definition);
// Every clause but those that make or take other tables. On an Error the table is half changed.
Result<void> alter(TrackedTable& table, const AlterTable& change, const DefaultCollation& database,
                   const Dialect& dialect);

Result<std::uint32_t> resolve(const Charset& charset, std::uint32_t otherwise);
// MariaDB's row_start and row_end, which every row of the log has.
void add_versioning(TableSchema& table);

}  // namespace pipeline::mysql::ddl
