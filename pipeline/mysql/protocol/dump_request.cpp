#include "pipeline/mysql/protocol/dump_request.h"

#include <fmt/format.h>

#include <limits>

#include "emulator/base/bytes.h"
#include "pipeline/mysql/binlog/gtid.h"

namespace pipeline::mysql::protocol {

namespace {

using emulator::base::append_le;

constexpr char command_binlog_dump = 0x12;
constexpr char command_register_slave = 0x15;
constexpr char command_binlog_dump_gtid = 0x1E;

constexpr std::uint16_t flag_non_blocking = 0x1;
constexpr std::uint16_t flag_heartbeat_v2 = 0x2;  // of MySQL; MariaDB would send annotations for it
constexpr std::uint32_t knows_heartbeat_v2 = 80026;

std::uint16_t dump_flags(const Handshake& server, const StreamOptions& options) {
  const bool v2 = !server.is_mariadb() &&
                  binlog::server_version_number(server.server_version) >= knows_heartbeat_v2;
  return static_cast<std::uint16_t>((options.non_blocking ? flag_non_blocking : 0) |
                                    (v2 ? flag_heartbeat_v2 : 0));
}

std::vector<std::string> common_settings(const Handshake& server, const StreamOptions& options) {
  const auto nanoseconds = options.heartbeat.count() * 1000;
  // MySQL 8.0.26 and later read the names with "source" and "replica" first. A log without
  // checksums comes without: CRC32 says only that we can read them.
  std::vector<std::string> out{
      "SET @master_binlog_checksum='CRC32', @source_binlog_checksum='CRC32'",
      fmt::format("SET @master_heartbeat_period={0}, @source_heartbeat_period={0}", nanoseconds)};
  if (server.is_mariadb())
    out.emplace_back("SET @mariadb_slave_capability=4");
  else  // listed in SHOW REPLICAS; a second stream of one uuid ends the first
    out.push_back(
        fmt::format("SET @slave_uuid='{0}', @replica_uuid='{0}'",
                    fmt::format("736c7569-6365-0000-0000-0000{:08x}", options.server_id)));
  if (options.acknowledge) out.emplace_back("SET @rpl_semi_sync_slave=1, @rpl_semi_sync_replica=1");
  return out;
}

// Neither host, user, password nor port: the server only lists them.
std::string registration(const StreamOptions& options) {
  std::string out(1, command_register_slave);
  append_le(out, options.server_id, 4);
  append_le(out, 0, 3);      // three empty strings
  append_le(out, 0, 2);      // port
  append_le(out, 0, 4 + 4);  // rank, id of the master
  return out;
}

std::string dump_by_position(const Position& from, std::uint16_t flags, std::uint32_t server_id) {
  std::string out(1, command_binlog_dump);
  append_le(out, from.offset, 4);
  append_le(out, flags, 2);
  append_le(out, server_id, 4);
  return out += from.file;
}

std::string dump_by_gtid(const Position& from, const std::string& have, std::uint16_t flags,
                         std::uint32_t server_id) {
  std::string out(1, command_binlog_dump_gtid);
  append_le(out, flags, 2);
  append_le(out, server_id, 4);
  append_le(out, from.file.size(), 4);
  out += from.file;
  append_le(out, from.offset, 8);
  append_le(out, have.size(), 4);
  return out += have;
}

Result<std::string> dump_from(const Handshake& server, const Position& from,
                              const StreamOptions& options) {
  const std::uint16_t flags = dump_flags(server, options);
  if (from.offset <= std::numeric_limits<std::uint32_t>::max())
    return dump_by_position(from, flags, options.server_id);
  if (server.is_mariadb())
    return fail(
        error_number::not_supported,
        from.text() + ": MariaDB's protocol has no positions past 4 GiB; start from a GTID");
  // The other command has 64 bits for a position; the server takes it only with gtid_mode=ON.
  return dump_by_gtid(from, binlog::GtidSet().encode(), flags, options.server_id);
}

}  // namespace

Result<DumpRequest> make_dump_request(const Handshake& server, const StreamFrom& from,
                                      const StreamOptions& options) {
  DumpRequest out{common_settings(server, options), registration(options), {}};
  if (const auto* position = std::get_if<Position>(&from)) {
    auto dump = dump_from(server, *position, options);
    if (!dump) return tl::unexpected(dump.error());
    out.dump = std::move(*dump);
    return out;
  }
  const std::string& set = std::get<FromGtidSet>(from).set;
  const std::uint16_t flags = dump_flags(server, options);
  if (server.is_mariadb()) {
    if (set.find_first_not_of("0123456789-,") != std::string::npos)
      return fail(error_number::fatal_reading_binlog, "not a GTID set of MariaDB: '" + set + "'");
    out.settings.push_back("SET @slave_connect_state='" + set + "'");
    out.dump = dump_by_position(Position{}, flags, options.server_id);
    return out;
  }
  auto parsed = binlog::GtidSet::parse(set);
  if (!parsed) return fail(error_number::fatal_reading_binlog, parsed.error().message);
  out.dump = dump_by_gtid(Position{}, parsed->encode(), flags, options.server_id);
  return out;
}

}  // namespace pipeline::mysql::protocol
