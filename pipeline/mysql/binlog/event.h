#pragma once
// Binlog events, bytes <-> values, sans I/O (binlog.md sections 2 to 7). An event's views point
// into the bytes it was parsed from.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/bytes.h"
#include "emulator/base/result.h"
#include "pipeline/mysql/schema.h"

namespace pipeline::mysql::binlog {

using emulator::base::Result;
using emulator::base::success;

enum class EventType : std::uint8_t {
  query = 2,
  stop = 3,
  rotate = 4,
  intvar = 5,
  append_block = 9,  // LOAD DATA in statement format: more of the file
  delete_file = 11,  // the same: the file is not to be loaded
  rand = 13,
  user_var = 14,
  format_description = 15,
  xid = 16,
  begin_load_query = 17,
  execute_load_query = 18,
  table_map = 19,
  write_rows_v0 = 20,
  update_rows_v0 = 21,
  delete_rows_v0 = 22,
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
  transaction_context = 36,  // these two of Group Replication: no rows
  view_change = 37,
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

inline constexpr std::string_view magic =
    "\xFE"
    "bin";
inline constexpr std::size_t header_bytes = 19;
inline constexpr std::size_t size_offset = 9,
                             flags_offset = 17;  // of the event's size and flags in its header
inline constexpr std::uint32_t event_bytes_max =
    (1u << 30) + (1u << 26);  // a packet of 1 GiB, and room for what surrounds it
inline constexpr std::size_t checksum_bytes = 4;

namespace event_flag {
inline constexpr std::uint16_t in_use = 0x1;  // of FORMAT_DESCRIPTION: the file was not closed
inline constexpr std::uint16_t thread_specific = 0x4;  // of a statement that uses temporary tables
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
  bool has_checksum_algorithm =
      false;               // its own event ends in one, and in a checksum, even where no other does
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

// One event of a file or of a TRANSACTION_PAYLOAD. `body` is what lies between header and checksum.
struct Event {
  EventHeader header;
  std::uint64_t offset = 0;  // in the file; of the payload event for those inside one
  std::string_view body = {};
  std::uint64_t end() const { return offset + header.size; }
};

// "WRITE_ROWS"; "" = a type that is not known.
std::string_view event_name(EventType type);

// The 19 bytes of a header; checks nothing but that they are there.
Result<EventHeader> parse_header(std::string_view bytes);
Result<FormatDescriptionEvent> parse_format_description(std::string_view body_and_checksum);
// "8.4.3-sluice" -> 80403
std::uint32_t server_version_number(std::string_view version);

struct RotateEvent {
  std::uint64_t position = 0;
  std::string file;
};
Result<RotateEvent> parse_rotate(std::string_view body);

// GTID, ANONYMOUS_GTID, GTID_TAGGED.
struct GtidEvent {
  Gtid gtid;  // empty uuid: anonymous
  std::uint8_t flags = 0;
  std::int64_t last_committed = 0;
  std::int64_t sequence_number = 0;
  std::uint64_t immediate_commit_micros = 0;  // 0 = the log has none (before 8.0)
  std::uint64_t original_commit_micros = 0;
  std::uint64_t transaction_length = 0;
};
Result<GtidEvent> parse_gtid(EventType type, std::string_view body);

struct MariadbGtidEvent {
  std::uint64_t sequence = 0;
  std::uint32_t domain = 0;
  std::uint8_t flags = 0;
  std::uint8_t extra_flags = 0;
  bool standalone() const { return flags & 1; }  // the next event is the whole group
  // An ALTER that only began here, or that was given up (binlog_alter_two_phase): it changes
  // nothing.
  bool alters_nothing() const { return extra_flags & (2 | 8); }
  std::string text(std::uint32_t server_id) const;  // "0-1-7"
};
Result<MariadbGtidEvent> parse_mariadb_gtid(std::string_view body);

struct QueryEvent {
  std::uint32_t thread_id = 0;
  std::uint32_t client_collation = 0;  // of the SQL's bytes; 0 = not said
  std::uint32_t server_collation = 0;  // collation_server of its session; 0 = not said
  std::uint64_t sql_mode = 0;
  std::uint32_t microseconds = 0;  // of the header's second
  std::string_view schema = {};
  std::string_view sql = {};
};
// Compressed ones (MariaDB) are inflated into `storage` first.
Result<QueryEvent> parse_query(EventType type, std::string_view body, std::string& storage);

struct XaPrepareEvent {
  bool one_phase = false;  // XA COMMIT ... ONE PHASE: a commit
  std::string xid;         // X'7831',X'',1 as the server writes it in XA COMMIT
};
Result<XaPrepareEvent> parse_xa_prepare(std::string_view body);

Result<std::uint64_t> parse_xid(std::string_view body);

// The events inside a TRANSACTION_PAYLOAD, back to back.
using EachPackedEvent = std::function<Result<void>(const Event&)>;
Result<void> for_each_packed_event(const Event& payload, const EachPackedEvent& each);
// What a MariaDB compressed event holds behind its head.
Result<std::string> inflate_mariadb(std::string_view bytes);

std::uint64_t read_lenenc(emulator::base::ByteReader& in);

}  // namespace pipeline::mysql::binlog
