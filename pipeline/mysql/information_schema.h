#pragma once
// A tracker's seed from a running server. information_schema tells what holds now, so the position
// that goes with it must be taken while no DDL can run: between FLUSH TABLES WITH READ LOCK (or,
// MySQL 8, LOCK INSTANCE FOR BACKUP; MariaDB, BACKUP STAGE BLOCK_DDL) and its release,
//   SHOW BINARY LOG STATUS / SHOW MASTER STATUS, then seed_from_server.
// A stream from that position applies its DDL to the tracker by itself
// (TransactionAssembler::schema()).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/result.h"
#include "pipeline/mysql/schema_tracker.h"

namespace pipeline::mysql {

namespace protocol {
class Connection;
}

// What information_schema says, a query each; columns in this order.
namespace information_schema {
inline constexpr std::string_view databases =
    "SELECT SCHEMA_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA";
inline constexpr std::string_view tables =
    "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, TABLE_COLLATION FROM information_schema.TABLES "
    "WHERE TABLE_TYPE NOT LIKE '%VIEW' AND TABLE_SCHEMA NOT IN "
    "('information_schema','performance_schema')";
inline constexpr std::string_view columns =
    "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, CHARACTER_SET_NAME, IS_NULLABLE, "
    "EXTRA, GENERATION_EXPRESSION "
    "FROM information_schema.COLUMNS WHERE TABLE_SCHEMA NOT IN "
    "('information_schema','performance_schema') "
    "ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION";
inline constexpr std::string_view keys =
    "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME FROM information_schema.STATISTICS "
    "WHERE INDEX_NAME='PRIMARY' ORDER BY TABLE_SCHEMA, TABLE_NAME, SEQ_IN_INDEX";
}  // namespace information_schema

struct InformationSchema {
  using Rows = std::vector<std::vector<std::optional<std::string>>>;
  Rows databases, tables, columns, keys;
  bool mariadb = false;
};

// Adds to the tracker. A table that cannot be described (a type that is not known) is left out, so
// that its rows say so when they come.
emulator::base::Result<void> seed(SchemaTracker& tracker, const InformationSchema& rows);
emulator::base::Result<void> seed_from_server(SchemaTracker& tracker,
                                              protocol::Connection& connection);

}  // namespace pipeline::mysql
