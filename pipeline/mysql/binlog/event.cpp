#include "pipeline/mysql/binlog/event.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <iterator>

#include "emulator/base/text.h"
#include "pipeline/mysql/binlog/gtid.h"

namespace pipeline::mysql::binlog {

namespace {

using emulator::base::ByteReader;
using emulator::base::fail;

struct EventName {
  EventType type;
  std::string_view name;
};
constexpr std::array event_names{
    EventName{EventType::query, "QUERY"},
    EventName{EventType::stop, "STOP"},
    EventName{EventType::rotate, "ROTATE"},
    EventName{EventType::intvar, "INTVAR"},
    EventName{EventType::append_block, "APPEND_BLOCK"},
    EventName{EventType::delete_file, "DELETE_FILE"},
    EventName{EventType::rand, "RAND"},
    EventName{EventType::user_var, "USER_VAR"},
    EventName{EventType::format_description, "FORMAT_DESCRIPTION"},
    EventName{EventType::xid, "XID"},
    EventName{EventType::begin_load_query, "BEGIN_LOAD_QUERY"},
    EventName{EventType::execute_load_query, "EXECUTE_LOAD_QUERY"},
    EventName{EventType::table_map, "TABLE_MAP"},
    EventName{EventType::write_rows_v0, "WRITE_ROWS_V0"},
    EventName{EventType::update_rows_v0, "UPDATE_ROWS_V0"},
    EventName{EventType::delete_rows_v0, "DELETE_ROWS_V0"},
    EventName{EventType::write_rows_v1, "WRITE_ROWS_V1"},
    EventName{EventType::update_rows_v1, "UPDATE_ROWS_V1"},
    EventName{EventType::delete_rows_v1, "DELETE_ROWS_V1"},
    EventName{EventType::incident, "INCIDENT"},
    EventName{EventType::heartbeat, "HEARTBEAT"},
    EventName{EventType::rows_query, "ROWS_QUERY"},
    EventName{EventType::write_rows, "WRITE_ROWS"},
    EventName{EventType::update_rows, "UPDATE_ROWS"},
    EventName{EventType::delete_rows, "DELETE_ROWS"},
    EventName{EventType::gtid, "GTID"},
    EventName{EventType::anonymous_gtid, "ANONYMOUS_GTID"},
    EventName{EventType::previous_gtids, "PREVIOUS_GTIDS"},
    EventName{EventType::transaction_context, "TRANSACTION_CONTEXT"},
    EventName{EventType::view_change, "VIEW_CHANGE"},
    EventName{EventType::xa_prepare, "XA_PREPARE"},
    EventName{EventType::partial_update_rows, "PARTIAL_UPDATE_ROWS"},
    EventName{EventType::transaction_payload, "TRANSACTION_PAYLOAD"},
    EventName{EventType::heartbeat_v2, "HEARTBEAT_V2"},
    EventName{EventType::gtid_tagged, "GTID_TAGGED"},
    EventName{EventType::mariadb_annotate_rows, "ANNOTATE_ROWS"},
    EventName{EventType::mariadb_binlog_checkpoint, "BINLOG_CHECKPOINT"},
    EventName{EventType::mariadb_gtid, "MARIADB_GTID"},
    EventName{EventType::mariadb_gtid_list, "GTID_LIST"},
    EventName{EventType::mariadb_start_encryption, "START_ENCRYPTION"},
    EventName{EventType::mariadb_query_compressed, "QUERY_COMPRESSED"},
    EventName{EventType::mariadb_write_rows_compressed, "WRITE_ROWS_COMPRESSED"},
    EventName{EventType::mariadb_update_rows_compressed, "UPDATE_ROWS_COMPRESSED"},
    EventName{EventType::mariadb_delete_rows_compressed, "DELETE_ROWS_COMPRESSED"},
};

constexpr std::uint32_t first_version_with_checksums = 50601;

// Status variables of a QUERY (binlog.md section 5): code, then so many bytes. Only those before an
// unknown code are read.
void read_status(std::string_view block, QueryEvent& out) {
  ByteReader in(block);
  while (in.left() > 0 && !in.failed()) {
    switch (in.u8()) {
      case 0:
        in.skip(4);
        break;  // flags2
      case 1:
        out.sql_mode = in.u64();
        break;
      case 2:
        in.skip(in.u8());
        in.skip(1);
        break;  // catalog with a zero byte
      case 3:
        in.skip(4);
        break;  // auto_increment
      case 4:
        out.client_collation = in.u16();
        in.skip(2);
        out.server_collation = in.u16();
        break;
      case 5:
        in.skip(in.u8());
        break;  // time zone
      case 6:
        in.skip(in.u8());
        break;  // catalog
      case 7:   // lc_time_names
      case 8:
        in.skip(2);
        break;  // charset_database
      case 9:
        in.skip(8);
        break;  // tables of a multi-table update
      case 10:
        in.skip(4);
        break;
      case 11:  // invoker
        in.skip(in.u8());
        in.skip(in.u8());
        break;
      case 12: {  // updated databases
        const std::uint8_t count = in.u8();
        for (int i = 0; count != 254 && i < count && !in.failed(); ++i)
          while (in.u8() != 0 && !in.failed()) {
          }
        break;
      }
      case 13:
      case 128:
        out.microseconds = static_cast<std::uint32_t>(in.le(3));
        break;
      case 16:
        in.skip(1);
        break;
      case 17:
        in.skip(8);
        break;  // XID of the DDL
      case 18:
        in.skip(2);
        break;
      case 19:
      case 20:
        in.skip(1);
        break;
      case 129:
        in.skip(8);
        break;     // MariaDB's XID
      case 130: {  // MariaDB's ALTER in two phases: the second names the first
        constexpr std::uint8_t second_phase = 4 | 8;
        if (in.u8() & second_phase) in.skip(8);
        break;
      }
      case 131:  // MariaDB 11.2's character_set_collations: pairs of ids, before the charsets
        in.skip(in.u8() * std::size_t{4});
        break;
      default:
        return;
    }
  }
}

std::string hex_literal(std::string_view bytes) {
  return "X'" + emulator::base::to_hex(bytes) + "'";
}

Result<GtidEvent> parse_plain_gtid(std::string_view body) {
  constexpr std::uint64_t has_original = 1ull << 55;
  ByteReader in(body);
  GtidEvent out;
  out.flags = in.u8();
  out.gtid.uuid = in.take(16);
  out.gtid.number = static_cast<std::int64_t>(in.u64());
  if (in.left() >= 17 && in.u8() == 2) {
    out.last_committed = static_cast<std::int64_t>(in.u64());
    out.sequence_number = static_cast<std::int64_t>(in.u64());
    if (in.left() >= 7) {
      const std::uint64_t when = in.le(7);
      out.immediate_commit_micros = when & ~has_original;
      out.original_commit_micros = when & has_original ? in.le(7) : out.immediate_commit_micros;
    }
    if (in.left() > 0) out.transaction_length = read_lenenc(in);
  }
  if (in.failed()) return fail("a GTID event that is cut short");
  return out;
}

std::int64_t from_zigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

// MySQL's serialisation format: (field id, value) pairs in order of their ids (binlog.md section
// 5a).
Result<GtidEvent> parse_tagged_gtid(std::string_view body) {
  ByteReader in(body);
  GtidEvent out;
  const std::uint64_t version = read_varint(in);
  read_varint(in);  // size
  read_varint(in);  // the last field that may not be ignored
  if (version != 1) return fail(fmt::format("a tagged GTID event of version {}", version));
  while (in.left() > 0 && !in.failed()) {
    const std::uint64_t field = read_varint(in);
    switch (field) {
      case 0:
        out.flags = static_cast<std::uint8_t>(read_varint(in));
        break;
      case 1:
        for (int i = 0; i < 16; ++i) out.gtid.uuid.push_back(static_cast<char>(read_varint(in)));
        break;
      case 2:
        out.gtid.number = from_zigzag(read_varint(in));
        break;
      case 3:
        out.gtid.tag = in.take(read_varint(in));
        break;
      case 4:
        out.last_committed = from_zigzag(read_varint(in));
        break;
      case 5:
        out.sequence_number = from_zigzag(read_varint(in));
        break;
      case 6:
        out.immediate_commit_micros = read_varint(in);
        break;
      case 7:
        out.original_commit_micros = read_varint(in);
        break;
      case 8:
        out.transaction_length = read_varint(in);
        break;
      default:
        read_varint(in);  // server versions, commit ticket
    }
  }
  if (in.failed() || out.gtid.uuid.size() != 16)
    return fail("a tagged GTID event that is cut short");
  if (out.original_commit_micros == 0) out.original_commit_micros = out.immediate_commit_micros;
  return out;
}

}  // namespace

std::uint64_t read_lenenc(ByteReader& in) {
  const std::uint8_t first = in.u8();
  if (first < 251) return first;
  return in.le(first == 0xFC ? 2 : first == 0xFD ? 3 : 8);
}

std::string_view event_name(EventType type) {
  static constexpr auto name_of_type = [] {
    std::array<std::string_view, 256> out{};
    for (const EventName& row : event_names) out[static_cast<std::size_t>(row.type)] = row.name;
    return out;
  }();
  return name_of_type[static_cast<std::size_t>(type)];
}

Result<EventHeader> parse_header(std::string_view bytes) {
  if (bytes.size() < header_bytes) return fail("an event header that is cut short");
  const auto little = [at = bytes.data()](std::size_t offset, std::size_t width) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < width; ++i)
      value |= static_cast<std::uint32_t>(static_cast<unsigned char>(at[offset + i])) << (8 * i);
    return value;
  };
  EventHeader header;
  header.timestamp = little(0, 4);
  header.type = static_cast<EventType>(bytes[4]);
  header.server_id = little(5, 4);
  header.size = little(9, 4);
  header.end_position = little(13, 4);
  header.flags = static_cast<std::uint16_t>(little(17, 2));
  return header;
}

