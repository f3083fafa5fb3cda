#pragma once
// One connection to a running server for the SQL of a scenario or of /_sluice/sql: over our own
// client, which gives the server's own text.

#include <memory>
#include <string>

#include "pipeline/mysql/protocol/connection.h"
#include "pipeline/rds/session.h"

namespace pipeline::rds::external {

// `database` "" = none. A connection that was lost is opened again by the next statement, with a
// fresh session.
rds::Result<std::unique_ptr<Session>> connect_session(const mysql::protocol::ConnectOptions& server,
                                                      const std::string& database);

}  // namespace pipeline::rds::external
