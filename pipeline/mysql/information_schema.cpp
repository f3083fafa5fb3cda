#include "pipeline/mysql/information_schema.h"

#include <algorithm>

#include "pipeline/mysql/ddl/make_column.h"
#include "pipeline/mysql/protocol/connection.h"
#include "pipeline/mysql/types/codec.h"

namespace pipeline::mysql {

namespace {

using emulator::base::fail;
using emulator::base::Result;
using Fields = InformationSchema::Rows::value_type;
using Name = ddl::TableName;

struct Table {
  TableSchema schema;
  std::uint32_t collation = collation_unknown;
  bool versioned = false;   // MariaDB: WITH SYSTEM VERSIONING
  bool own_period = false;  // with columns of its own for it
  bool describable = true;
};

const std::string& text(const Fields& row, std::size_t i) {
  static const std::string empty;
  return i < row.size() && row[i] ? *row[i] : empty;
}

std::uint32_t collation_named(const std::string& name) {
  return name.empty() ? collation_unknown
                      : ddl::resolve({"", name}, collation_unknown).value_or(collation_unknown);
}

Result<Column> read_column(const Fields& row, bool mariadb) {
  const std::string &type = text(row, 3), &charset = text(row, 4), &extra = text(row, 6);
  auto column = types::parse_column_type(type, charset.empty() ? "binary" : charset);
  if (!column) return column;
  if (mariadb &&
      column->type == ColumnType::vector) {  // VARBINARY in the log; its size is in the type
    const auto size = type.find('(');
    auto as_bytes =
        types::parse_column_type("varbinary" + type.substr(std::min(size, type.size())));
    if (!as_bytes) return as_bytes;
    column->type = as_bytes->type;
    column->length = as_bytes->length * 4;
    column->collation = collation_binary;
  }
  column->name = text(row, 2);
  column->nullable = text(row, 5) != "NO";
  column->visible = extra.find("INVISIBLE") == std::string::npos;
  const std::string& expression = text(row, 7);
  column->generated = !expression.empty() && expression != "ROW START" && expression != "ROW END";
  return column;
}

}  // namespace

Result<void> seed(SchemaTracker& tracker, const InformationSchema& rows) {
  std::map<Name, Table> tables;
  for (const Fields& row : rows.databases)
    tracker.set_database(text(row, 0), collation_named(text(row, 1)));
  for (const Fields& row : rows.tables) {
    Table& table = tables[{text(row, 0), text(row, 1)}];
    table.schema.schema = text(row, 0);
    table.schema.table = text(row, 1);
    table.versioned = text(row, 2) == "SYSTEM VERSIONED";
    table.collation = collation_named(text(row, 3));
  }
  for (const Fields& row : rows.columns) {
    const auto table = tables.find({text(row, 0), text(row, 1)});
    if (table == tables.end()) continue;  // a view
    auto column = read_column(row, rows.mariadb);
    if (!column) {
      table->second.describable = false;
      continue;
    }
    table->second.own_period = table->second.own_period || text(row, 7) == "ROW START";
    table->second.schema.columns.push_back(std::move(*column));
  }
  for (const Fields& row : rows.keys) {
    const auto table = tables.find({text(row, 0), text(row, 1)});
    if (table == tables.end()) continue;
    if (const auto index = ddl::find_column(table->second.schema, text(row, 2)))
      table->second.schema.primary_key.push_back(*index);
  }
  for (auto& [name, table] : tables) {
    if (!table.describable || table.schema.columns.empty()) continue;
    if (table.versioned && !table.own_period) ddl::add_versioning(table.schema);
    tracker.set_table(std::move(table.schema), table.collation);
  }
  return {};
}

Result<void> seed_from_server(SchemaTracker& tracker, protocol::Connection& connection) {
  InformationSchema rows;
  rows.mariadb = connection.is_mariadb();
  const std::pair<std::string_view, InformationSchema::Rows*> queries[] = {
      {information_schema::databases, &rows.databases},
      {information_schema::tables, &rows.tables},
      {information_schema::columns, &rows.columns},
      {information_schema::keys, &rows.keys}};
  for (const auto& [sql, answer] : queries) {
    auto result = connection.query(sql);
    if (!result) return fail("reading information_schema: " + result.error().text());
    *answer = std::move(result->rows);
  }
  return seed(tracker, rows);
}

}  // namespace pipeline::mysql
