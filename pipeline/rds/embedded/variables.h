#pragma once
// Server variables: the values a parameter group sets, what SHOW VARIABLES prints, what SET
// changes. One table; an unknown name is refused.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "emulator/base/result.h"
#include "pipeline/rds/embedded/coerce.h"

namespace pipeline::rds::embedded {

struct VariableRow {
  std::string_view name;
  std::string_view value;  // default
  char kind;               // t text, i integer, b ON or OFF
  char change;  // s SET of a session, g SET GLOBAL only, - read-only (a parameter group may still
                // set it)
};
std::span<const VariableRow> variable_table();

// Values by name, in lower case.
class Variables {
 public:
  // All defaults, with the parameters over them.
  static emulator::base::Result<Variables> with(
      const std::map<std::string, std::string>& parameters);

  std::optional<std::string> get(std::string_view name) const;  // as SHOW VARIABLES prints it
  const std::map<std::string, std::string, std::less<>>& all() const { return values_; }
  void set(std::string_view name, std::string value);
  static const VariableRow* row(std::string_view name);

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

Result<SqlMode> parse_sql_mode(std::string_view text);
// 'SYSTEM', 'UTC', '+05:30': seconds east of UTC.
std::optional<std::int64_t> parse_time_zone(std::string_view text);

}  // namespace pipeline::rds::embedded