std::uint32_t server_version_number(std::string_view version) {
  std::uint32_t out = 0;
  const char* at = version.data();
  const char* end = at + version.size();
  for (const std::uint32_t weight : {10000u, 100u, 1u}) {
    std::uint32_t part = 0;
    at = std::from_chars(at, end, part).ptr;
    out += part * weight;
    if (at != end) ++at;
  }
  return out;
}

Result<FormatDescriptionEvent> parse_format_description(std::string_view body_and_checksum) {
  ByteReader in(body_and_checksum);
  const std::uint16_t version = in.u16();
  if (!in.failed() && version != 4)
    return fail(
        fmt::format("binlog version {} is not supported, only 4 (MySQL 5.0 and later)", version));
  FormatDescriptionEvent out;
  const std::string_view name = in.take(50);
  out.server_version = name.substr(0, name.find('\0'));
  out.created = in.u32();
  const std::uint8_t header_length = in.u8();
  if (!in.failed() && header_length != header_bytes)
    return fail(fmt::format("event headers of {} bytes are not supported", header_length));
  std::string_view lengths = in.rest();
  out.has_checksum_algorithm =
      out.is_mariadb() || server_version_number(out.server_version) >= first_version_with_checksums;
  if (out.has_checksum_algorithm) {
    if (lengths.size() < 1 + checksum_bytes)
      return fail("a FORMAT_DESCRIPTION event that is cut short");
    lengths.remove_suffix(checksum_bytes);
    const auto algorithm = static_cast<std::uint8_t>(lengths.back());
    lengths.remove_suffix(1);
    if (algorithm > 1)
      return fail(fmt::format("checksum algorithm {} is not supported", algorithm));
    out.checksums = algorithm == 1;
  }
  if (in.failed() || lengths.size() < static_cast<std::size_t>(EventType::table_map))
    return fail("a FORMAT_DESCRIPTION event that is cut short");
  out.post_header_lengths.assign(lengths.begin(), lengths.end());
  return out;
}

