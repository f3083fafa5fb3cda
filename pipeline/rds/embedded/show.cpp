// SHOW and DESCRIBE: rows made from the catalog, then filtered by LIKE. A WHERE is refused by name.
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>

#include "emulator/base/text.h"
#include "pipeline/mysql/types/codec.h"
#include "pipeline/rds/embedded/collation.h"
#include "pipeline/rds/embedded/embedded_session.h"
#include "pipeline/rds/embedded/information_schema.h"
#include "pipeline/rds/embedded/like.h"

namespace pipeline::rds::embedded {
namespace {

using ShownRow = std::vector<std::optional<std::string>>;

ResultSet with_columns(std::initializer_list<std::string_view> names) {
  ResultSet out;
  for (std::string_view name : names) {
    mysql::Column type = text_type(1024, 33);
    type.name = name;
    out.columns.push_back({std::string(name), std::move(type)});
  }
  return out;
}

std::optional<std::string> text_or_null(const std::string& text) {
  return text == std::string(1, '\0') ? std::optional<std::string>()
                                      : std::optional<std::string>(text);
}

// The rows of a view of information_schema that have these values, some of its columns.
Result<ResultSet> from_view(
    const Catalog& catalog, std::string_view view_name,
    std::initializer_list<std::pair<std::string_view, std::string_view>> where,
    std::initializer_list<std::pair<std::string_view, std::string_view>> columns) {
  auto view = information_schema_view(catalog, view_name);
  if (!view) return tl::unexpected(view.error());
  const auto at = [&](std::string_view name) {
    std::size_t i = 0;
    while (i < view->columns.size() && view->columns[i].name != name) ++i;
    return i;
  };
  ResultSet out;
  for (const auto& [shown, name] : columns) {
    mysql::Column type =
        at(name) < view->columns.size() ? view->columns[at(name)] : text_type(1024, 33);
    type.name = shown;
    out.columns.push_back({std::string(shown), type});
  }
  for (const std::vector<std::string>& row : view->rows) {
    const bool matches = std::all_of(where.begin(), where.end(), [&](const auto& condition) {
      return row[at(condition.first)] == condition.second;
    });
    if (!matches) continue;
    ShownRow shown;
    for (const auto& [title, name] : columns)
      shown.push_back(at(name) < row.size() ? text_or_null(row[at(name)])
                                            : std::optional<std::string>(std::string(name)));
    out.rows.push_back(std::move(shown));
  }
  return out;
}

void keep_like(ResultSet& result, const std::optional<std::string_view>& like,
               std::uint32_t collation) {
  if (!like) return;
  std::erase_if(result.rows, [&](const ShownRow& row) {
    return !row[0] || !like_matches(collation, *row[0], *like, '\\');
  });
}

ResultSet show_warnings(const std::vector<SqlError>& warnings, bool errors_only) {
  ResultSet out = with_columns({"Level", "Code", "Message"});
  for (const SqlError& warning : warnings) {
    const bool is_note = warning.code == 1007 || warning.code == 1008 || warning.code == 1050 ||
                         warning.code == 1051;
    const bool is_error = &warning == &warnings.back() && errors_only;
    if (errors_only && !is_error) continue;
    out.rows.push_back({is_note    ? "Note"
                        : is_error ? "Error"
                                   : "Warning",
                        std::to_string(warning.code), warning.message});
  }
  return out;
}

}  // namespace

Result<ResultSet> EmbeddedSession::show_tables(const sql::Show& statement,
                                               const std::string& schema) {
  if (schema.empty()) return sql_error(1046, "No database selected");
  if (!storage_.catalog.has_database(schema))
    return sql_error(1049, fmt::format("Unknown database '{}'", schema));
  const std::string title = statement.like
                                ? fmt::format("Tables_in_{} ({})", schema, *statement.like)
                                : fmt::format("Tables_in_{}", schema);
  ResultSet out = statement.full ? with_columns({title, "Table_type"}) : with_columns({title});
  for (const auto& [name, entry] : storage_.catalog.tables()) {
    if (name.first != schema) continue;
    ShownRow row{name.second};
    if (statement.full) row.emplace_back("BASE TABLE");
    out.rows.push_back(std::move(row));
  }
  if (schema == "information_schema") {
    for (const std::string& view : information_schema_views())
      out.rows.push_back(statement.full ? ShownRow{view, "SYSTEM VIEW"} : ShownRow{view});
  }
  return out;
}

Result<ResultSet> EmbeddedSession::show_columns(const sql::Show& statement) {
  const std::string schema = schema_of(statement.table);
  auto entry = storage_.catalog.require(schema, statement.table.name);
  if (!entry) return tl::unexpected(entry.error());
  if (statement.full) {
    return from_view(storage_.catalog, "COLUMNS",
                     {{"TABLE_SCHEMA", schema}, {"TABLE_NAME", statement.table.name}},
                     {{"Field", "COLUMN_NAME"},
                      {"Type", "COLUMN_TYPE"},
                      {"Collation", "COLLATION_NAME"},
                      {"Null", "IS_NULLABLE"},
                      {"Key", "COLUMN_KEY"},
                      {"Default", "COLUMN_DEFAULT"},
                      {"Extra", "EXTRA"},
                      {"Privileges", "select,insert,update,references"},
                      {"Comment", "COLUMN_COMMENT"}});
  }
  return from_view(storage_.catalog, "COLUMNS",
                   {{"TABLE_SCHEMA", schema}, {"TABLE_NAME", statement.table.name}},
                   {{"Field", "COLUMN_NAME"},
                    {"Type", "COLUMN_TYPE"},
                    {"Null", "IS_NULLABLE"},
                    {"Key", "COLUMN_KEY"},
                    {"Default", "COLUMN_DEFAULT"},
                    {"Extra", "EXTRA"}});
}

Result<ResultSet> EmbeddedSession::show_indexes(const sql::Show& statement) {
  const std::string schema = schema_of(statement.table);
  auto entry = storage_.catalog.require(schema, statement.table.name);
  if (!entry) return tl::unexpected(entry.error());
  auto count = storage_.database.prepare(
      fmt::format("SELECT COUNT(*) FROM {}", (*entry)->definition->sqlite_name()));
  if (!count || !count->step()) return sql_error(1105, storage_.database.error_text());
  const std::string rows = std::to_string(count->integer(0));
  return from_view(storage_.catalog, "STATISTICS",
                   {{"TABLE_SCHEMA", schema}, {"TABLE_NAME", statement.table.name}},
                   {{"Table", "TABLE_NAME"},
                    {"Non_unique", "NON_UNIQUE"},
                    {"Key_name", "INDEX_NAME"},
                    {"Seq_in_index", "SEQ_IN_INDEX"},
                    {"Column_name", "COLUMN_NAME"},
                    {"Collation", "COLLATION"},
                    {"Cardinality", rows},
                    {"Sub_part", "SUB_PART"},
                    {"Packed", ""},
                    {"Null", "NULLABLE"},
                    {"Index_type", "INDEX_TYPE"},
                    {"Comment", "COMMENT"},
                    {"Index_comment", "INDEX_COMMENT"},
                    {"Visible", "IS_VISIBLE"}});
}

ResultSet EmbeddedSession::show_binary_logs(bool status) {
  if (status) {
    ResultSet out =
        with_columns({"File", "Position", "Binlog_Do_DB", "Binlog_Ignore_DB", "Executed_Gtid_Set"});
    out.rows.push_back({storage_.binlog.current(), std::to_string(storage_.binlog.position()), "",
                        "", storage_.executed.text()});
    return out;
  }
  ResultSet out = with_columns({"Log_name", "File_size", "Encrypted"});
  for (const std::string& name : storage_.binlog.names())
    out.rows.push_back({name, std::to_string(storage_.binlog.size_of(name)), "No"});
  return out;
}

Result<ResultSet> EmbeddedSession::run(const sql::Show& statement) {
  if (statement.where) return not_supported("SHOW ... WHERE", statement.where->offset);
  ResultSet out;
  std::uint32_t collation = mysql::collation_utf8mb4;
  switch (statement.kind) {
    case sql::ShowKind::databases:
      out = with_columns({statement.like ? fmt::format("Database ({})", *statement.like)
                                         : std::string("Database")});
      for (const auto& [name, entry] : storage_.catalog.databases()) out.rows.push_back({name});
      break;
    case sql::ShowKind::tables: {
      auto tables = show_tables(
          statement,
          std::string(statement.schema.empty() ? std::string_view(database_) : statement.schema));
      if (!tables) return tables;
      out = std::move(*tables);
      break;
    }
    case sql::ShowKind::table_status: {
      const std::string schema(statement.schema.empty() ? std::string_view(database_)
                                                        : statement.schema);
      auto view = from_view(storage_.catalog, "TABLES", {{"TABLE_SCHEMA", schema}},
                            {{"Name", "TABLE_NAME"},
                             {"Engine", "ENGINE"},
                             {"Version", "VERSION"},
                             {"Row_format", "ROW_FORMAT"},
                             {"Auto_increment", "AUTO_INCREMENT"},
                             {"Collation", "TABLE_COLLATION"},
                             {"Create_options", "CREATE_OPTIONS"},
                             {"Comment", "TABLE_COMMENT"}});
      if (!view) return view;
      out = std::move(*view);
      break;
    }
    case sql::ShowKind::columns: {
      auto columns = show_columns(statement);
      if (!columns) return columns;
      out = std::move(*columns);
      break;
    }
    case sql::ShowKind::create_table: {
      auto entry = storage_.catalog.require(schema_of(statement.table), statement.table.name);
      if (!entry) return tl::unexpected(entry.error());
      out = with_columns({"Table", "Create Table"});
      const TableDefinition& table = *(*entry)->definition;
      out.rows.push_back(
          {table.schema->table,
           show_create_table(table, table.auto_column() ? (*entry)->next_increment : 1)});
      return out;
    }
    case sql::ShowKind::create_database: {
      const auto found = storage_.catalog.databases().find(statement.schema);
      if (found == storage_.catalog.databases().end())
        return sql_error(1049, fmt::format("Unknown database '{}'", statement.schema));
      out = with_columns({"Database", "Create Database"});
      const std::string_view charset = mysql::types::charset_name(found->second.collation);
      out.rows.push_back(
          {found->first,
           fmt::format("CREATE DATABASE {}{} /*!40100 DEFAULT CHARACTER SET {} COLLATE {} */ "
                       "/*!80016 DEFAULT ENCRYPTION='N' */",
                       statement.if_not_exists ? "/*!32312 IF NOT EXISTS*/ " : "",
                       quoted(found->first), charset, collation_name(found->second.collation))});
      return out;
    }
    case sql::ShowKind::indexes:
      return show_indexes(statement);
    case sql::ShowKind::variables:
      out = with_columns({"Variable_name", "Value"});
      for (const auto& [name, value] :
           (statement.scope == sql::Scope::global ? storage_.global : variables_).all())
        out.rows.push_back({name, value});
      break;
    case sql::ShowKind::status:
      out = with_columns({"Variable_name", "Value"});
      out.rows = {{"Com_commit", "0"}, {"Threads_connected", "1"}, {"Uptime", "1"}};
      break;
    case sql::ShowKind::warnings:
    case sql::ShowKind::errors:
      return show_warnings(last_warnings_, statement.kind == sql::ShowKind::errors);
    case sql::ShowKind::binary_logs:
    case sql::ShowKind::binary_log_status:
      return show_binary_logs(statement.kind == sql::ShowKind::binary_log_status);
    case sql::ShowKind::engines:
      return from_view(storage_.catalog, "ENGINES", {},
                       {{"Engine", "ENGINE"},
                        {"Support", "SUPPORT"},
                        {"Comment", "COMMENT"},
                        {"Transactions", "TRANSACTIONS"},
                        {"XA", "XA"},
                        {"Savepoints", "SAVEPOINTS"}});
    case sql::ShowKind::processlist:
      out = with_columns({"Id", "User", "Host", "db", "Command", "Time", "State", "Info"});
      out.rows.push_back({std::to_string(number_), "admin", "localhost", database_, "Query", "0",
                          "init", std::string(text_)});
      return out;
    case sql::ShowKind::replica_status:
      return with_columns({"Replica_IO_State"});
    case sql::ShowKind::grants:
      out = with_columns({"Grants for admin@%"});
      out.rows.push_back({"GRANT ALL PRIVILEGES ON *.* TO `admin`@`%` WITH GRANT OPTION"});
      return out;
    case sql::ShowKind::charsets:
      return not_supported("SHOW CHARACTER SET");
    case sql::ShowKind::collations:
      return not_supported("SHOW COLLATION");
  }
  keep_like(out, statement.like, collation);
  return out;
}

}  // namespace pipeline::rds::embedded
