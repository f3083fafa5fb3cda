#include "pipeline/rds/embedded/system_schemas.h"

#include <fmt/format.h>

#include <array>

#include "pipeline/rds/embedded/define.h"
#include "pipeline/rds/sql/parser.h"

namespace pipeline::rds::embedded {
namespace {

struct SystemTable {
  std::string_view schema;
  std::string_view definition;
  std::string_view rows;  // an INSERT's VALUES
};

// Names and columns as RDS for MySQL 8.x and MySQL have them; few rows, since nothing reads them
// but a mapping that is too wide.
constexpr std::array tables{
    SystemTable{
        "mysql",
        "CREATE TABLE `rds_configuration` (`name` varchar(100) NOT NULL, `value` varchar(100) "
        "DEFAULT NULL, `description` varchar(300) NOT NULL, PRIMARY KEY (`name`))",
        "('binlog retention hours', NULL, 'binlog retention hours specifies the duration in hours "
        "before binary logs are automatically deleted.'), "
        "('source delay', '0', 'source delay specifies replication delay in seconds between "
        "current instance and its master.')"},
    SystemTable{"mysql",
                "CREATE TABLE `rds_heartbeat2` (`id` int NOT NULL, `value` bigint DEFAULT NULL, "
                "PRIMARY KEY (`id`))",
                "(1, 1767225600000)"},
    SystemTable{
        "mysql",
        "CREATE TABLE `rds_history` (`action_timestamp` timestamp NOT NULL, `called_by_user` "
        "varchar(352) NOT NULL, `action` varchar(20) NOT NULL, "
        "`mysql_version` varchar(50) NOT NULL, `master_host` varchar(255) DEFAULT NULL)",
        "('2026-01-01 00:00:00', 'rdsadmin@localhost', 'disable set source', '8.4.3', NULL)"},
    SystemTable{"mysql",
                "CREATE TABLE `user` (`Host` char(255) NOT NULL DEFAULT '', `User` char(32) NOT "
                "NULL DEFAULT '', `plugin` char(64) NOT NULL, PRIMARY KEY (`Host`,`User`))",
                "('%', 'admin', 'mysql_native_password'), ('localhost', 'rdsadmin', "
                "'mysql_native_password')"},
    SystemTable{"sys",
                "CREATE TABLE `sys_config` (`variable` varchar(128) NOT NULL, `value` varchar(128) "
                "DEFAULT NULL, `set_by` varchar(128) DEFAULT NULL, PRIMARY KEY (`variable`))",
                "('diagnostics.allow_i_s_tables', 'OFF', NULL), ('diagnostics.include_raw', 'OFF', "
                "NULL), ('ps_thread_trx_info.max_length', '65535', NULL), "
                "('statement_performance_analyzer.limit', '100', NULL), ('statement_truncate_len', "
                "'64', NULL)"},
};

Result<void> make_table(Storage& storage, const SystemTable& table) {
  auto definition = define_from_text(table.schema, table.definition);
  if (!definition) return tl::unexpected(definition.error());
  auto made = storage.catalog.create_table(std::move(*definition), 1);
  if (!made) return tl::unexpected(made.error());
  const std::string insert = fmt::format("INSERT INTO t VALUES {}", table.rows);
  auto parsed = sql::parse(insert);
  if (!parsed) return tl::unexpected(parsed.error());
  CoerceContext context;
  for (const sql::ExprList& values : parsed->as<sql::Insert>()->rows) {
    std::vector<Value> row;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto literal = literal_value(*values[i]);
      auto value = coerce((*made)->columns()[i], literal->value, literal->type, context);
      if (!value) return tl::unexpected(value.error());
      row.push_back(std::move(*value));
    }
    if (auto inserted = storage.rows.insert(**made, row); !inserted)
      return tl::unexpected(inserted.error());
  }
  return {};
}

Result<void> make_all(Storage& storage) {
  for (const char* name : {"information_schema", "mysql", "performance_schema", "sys"}) {
    if (auto made = storage.catalog.create_database(name, mysql::collation_utf8mb4); !made)
      return made;
  }
  const Journal::Pause pause(storage.journal);
  for (const SystemTable& table : tables) {
    if (auto made = make_table(storage, table); !made) return made;
  }
  return storage.run("COMMIT");
}

}  // namespace

emulator::base::Result<void> make_system_schemas(Storage& storage) {
  if (storage.catalog.has_database("mysql")) return {};
  auto made = storage.run("BEGIN");
  if (made) made = make_all(storage);
  if (!made) return emulator::base::fail(made.error().text());
  return {};
}

}  // namespace pipeline::rds::embedded
