#include "pipeline/mysql/protocol/binlog_stream.h"

#include <algorithm>

#include "emulator/base/bytes.h"
#include "emulator/base/digest.h"
#include "emulator/base/text.h"
#include "pipeline/mysql/binlog/gtid.h"
#include "pipeline/mysql/protocol/dump_request.h"

namespace pipeline::mysql::protocol {

namespace {

using binlog::Event;
using binlog::EventType;
using emulator::base::ByteReader;

constexpr char semi_sync_magic = '\xEF';
constexpr std::size_t semi_sync_bytes = 2;
constexpr std::uint32_t knows_binary_log_status = 80200;

// 'l' of "sluice" in the highest byte keeps clear of the small numbers that people give to servers.
constexpr std::uint32_t own_server_ids = 0x6C000000;

bool looks_like_mariadb_set(std::string_view text) {
  return text.find_first_not_of("0123456789-,") == std::string_view::npos &&
         std::count(text.begin(), text.end(), '-') >= 2;
}

// An event may come before the FORMAT_DESCRIPTION that says whether it ends in a checksum.
bool ends_in_checksum(std::string_view event) {
  if (event.size() < binlog::header_bytes + binlog::checksum_bytes) return false;
  const std::size_t covered = event.size() - binlog::checksum_bytes;
  return ByteReader(event.substr(covered)).u32() == emulator::base::crc32(event.substr(0, covered));
}

bool is_artificial_rotate(const binlog::EventHeader& header) {
  return header.type == EventType::rotate &&
         (header.end_position == 0 || (header.flags & binlog::event_flag::artificial) != 0);
}

// Damage on the way, or a log that we cannot read: trying again would meet it again.
tl::unexpected<Error> unreadable(const emulator::base::Error& error) {
  return fail(error_number::malformed_packet, error.text());
}

}  // namespace

Result<StreamFrom> parse_stream_from(std::string_view text) {
  if (text == "now") return FromNow{};
  if (looks_like_mariadb_set(text) || binlog::GtidSet::parse(text))
    return FromGtidSet{std::string(text)};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos && !text.empty()) return Position{std::string(text), 4};
  const auto offset = colon == std::string_view::npos || colon == 0
                          ? std::nullopt
                          : emulator::base::parse_unsigned(text.substr(colon + 1));
  if (!offset || *offset < 4)
    return fail(error_number::not_supported,
                "neither a position (binlog.000007:1234), a GTID set nor 'now': '" +
                    std::string(text) + "'");
  return Position{std::string(text.substr(0, colon)), *offset};
}

Result<Position> end_of_log(Connection& connection) {
  const Handshake& server = connection.handshake();
  const bool renamed =
      !server.is_mariadb() &&
      binlog::server_version_number(server.server_version) >= knows_binary_log_status;
  auto status = connection.query(renamed ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS");
  if (!status) return tl::unexpected(status.error());
  if (status->rows.empty() || status->rows[0].size() < 2 || !status->rows[0][0] ||
      !status->rows[0][1])
    return fail(error_number::fatal_reading_binlog, "Binary log is not open");
  const auto offset = emulator::base::parse_unsigned(*status->rows[0][1]);
  if (!offset) return malformed("a position of the log that is no number");
  return Position{*status->rows[0][0], *offset};
}

Result<BinlogStream> BinlogStream::open(std::unique_ptr<Connection> connection,
                                        const StreamFrom& from, const StreamOptions& options) {
  BinlogStream stream(std::move(connection), options);
  Connection& server = *stream.connection_;
  StreamOptions& settings = stream.options_;
  if (settings.server_id == 0)
    settings.server_id = own_server_ids | (server.handshake().connection_id & 0xFFFFFF);
  StreamFrom start = from;
  if (std::holds_alternative<FromNow>(from)) {
    auto end = end_of_log(server);
    if (!end) return tl::unexpected(end.error());
    start = std::move(*end);
  }
  auto request = make_dump_request(server.handshake(), start, settings);
  if (!request) return tl::unexpected(request.error());
  for (const std::string& sql : request->settings)
    if (auto done = server.query(sql); !done) return tl::unexpected(done.error());
  if (auto done = server.send_command(request->registration); !done)
    return tl::unexpected(done.error());
  auto registered = server.receive();
  if (!registered) return tl::unexpected(registered.error());
  if (first_byte(*registered) == answer::error) return tl::unexpected(parse_error(*registered));
  if (auto done = server.send_command(request->dump); !done) return tl::unexpected(done.error());
  return stream;
}

Result<std::optional<Event>> BinlogStream::next() {
  auto event = next_within(options_.silence_max);
  if (!event || *event || at_end_) return event;
  return fail(error_number::lost_connection,
              "Lost connection to MySQL server: not even a heartbeat came");
}

Result<std::optional<Event>> BinlogStream::next_within(Duration wait) {
  began_file_ = false;
  if (at_end_) return std::nullopt;
  if (acknowledgement_due_)
    if (auto done = acknowledge(); !done) return tl::unexpected(done.error());
  auto payload = connection_->receive_within(wait);
  if (!payload) return tl::unexpected(payload.error());
  if (*payload) {
    silence_ = {};
    return open_packet(**payload);
  }
  silence_ += wait;
  if (silence_ <= options_.silence_max) return std::nullopt;
  return fail(error_number::lost_connection,
              "Lost connection to MySQL server: not even a heartbeat came");
}

Result<std::optional<Event>> BinlogStream::open_packet(std::string_view payload) {
  if (payload.empty()) return malformed("an empty packet instead of an event");
  if (first_byte(payload) == answer::error) return tl::unexpected(parse_error(payload));
  if (is_eof(payload)) {
    at_end_ = true;
    return std::nullopt;
  }
  if (first_byte(payload) != answer::ok) return malformed("a packet that is no event");
  auto event = open_event(without_acknowledgement(payload.substr(1)));
  if (!event) return tl::unexpected(event.error());
  return std::optional<Event>(*event);
}

// Semi-synchronous replication puts two bytes before an event; its own size tells.
std::string_view BinlogStream::without_acknowledgement(std::string_view payload) {
  if (!options_.acknowledge || payload.size() < semi_sync_bytes + binlog::header_bytes ||
      payload.front() != semi_sync_magic)
    return payload;
  const std::string_view event = payload.substr(semi_sync_bytes);
  if (ByteReader(event.substr(binlog::size_offset)).u32() != event.size()) return payload;
  acknowledgement_due_ = payload[1] == 1;
  return event;
}

Result<void> BinlogStream::acknowledge() {
  acknowledgement_due_ = false;
  std::string packet(1, semi_sync_magic);
  emulator::base::append_le(packet, reader_.offset(), 8);
  packet += reader_.file();
  return connection_->send_command(packet);  // both sides count their packets anew from here
}

Result<Event> BinlogStream::open_event(std::string_view bytes) {
  auto header = binlog::parse_header(bytes);
  if (!header) return unreadable(header.error());
  if (!is_artificial_rotate(*header)) {
    auto event = reader_.take(bytes);
    if (!event) return unreadable(event.error());
    return *event;
  }
  std::string_view body = bytes.substr(binlog::header_bytes);
  if (ends_in_checksum(bytes)) body.remove_suffix(binlog::checksum_bytes);
  auto rotate = binlog::parse_rotate(body);
  if (!rotate) return unreadable(rotate.error());
  began_file_ = true;
  reader_.begin_file(std::move(rotate->file), rotate->position);
  return Event{*header, rotate->position, body};
}

}  // namespace pipeline::mysql::protocol