Result<RotateEvent> parse_rotate(std::string_view body) {
  ByteReader in(body);
  RotateEvent out;
  out.position = in.u64();
  out.file = in.rest();
  if (in.failed() || out.file.empty()) return fail("a ROTATE event that is cut short");
  return out;
}

Result<GtidEvent> parse_gtid(EventType type, std::string_view body) {
  auto out = type == EventType::gtid_tagged ? parse_tagged_gtid(body) : parse_plain_gtid(body);
  if (out && type == EventType::anonymous_gtid) out->gtid = {};
  return out;
}

std::string MariadbGtidEvent::text(std::uint32_t server_id) const {
  char text[2 * 11 + 20];  // one per transaction: worth more than a format
  char* at = std::to_chars(text, std::end(text), domain).ptr;
  *at++ = '-';
  at = std::to_chars(at, std::end(text), server_id).ptr;
  *at++ = '-';
  return std::string(text, std::to_chars(at, std::end(text), sequence).ptr);
}

Result<MariadbGtidEvent> parse_mariadb_gtid(std::string_view body) {
  constexpr std::uint8_t has_commit_id = 2, prepared_xa = 0x40, completed_xa = 0x80;
  ByteReader in(body);
  MariadbGtidEvent out;
  out.sequence = in.u64();
  out.domain = in.u32();
  out.flags = in.u8();
  if (out.flags & has_commit_id) in.skip(8);
  if (out.flags & (prepared_xa | completed_xa)) {
    in.skip(4);
    const std::uint8_t global_bytes = in.u8();
    in.skip(global_bytes + std::size_t{in.u8()});
  }
  if (in.left() > 0) out.extra_flags = in.u8();
  if (in.failed()) return fail("a GTID event that is cut short");
  return out;
}

