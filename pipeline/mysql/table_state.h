#pragma once
// A recorded state: every table of a server with its rows as the server prints them. JSON lines,
// plain or gzipped: a line
// {"table":"db.t","columns":[{"name","type","charset","nullable","key"}...]}, then an array of
// strings and nulls for each row.

#include <optional>
#include <string>
#include <vector>

#include "emulator/base/result.h"
#include "pipeline/mysql/schema.h"

namespace pipeline::mysql {

using TextRow = std::vector<std::optional<std::string>>;

struct TableState {
  TablePtr schema;
  std::vector<TextRow> rows;  // in key order
};

// In the order of the file. Errors name file and line.
emulator::base::Result<std::vector<TableState>> read_table_states(const std::string& path);

}  // namespace pipeline::mysql
