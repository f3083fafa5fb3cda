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

namespace information_schema {

bool is_view(const Fields& table) { return text(table, 2).ends_with("VIEW"); }

std::string without_views(const Rows& found) {
  std::string out = "TABLE_SCHEMA NOT IN ('information_schema','performance_schema')";
  std::string views;
  for (const Fields& row : found) {
    const std::string &schema = text(row, 0), &name = text(row, 1);
    // How a name with these is quoted depends on the session; it may as well be asked about.
    const bool is_plain = (schema + name).find_first_of("'\\") == std::string::npos;
    if (is_view(row) && is_plain)
      views += (views.empty() ? "('" : ",('") + schema + "','" + name + "')";
  }
  // As bytes: a table may differ from a view by its case alone.
  if (!views.empty())
    out += " AND (CAST(TABLE_SCHEMA AS BINARY), CAST(TABLE_NAME AS BINARY)) NOT IN (" + views + ")";
  return out;
}

std::string columns(const Rows& found) {
  return "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, CHARACTER_SET_NAME, "
         "IS_NULLABLE, EXTRA, GENERATION_EXPRESSION FROM information_schema.COLUMNS WHERE " +
         without_views(found) + " ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION";
}

std::string keys(const Rows& found) {
  return "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME FROM information_schema.STATISTICS WHERE "
         "INDEX_NAME='PRIMARY' AND " +
         without_views(found) + " ORDER BY TABLE_SCHEMA, TABLE_NAME, SEQ_IN_INDEX";
}

}  // namespace information_schema

Result<void> seed(SchemaTracker& tracker, const InformationSchema& rows) {
  std::map<Name, Table> tables;
  for (const Fields& row : rows.databases)
    tracker.set_database(text(row, 0), collation_named(text(row, 1)));
  for (const Fields& row : rows.tables) {
    if (information_schema::is_view(row)) continue;
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
  const auto read = [&](std::string_view sql, InformationSchema::Rows& answer) -> Result<void> {
    auto result = connection.query(sql);
    if (!result) return fail("reading information_schema: " + result.error().text());
    answer = std::move(result->rows);
    return {};
  };
  if (auto done = read(information_schema::databases, rows.databases); !done) return done;
  if (auto done = read(information_schema::tables, rows.tables); !done) return done;
  if (auto done = read(information_schema::columns(rows.tables), rows.columns); !done) return done;
  if (auto done = read(information_schema::keys(rows.tables), rows.keys); !done) return done;
  return seed(tracker, rows);
}

}  // namespace pipeline::mysql
