// The binlog of a running server for `sluice binlog`: to its present end, or with --follow for as
// long as it grows. A lost connection is made again, and goes on after the last transaction that
// was printed: none is printed twice, none is lost.

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cstdlib>

#include "pipeline/commands/binlog_printer.h"
#include "pipeline/commands/command.h"
#include "pipeline/mysql/information_schema.h"
#include "pipeline/mysql/protocol/binlog_stream.h"
#include "pipeline/mysql/protocol/server_url.h"
#include "pipeline/rds/external/schema_at.h"

namespace pipeline::commands {

namespace {

namespace protocol = mysql::protocol;
using protocol::BinlogStream;

constexpr auto look_around = std::chrono::milliseconds(100);  // for signals
constexpr int wait_first_milliseconds = 100, wait_longest_milliseconds = 10'000;

class ServerPrinter {
 public:
  ServerPrinter(const BinlogOptions& options, BinlogPrinter& printer,
                protocol::ConnectOptions server)
      : options_(options), printer_(printer), server_(std::move(server)) {}

  int run() {
    int wait = wait_first_milliseconds;
    while (!asked_to_end()) {
      const mysql::Position before = printer_.committed_to();
      auto done = stream();
      printer_.flush();
      if (done) return exit_ok;
      if (!may_try_again(done.error())) return give_up(done.error());
      if (printer_.committed_to() != before || connected_) wait = wait_first_milliseconds;
      say_binlog_warning(fmt::format("{}; trying again in {} ms", done.error().text(), wait));
      ::poll(nullptr, 0, wait);
      wait = std::min(2 * wait, wait_longest_milliseconds);
    }
    return exit_ok;
  }

 private:
  // A server that never answered is not there; one that went away may come back.
  bool may_try_again(const protocol::Error& error) const {
    return options_.follow && ever_connected_ &&
           (error.is_lost_connection() || error.number == protocol::error_number::shutting_down ||
            error.number == protocol::error_number::too_many_connections);
  }

  int give_up(const protocol::Error& error) const {
    if (asked_to_end()) return exit_ok;
    emulator::base::Error shown = error.to_base();
    shown.message = fmt::format("{}:{}: {}", server_.host, server_.port, shown.message);
    if (error.number == protocol::error_number::fatal_reading_binlog)
      shown.hint = "the log is purged or the position is none: take a full load and its position";
    say_binlog_error(shown);
    return exit_environment;
  }

  protocol::StreamFrom start() const {
    if (!printer_.committed_to().file.empty()) return printer_.committed_to();
    const std::optional<BinlogFrom>& from = printer_.from();
    if (!from && !start_.file.empty()) return start_;  // where it began, or where "now" was
    if (!from)
      return options_.from == "now" ? protocol::StreamFrom(protocol::FromNow{})
                                    : protocol::StreamFrom(mysql::Position{"", 4});
    if (from->is_gtid()) return protocol::FromGtidSet{from->text};
    return *from->position;
  }

  // A server that shuts down ends the stream as if there were no more to come.
  protocol::Result<void> at_end() const {
    if (!options_.follow) return {};
    return protocol::fail(protocol::error_number::lost_connection,
                          "Lost connection to MySQL server: it ended the stream");
  }

  // What the log does not say of tables that are older than where it is read from, the server does.
  // "now" becomes a position, so that both are of one moment.
  protocol::Result<void> ask_for_tables(protocol::Connection& connection) {
    constexpr int tries_max = 10;
    if (options_.from == "now") {
      for (int tries = 0; tries < tries_max; ++tries) {
        auto end = protocol::end_of_log(connection);
        if (!end) return tl::unexpected(end.error());
        start_ = *end;
        auto tables = rds::external::schema_at(server_, start_);
        if (!tables) return tl::unexpected(tables.error());
        if (!*tables) continue;  // altered just now
        printer_.seed(std::move(**tables));
        return {};
      }
    }
    mysql::SchemaTracker tables;
    if (auto done = mysql::seed_from_server(tables, connection); !done)
      say_binlog_warning(done.error().text());
    printer_.fall_back_on(std::move(tables));
    return {};
  }

  protocol::Result<void> stream() {
    connected_ = false;
    auto connection = protocol::Connection::connect(server_);
    if (!connection) return tl::unexpected(connection.error());
    connected_ = true;
    if (!ever_connected_ && options_.schemas.empty() && !options_.verify)
      if (auto done = ask_for_tables(**connection); !done) return done;
    ever_connected_ = true;
    auto stream =
        BinlogStream::open(std::move(*connection), start(), {.non_blocking = !options_.follow});
    if (!stream) return tl::unexpected(stream.error());
    printer_.resume();
    while (!asked_to_end()) {
      if (!stream->has_buffered()) printer_.flush();
      auto event = stream->next_within(look_around);
      if (!event) return tl::unexpected(event.error());
      if (stream->at_end()) return at_end();
      if (!*event) continue;
      if (stream->began_file()) {
        printer_.begin_file(stream->file());
        if (start_.file.empty()) start_ = stream->position();
        continue;
      }
      if (auto done = printer_.take(**event, stream->format()); !done) {
        emulator::base::Error error = done.error();
        error.message =
            fmt::format("{} at {}: {}", stream->file(), (*event)->offset, error.message);
        return protocol::fail(protocol::error_number::malformed_packet, error.text());
      }
    }
    return {};
  }

  const BinlogOptions& options_;
  BinlogPrinter& printer_;
  protocol::ConnectOptions server_;
  mysql::Position start_{"", 0};  // where the server began, which "now" is only once
  bool connected_ = false;
  bool ever_connected_ = false;
};

}  // namespace

int print_server_binlog(const BinlogOptions& options, BinlogPrinter& printer) {
  auto server = protocol::parse_server_url(options.sources.front());
  if (!server) {
    say_binlog_error(server.error());
    return exit_usage;
  }
  if (const char* password = std::getenv("MYSQL_PWD"); password && server->password.empty())
    server->password = password;
  if (const int code = ServerPrinter(options, printer, std::move(*server)).run(); code != exit_ok)
    return code;
  if (options.follow) return exit_ok;
  auto done = printer.finish();
  if (!done) say_binlog_error(done.error());
  return done ? exit_ok : exit_environment;
}

}  // namespace pipeline::commands
