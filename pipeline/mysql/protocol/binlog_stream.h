#pragma once
// The binlog of a running server, event by event (binlog.md section 10): COM_REGISTER_SLAVE, then
// COM_BINLOG_DUMP or COM_BINLOG_DUMP_GTID. Knows both flavours, checks every checksum, follows the
// server over its files. It keeps no checkpoint and does not reconnect: its caller does, from the
// end of the last transaction that it has.
//
//   auto stream = BinlogStream::open(std::move(connection), {.from = Position{"binlog.000007", 4}},
//   {}); while (auto event = stream->next(); event && *event) {
//     if (stream->began_file()) assembler.begin_file(stream->file());
//     auto transaction = assembler.add(**event, stream->format());
//   }

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "pipeline/mysql/binlog/reader.h"
#include "pipeline/mysql/change_source.h"
#include "pipeline/mysql/protocol/connection.h"

namespace pipeline::mysql::protocol {

// What follows the present end of the log.
struct FromNow {};
// What is not in this set: "uuid:1-5,uuid:tag:7" of MySQL; "0-1-100,1-1-7" of MariaDB, where it
// names the last one of each domain. Empty: everything since the server began.
struct FromGtidSet {
  std::string set;
};
// A Position without a file is the oldest log that the server has.
using StreamFrom = std::variant<FromNow, Position, FromGtidSet>;
// "now"; "binlog.000007:1234" or "binlog.000007"; anything else that has a colon or a dash is a
// GTID set.
Result<StreamFrom> parse_stream_from(std::string_view text);

// Where the log ends now.
Result<Position> end_of_log(Connection& connection);

struct StreamOptions {
  // Must be unique among a server's replicas: a second one ends the first. 0: made of the number of
  // the connection, which is unique while it lasts.
  std::uint32_t server_id = 0;
  bool non_blocking = false;                      // ends where the log ends now
  Duration heartbeat = std::chrono::seconds(10);  // when idle, the server says so this often
  Duration silence_max =
      std::chrono::seconds(30);  // without even a heartbeat: the connection is lost
  bool acknowledge =
      false;  // semi-synchronous replication: each event that asks for it is acknowledged
};

class BinlogStream {
 public:
  static Result<BinlogStream> open(std::unique_ptr<Connection> connection, const StreamFrom& from,
                                   const StreamOptions& options);

  // The next event, heartbeats and artificial ones included; its views hold until the next call.
  // nullopt: the end of a non-blocking stream. Error 1236: the position is not to be had (any
  // more).
  Result<std::optional<binlog::Event>> next();
  // The same; nullopt also when nothing came within `wait` (at_end() tells which).
  Result<std::optional<binlog::Event>> next_within(Duration wait);
  bool at_end() const { return at_end_; }
  // Whether next() has an event without waiting: what was collected so far need not be flushed yet.
  bool has_buffered() const { return connection_->has_buffered(); }

  // Of the event that next() gave. True: the artificial ROTATE before the events of another file.
  bool began_file() const { return began_file_; }
  const std::string& file() const { return reader_.file(); }
  const binlog::FormatDescriptionEvent& format() const { return reader_.format(); }
  // Where the stream stands: after the last event.
  Position position() const { return {reader_.file(), reader_.offset()}; }

  Connection& connection() { return *connection_; }
  // From any thread: next() ends with an Error.
  void cancel() { connection_->cancel(); }

 private:
  BinlogStream(std::unique_ptr<Connection> connection, const StreamOptions& options)
      : connection_(std::move(connection)), options_(options) {}

  Result<std::optional<binlog::Event>> open_packet(std::string_view payload);
  Result<binlog::Event> open_event(std::string_view bytes);
  std::string_view without_acknowledgement(std::string_view payload);
  Result<void> acknowledge();

  std::unique_ptr<Connection> connection_;
  StreamOptions options_;
  binlog::Reader reader_{""};
  bool at_end_ = false;
  bool began_file_ = false;
  bool acknowledgement_due_ = false;
  Duration silence_{};
};

}  // namespace pipeline::mysql::protocol
