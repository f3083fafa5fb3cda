// Databases and tables: CREATE, DROP, TRUNCATE, RENAME.
#include <fmt/format.h>

#include "emulator/base/text.h"
#include "pipeline/mysql/types/codec.h"
#include "pipeline/rds/embedded/collation.h"
#include "pipeline/rds/embedded/define.h"
#include "pipeline/rds/embedded/row_rules.h"
#include "pipeline/rds/embedded/session_change.h"

namespace pipeline::rds::embedded {

Result<void> EmbeddedSession::check_writable_schema(std::string_view schema) const {
  if (!is_system_schema(schema)) return {};
  return sql_error(1044,
                   fmt::format("Access denied for user 'admin'@'%' to database '{}'", schema));
}

Result<ResultSet> EmbeddedSession::run(const sql::CreateDatabase& statement) {
  auto result = define(text_, [&](std::string&) -> Result<bool> {
    const std::string name(statement.name.name);
    if (storage_.catalog.has_database(name)) {
      if (!statement.if_not_exists)
        return sql_error(1007, fmt::format("Can't create database '{}'; database exists", name));
      storage_.environment.warn(1007,
                                fmt::format("Can't create database '{}'; database exists", name));
      return true;
    }
    auto collation =
        define_collation(statement.charset, statement.collation, mysql::collation_utf8mb4);
    if (!collation) return tl::unexpected(collation.error());
    if (auto made = storage_.catalog.create_database(name, *collation); !made)
      return tl::unexpected(made.error());
    return true;
  });
  if (result) result->affected_rows = 1;
  return result;
}

Result<ResultSet> EmbeddedSession::run(const sql::AlterDatabase& statement) {
  return define(text_, [&](std::string&) -> Result<bool> {
    const std::string name(statement.name.name.empty() ? std::string_view(database_)
                                                       : statement.name.name);
    if (auto ok = check_writable_schema(name); !ok) return tl::unexpected(ok.error());
    if (!storage_.catalog.has_database(name))
      return sql_error(1049, fmt::format("Unknown database '{}'", name));
    auto collation =
        define_collation(statement.charset, statement.collation, mysql::collation_utf8mb4);
    if (!collation) return tl::unexpected(collation.error());
    if (auto done = storage_.catalog.alter_database(name, *collation); !done)
      return tl::unexpected(done.error());
    return true;
  });
}

Result<ResultSet> EmbeddedSession::run(const sql::DropDatabase& statement) {
  std::uint64_t count = 0;
  auto result = define(text_, [&](std::string&) -> Result<bool> {
    const std::string name(statement.name.name);
    if (auto ok = check_writable_schema(name); !ok) return tl::unexpected(ok.error());
    if (!storage_.catalog.has_database(name)) {
      if (!statement.if_exists)
        return sql_error(1008,
                         fmt::format("Can't drop database '{}'; database doesn't exist", name));
      storage_.environment.warn(
          1008, fmt::format("Can't drop database '{}'; database doesn't exist", name));
      return true;
    }
    std::vector<std::string> tables;
    for (const auto& [key, entry] : storage_.catalog.tables()) {
      if (key.first == name) tables.push_back(key.second);
    }
    for (const std::string& table : tables) {
      storage_.rows.forget(*storage_.catalog.find(name, table)->definition);
      if (auto dropped = storage_.catalog.drop_table(name, table); !dropped)
        return tl::unexpected(dropped.error());
    }
    count = tables.size();
    if (auto dropped = storage_.catalog.drop_database(name); !dropped)
      return tl::unexpected(dropped.error());
    return true;
  });
  if (!result) return result;
  if (database_ == statement.name.name) database_.clear();
  result->affected_rows = count;
  return result;
}

Result<ResultSet> EmbeddedSession::run(const sql::Use& statement) {
  if (!storage_.catalog.has_database(statement.name.name) &&
      !emulator::base::equals_ignoring_case(statement.name.name, "information_schema"))
    return sql_error(1049, fmt::format("Unknown database '{}'", statement.name.name),
                     statement.name.offset);
  database_ = statement.name.name;
  return ResultSet{};
}

Result<bool> EmbeddedSession::create_table(const sql::CreateTable& statement) {
  const std::string schema = schema_of(statement.table);
  const std::string name(statement.table.name);
  if (schema.empty()) return sql_error(1046, "No database selected");
  if (auto ok = check_writable_schema(schema); !ok) return tl::unexpected(ok.error());
  const auto database = storage_.catalog.databases().find(schema);
  if (database == storage_.catalog.databases().end())
    return sql_error(1049, fmt::format("Unknown database '{}'", schema), statement.table.offset);
  if (storage_.catalog.find(schema, name)) {
    if (!statement.if_not_exists)
      return sql_error(1050, fmt::format("Table '{}' already exists", name),
                       statement.table.offset);
    storage_.environment.warn(1050, fmt::format("Table '{}' already exists", name));
    return true;
  }
  if (statement.like) {
    auto source = storage_.catalog.require(schema_of(*statement.like), statement.like->name);
    if (!source) return tl::unexpected(source.error());
    TableDefinition copy = *(*source)->definition;
    mysql::TableSchema renamed = *copy.schema;
    renamed.schema = schema;
    renamed.table = name;
    copy.schema = std::make_shared<const mysql::TableSchema>(std::move(renamed));
    if (auto made = storage_.catalog.create_table(std::move(copy), 1); !made)
      return tl::unexpected(made.error());
    return true;
  }
  auto definition = define_table(statement, text_, schema, database->second.collation,
                                 storage_.environment.coerce_context());
  if (!definition) return tl::unexpected(definition.error());
  const std::uint64_t start = definition->start_increment;
  auto made = storage_.catalog.create_table(std::move(*definition), start);
  if (!made) return tl::unexpected(made.error());
  RowRules rules;
  if (auto ok = prepare_rules(**made, rules); !ok)
    return tl::unexpected(ok.error());  // their expressions must make sense
  return true;
}

Result<ResultSet> EmbeddedSession::create_table_as(const sql::CreateTable& statement) {
  const std::string schema = schema_of(statement.table);
  if (storage_.catalog.find(schema, statement.table.name) && statement.if_not_exists) {
    storage_.environment.warn(1050, fmt::format("Table '{}' already exists", statement.table.name));
    return ResultSet{};
  }
  auto rows = read(*statement.query);
  if (!rows) return tl::unexpected(rows.error());
  DefinitionPtr made;
  // Logged as the plain CREATE TABLE it comes to, then the rows as a transaction.
  auto defined = define(text_, [&](std::string& logged) -> Result<bool> {
    if (schema.empty()) return sql_error(1046, "No database selected");
    if (auto ok = check_writable_schema(schema); !ok) return tl::unexpected(ok.error());
    const auto database = storage_.catalog.databases().find(schema);
    if (database == storage_.catalog.databases().end())
      return sql_error(1049, fmt::format("Unknown database '{}'", schema));
    if (storage_.catalog.find(schema, statement.table.name))
      return sql_error(1050, fmt::format("Table '{}' already exists", statement.table.name));
    sql::CreateTable head;
    head.table = statement.table;
    mysql::TableSchema columns;
    columns.schema = schema;
    columns.table = statement.table.name;
    TableDefinition table;
    table.collation = database->second.collation;
    if (!statement.columns.empty() || !statement.indexes.empty()) {
      auto definition = define_table(statement, text_, schema, database->second.collation,
                                     storage_.environment.coerce_context());
      if (!definition) return tl::unexpected(definition.error());
      table = std::move(*definition);
      columns = *table.schema;
    }
    for (const ResultColumn& column : rows->columns) {
      bool known = false;
      for (const mysql::Column& former : columns.columns)
        known = known || emulator::base::equals_ignoring_case(former.name, column.name);
      if (known) continue;
      mysql::Column type = column.type;
      type.name = column.name;
      if (type.type == mysql::ColumnType::null) type = bytes_type(0);
      type.name = column.name;
      type.visible = true;
      type.generated = false;
      if (type.declared.empty()) type.declared = mysql::types::type_name(type);
      columns.columns.push_back(type);
      ColumnExtras extra;
      extra.default_value.kind =
          type.nullable ? DefaultValue::Kind::null : DefaultValue::Kind::none;
      table.extras.push_back(std::move(extra));
    }
    if (auto ok = finish_definition(table, std::move(columns)); !ok)
      return tl::unexpected(ok.error());
    logged = show_create_table(table, 1);
    auto created = storage_.catalog.create_table(std::move(table), 1);
    if (!created) return tl::unexpected(created.error());
    made = *created;
    return true;
  });
  if (!defined) return defined;
  fill_environment();
  return change(text_, [&]() -> Result<ResultSet> {
    std::uint64_t number = 0;
    for (const std::vector<Value>& values : rows->rows) {
      ++number;
      std::vector<Value> row(made->columns().size());
      for (std::size_t i = 0; i < made->columns().size(); ++i) {
        std::optional<std::size_t> from;
        for (std::size_t c = 0; c < rows->columns.size(); ++c) {
          if (emulator::base::equals_ignoring_case(rows->columns[c].name, made->columns()[i].name))
            from = c;
        }
        auto value = from
                         ? stored(*made, i, values[*from], rows->columns[*from].type, number, false)
                         : default_of(*made, i, number, false);
        if (!value) return tl::unexpected(value.error());
        row[i] = std::move(*value);
      }
      auto inserted = storage_.rows.insert(*made, row);
      if (!inserted) return tl::unexpected(inserted.error());
      if (*inserted || statement.on_duplicate == sql::CreateTable::OnDuplicate::ignore) continue;
      auto conflict = storage_.rows.find_conflict(*made, row);
      if (!conflict) return tl::unexpected(conflict.error());
      if (*conflict) return duplicate_entry(*made, *(*conflict)->index, row);
    }
    ResultSet out;
    out.affected_rows = rows->rows.size();
    out.info = fmt::format("Records: {}  Duplicates: 0  Warnings: 0", rows->rows.size());
    return out;
  });
}

Result<ResultSet> EmbeddedSession::run(const sql::CreateTable& statement) {
  if (statement.temporary) return not_supported("CREATE TEMPORARY TABLE", statement.table.offset);
  if (statement.query) return create_table_as(statement);
  return define(text_, [&](std::string&) { return create_table(statement); });
}

Result<bool> EmbeddedSession::drop_tables(const sql::DropTable& statement, std::string& logged) {
  std::string missing;
  std::string found;
  for (const sql::TableName& table : statement.tables) {
    const std::string schema = schema_of(table);
    if (schema.empty()) return sql_error(1046, "No database selected");
    if (auto ok = check_writable_schema(schema); !ok) return tl::unexpected(ok.error());
    if (storage_.catalog.find(schema, table.name)) {
      found += (found.empty() ? "" : ",") + (table.schema.empty()
                                                 ? quoted(table.name)
                                                 : quoted(table.schema) + "." + quoted(table.name));
    } else {
      missing += (missing.empty() ? "" : ",") + schema + "." + std::string(table.name);
    }
  }
  if (!missing.empty() && !statement.if_exists)
    return sql_error(1051, fmt::format("Unknown table '{}'", missing));
  if (!missing.empty()) storage_.environment.warn(1051, fmt::format("Unknown table '{}'", missing));
  for (const sql::TableName& table : statement.tables) {
    TableEntry* entry = storage_.catalog.find(schema_of(table), table.name);
    if (!entry) continue;
    storage_.rows.forget(*entry->definition);
    if (auto dropped = storage_.catalog.drop_table(schema_of(table), std::string(table.name));
        !dropped)
      return tl::unexpected(dropped.error());
  }
  logged = fmt::format("DROP TABLE {}{} /* generated by server */",
                       statement.if_exists ? "IF EXISTS " : "", found);
  return !found.empty();
}

Result<ResultSet> EmbeddedSession::run(const sql::DropTable& statement) {
  if (statement.temporary)
    return not_supported("DROP TEMPORARY TABLE",
                         statement.tables.empty() ? 0 : statement.tables.front().offset);
  return define(text_, [&](std::string& logged) { return drop_tables(statement, logged); });
}

Result<ResultSet> EmbeddedSession::run(const sql::TruncateTable& statement) {
  return define(text_, [&](std::string&) -> Result<bool> {
    auto entry = storage_.catalog.require(schema_of(statement.table), statement.table.name);
    if (!entry) return tl::unexpected(entry.error());
    if (auto ok = check_writable_schema(schema_of(statement.table)); !ok)
      return tl::unexpected(ok.error());
    const TableDefinition& table = *(*entry)->definition;
    const Journal::Pause pause(storage_.journal);
    if (auto emptied = storage_.run(fmt::format("DELETE FROM {}", table.sqlite_name())); !emptied)
      return tl::unexpected(emptied.error());
    (*entry)->next_increment = 1;
    storage_.dirty_increments[table.id] = 1;
    return true;
  });
}

Result<void> EmbeddedSession::rename_table(const sql::TableName& from, const sql::TableName& to) {
  auto entry = storage_.catalog.require(schema_of(from), from.name);
  if (!entry) return tl::unexpected(entry.error());
  const std::string schema = schema_of(to);
  for (const std::string& name : {schema_of(from), schema}) {
    if (auto ok = check_writable_schema(name); !ok) return ok;
  }
  if (!storage_.catalog.has_database(schema))
    return sql_error(1049, fmt::format("Unknown database '{}'", schema));
  if (storage_.catalog.find(schema, to.name))
    return sql_error(1050, fmt::format("Table '{}' already exists", to.name));
  TableDefinition renamed = *(*entry)->definition;
  mysql::TableSchema named = *renamed.schema;
  named.schema = schema;
  named.table = to.name;
  renamed.schema = std::make_shared<const mysql::TableSchema>(std::move(named));
  return storage_.catalog.replace_definition(schema_of(from), std::string(from.name),
                                             std::move(renamed));
}

Result<ResultSet> EmbeddedSession::run(const sql::RenameTable& statement) {
  return define(text_, [&](std::string&) -> Result<bool> {
    for (const sql::RenameTable::Pair& pair :
         statement.pairs) {  // left to right: names may be swapped through a third
      if (auto done = rename_table(pair.from, pair.to); !done) return tl::unexpected(done.error());
    }
    return true;
  });
}

}  // namespace pipeline::rds::embedded
