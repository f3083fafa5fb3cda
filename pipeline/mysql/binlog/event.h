#pragma once
// Binlog events, bytes <-> values, sans I/O (binlog.md sections 2 to 7). An event's views point into the bytes it was parsed from.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/result.h"
#include "pipeline/mysql/schema.h"

namespace pipeline::mysql::binlog {

using emulator::base::Result;

enum class EventType : std::uint8_t {
  query = 2,
  stop = 3,
  rotate = 4,
  intvar = 5,
  rand = 13,
  user_var = 14,
  format_description = 15,
  xid = 16,
  table_map = 19,
  write_rows_v1 = 23,
  update_rows_v1 = 24,
  delete_rows_v1 = 25,
  incident = 26,
  heartbeat = 27,
  rows_query = 29,
  write_rows = 30,
  update_rows = 31,
  delete_rows = 32,
  gtid = 33,
  anonymous_gtid = 34,
  previous_gtids = 35,
  xa_prepare = 38,
  partial_update_rows = 39,
  transaction_payload = 40,
  heartbeat_v2 = 41,
  gtid_tagged = 42,
  mariadb_annotate_rows = 160,
  mariadb_binlog_checkpoint = 161,
  mariadb_gtid = 162,
  mariadb_gtid_list = 163,
  mariadb_start_encryption = 164,
  mariadb_query_compressed = 165,
  mariadb_write_rows_compressed = 166,
  mariadb_update_rows_compressed = 167,
  mariadb_delete_rows_compressed = 168,
};

inline constexpr std::string_view magic = "\xFE" "bin";
inline constexpr std::size_t header_bytes = 19;
inline constexpr std::size_t checksum_bytes = 4;

namespace event_flag {
inline constexpr std::uint16_t in_use = 0x1;  // of FORMAT_DESCRIPTION: the file was not closed
inline constexpr std::uint16_t suppress_use = 0x8;
inline constexpr std::uint16_t artificial = 0x20;
inline constexpr std::uint16_t ignorable = 0x80;
}  // namespace event_flag

struct EventHeader {
  std::uint32_t timestamp = 0;
  EventType type{};
  std::uint32_t server_id = 0;
  std::uint32_t size = 0;
  std::uint32_t end_position = 0;
  std::uint16_t flags = 0;
};

struct FormatDescriptionEvent {
  std::string server_version;
  std::uint32_t created = 0;
  bool checksums = false;  // CRC32 after every event
  std::vector<std::uint8_t> post_header_lengths;  // of type 1, 2, ...
  bool is_mariadb() const { return server_version.find("MariaDB") != std::string::npos; }
};

struct Gtid {
  std::string uuid;  // 16 raw bytes
  std::int64_t number = 0;
  std::string tag = {};
  std::string text() const;  // "3e11fa47-71ca-11e1-9e33-c80aa9429562:23"
};

}  // namespace pipeline::mysql::binlog
