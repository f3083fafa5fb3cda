#pragma once
// information_schema: SCHEMATA, TABLES, COLUMNS, STATISTICS, KEY_COLUMN_USAGE, TABLE_CONSTRAINTS,
// made from the catalog when they are read. Every other view is refused by name.

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/rds/embedded/catalog.h"

namespace pipeline::rds::embedded {

struct SystemView {
  std::vector<mysql::Column> columns;
  std::vector<std::vector<std::string>> rows;  // texts; "\0" alone is NULL
  std::string sql;                             // a SELECT whose columns are c0, c1...
};

Result<SystemView> information_schema_view(const Catalog& catalog, std::string_view name);
std::vector<std::string> information_schema_views();

}  // namespace pipeline::rds::embedded
