// Definitions to tables: types, charsets, keys.
#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/text.h"
#include "pipeline/mysql/ddl/make_column.h"
#include "pipeline/mysql/ddl/tracked_table.h"

namespace pipeline::mysql::ddl {

namespace {

using emulator::base::equals_ignoring_case;
using emulator::base::fail;

constexpr std::uint64_t row_bytes_max = 65535;  // of a VARCHAR too

std::uint32_t blob_width(std::uint64_t bytes) {
  return bytes < 1u << 8 ? 1 : bytes < 1u << 16 ? 2 : bytes < 1u << 24 ? 3 : 4;
}

bool is_text(const std::string& type) {
  return type == "char" || type == "varchar" || type == "tinytext" || type == "text" ||
         type == "mediumtext" || type == "longtext";
}
bool has_charset(const std::string& type) {
  return is_text(type) || type == "enum" || type == "set";
}

std::string binary_form(const std::string& type) {
  if (type == "char") return "binary";
  if (type == "varchar") return "varbinary";
  return type.substr(0, type.size() - 4) + "blob";
}

// Sizes that choose or change a type (manual, "String Data Type Syntax", "Silent Column
// Specification Changes").
void settle_size(types::TypeDeclaration& type, std::uint32_t character_bytes) {
  const std::uint64_t number = type.numbers.empty() ? 0 : type.numbers[0];
  constexpr const char* prefixes[] = {"", "tiny", "", "medium", "long"};
  const auto family = [&](std::string_view name, std::uint64_t bytes) {
    type.name = prefixes[blob_width(bytes)] + std::string(name);
    type.numbers.clear();
  };
  if (type.name == "text" && number > 0) family("text", number * character_bytes);
  if (type.name == "blob" && number > 0) family("blob", number);
  if (type.name == "text" || type.name == "blob" || type.name == "year") type.numbers.clear();
  if (type.name == "varchar" && number * character_bytes > row_bytes_max)
    family("text", number * character_bytes);
  if (type.name == "varbinary" && number > row_bytes_max) family("blob", number);
  if (type.name == "decimal" && number == 0)
    type.numbers = {10, type.numbers.size() > 1 ? type.numbers[1] : 0};
  if (type.name == "decimal" && type.numbers.size() == 1) type.numbers.push_back(0);
  if (type.name == "bit" && number == 0) type.numbers = {1};
  const bool temporal = type.name == "time" || type.name == "datetime" || type.name == "timestamp";
  if (temporal && number == 0) type.numbers.clear();
}

// MariaDB's VECTOR(n) is a VARBINARY of n floats in the log.
Result<Column> mariadb_vector(const types::TypeDeclaration& type) {
  if (type.numbers.size() != 1 || type.numbers[0] > row_bytes_max / 4)
    return fail("a VECTOR without its size");
  auto column = types::make_column({"varbinary", {type.numbers[0] * 4}}, collation_binary);
  if (column) column->declared = type.text();
  return column;
}

Result<Column> typed_column(const ColumnDefinition& definition, std::uint32_t table_collation,
                            const Dialect& dialect) {
  types::TypeDeclaration type = definition.type;
  if (type.name == "vector" && dialect.mariadb) return mariadb_vector(type);
  if (type.name == "json" && dialect.mariadb)
    return types::make_column({"longtext"}, types::default_collation("utf8mb4").value());
  std::uint32_t collation = collation_binary;
  if (has_charset(type.name)) {
    auto resolved = resolve(definition.charset, table_collation);
    if (!resolved) return tl::unexpected(resolved.error());
    collation = *resolved;
    if (is_text(type.name) && collation == collation_binary) type.name = binary_form(type.name);
  }
  settle_size(type, types::bytes_per_character(collation));
  if (collation != collation_binary)  // trailing blanks of labels are cut (manual, "The ENUM Type")
    for (std::string& label : type.labels) label.erase(label.find_last_not_of(' ') + 1);
  const bool unsigned_by_zerofill = type.rest.find("zerofill") != std::string::npos &&
                                    type.rest.find("unsigned") == std::string::npos;
  if (unsigned_by_zerofill) type.rest.insert(0, " unsigned");
  const std::string declared =
      type.text() + (definition.compressed ? " /*M!100301 COMPRESSED*/" : "");
  if (definition.compressed) type.rest += " compressed";
  auto column = types::make_column(type, collation);
  if (column) column->declared = declared;
  return column;
}

}  // namespace

Result<std::uint32_t> resolve(const Charset& charset, std::uint32_t otherwise) {
  std::string name = charset.name;
  if (name.empty() || name == "default") {
    if (charset.collation.empty() || charset.collation == "default") return otherwise;
    name = charset.collation.substr(0, charset.collation.find('_'));
    if (name == "uca1400") return otherwise;  // MariaDB: of whatever charset the column has
  }
  const auto collation = types::default_collation(name);
  if (!collation) return fail("charset '" + name + "' is not known");
  return *collation;
}

Result<Column> make_column(const ColumnDefinition& definition, const DefaultCollation& table,
                           const Dialect& dialect, bool& charset_assumed) {
  auto column = typed_column(definition, table.collation, dialect);
  if (!column) return fail(fmt::format("column {}: {}", definition.name, column.error().message));
  if (table.assumed && has_charset(definition.type.name) && !definition.charset.said())
    charset_assumed = true;
  column->name = definition.name;
  column->nullable = definition.nullable;
  column->visible = definition.visible;
  column->generated = definition.generated;
  return column;
}

std::optional<std::uint32_t> find_column(const TableSchema& table, std::string_view name) {
  const auto at = std::find_if(table.columns.begin(), table.columns.end(),
                               [&](const Column& c) { return equals_ignoring_case(c.name, name); });
  if (at == table.columns.end()) return std::nullopt;
  return static_cast<std::uint32_t>(at - table.columns.begin());
}

Result<void> set_primary_key(TableSchema& table, const ColumnNames& names) {
  table.primary_key.clear();
  for (const std::string& name : names) {
    const auto index = find_column(table, name);
    if (!index) return fail("a primary key over column '" + name + "', which is not known");
    table.primary_key.push_back(*index);
    table.columns[*index].nullable = false;
  }
  return {};
}

void add_versioning(TableSchema& table) {
  for (const char* name : {"row_start", "row_end"}) {
    Column column;
    column.name = name;
    column.type = ColumnType::timestamp;
    column.length = 6;
    column.nullable = false;
    column.visible = false;
    column.declared = "timestamp(6)";
    table.columns.push_back(std::move(column));
  }
}

TrackedTable TrackedTable::of_unknown(const TableName& name, std::string why) {
  TrackedTable out;
  out.schema.schema = name.first;
  out.schema.table = name.second;
  out.unknown = std::move(why);
  return out;
}

Result<TrackedTable> make_table(const CreateTable& definition, const DefaultCollation& database,
                                const Dialect& dialect) {
  TrackedTable out;
  out.schema.schema = definition.name.first;
  out.schema.table = definition.name.second;
  out.collation = database;
  if (definition.charset.said()) {
    auto collation = resolve(definition.charset, database.collation);
    if (!collation) return tl::unexpected(collation.error());
    out.collation = {*collation, false};
  }
  for (const ColumnDefinition& one : definition.columns) {
    auto column = make_column(one, out.collation, dialect, out.charset_assumed);
    if (!column) return tl::unexpected(column.error());
    out.schema.columns.push_back(std::move(*column));
  }
  if (auto done = set_primary_key(out.schema, definition.primary_key); !done)
    return tl::unexpected(done.error());
  if (definition.versioned && !definition.own_period) add_versioning(out.schema);
  if (definition.from_query) out.unknown = "its columns come from a query";
  return out;
}

// MariaDB: a sequence is a table of one row (its manual, "CREATE SEQUENCE").
Result<TrackedTable> make_sequence(const CreateSequence& definition) {
  TrackedTable out;
  out.schema.schema = definition.name.first;
  out.schema.table = definition.name.second;
  types::TypeDeclaration value = definition.type;
  if (value.name.empty()) value.name = "bigint";
  const auto add = [&](std::string_view name, const types::TypeDeclaration& type) -> Result<void> {
    auto column = types::make_column(type, collation_binary);
    if (!column) return tl::unexpected(column.error());
    column->name = name;
    column->nullable = false;
    out.schema.columns.push_back(std::move(*column));
    return {};
  };
  for (const char* name :
       {"next_not_cached_value", "minimum_value", "maximum_value", "start_value"})
    if (auto done = add(name, value); !done) return tl::unexpected(done.error());
  const types::TypeDeclaration plain{"bigint"}, unsigned_bigint{"bigint", {}, {}, " unsigned"},
      flag{"tinyint", {1}, {}, " unsigned"};
  for (const auto& [name, type] : {std::pair{"increment", plain},
                                   {"cache_size", unsigned_bigint},
                                   {"cycle_option", flag},
                                   {"cycle_count", plain}})
    if (auto done = add(name, type); !done) return tl::unexpected(done.error());
  return out;
}

}  // namespace pipeline::mysql::ddl
