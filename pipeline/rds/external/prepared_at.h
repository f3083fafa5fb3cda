#pragma once
// XA transactions that were prepared before a position and end after it: no snapshot has their
// rows, and the log has them before the position. Who loads tables and then follows the log must
// read from the first of them.

#include <cstdint>
#include <optional>

#include "pipeline/mysql/change_source.h"
#include "pipeline/mysql/protocol/connection.h"

namespace pipeline::rds::external {

struct PreparedAt {
  std::size_t found = 0;                  // of those that the server has
  std::optional<mysql::Position> oldest;  // where the first of them begins
  bool altered = false;  // DDL ran between there and the position: the tables of the one are not
                         // those of the other
};

// `at` is of a moment ago; `wanted` as many as XA RECOVER told then. Looks for them file by file
// backwards, in 1, 2, 4, ... files, so that nothing is read more than a few times.
mysql::protocol::Result<PreparedAt> prepared_at(const mysql::protocol::ConnectOptions& server,
                                                const mysql::Position& at, std::size_t wanted);

}  // namespace pipeline::rds::external
