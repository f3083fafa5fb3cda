#include "pipeline/mysql/table_state.h"

#include <nlohmann/json.hpp>

#include "emulator/base/json_document.h"
#include "emulator/base/text.h"
#include "pipeline/mysql/binlog/file.h"
#include "pipeline/mysql/types/codec.h"

namespace pipeline::mysql {

namespace {

using emulator::base::Error;
using emulator::base::fail;
using emulator::base::Result;
using nlohmann::json;

std::string text_of(const json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

Result<Column> read_saved_column(const json& description) {
  if (!description.is_object()) return fail("a column that is not an object");
  const std::string charset = text_of(description, "charset");
  auto column =
      types::parse_column_type(text_of(description, "type"), charset.empty() ? "utf8mb4" : charset);
  if (!column) return column;
  column->name = text_of(description, "name");
  column->nullable = text_of(description, "nullable") != "NO";
  return column;
}

Result<TableState> read_head(const json& line) {
  const std::string name = text_of(line, "table");
  const std::size_t dot = name.find('.');
  const auto columns = line.find("columns");
  if (dot == std::string::npos || columns == line.end() || !columns->is_array())
    return fail("a table needs \"table\":\"db.t\" and \"columns\"");
  TableSchema schema;
  schema.schema = name.substr(0, dot);
  schema.table = name.substr(dot + 1);
  for (const json& description : *columns) {
    auto column = read_saved_column(description);
    if (!column) return tl::unexpected(column.error());
    if (text_of(description, "key") == "PRI")
      schema.primary_key.push_back(static_cast<std::uint32_t>(schema.columns.size()));
    schema.columns.push_back(std::move(*column));
  }
  return TableState{std::make_shared<const TableSchema>(std::move(schema)), {}};
}

Result<TextRow> read_row(const json& line, std::size_t columns) {
  if (line.size() != columns)
    return fail("a row with " + std::to_string(line.size()) + " values for " +
                std::to_string(columns) + " columns");
  TextRow row;
  for (const json& value : line) {
    if (!value.is_null() && !value.is_string())
      return fail("a value that is neither null nor a string");
    row.push_back(value.is_null() ? std::nullopt : std::optional(value.get<std::string>()));
  }
  return row;
}

Result<void> read_line(std::string_view text, std::vector<TableState>& states) {
  const json line = emulator::base::read_json(text);
  if (line.is_object()) {
    auto head = read_head(line);
    if (!head) return tl::unexpected(head.error());
    states.push_back(std::move(*head));
    return {};
  }
  if (!line.is_array() || states.empty()) return fail("neither a table nor a row of one");
  auto row = read_row(line, states.back().schema->columns.size());
  if (!row) return tl::unexpected(row.error());
  states.back().rows.push_back(std::move(*row));
  return {};
}

}  // namespace

Result<std::vector<TableState>> read_table_states(const std::string& path) {
  auto content = binlog::read_possibly_gzipped(path);
  if (!content) return tl::unexpected(content.error());
  std::vector<TableState> states;
  int number = 0;
  for (const std::string_view line : emulator::base::split(*content, '\n')) {
    ++number;
    if (line.empty()) continue;
    if (auto done = read_line(line, states); !done) {
      Error error = done.error();
      error.where = {path, number, 1};
      return tl::unexpected(std::move(error));
    }
  }
  return states;
}

}  // namespace pipeline::mysql
