#include "pipeline/dms/prerequisites.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "emulator/base/text.h"

namespace pipeline::dms {
namespace {

namespace base = emulator::base;
using Verdict = Finding::Verdict;

constexpr std::string_view follow =
    "Errors in MySQL server binary logging configuration. Follow all prerequisites for 'MySQL as a "
    "source in DMS': ";
constexpr std::uint64_t day_seconds = 86400;

bool is(const std::optional<std::string>& value, std::string_view wanted) {
  return value && (base::equals_ignoring_case(*value, wanted) || (wanted == "ON" && *value == "1"));
}

Finding check_value(mysql::ChangeSource& source, std::string_view check, std::string_view variable,
                    std::string_view wanted) {
  const std::optional<std::string> value = source.variable(variable);
  if (is(value, wanted)) return {check};
  return {check, Verdict::failed,
          fmt::format("{}{} is {}, it must be {}", follow, variable, value ? *value : "not set",
                      wanted)};
}

Finding check_server_id(mysql::ChangeSource& source) {
  const std::optional<std::string> value = source.variable("server_id");
  if (value != "0") return {"mysql-check-server-id"};
  return {"mysql-check-server-id", Verdict::failed,
          fmt::format("{}server_id is 0, it must be 1 or more", follow)};
}

// 0 days or seconds: logs are kept for ever.
Finding check_retention(mysql::ChangeSource& source) {
  constexpr std::string_view check = "mysql-check-binlog-retention-time";
  const std::optional<std::string> text = source.variable("binlog_expire_logs_seconds");
  const auto seconds = text ? base::parse_unsigned(*text) : std::nullopt;
  if (!seconds || *seconds == 0 || *seconds >= day_seconds) return {check};
  return {check, Verdict::warning,
          fmt::format("binlog_expire_logs_seconds is {}: keep binary logs for at least 86400 "
                      "seconds, so that a task that was stopped can go on",
                      *seconds)};
}

// The privileges that are granted on everything, in upper case.
std::vector<std::string> global_privileges(const std::vector<std::string>& grants) {
  std::vector<std::string> out;
  for (const std::string& grant : grants) {
    const std::string text = base::to_upper(grant);
    const std::size_t on = text.find(" ON *.* TO ");
    if (!text.starts_with("GRANT ") || on == std::string::npos) continue;
    for (const std::string_view privilege :
         base::split(std::string_view(text).substr(6, on - 6), ','))
      out.emplace_back(base::trim(privilege));
  }
  return out;
}

// XA RECOVER, for everybody before MySQL 8.0 and on MariaDB.
bool needs_privilege_for_xa(mysql::ChangeSource& source) {
  const std::string version = source.variable("version").value_or("");
  const auto major = base::parse_unsigned(base::split(version, '.')[0]);
  return version.find("MariaDB") == std::string::npos && major && *major >= 8;
}

Finding check_privileges(mysql::ChangeSource& source) {
  constexpr std::string_view check = "mysql-check-replication-privileges";
  const auto grants = source.grants();
  if (!grants) return {check};
  const std::vector<std::string> held = global_privileges(*grants);
  const auto has = [&](std::string_view name) {
    return std::find(held.begin(), held.end(), name) != held.end();
  };
  if (has("ALL PRIVILEGES") || has("ALL")) return {check};
  std::vector<std::string> missing;
  if (!has("REPLICATION SLAVE")) missing.emplace_back("REPLICATION SLAVE");
  if (!has("REPLICATION CLIENT") && !has("BINLOG MONITOR"))
    missing.emplace_back("REPLICATION CLIENT");  // MariaDB's name for it
  // A role may grant it: what the server itself says when the log is read decides then.
  const bool roles = std::any_of(grants->begin(), grants->end(), [](const std::string& grant) {
    return grant.find(" ON ") == std::string::npos;
  });
  if (roles) return {check};
  if (missing.empty()) {
    if (!needs_privilege_for_xa(source) || has("XA_RECOVER_ADMIN")) return {check};
    return {check, Verdict::warning,
            "the user lacks the privilege XA_RECOVER_ADMIN: the rows of an XA transaction that is "
            "prepared when the load begins and commits after it are missed"};
  }
  return {check, Verdict::failed,
          fmt::format("the user lacks the privilege {}, which ongoing replication needs",
                      fmt::join(missing, " and "))};
}

Finding check_replica(mysql::ChangeSource& source) {
  constexpr std::string_view check = "mysql-check-source-replica";
  for (const char* name : {"log_replica_updates", "log_slave_updates"}) {
    const std::optional<std::string> value = source.variable(name);
    if (!value) continue;
    if (is(value, "ON") || !is(source.variable("read_only"), "ON")) return {check};
    return {
        check, Verdict::warning,
        fmt::format("{} is {}: what the source replicates from its own source is not in its log",
                    name, *value)};
  }
  return {check};
}

Finding check_version(mysql::ChangeSource& source) {
  constexpr std::string_view check = "mysql-check-supported-version";
  const std::optional<std::string> version = source.variable("version");
  if (!version) return {check};
  const auto parts = base::split(*version, '.');
  const auto major = base::parse_unsigned(parts[0]),
             minor = parts.size() > 1 ? base::parse_unsigned(parts[1]) : std::nullopt;
  if (!major || !minor) return {check};
  const bool mariadb = version->find("MariaDB") != std::string::npos;
  const auto at = std::make_tuple(*major, *minor);
  const bool supported =
      mariadb ? at >= std::make_tuple(10ull, 0ull)
              : at >= std::make_tuple(5ull, 5ull) && at <= std::make_tuple(8ull, 4ull);
  if (supported) return {check};
  return {
      check, Verdict::warning,
      fmt::format(
          "version {} is not one that AWS DMS supports (MySQL 5.5 to 8.4, MariaDB 10.0 and later)",
          *version)};
}

}  // namespace

std::vector<Finding> check_source(mysql::ChangeSource& source) {
  return {check_value(source, "mysql-check-binlog-enabled", "log_bin", "ON"),
          check_value(source, "mysql-check-binlog-format", "binlog_format", "ROW"),
          check_value(source, "mysql-check-binlog-image", "binlog_row_image", "FULL"),
          check_server_id(source),
          check_privileges(source),
          check_retention(source),
          check_replica(source),
          check_version(source)};
}

}  // namespace pipeline::dms
