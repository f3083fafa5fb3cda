// A tracker as text, for whoever keeps it with the position of the log that it is valid for. JSON,
// one array a column:
//   {"databases":{"d":255},"tables":[{"schema":"d","table":"t","collation":[255,false],"assumed":false,"unknown":"","warned":false,
//    "columns":[["id",3,0,0,1,63,0,"int unsigned",[]]],"key":[0]}]}

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/json_document.h"
#include "pipeline/mysql/schema_tracker.h"

namespace pipeline::mysql {

namespace {

using emulator::base::fail;
using emulator::base::JsonWriter;
using emulator::base::Result;
using Json = nlohmann::json;

constexpr std::uint64_t is_unsigned = 1, nullable = 2, visible = 4, generated = 8;

void write_column(JsonWriter& out, const Column& column) {
  const std::uint64_t flags = column.is_unsigned * is_unsigned + column.nullable * nullable +
                              column.visible * visible + column.generated * generated;
  out.array()
      .string(column.name)
      .unsigned_number(static_cast<std::uint64_t>(column.type))
      .unsigned_number(column.length);
  out.unsigned_number(column.scale)
      .unsigned_number(flags)
      .unsigned_number(column.collation)
      .unsigned_number(column.geometry_kind);
  out.string(column.declared).array();
  for (const std::string& label : column.labels) out.string(label);
  out.end().end();
}

void write_table(JsonWriter& out, const ddl::TrackedTable& table) {
  out.object().key("schema").string(table.schema.schema).key("table").string(table.schema.table);
  out.key("collation")
      .array()
      .unsigned_number(table.collation.collation)
      .boolean(table.collation.assumed)
      .end();
  out.key("assumed")
      .boolean(table.charset_assumed)
      .key("unknown")
      .string(table.unknown)
      .key("warned")
      .boolean(table.warned);
  out.key("columns").array();
  for (const Column& column : table.schema.columns) write_column(out, column);
  out.end().key("key").array();
  for (const std::uint32_t index : table.schema.primary_key) out.unsigned_number(index);
  out.end().end();
}

Column read_column(const Json& json) {
  Column column;
  column.name = json.at(0).get<std::string>();
  column.type = static_cast<ColumnType>(json.at(1).get<std::uint8_t>());
  column.length = json.at(2).get<std::uint32_t>();
  column.scale = json.at(3).get<std::uint8_t>();
  const auto flags = json.at(4).get<std::uint64_t>();
  column.is_unsigned = (flags & is_unsigned) != 0;
  column.nullable = (flags & nullable) != 0;
  column.visible = (flags & visible) != 0;
  column.generated = (flags & generated) != 0;
  column.collation = json.at(5).get<std::uint32_t>();
  column.geometry_kind = json.at(6).get<std::uint8_t>();
  column.declared = json.at(7).get<std::string>();
  column.labels = json.at(8).get<std::vector<std::string>>();
  return column;
}

ddl::TrackedTable read_table(const Json& json) {
  ddl::TrackedTable table;
  table.schema.schema = json.at("schema").get<std::string>();
  table.schema.table = json.at("table").get<std::string>();
  table.collation = {json.at("collation").at(0).get<std::uint32_t>(),
                     json.at("collation").at(1).get<bool>()};
  table.charset_assumed = json.at("assumed").get<bool>();
  table.unknown = json.at("unknown").get<std::string>();
  table.warned = json.at("warned").get<bool>();
  for (const Json& column : json.at("columns")) table.schema.columns.push_back(read_column(column));
  for (const Json& index : json.at("key")) {
    if (index.get<std::uint32_t>() < table.schema.columns.size())
      table.schema.primary_key.push_back(index.get<std::uint32_t>());
  }
  return table;
}

}  // namespace

std::string SchemaTracker::text() const {
  JsonWriter out;
  out.object().key("databases").object();
  for (const auto& [name, collation] : databases_) out.key(name).unsigned_number(collation);
  out.end().key("tables").array();
  for (const auto& [name, table] : tables_) write_table(out, table);
  out.end().end();
  return out.take();
}

Result<SchemaTracker> SchemaTracker::of_text(std::string_view text) {
  const auto unreadable = [](const std::string& why) {
    return fail("the saved schema of a source cannot be read: " + why);
  };
  const Result<Json> json = emulator::base::json_or_error(text);
  if (!json) return unreadable(json.error().message);
  SchemaTracker out;
  try {
    for (const auto& [name, collation] : json->at("databases").items())
      out.databases_[name] = collation.get<std::uint32_t>();
    for (const Json& one : json->at("tables")) {
      ddl::TrackedTable table = read_table(one);
      Name name{table.schema.schema, table.schema.table};
      out.tables_[std::move(name)] = std::move(table);
    }
  } catch (const Json::exception& exception) {
    return unreadable(exception.what());
  }
  ++out.version_;
  return out;
}

}  // namespace pipeline::mysql
