#include "pipeline/rds/embedded/variables.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "emulator/base/text.h"

namespace pipeline::rds::embedded {
namespace {

using emulator::base::equals_ignoring_case;

constexpr std::string_view default_mode =
    "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_"
    "ZERO,NO_ENGINE_SUBSTITUTION";

// MySQL 8.4's names and defaults, but where RDS and DMS need another: binlog_row_metadata is FULL,
// for the readers' sake.
constexpr std::array table{
    VariableRow{"auto_increment_increment", "1", 'i', 's'},
    VariableRow{"auto_increment_offset", "1", 'i', 's'},
    VariableRow{"autocommit", "ON", 'b', 's'},
    VariableRow{"big_tables", "OFF", 'b', 's'},
    VariableRow{"binlog_cache_size", "32768", 'i', 'g'},
    VariableRow{"binlog_checksum", "CRC32", 't', 'g'},
    VariableRow{"binlog_expire_logs_seconds", "2592000", 'i', 'g'},
    VariableRow{"binlog_format", "ROW", 't', 's'},
    VariableRow{"binlog_row_event_max_size", "8192", 'i', '-'},
    VariableRow{"binlog_row_image", "FULL", 't', 's'},
    VariableRow{"binlog_row_metadata", "FULL", 't', 'g'},
    VariableRow{"binlog_rows_query_log_events", "OFF", 'b', 's'},
    VariableRow{"binlog_transaction_compression", "OFF", 'b', 's'},
    VariableRow{"character_set_client", "utf8mb4", 't', 's'},
    VariableRow{"character_set_connection", "utf8mb4", 't', 's'},
    VariableRow{"character_set_database", "utf8mb4", 't', 's'},
    VariableRow{"character_set_filesystem", "binary", 't', 's'},
    VariableRow{"character_set_results", "utf8mb4", 't', 's'},
    VariableRow{"character_set_server", "utf8mb4", 't', 's'},
    VariableRow{"character_set_system", "utf8mb3", 't', '-'},
    VariableRow{"collation_connection", "utf8mb4_0900_ai_ci", 't', 's'},
    VariableRow{"collation_database", "utf8mb4_0900_ai_ci", 't', 's'},
    VariableRow{"collation_server", "utf8mb4_0900_ai_ci", 't', 's'},
    VariableRow{"connect_timeout", "10", 'i', 'g'},
    VariableRow{"default_collation_for_utf8mb4", "utf8mb4_0900_ai_ci", 't', 's'},
    VariableRow{"default_storage_engine", "InnoDB", 't', 's'},
    VariableRow{"div_precision_increment", "4", 'i', '-'},
    VariableRow{"enforce_gtid_consistency", "ON", 't', 'g'},
    VariableRow{"explicit_defaults_for_timestamp", "ON", 'b', 's'},
    VariableRow{"foreign_key_checks", "ON", 'b', 's'},
    VariableRow{"group_concat_max_len", "1024", 'i', '-'},
    VariableRow{"gtid_executed", "", 't', '-'},
    VariableRow{"gtid_mode", "ON", 't', 'g'},
    VariableRow{"gtid_purged", "", 't', '-'},
    VariableRow{"hostname", "localhost", 't', '-'},
    VariableRow{"init_connect", "", 't', 'g'},
    VariableRow{"innodb_flush_log_at_trx_commit", "1", 'i', 'g'},
    VariableRow{"innodb_lock_wait_timeout", "50", 'i', 's'},
    VariableRow{"interactive_timeout", "28800", 'i', 's'},
    VariableRow{"license", "Apache-2.0", 't', '-'},
    VariableRow{"lock_wait_timeout", "31536000", 'i', 's'},
    VariableRow{"log_bin", "ON", 'b', '-'},
    VariableRow{"log_bin_basename", "binlog", 't', '-'},
    VariableRow{"log_replica_updates", "ON", 'b', '-'},
    VariableRow{"log_slave_updates", "ON", 'b', '-'},
    VariableRow{"lower_case_table_names", "0", 'i', '-'},
    VariableRow{"max_allowed_packet", "67108864", 'i', 's'},
    VariableRow{"max_binlog_size", "1073741824", 'i', 'g'},
    VariableRow{"max_connections", "151", 'i', 'g'},
    VariableRow{"max_execution_time", "0", 'i', 's'},
    VariableRow{"net_buffer_length", "16384", 'i', 's'},
    VariableRow{"net_read_timeout", "30", 'i', 's'},
    VariableRow{"net_write_timeout", "60", 'i', 's'},
    VariableRow{"performance_schema", "OFF", 'b', '-'},
    VariableRow{"port", "3306", 'i', '-'},
    VariableRow{"protocol_version", "10", 'i', '-'},
    VariableRow{"query_cache_size", "0", 'i', '-'},
    VariableRow{"query_cache_type", "OFF", 't', '-'},
    VariableRow{"read_only", "OFF", 'b', 'g'},
    VariableRow{"server_id", "1", 'i', 'g'},
    VariableRow{"server_uuid", "", 't', '-'},
    VariableRow{"sql_auto_is_null", "OFF", 'b', 's'},
    VariableRow{"sql_generate_invisible_primary_key", "OFF", 'b', '-'},
    VariableRow{"sql_log_bin", "ON", 'b', 's'},
    VariableRow{"sql_mode", default_mode, 't', 's'},
    VariableRow{"sql_notes", "ON", 'b', 's'},
    VariableRow{"sql_quote_show_create", "ON", 'b', 's'},
    VariableRow{"sql_require_primary_key", "OFF", 'b', 's'},
    VariableRow{"sql_safe_updates", "OFF", 'b', 's'},
    VariableRow{"sql_select_limit", "18446744073709551615", 't', 's'},
    VariableRow{"sql_warnings", "OFF", 'b', 's'},
    VariableRow{"super_read_only", "OFF", 'b', 'g'},
    VariableRow{"sync_binlog", "1", 'i', 'g'},
    VariableRow{"system_time_zone", "UTC", 't', '-'},
    VariableRow{"time_zone", "SYSTEM", 't', 's'},
    VariableRow{"timestamp", "0", 't', 's'},
    VariableRow{"transaction_isolation", "REPEATABLE-READ", 't', 's'},
    VariableRow{"transaction_read_only", "OFF", 'b', 's'},
    VariableRow{"tx_isolation", "REPEATABLE-READ", 't', 's'},
    VariableRow{"unique_checks", "ON", 'b', 's'},
    VariableRow{"version", "", 't', '-'},
    VariableRow{"version_comment", "sluice embedded", 't', '-'},
    VariableRow{"version_compile_machine", "x86_64", 't', '-'},
    VariableRow{"version_compile_os", "Linux", 't', '-'},
    VariableRow{"wait_timeout", "28800", 'i', 's'},
};

}  // namespace

std::span<const VariableRow> variable_table() { return table; }

const VariableRow* Variables::row(std::string_view name) {
  for (const VariableRow& entry : table) {
    if (equals_ignoring_case(entry.name, name)) return &entry;
  }
  return nullptr;
}

emulator::base::Result<Variables> Variables::with(
    const std::map<std::string, std::string>& parameters) {
  Variables out;
  for (const VariableRow& entry : table) out.values_[std::string(entry.name)] = entry.value;
  for (const auto& [name, value] : parameters) {
    const VariableRow* entry = row(name);
    if (!entry) {
      std::vector<std::string> names;
      for (const VariableRow& known : table) names.emplace_back(known.name);
      const auto near = emulator::base::nearest(name, names);
      return emulator::base::fail(fmt::format("unknown parameter '{}'", name),
                                  near ? fmt::format("did you mean '{}'?", *near) : std::string());
    }
    if (entry->name == "sql_mode") {
      if (auto mode = parse_sql_mode(value); !mode)
        return emulator::base::fail(mode.error().message);
    }
    if (entry->name == "time_zone" && !parse_time_zone(value))
      return emulator::base::fail(fmt::format("unknown or incorrect time zone: '{}'", value));
    out.set(name, value);
  }
  return out;
}

std::optional<std::string> Variables::get(std::string_view name) const {
  const auto found = values_.find(emulator::base::to_lower(name));
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

void Variables::set(std::string_view name, std::string value) {
  const VariableRow* entry = row(name);
  if (entry && entry->kind == 'b') {
    const bool on =
        value == "1" || equals_ignoring_case(value, "ON") || equals_ignoring_case(value, "TRUE");
    value = on ? "ON" : "OFF";
  }
  if (entry && (entry->name.starts_with("binlog_") || entry->name == "gtid_mode"))
    value = emulator::base::to_upper(value);
  values_[emulator::base::to_lower(name)] = std::move(value);
}

Result<SqlMode> parse_sql_mode(std::string_view text) {
  struct Flag {
    std::string_view name;
    bool SqlMode::*member;
  };
  static constexpr Flag flags[] = {
      {"STRICT_TRANS_TABLES", &SqlMode::strict},
      {"STRICT_ALL_TABLES", &SqlMode::strict},
      {"NO_ZERO_DATE", &SqlMode::no_zero_date},
      {"NO_ZERO_IN_DATE", &SqlMode::no_zero_in_date},
      {"ERROR_FOR_DIVISION_BY_ZERO", &SqlMode::error_for_division_by_zero},
      {"ALLOW_INVALID_DATES", &SqlMode::allow_invalid_dates},
      {"NO_AUTO_VALUE_ON_ZERO", &SqlMode::no_auto_value_on_zero},
      {"NO_UNSIGNED_SUBTRACTION", &SqlMode::no_unsigned_subtraction},
      {"ONLY_FULL_GROUP_BY", &SqlMode::only_full_group_by},
      {"ANSI_QUOTES", &SqlMode::ansi_quotes},
      {"NO_BACKSLASH_ESCAPES", &SqlMode::no_backslash_escapes},
      {"PIPES_AS_CONCAT", &SqlMode::pipes_as_concat},
      {"PAD_CHAR_TO_FULL_LENGTH", &SqlMode::pad_char_to_full_length},
      {"NO_ENGINE_SUBSTITUTION", nullptr},
      {"IGNORE_SPACE", nullptr},
      {"HIGH_NOT_PRECEDENCE", nullptr},
      {"REAL_AS_FLOAT", nullptr},
      {"NO_DIR_IN_CREATE", nullptr},
      {"TIME_TRUNCATE_FRACTIONAL", nullptr},
  };
  SqlMode out;
  for (const Flag& flag : flags) {
    if (flag.member) out.*flag.member = false;
  }
  for (std::string_view part : emulator::base::split(text, ',')) {
    part = emulator::base::trim(part);
    if (part.empty()) continue;
    if (equals_ignoring_case(part, "TRADITIONAL")) {
      out.strict = out.no_zero_date = out.no_zero_in_date = out.error_for_division_by_zero = true;
      continue;
    }
    if (equals_ignoring_case(part, "ANSI")) {
      out.ansi_quotes = out.pipes_as_concat = out.only_full_group_by = true;
      continue;
    }
    bool known = false;
    for (const Flag& flag : flags) {
      if (!equals_ignoring_case(flag.name, part)) continue;
      known = true;
      if (flag.member) out.*flag.member = true;
    }
    if (!known)
      return sql_error(1231,
                       fmt::format("Variable 'sql_mode' can't be set to the value of '{}'", part));
  }
  return out;
}

std::optional<std::int64_t> parse_time_zone(std::string_view text) {
  if (equals_ignoring_case(text, "SYSTEM") || equals_ignoring_case(text, "UTC") ||
      equals_ignoring_case(text, "Etc/UTC"))
    return 0;
  if (text.size() < 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto hours = emulator::base::parse_unsigned(text.substr(1, colon - 1));
  const auto minutes = emulator::base::parse_unsigned(text.substr(colon + 1));
  if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
  const auto seconds = static_cast<std::int64_t>(*hours * 3600 + *minutes * 60);
  return text[0] == '-' ? -seconds : seconds;
}

}  // namespace pipeline::rds::embedded
