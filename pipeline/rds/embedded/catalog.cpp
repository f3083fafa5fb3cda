#include "pipeline/rds/embedded/catalog.h"

#include <fmt/format.h>

#include "emulator/base/text.h"
#include "pipeline/rds/embedded/define.h"
#include "pipeline/rds/sql/parser.h"

namespace pipeline::rds::embedded {

using emulator::base::fail;

namespace {
constexpr std::string_view own_tables =
    "CREATE TABLE IF NOT EXISTS sluice_database (name TEXT PRIMARY KEY, collation INTEGER NOT "
    "NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS sluice_table (id INTEGER PRIMARY KEY, schema TEXT NOT NULL, name "
    "TEXT NOT NULL, sql TEXT NOT NULL,"
    " next_increment TEXT NOT NULL, UNIQUE (schema, name));";
}  // namespace

bool is_system_schema(std::string_view name) {
  return name == "mysql" || name == "sys" || name == "performance_schema" ||
         name == "information_schema";
}

emulator::base::Result<void> Catalog::open() {
  if (auto made = database_.execute(std::string(own_tables)); !made) return made;
  return reload();
}

emulator::base::Result<void> Catalog::reload() {
  databases_.clear();
  tables_.clear();
  auto databases = database_.prepare("SELECT name, collation FROM sluice_database ORDER BY name");
  if (!databases) return tl::unexpected(databases.error());
  while (true) {
    auto row = databases->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) break;
    databases_[std::string(databases->text(0))] = {
        static_cast<std::uint32_t>(databases->integer(1))};
  }
  auto tables = database_.prepare(
      "SELECT id, schema, name, sql, next_increment FROM sluice_table ORDER BY id");
  if (!tables) return tl::unexpected(tables.error());
  while (true) {
    auto row = tables->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return {};
    const std::string schema(tables->text(1));
    auto definition = define_from_text(schema, tables->text(3));
    if (!definition)
      return fail(fmt::format("the stored definition of {}.{} is damaged: {}", schema,
                              tables->text(2), definition.error().message));
    definition->id = tables->integer(0);
    last_id_ = std::max(last_id_, definition->id);
    const std::uint64_t next = emulator::base::parse_unsigned(tables->text(4)).value_or(1);
    const std::string name = definition->schema->table;
    tables_[{schema, name}] = {std::make_shared<const TableDefinition>(std::move(*definition)),
                               next};
  }
}

TableEntry* Catalog::find(std::string_view schema, std::string_view table) {
  const auto found = tables_.find({std::string(schema), std::string(table)});
  return found == tables_.end() ? nullptr : &found->second;
}

Result<TableEntry*> Catalog::require(std::string_view schema, std::string_view table) {
  if (schema.empty()) return sql_error(1046, "No database selected");
  if (TableEntry* entry = find(schema, table)) return entry;
  if (!has_database(schema)) return sql_error(1049, fmt::format("Unknown database '{}'", schema));
  return sql_error(1146, fmt::format("Table '{}.{}' doesn't exist", schema, table));
}

Result<void> Catalog::run(const std::string& sql) {
  if (auto done = database_.execute(sql); !done) return sql_error(1105, done.error().message);
  return {};
}

Result<void> Catalog::create_database(const std::string& name, std::uint32_t collation) {
  databases_[name] = {collation};
  return run(
      fmt::format("INSERT INTO sluice_database VALUES ({}, {})", sqlite_string(name), collation));
}

Result<void> Catalog::alter_database(const std::string& name, std::uint32_t collation) {
  databases_[name] = {collation};
  return run(fmt::format("UPDATE sluice_database SET collation = {} WHERE name = {}", collation,
                         sqlite_string(name)));
}

Result<void> Catalog::drop_database(const std::string& name) {
  databases_.erase(name);
  return run(fmt::format("DELETE FROM sluice_database WHERE name = {}", sqlite_string(name)));
}

Result<void> Catalog::write_entry(const TableDefinition& table, std::uint64_t next_increment) {
  return run(fmt::format("INSERT OR REPLACE INTO sluice_table VALUES ({}, {}, {}, {}, '{}')",
                         table.id, sqlite_string(table.schema->schema),
                         sqlite_string(table.schema->table),
                         sqlite_string(show_create_table(table, 1)), next_increment));
}

Result<DefinitionPtr> Catalog::create_table(TableDefinition definition,
                                            std::uint64_t next_increment) {
  definition.id = ++last_id_;
  if (auto made = run(sqlite_schema(definition)); !made) return tl::unexpected(made.error());
  if (auto written = write_entry(definition, next_increment); !written)
    return tl::unexpected(written.error());
  auto shared = std::make_shared<const TableDefinition>(std::move(definition));
  tables_[{shared->schema->schema, shared->schema->table}] = {shared, next_increment};
  return shared;
}

Result<DefinitionPtr> Catalog::replace_table(TableDefinition definition,
                                             std::uint64_t next_increment) {
  const auto found = tables_.find({definition.schema->schema, definition.schema->table});
  if (auto removed =
          run(fmt::format("DELETE FROM sluice_table WHERE id = {}", found->second.definition->id));
      !removed)
    return tl::unexpected(removed.error());
  return create_table(std::move(definition), next_increment);
}

Result<void> Catalog::drop_table(const std::string& schema, const std::string& table) {
  const auto found = tables_.find({schema, table});
  if (found == tables_.end()) return {};
  const DefinitionPtr definition = found->second.definition;
  tables_.erase(found);
  return run(fmt::format("DROP TABLE {}; DELETE FROM sluice_table WHERE id = {}",
                         definition->sqlite_name(), definition->id));
}

Result<void> Catalog::replace_definition(const std::string& schema, const std::string& table,
                                         TableDefinition definition) {
  const auto found = tables_.find({schema, table});
  TableEntry entry = found->second;
  definition.id = entry.definition->id;
  tables_.erase(found);
  if (auto written = write_entry(definition, entry.next_increment); !written) return written;
  entry.definition = std::make_shared<const TableDefinition>(std::move(definition));
  tables_[{entry.definition->schema->schema, entry.definition->schema->table}] = entry;
  return {};
}

}  // namespace pipeline::rds::embedded
