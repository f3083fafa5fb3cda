// SET, FLUSH, PURGE BINARY LOGS, LOCK TABLES.
#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/text.h"
#include "pipeline/rds/embedded/collation.h"
#include "pipeline/rds/embedded/decimal.h"
#include "pipeline/rds/embedded/define.h"
#include "pipeline/rds/embedded/embedded_session.h"

namespace pipeline::rds::embedded {

using emulator::base::equals_ignoring_case;

std::optional<TypedValue> EmbeddedSession::system_variable(std::string_view name,
                                                           sql::Scope scope) const {
  if (equals_ignoring_case(name, "gtid_executed"))
    return TypedValue{text_type(), Value::text(storage_.executed.text())};
  if (equals_ignoring_case(name, "last_insert_id") || equals_ignoring_case(name, "identity"))
    return TypedValue{integer_type(true), Value::of_unsigned(last_insert_id_)};
  if (equals_ignoring_case(name, "warning_count"))
    return TypedValue{integer_type(), Value::of(static_cast<std::int64_t>(last_warnings_.size()))};
  if (equals_ignoring_case(name, "timestamp")) {
    const auto now = fixed_now_.value_or(storage_.scheduler.now());
    return TypedValue{real_type(),
                      Value::of(static_cast<double>(now.time_since_epoch().count()) / 1e6)};
  }
  const VariableRow* row = Variables::row(name);
  if (!row) return std::nullopt;
  const std::string text = *(scope == sql::Scope::global ? storage_.global : variables_).get(name);
  if (row->kind == 'b') return TypedValue{integer_type(), Value::of(std::int64_t{text == "ON"})};
  if (row->kind == 'i') {
    if (const auto number = emulator::base::parse_unsigned(text))
      return TypedValue{integer_type(), Value::of_unsigned(*number)};
  }
  return TypedValue{text_type(), Value::text(text)};
}

Result<void> EmbeddedSession::set_session_variable(const std::string& name,
                                                   const TypedValue& value) {
  const std::string text = value.value.is_null() ? std::string() : print(value.type, value.value);
  const auto wrong_value = [&] {
    return sql_error(1231, fmt::format("Variable '{}' can't be set to the value of '{}'", name,
                                       value.value.is_null() ? "NULL" : text));
  };
  const bool is_on =
      text == "1" || equals_ignoring_case(text, "ON") || equals_ignoring_case(text, "TRUE");
  const bool is_off =
      text == "0" || equals_ignoring_case(text, "OFF") || equals_ignoring_case(text, "FALSE");
  const VariableRow* row = Variables::row(name);
  if (row->kind == 'b' && !is_on && !is_off) return wrong_value();
  if (name == "sql_mode") {
    auto mode = parse_sql_mode(text);
    if (!mode) return tl::unexpected(mode.error());
    mode_ = *mode;
  } else if (name == "time_zone") {
    const auto zone = parse_time_zone(text);
    if (!zone) return sql_error(1298, fmt::format("Unknown or incorrect time zone: '{}'", text));
    zone_seconds_ = *zone;
  } else if (name == "autocommit") {
    if (is_on && !autocommit_) {
      if (auto done = implicit_commit(); !done) return done;
    }
    autocommit_ = is_on;
  } else if (name == "timestamp") {
    std::int64_t micros = 0;
    if (!(Decimal::parse(text) * Decimal::from_integer(1'000'000)).to_integer(micros))
      return wrong_value();
    fixed_now_.reset();
    if (micros != 0) fixed_now_ = emulator::base::Instant(std::chrono::microseconds(micros));
    return {};
  } else if (name == "sql_log_bin" && is_off) {
    return not_supported("SET sql_log_bin = OFF");
  } else if (name == "foreign_key_checks" || name == "unique_checks") {
    // accepted: there are no foreign keys, and unique keys always hold
  } else if (name == "binlog_format" && !equals_ignoring_case(text, "ROW")) {
    return not_supported("binlog_format other than ROW in a session");
  } else if (name == "binlog_row_image" && !equals_ignoring_case(text, "FULL")) {
    return not_supported("binlog_row_image other than FULL in a session");
  } else if (name.starts_with("character_set_") && collation_of_name(text) == 0 &&
             !define_collation(text, "", 1)) {
    return sql_error(1115, fmt::format("Unknown character set: '{}'", text));
  }
  variables_.set(name, text);
  return {};
}

Result<void> EmbeddedSession::set_variable(const sql::SetVariable& item, TypedValue value) {
  const std::string name = emulator::base::to_lower(item.name.name);
  if (item.target == sql::SetVariable::Target::user_variable) {
    user_variables_[name] = std::move(value);
    return {};
  }
  const VariableRow* row = Variables::row(name);
  if (!row)
    return sql_error(1193, fmt::format("Unknown system variable '{}'", item.name.name),
                     item.name.offset);
  const bool global = item.scope == sql::Scope::global || item.scope == sql::Scope::persist;
  if (row->change == '-' || item.scope == sql::Scope::persist_only)
    return sql_error(1238, fmt::format("Variable '{}' is a read only variable", item.name.name),
                     item.name.offset);
  if (row->change == 'g' && !global)
    return sql_error(
        1229,
        fmt::format("Variable '{}' is a GLOBAL variable and should be set with SET GLOBAL",
                    item.name.name),
        item.name.offset);
  if (!item.value) {
    const auto standard =
        global ? std::optional<std::string>(std::string(row->value)) : storage_.global.get(name);
    value = {text_type(), Value::text(*standard)};
  }
  if (!global) return set_session_variable(name, value);
  if (name == "sql_mode") {
    if (auto mode = parse_sql_mode(print(value.type, value.value)); !mode)
      return tl::unexpected(mode.error());
  }
  storage_.global.set(name, value.value.is_null() ? std::string() : print(value.type, value.value));
  return {};
}

Result<ResultSet> EmbeddedSession::run(const sql::Set& statement) {
  // All values are there before the first variable changes: SET @a = 1, @b = @a gives @b the old
  // @a.
  std::vector<TypedValue> values;
  for (const auto& item : statement.items) {
    const auto* variable = std::get_if<sql::SetVariable>(&item);
    auto value = variable && variable->value
                     ? evaluate(*variable->value)
                     : Result<TypedValue>(TypedValue{null_type(), Value::null()});
    if (!value) return tl::unexpected(value.error());
    values.push_back(std::move(*value));
  }
  auto value = values.begin();
  for (const auto& item : statement.items) {
    TypedValue& given = *value++;
    if (const auto* variable = std::get_if<sql::SetVariable>(&item)) {
      if (auto done = set_variable(*variable, std::move(given)); !done)
        return tl::unexpected(done.error());
    } else if (const auto* names = std::get_if<sql::SetNames>(&item)) {
      const std::string charset(names->charset.empty() ? "utf8mb4" : names->charset);
      auto collation = define_collation(charset, names->collation, mysql::collation_utf8mb4);
      if (!collation) return tl::unexpected(collation.error());
      for (const char* name :
           {"character_set_client", "character_set_connection", "character_set_results"})
        variables_.set(name, charset);
      variables_.set("collation_connection", std::string(collation_name(*collation)));
    } else if (const auto* transaction = std::get_if<sql::SetTransaction>(&item)) {
      // One writer at a time: every level comes to the same.
      if (!transaction->isolation.empty())
        variables_.set("transaction_isolation", std::string(transaction->isolation));
      if (transaction->read_only)
        variables_.set("transaction_read_only", *transaction->read_only ? "ON" : "OFF");
    }
  }
  return ResultSet{};
}

Result<ResultSet> EmbeddedSession::run(const sql::Flush& statement) {
  const bool logs =
      std::any_of(statement.what.begin(), statement.what.end(),
                  [](std::string_view what) { return what == "LOGS" || what == "BINARY LOGS"; });
  if (!logs) return ResultSet{};  // nothing is cached that would have to go
  if (sessions_.writer && sessions_.writer != this)
    return sql_error(1205, "Lock wait timeout exceeded; try restarting transaction");
  if (auto done = implicit_commit(); !done) return tl::unexpected(done.error());
  if (auto done = storage_.rotate(); !done) return tl::unexpected(done.error());
  return ResultSet{};
}

Result<ResultSet> EmbeddedSession::run(const sql::PurgeBinaryLogs& statement) {
  if (!statement.to)
    return not_supported("PURGE BINARY LOGS BEFORE",
                         statement.before ? statement.before->offset : 0);
  auto name = evaluate(*statement.to);
  if (!name) return tl::unexpected(name.error());
  if (auto done = storage_.purge_to(name->value.bytes); !done) return tl::unexpected(done.error());
  return ResultSet{};
}

Result<ResultSet> EmbeddedSession::run(const sql::LockTables&) {
  // Sessions take turns statement by statement, so a lock has nothing to keep out; like MySQL's it
  // ends the open transaction.
  if (auto done = implicit_commit(); !done) return tl::unexpected(done.error());
  return ResultSet{};
}
Result<ResultSet> EmbeddedSession::run(const sql::UnlockTables&) { return ResultSet{}; }

}  // namespace pipeline::rds::embedded