Result<QueryEvent> parse_query(EventType type, std::string_view body, std::string& storage) {
  ByteReader in(body);
  QueryEvent out;
  out.thread_id = in.u32();
  in.skip(4);  // seconds that it took
  const std::uint8_t schema_bytes = in.u8();
  in.skip(2);  // error code
  const std::uint16_t status_bytes = in.u16();
  read_status(in.take(status_bytes), out);
  out.schema = in.take(schema_bytes);
  in.skip(1);
  out.sql = in.rest();
  if (in.failed()) return fail("a QUERY event that is cut short");
  if (type == EventType::mariadb_query_compressed) {
    auto sql = inflate_mariadb(out.sql);
    if (!sql) return tl::unexpected(sql.error());
    storage = std::move(*sql);
    out.sql = storage;
  }
  return out;
}

Result<XaPrepareEvent> parse_xa_prepare(std::string_view body) {
  ByteReader in(body);
  XaPrepareEvent out;
  out.one_phase = in.u8() != 0;
  const std::uint32_t format = in.u32();
  const std::uint32_t global_bytes = in.u32();
  const std::uint32_t branch_bytes = in.u32();
  const std::string_view global = in.take(global_bytes);
  const std::string_view branch = in.take(branch_bytes);
  if (in.failed()) return fail("an XA_PREPARE event that is cut short");
  out.xid = fmt::format("{},{},{}", hex_literal(global), hex_literal(branch), format);
  return out;
}

Result<std::uint64_t> parse_xid(std::string_view body) {
  ByteReader in(body);
  const std::uint64_t xid = in.u64();
  if (in.failed()) return fail("a XID event that is cut short");
  return xid;
}

}  // namespace pipeline::mysql::binlog
