#pragma once
// The position of a consistent snapshot, which is what a full load reads and what its changes
// follow.

#include "pipeline/mysql/change_source.h"
#include "pipeline/rds/external/sql_client.h"

namespace pipeline::rds::external {

// Leaves the client inside a transaction whose reads have everything before the position. What the
// snapshot has beyond it, if anything, comes again in the log.
Result<mysql::Position> take_snapshot(SqlClient& client);
// Where the log ends now.
Result<mysql::Position> end_of_log(SqlClient& client);

}  // namespace pipeline::rds::external
