#include "pipeline/commands/binlog_from.h"

#include <algorithm>

#include "emulator/base/text.h"

namespace pipeline::commands {

namespace {

using emulator::base::fail;
using emulator::base::parse_unsigned;
using mysql::binlog::GtidSet;

struct MariadbGtid {
  std::uint32_t domain;
  std::uint64_t sequence;
};

// "0-1-100"
std::optional<MariadbGtid> parse_mariadb_gtid(std::string_view text) {
  const auto parts = emulator::base::split(emulator::base::trim(text), '-');
  if (parts.size() != 3) return std::nullopt;
  const auto domain = parse_unsigned(parts[0]), server = parse_unsigned(parts[1]),
             sequence = parse_unsigned(parts[2]);
  if (!domain || !server || !sequence || *domain > UINT32_MAX) return std::nullopt;
  return MariadbGtid{static_cast<std::uint32_t>(*domain), *sequence};
}

bool read_mariadb_gtids(const std::string& text, BinlogFrom& from) {
  for (const std::string_view one : emulator::base::split(text, ',')) {
    const auto gtid = parse_mariadb_gtid(one);
    if (!gtid) return false;
    from.last_of_domain[gtid->domain] = std::max(from.last_of_domain[gtid->domain], gtid->sequence);
  }
  return true;
}

// "uuid:7", "uuid:blue:7"
std::optional<mysql::binlog::Gtid> parse_gtid(const std::string& text) {
  const auto parts = emulator::base::split(text, ':');
  if (parts.size() < 2) return std::nullopt;
  auto uuid = mysql::binlog::uuid_from_text(parts[0]);
  const auto number = parse_unsigned(parts.back());
  if (!uuid || !number) return std::nullopt;
  return mysql::binlog::Gtid{*uuid, static_cast<std::int64_t>(*number),
                             parts.size() == 3 ? std::string(parts[1]) : std::string()};
}

bool matches(std::string_view pattern, std::string_view text) {
  const std::size_t any = pattern.find('%');
  if (any == std::string_view::npos) return pattern == text;
  if (text.substr(0, any) != pattern.substr(0, any)) return false;
  const std::string_view rest = pattern.substr(any + 1);
  for (std::size_t at = any; at <= text.size(); ++at)
    if (matches(rest, text.substr(at))) return true;
  return false;
}

}  // namespace

bool BinlogFrom::precedes(const std::string& transaction) const {
  if (gtids) {
    const auto gtid = parse_gtid(transaction);
    return !gtid || !gtids->contains(*gtid);
  }
  const auto gtid = parse_mariadb_gtid(transaction);
  if (!gtid) return last_of_domain.empty();
  const auto last = last_of_domain.find(gtid->domain);
  return last == last_of_domain.end() || gtid->sequence > last->second;
}

mysql::Result<BinlogFrom> parse_binlog_from(const std::string& text) {
  BinlogFrom from{text, {}, {}, {}};
  if (const auto offset = parse_unsigned(text)) {
    from.position = mysql::Position{"", *offset};
    return from;
  }
  if (read_mariadb_gtids(text, from)) return from;
  from.last_of_domain.clear();
  if (auto set = GtidSet::parse(text); set && !set->empty()) {
    from.gtids = std::move(*set);
    return from;
  }
  const std::size_t colon = text.rfind(':');
  const auto offset = colon == std::string::npos
                          ? std::optional<std::uint64_t>(4)
                          : parse_unsigned(std::string_view(text).substr(colon + 1));
  if (text.empty() || colon == 0 || !offset)
    return fail("--from " + text + " is neither a position nor a GTID set",
                "binlog.000007:1234, 1234, UUID:1-5 or 0-1-100");
  from.position = mysql::Position{text.substr(0, colon), *offset};
  return from;
}

bool is_wanted_table(const std::vector<std::string>& patterns, std::string_view schema,
                     std::string_view table) {
  if (patterns.empty()) return true;
  const std::string name = std::string(schema) + "." + std::string(table);
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches(pattern, name); });
}

}  // namespace pipeline::commands
