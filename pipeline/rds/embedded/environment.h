#pragma once
// What an expression may ask of the session and the engine around it, while it is lowered to
// SQLite's SQL and while that runs. SQLite calls our functions without context, so the engine keeps
// one Environment, and each statement fills it in before it begins.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/time_text.h"
#include "emulator/sim/random.h"
#include "pipeline/rds/embedded/coerce.h"
#include "pipeline/rds/sql/expression.h"

namespace pipeline::rds::embedded {

struct TypedValue {
  mysql::Column type;
  Value value;
};

struct Environment {
  // Of the statement.
  std::string_view text;  // as it was sent
  std::string database;
  SqlMode mode;
  emulator::base::Instant now{};
  std::int64_t zone_seconds = 0;
  std::uint64_t last_insert_id = 0;
  std::int64_t row_count = -1;
  std::uint64_t found_rows = 0;
  std::uint32_t connection_id = 1;
  std::string user = "admin@localhost";
  std::vector<SqlError>* warnings = nullptr;
  bool writes = false;  // the statement stores what it computes: a division by zero is then an
                        // error in strict mode

  // Of the engine.
  emulator::sim::Random* random = nullptr;
  std::string version;
  std::string server_uuid;
  std::function<std::optional<TypedValue>(std::string_view name, sql::Scope scope)> system_variable;
  std::map<std::string, TypedValue>* user_variables = nullptr;

  // Filled while a statement is lowered and run.
  std::vector<mysql::Column> types;                 // what a function is told by number
  std::optional<SqlError> error;                    // of a function that failed inside SQLite
  std::optional<std::uint64_t> new_last_insert_id;  // LAST_INSERT_ID(n)

  std::size_t type_number(const mysql::Column& type) {
    types.push_back(type);
    return types.size() - 1;
  }
  void warn(int code, std::string message) {
    if (warnings) warnings->push_back(std::move(sql_error(code, std::move(message)).value()));
  }
  CoerceContext coerce_context() {
    CoerceContext out;
    out.mode = mode;
    out.now = now;
    out.zone_seconds = zone_seconds;
    out.warnings = warnings;
    return out;
  }
};

}  // namespace pipeline::rds::embedded
