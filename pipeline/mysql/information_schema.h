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
using Rows = std::vector<std::vector<std::optional<std::string>>>;

inline constexpr std::string_view databases =
    "SELECT SCHEMA_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA";
// Views too: whoever asks for more leaves them out by without_views().
inline constexpr std::string_view tables =
    "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, TABLE_COLLATION FROM information_schema.TABLES "
    "WHERE TABLE_SCHEMA NOT IN ('information_schema','performance_schema')";
bool is_view(const Rows::value_type& table);

// A condition on TABLE_SCHEMA and TABLE_NAME: tables of `tables` that are no views. A server
// without a data dictionary (MariaDB, MySQL 5.7) opens each view that it is asked about, and `sys`
// has 100: most of the time of such a question.
std::string without_views(const Rows& found);

std::string columns(const Rows& found);
std::string keys(const Rows& found);
}  // namespace information_schema

struct InformationSchema {
  using Rows = information_schema::Rows;
  Rows databases, tables, columns, keys;
  bool mariadb = false;
};

// Adds to the tracker. A table that cannot be described (a type that is not known) is left out, so
// that its rows say so when they come.
emulator::base::Result<void> seed(SchemaTracker& tracker, const InformationSchema& rows);
emulator::base::Result<void> seed_from_server(SchemaTracker& tracker,
                                              protocol::Connection& connection);

}  // namespace pipeline::mysql
