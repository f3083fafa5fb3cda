#pragma once
// What a statement of the log is: transaction control, a change of tables (DDL), or a row change
// written as SQL (statement format). A tolerant scanner, not a parser: it reads verbs and table
// names, in any comments and quotes, and leaves the rest alone.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/mysql/change_source.h"
#include "pipeline/mysql/ddl/tokens.h"

namespace pipeline::mysql {

struct Statement {
  enum class Kind : std::uint8_t {
    begin,
    commit,
    rollback,
    savepoint,
    release_savepoint,
    rollback_to,
    xa_start,
    xa_end,
    xa_prepare,
    xa_commit,
    xa_rollback,
    row_change,
    schema_change
  };
  Kind kind = Kind::schema_change;
  std::string verb;  // "INSERT", "XA COMMIT": for messages
  std::string
      name;  // of the savepoint, in lower case; the xid as the server writes it: X'7831',X'',1
  bool one_phase = false;
  bool temporary = false;  // of a temporary table: nobody else sees it
  SchemaChange::Kind change = SchemaChange::Kind::other;
  std::vector<std::pair<std::string, std::string>> tables;  // renames: old, new, old, new...
  std::string dropped_schema;                               // DROP DATABASE
};

Statement scan_statement(std::string_view sql, std::string_view default_schema,
                         const Dialect& dialect = {});

}  // namespace pipeline::mysql
