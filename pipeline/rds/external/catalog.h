#pragma once
// The tables of a running server, from its information_schema.

#include <vector>

#include "pipeline/mysql/schema.h"
#include "pipeline/rds/external/sql_client.h"

namespace pipeline::rds::external {

// All base tables by (schema, table), system schemas included but for information_schema and
// performance_schema, which hold no data of users. A column of a type or charset that is not
// supported has ColumnType::null: reading its values is then an Error that names it.
Result<std::vector<mysql::TablePtr>> read_tables(SqlClient& client);

}  // namespace pipeline::rds::external
