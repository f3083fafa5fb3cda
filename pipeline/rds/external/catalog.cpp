#include "pipeline/rds/external/catalog.h"

#include <map>
#include <memory>
#include <utility>

#include "emulator/base/text.h"
#include "pipeline/mysql/types/codec.h"

namespace pipeline::rds::external {
namespace {

namespace base = emulator::base;
using mysql::Column;
using mysql::ColumnType;
using Name = std::pair<std::string, std::string>;
using Tables = std::map<Name, mysql::TableSchema>;

std::string without_pseudo_schemas(std::string_view column) {
  return " LOWER(" + std::string(column) + ") NOT IN ('information_schema','performance_schema')";
}

std::string text_of(const std::optional<std::string_view>& value) {
  return std::string(value.value_or(""));
}

// The text of a JSON column is all that a SELECT gives of it, so its rows come as a LONGTEXT would.
void take_json_as_text(Column& column) {
  column.type = ColumnType::blob;
  column.length = 4;
  column.collation = mysql::collation_utf8mb4;
}

Column column_of(const SqlClient::Row& row) {
  auto parsed = mysql::types::parse_column_type(row[3].value_or(""), row[4].value_or(""));
  Column column = parsed ? std::move(*parsed) : Column{};
  if (!parsed) {
    column.type = ColumnType::null;
    column.declared = text_of(row[3]);
  }
  if (column.type == ColumnType::json) take_json_as_text(column);
  column.name = text_of(row[2]);
  column.nullable = row[5] == "YES";
  const std::string extra = text_of(row[6]);
  column.generated = extra.find("VIRTUAL") != std::string::npos ||
                     extra.find("STORED") != std::string::npos ||
                     extra.find("PERSISTENT") != std::string::npos;
  column.visible = extra.find("INVISIBLE") == std::string::npos;
  return column;
}

Result<void> read_names(SqlClient& client, Tables& tables) {
  return client.query(
      "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_TYPE IN ('BASE "
      "TABLE','SYSTEM VERSIONED') AND" +
          without_pseudo_schemas("TABLE_SCHEMA"),
      [&](const SqlClient::Row& row) {
        mysql::TableSchema& table = tables[{text_of(row[0]), text_of(row[1])}];
        table.schema = text_of(row[0]);
        table.table = text_of(row[1]);
        return true;
      });
}

Result<void> read_columns(SqlClient& client, Tables& tables) {
  return client.query(
      "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, CHARACTER_SET_NAME, IS_NULLABLE, "
      "EXTRA "
      "FROM information_schema.COLUMNS WHERE" +
          without_pseudo_schemas("TABLE_SCHEMA") +
          " ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION",
      [&](const SqlClient::Row& row) {
        const auto table = tables.find({text_of(row[0]), text_of(row[1])});
        if (table != tables.end()) table->second.columns.push_back(column_of(row));
        return true;
      });
}

Result<void> read_keys(SqlClient& client, Tables& tables) {
  return client.query(
      "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME FROM information_schema.STATISTICS WHERE "
      "INDEX_NAME='PRIMARY' AND" +
          without_pseudo_schemas("TABLE_SCHEMA") +
          " ORDER BY TABLE_SCHEMA, TABLE_NAME, SEQ_IN_INDEX",
      [&](const SqlClient::Row& row) {
        const auto table = tables.find({text_of(row[0]), text_of(row[1])});
        if (table == tables.end()) return true;
        const std::vector<Column>& columns = table->second.columns;
        for (std::uint32_t i = 0; i < columns.size(); ++i)
          if (columns[i].name == row[2]) table->second.primary_key.push_back(i);
        return true;
      });
}

}  // namespace

Result<std::vector<mysql::TablePtr>> read_tables(SqlClient& client) {
  Tables tables;
  if (auto done = read_names(client, tables); !done) return tl::unexpected(done.error());
  if (auto done = read_columns(client, tables); !done) return tl::unexpected(done.error());
  if (auto done = read_keys(client, tables); !done) return tl::unexpected(done.error());
  std::vector<mysql::TablePtr> out;
  for (auto& [name, table] : tables)
    out.push_back(std::make_shared<const mysql::TableSchema>(std::move(table)));
  return out;
}

}  // namespace pipeline::rds::external
