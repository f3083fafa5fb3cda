#include "pipeline/rds/embedded/embedded_session.h"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/text.h"
#include "pipeline/rds/embedded/session_change.h"

namespace pipeline::rds::embedded {

EmbeddedSession::EmbeddedSession(Storage& storage, Sessions& sessions, std::string database)
    : storage_(storage),
      sessions_(sessions),
      database_(std::move(database)),
      number_(++sessions.last_number),
      variables_(storage.global) {
  mode_ = parse_sql_mode(*variables_.get("sql_mode")).value_or(SqlMode());
  zone_seconds_ = parse_time_zone(*variables_.get("time_zone")).value_or(0);
  autocommit_ = *variables_.get("autocommit") == "ON";
}

EmbeddedSession::~EmbeddedSession() {
  if (sessions_.writer == this) end_transaction(false).or_else([](const SqlError&) {});
}

sql::ParseOptions EmbeddedSession::parse_options() const {
  sql::ParseOptions out;
  out.ansi_quotes = mode_.ansi_quotes;
  out.no_backslash_escapes = mode_.no_backslash_escapes;
  out.pipes_as_concat = mode_.pipes_as_concat;
  return out;
}

void EmbeddedSession::fill_environment() {
  Environment& environment = storage_.environment;
  environment.text = text_;
  environment.database = database_;
  environment.mode = mode_;
  environment.now = fixed_now_.value_or(storage_.scheduler.now());
  environment.zone_seconds = zone_seconds_;
  environment.last_insert_id = last_insert_id_;
  environment.row_count = row_count_;
  environment.found_rows = found_rows_;
  environment.connection_id = number_;
  environment.warnings = &warnings_;
  environment.writes = false;
  environment.user_variables = &user_variables_;
  environment.system_variable = [this](std::string_view name, sql::Scope scope) {
    return system_variable(name, scope);
  };
  environment.types.clear();
  environment.error.reset();
  environment.new_last_insert_id.reset();
}

Result<ResultSet> EmbeddedSession::execute(std::string_view sql) {
  auto statement = sql::parse(sql, parse_options());
  if (!statement) {
    last_warnings_ = {statement.error()};
    row_count_ = -1;
    return tl::unexpected(statement.error());
  }
  warnings_.clear();
  text_ = sql;
  fill_environment();
  auto result = dispatch(*statement, sql);
  const bool is_show = statement->as<sql::Show>() != nullptr;
  if (storage_.environment.new_last_insert_id)
    last_insert_id_ = *storage_.environment.new_last_insert_id;
  if (!result) {
    row_count_ = -1;
    last_warnings_ = std::move(warnings_);
    last_warnings_.push_back(result.error());
    return result;
  }
  row_count_ = result->columns.empty() ? static_cast<std::int64_t>(result->affected_rows) : -1;
  if (!is_show) last_warnings_ = warnings_;
  result->warnings = std::move(warnings_);
  warnings_.clear();
  return result;
}

Result<ResultSet> EmbeddedSession::dispatch(const sql::Statement& statement, std::string_view) {
  return std::visit([this](const auto& body) { return run(body); }, statement.body);
}

Result<std::vector<ResultSet>> EmbeddedSession::execute_script(std::string_view script) {
  auto parts = sql::split_script(script, parse_options());
  if (!parts) return tl::unexpected(parts.error());
  std::vector<ResultSet> out;
  for (const sql::ScriptPart& part : *parts) {
    auto result = execute(part.text);
    if (!result) {
      SqlError error = result.error();
      error.offset += part.offset;
      return tl::unexpected(std::move(error));
    }
    out.push_back(std::move(*result));
  }
  return out;
}

Result<void> EmbeddedSession::begin_change(std::string_view sql) {
  if (sessions_.writer && sessions_.writer != this)
    return sql_error(1205, "Lock wait timeout exceeded; try restarting transaction");
  if (read_only_ && in_transaction_)
    return sql_error(1792, "Cannot execute statement in a READ ONLY transaction.");
  storage_.environment.writes = true;
  statement_point_.reset();
  if (!storage_.is_open()) {
    if (auto begun = storage_.begin(); !begun) return begun;
    sessions_.writer = this;
  } else {
    auto point = storage_.savepoint();
    if (!point) return tl::unexpected(point.error());
    statement_point_ = *point;
  }
  storage_.journal.begin_statement(sql);
  return {};
}

Result<ResultSet> EmbeddedSession::end_change(Result<ResultSet> result) {
  const bool alone = autocommit_ && !in_transaction_;
  if (!result) {
    if (statement_point_) {
      if (auto back = storage_.rollback_to(*statement_point_); !back)
        return tl::unexpected(back.error());
      if (auto released = storage_.release(*statement_point_); !released)
        return tl::unexpected(released.error());
    } else if (auto back = end_transaction(false); !back) {
      return tl::unexpected(back.error());
    }
    return result;
  }
  if (statement_point_) {
    if (auto released = storage_.release(*statement_point_); !released)
      return tl::unexpected(released.error());
  }
  if (!alone) return result;
  if (auto committed = end_transaction(true); !committed) return tl::unexpected(committed.error());
  return result;
}

Result<void> EmbeddedSession::end_transaction(bool commit) {
  savepoints_.clear();
  if (sessions_.writer != this) return {};
  sessions_.writer = nullptr;
  return commit ? storage_.commit(number_) : storage_.rollback();
}

Result<void> EmbeddedSession::implicit_commit() {
  in_transaction_ = false;
  read_only_ = false;
  return end_transaction(true);
}

Result<ResultSet> EmbeddedSession::run(const sql::Empty&) {
  return sql_error(1065, "Query was empty");
}
Result<ResultSet> EmbeddedSession::run(const sql::Insert& statement) {
  return change(text_, [&] { return insert(statement); });
}
Result<ResultSet> EmbeddedSession::run(const sql::Update& statement) {
  return change(text_, [&] { return update(statement); });
}
Result<ResultSet> EmbeddedSession::run(const sql::Delete& statement) {
  return change(text_, [&] { return remove(statement); });
}

Result<ResultSet> EmbeddedSession::run(const sql::StartTransaction& statement) {
  if (auto done = implicit_commit(); !done) return tl::unexpected(done.error());
  in_transaction_ = true;
  read_only_ = statement.read_only.value_or(false);
  return ResultSet{};
}

Result<ResultSet> EmbeddedSession::run(const sql::Commit& statement) {
  if (auto done = implicit_commit(); !done) return tl::unexpected(done.error());
  in_transaction_ = statement.chain;
  return ResultSet{};
}

Result<ResultSet> EmbeddedSession::run(const sql::Rollback& statement) {
  if (auto done = end_transaction(false); !done) return tl::unexpected(done.error());
  in_transaction_ = statement.chain;
  read_only_ = false;
  return ResultSet{};
}

Result<ResultSet> EmbeddedSession::run(const sql::Savepoint& statement) {
  if (autocommit_ && !in_transaction_) return ResultSet{};  // its transaction ends at once
  if (sessions_.writer && sessions_.writer != this)
    return sql_error(1205, "Lock wait timeout exceeded; try restarting transaction");
  if (!storage_.is_open()) {
    if (auto begun = storage_.begin(); !begun) return tl::unexpected(begun.error());
    sessions_.writer = this;
  }
  auto point = storage_.savepoint();
  if (!point) return tl::unexpected(point.error());
  std::erase_if(savepoints_, [&](const auto& entry) {
    return emulator::base::equals_ignoring_case(entry.first, statement.name.name);
  });
  savepoints_.emplace_back(std::string(statement.name.name), *point);
  return ResultSet{};
}

Result<ResultSet> EmbeddedSession::run(const sql::RollbackTo& statement) {
  for (std::size_t i = savepoints_.size(); i-- > 0;) {
    if (!emulator::base::equals_ignoring_case(savepoints_[i].first, statement.name.name)) continue;
    if (auto done = storage_.rollback_to(savepoints_[i].second); !done)
      return tl::unexpected(done.error());
    savepoints_.resize(i + 1);
    return ResultSet{};
  }
  return sql_error(1305, fmt::format("SAVEPOINT {} does not exist", statement.name.name),
                   statement.name.offset);
}

Result<ResultSet> EmbeddedSession::run(const sql::ReleaseSavepoint& statement) {
  for (std::size_t i = savepoints_.size(); i-- > 0;) {
    if (!emulator::base::equals_ignoring_case(savepoints_[i].first, statement.name.name)) continue;
    savepoints_.resize(i);  // SQLite's own marks go with the transaction
    return ResultSet{};
  }
  return sql_error(1305, fmt::format("SAVEPOINT {} does not exist", statement.name.name),
                   statement.name.offset);
}

}  // namespace pipeline::rds::embedded
