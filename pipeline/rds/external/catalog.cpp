#include "pipeline/rds/external/catalog.h"

#include <map>
#include <memory>
#include <utility>

#include "pipeline/mysql/information_schema.h"
#include "pipeline/mysql/types/codec.h"

namespace pipeline::rds::external {
namespace {

namespace information_schema = mysql::information_schema;
using mysql::Column;
using mysql::ColumnType;
using Name = std::pair<std::string, std::string>;
using Tables = std::map<Name, mysql::TableSchema>;

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

void add_names(const information_schema::Rows& rows, Tables& tables) {
  for (const auto& row : rows) {
    if (row[2] != "BASE TABLE" && row[2] != "SYSTEM VERSIONED") continue;  // views, sequences
    mysql::TableSchema& table = tables[{text_of(row[0]), text_of(row[1])}];
    table.schema = text_of(row[0]);
    table.table = text_of(row[1]);
  }
}

Result<void> read_columns(SqlClient& client, const information_schema::Rows& names,
                          Tables& tables) {
  return client.query(information_schema::columns(names), [&](const SqlClient::Row& row) {
    const auto table = tables.find({text_of(row[0]), text_of(row[1])});
    if (table != tables.end()) table->second.columns.push_back(column_of(row));
    return true;
  });
}

Result<void> read_keys(SqlClient& client, const information_schema::Rows& names, Tables& tables) {
  return client.query(information_schema::keys(names), [&](const SqlClient::Row& row) {
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
  const auto names = client.rows(std::string(information_schema::tables));
  if (!names) return tl::unexpected(names.error());
  Tables tables;
  add_names(*names, tables);
  if (auto done = read_columns(client, *names, tables); !done) return tl::unexpected(done.error());
  if (auto done = read_keys(client, *names, tables); !done) return tl::unexpected(done.error());
  std::vector<mysql::TablePtr> out;
  for (auto& [name, table] : tables)
    out.push_back(std::make_shared<const mysql::TableSchema>(std::move(table)));
  return out;
}

}  // namespace pipeline::rds::external
