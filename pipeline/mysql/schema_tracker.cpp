#include "pipeline/mysql/schema_tracker.h"

#include <fmt/format.h>

#include "emulator/base/text.h"
#include "pipeline/mysql/ddl.h"
#include "pipeline/mysql/ddl/parser.h"

namespace pipeline::mysql {

using emulator::base::fail;
using emulator::base::Result;

namespace {

std::string shortened(std::string_view sql) {
  constexpr std::size_t shown_max = 200;
  return sql.size() <= shown_max ? std::string(sql) : std::string(sql.substr(0, shown_max)) + "...";
}

// What a server takes where nothing says a default: latin1 before MySQL 8.0 and MariaDB 11.6.
std::uint32_t built_in_collation(const Dialect& dialect) {
  constexpr std::uint32_t latin1_swedish_ci = 8, first_mysql = 80000, first_mariadb = 110600;
  const bool newer =
      dialect.version == 0 || dialect.version >= (dialect.mariadb ? first_mariadb : first_mysql);
  return newer ? collation_utf8mb4 : latin1_swedish_ci;
}

}  // namespace

void SchemaTracker::set_database(const std::string& name, std::uint32_t default_collation) {
  databases_[name] = default_collation;
  ++version_;
}

void SchemaTracker::set_table(TableSchema table, std::uint32_t default_collation) {
  ddl::TrackedTable tracked;
  tracked.collation = {default_collation, false};
  Name name{table.schema, table.table};
  tracked.schema = std::move(table);
  tables_[std::move(name)] = std::move(tracked);
  ++version_;
}

// Servers with lower_case_table_names=1 log lower-case names in TABLE_MAP events and the user's own
// in DDL.
SchemaTracker::Tables::iterator SchemaTracker::find_entry(const Name& name) {
  const auto exact = tables_.find(name);
  if (exact != tables_.end()) return exact;
  auto found = tables_.end();
  for (auto at = tables_.begin(); at != tables_.end(); ++at) {
    if (!emulator::base::equals_ignoring_case(at->first.second, name.second) ||
        !emulator::base::equals_ignoring_case(at->first.first, name.first))
      continue;
    if (found != tables_.end()) return tables_.end();
    found = at;
  }
  return found;
}

const TableSchema* SchemaTracker::find(const std::string& schema, const std::string& table) const {
  const auto at = tables_.find({schema, table});
  return at == tables_.end() || !at->second.unknown.empty() ? nullptr : &at->second.schema;
}

std::vector<TablePtr> SchemaTracker::tables() const {
  std::vector<TablePtr> out;
  for (const auto& [name, table] : tables_)
    if (table.unknown.empty()) out.push_back(std::make_shared<const TableSchema>(table.schema));
  return out;
}

ddl::DefaultCollation SchemaTracker::default_of(const std::string& database,
                                                const Statement& statement) const {
  const auto known = databases_.find(database);
  if (known != databases_.end()) return {known->second, false};
  const bool said = statement.server_collation != collation_unknown;
  return {said ? statement.server_collation : built_in_collation(statement.dialect), true};
}

// One definition's effect.
struct SchemaTracker::Applying {
  SchemaTracker& tracker;
  const Statement& statement;

  ddl::DefaultCollation default_of(const Name& table) const {
    return tracker.default_of(table.first, statement);
  }
  bool is_there(const Name& name) const { return tracker.tables_.count(name) > 0; }
  void put(const Name& name, ddl::TrackedTable table) {
    table.schema.schema = name.first;
    table.schema.table = name.second;
    tracker.tables_[name] = std::move(table);
  }

  Result<void> operator()(const ddl::NothingTracked&) { return {}; }

  Result<void> operator()(const ddl::CreateTable& create) {
    if (create.if_not_exists && is_there(create.name)) return {};
    auto table = ddl::make_table(create, default_of(create.name), statement.dialect);
    if (!table) return tl::unexpected(table.error());
    put(create.name, std::move(*table));
    return {};
  }

  Result<void> operator()(const ddl::CreateTableLike& create) {
    if (create.if_not_exists && is_there(create.name)) return {};
    const auto like = tracker.find_entry(create.like);
    if (like == tracker.tables_.end())
      return fail(fmt::format("table {}.{} is not known", create.like.first, create.like.second));
    put(create.name, ddl::TrackedTable(like->second));
    return {};
  }

  Result<void> operator()(const ddl::CreateSequence& create) {
    if (create.if_not_exists && is_there(create.name)) return {};
    auto table = ddl::make_sequence(create);
    if (!table) return tl::unexpected(table.error());
    put(create.name, std::move(*table));
    return {};
  }

