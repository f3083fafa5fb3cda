#pragma once
// One connection to the embedded database: statements in, result sets or MySQL errors out. The
// protocol server, /_sluice/sql and the scenario's sql step all stand on this.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/mysql/schema.h"
#include "pipeline/rds/error.h"

namespace pipeline::rds {

struct ResultColumn {
  std::string name;
  mysql::Column type;  // MySQL's type of the column
};

struct ResultSet {
  std::vector<ResultColumn> columns;  // empty: not a query
  std::vector<std::vector<std::optional<std::string>>>
      rows;  // text as MySQL prints it (raw bytes for binary strings); nullopt = NULL
  std::uint64_t affected_rows = 0;
  std::uint64_t last_insert_id = 0;
  std::vector<SqlError> warnings;
  std::string info;  // "Rows matched: 1  Changed: 1  Warnings: 0"
};

class Session {
 public:
  virtual ~Session() = default;
  // One statement, with or without its ';'.
  virtual Result<ResultSet> execute(std::string_view sql) = 0;
  // Several, split at ';' outside quotes and comments. Stops at the first error, which carries its
  // offset in the script.
  virtual Result<std::vector<ResultSet>> execute_script(std::string_view sql) = 0;
  virtual const std::string& database() const = 0;  // of USE; "" = none
};

}  // namespace pipeline::rds