  Result<void> operator()(const ddl::AlterTable& change) {
    if (statement.on_temporary_table) return {};
    auto at = tracker.find_entry(change.name);
    if (at == tracker.tables_.end())
      return other_tables(change, change.name), Result<void>();  // made before the log begins
    ddl::TrackedTable& table = at->second;
    table.warned = false;
    Result<void> done;
    if (table.unknown.empty())
      done = ddl::alter(table, change, default_of(change.name), statement.dialect);
    if (!done)
      table = ddl::TrackedTable::of_unknown(
          at->first, "its definition could not be followed at: " + shortened(statement.sql));
    other_tables(change, at->first);
    return done;
  }

  // Clauses that make, take or name other tables.
  void other_tables(const ddl::AlterTable& change, Name name) {
    for (const ddl::AlterAction& action : change.actions) {
      if (const auto* taken = std::get_if<ddl::TableToPartition>(&action))
        tracker.tables_.erase(taken->name);
      if (const auto* made = std::get_if<ddl::PartitionToTable>(&action)) copy(name, made->name);
      if (const auto* renamed = std::get_if<ddl::RenameTo>(&action)) {
        rename(name, renamed->name);
        name = renamed->name;
      }
    }
  }

  void copy(const Name& from, const Name& to) {
    tracker.tables_.erase(to);
    if (const auto at = tracker.find_entry(from); at != tracker.tables_.end())
      put(to, ddl::TrackedTable(at->second));
  }

  void rename(const Name& from, const Name& to) {
    if (from == to) return;
    const auto at = tracker.find_entry(from);
    if (at == tracker.tables_.end()) return void(tracker.tables_.erase(to));
    ddl::TrackedTable table = std::move(tracker.tables_.extract(at).mapped());
    table.warned = false;
    put(to, std::move(table));
  }

  Result<void> operator()(const ddl::RenameTables& change) {
    for (const auto& [from, to] : change.names) rename(from, to);
    return {};
  }

  Result<void> operator()(const ddl::DropTables& change) {
    for (const Name& name : change.names)
      if (const auto at = tracker.find_entry(name); at != tracker.tables_.end())
        tracker.tables_.erase(at);
    return {};
  }

  Result<void> operator()(const ddl::CreateDatabase& create) {
    if (create.or_replace) drop_database(create.name);
    if (create.if_not_exists && tracker.databases_.count(create.name) > 0) return {};
    return set_charset(create.name, create.charset);
  }

  Result<void> operator()(const ddl::AlterDatabase& change) {
    if (!change.charset.said()) return {};
    return set_charset(change.name, change.charset);
  }

  Result<void> set_charset(const std::string& database, const ddl::Charset& charset) {
    const bool said = statement.server_collation != collation_unknown;
    auto collation = ddl::resolve(
        charset, said ? statement.server_collation : built_in_collation(statement.dialect));
    if (!collation) return tl::unexpected(collation.error());
    tracker.databases_[database] = *collation;
    return {};
  }

  void drop_database(const std::string& name) {
    tracker.databases_.erase(name);
    for (auto table = tracker.tables_.begin(); table != tracker.tables_.end();)
      table = table->first.first == name ? tracker.tables_.erase(table) : std::next(table);
  }

  Result<void> operator()(const ddl::DropDatabase& drop) {
    drop_database(drop.name);
    return {};
  }

  Result<void> operator()(const ddl::DropPrimaryKeyOf& drop) {
    const auto at = tracker.find_entry(drop.name);
    if (at != tracker.tables_.end()) at->second.schema.primary_key.clear();
    return {};
  }
};

Result<void> SchemaTracker::apply(const Statement& statement) {
  auto definition = ddl::parse(statement.sql, statement.schema, statement.dialect);
  if (definition && std::holds_alternative<ddl::NothingTracked>(*definition)) return {};
  ++version_;
  Result<void> done = definition ? std::visit(Applying{*this, statement}, *definition)
                                 : tl::unexpected(definition.error());
  if (!done) {
    done.error().message = "this statement could not be followed: " + done.error().message + ": " +
                           shortened(statement.sql);
    forget(statement, done.error().message);
  }
  return done;
}

// The tables that it names are unknown from here on; of those it renames, only the new names are
// left.
void SchemaTracker::forget(const Statement& statement, const std::string& why) {
  const auto scanned = scan_statement(statement.sql, statement.schema, statement.dialect);
  for (const Name& name : scanned.tables) {
    const auto known = find_entry(name);
    const Name key = known == tables_.end() ? name : known->first;
    tables_[key] = ddl::TrackedTable::of_unknown(key, why);
  }
}

}  // namespace pipeline::mysql
