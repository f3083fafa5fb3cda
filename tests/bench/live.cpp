// For tests/bench/live.py: reads a server's log from a position to its present end, bare or as a
// source does, and says how long that took.
//   bench_live raw|source PORT USER PASSWORD FILE OFFSET
// raw: packets and their checksums, nothing decoded. source: what a task gets: committed
// transactions with their rows.

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "pipeline/mysql/protocol/binlog_stream.h"
#include "pipeline/rds/external/live_source.h"

namespace {

namespace external = pipeline::rds::external;
namespace protocol = pipeline::mysql::protocol;
using pipeline::mysql::Position;

struct Read {
  std::uint64_t bytes = 0, rows = 0;
};

int fail(const std::string& why) {
  std::fprintf(stderr, "bench_live: %s\n", why.c_str());
  return 1;
}

protocol::Result<Read> read_raw(const protocol::ConnectOptions& server, const Position& from) {
  auto connection = protocol::Connection::connect(server);
  if (!connection) return tl::unexpected(connection.error());
  auto stream = protocol::BinlogStream::open(std::move(*connection), from, {.non_blocking = true});
  if (!stream) return tl::unexpected(stream.error());
  Read out;
  while (true) {
    auto event = stream->next();
    if (!event) return tl::unexpected(event.error());
    if (!*event) return out;
    out.bytes += (*event)->header.size;
  }
}

external::Result<Read> read_source(const protocol::ConnectOptions& server, Position from) {
  auto source = external::LiveSource::connect({.server = server});
  if (!source) return tl::unexpected(source.error());
  Read out;
  while (true) {
    auto next = (*source)->next_transaction(from);
    if (!next) return tl::unexpected(next.error());
    if (!*next) return out;
    const auto read =
        (*next)->for_each_change([&](const pipeline::mysql::RowChange&) -> external::Result<void> {
          ++out.rows;
          return emulator::base::success;
        });
    if (!read) return tl::unexpected(read.error());
    if ((*next)->packed) out.bytes += (*next)->packed->bytes();
    from = (*next)->end;
  }
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int main(int count, char** words) {
  if (count != 7) return fail("raw|source PORT USER PASSWORD FILE OFFSET");
  protocol::ConnectOptions server;
  server.port = static_cast<std::uint16_t>(std::atoi(words[2]));
  server.user = words[3];
  server.password = words[4];
  server.tls = protocol::TlsMode::disabled;
  const Position from{words[5], std::strtoull(words[6], nullptr, 10)};
  const auto started = std::chrono::steady_clock::now();
  Read read;
  if (std::string(words[1]) == "raw") {
    auto done = read_raw(server, from);
    if (!done) return fail(done.error().text());
    read = *done;
  } else {
    auto done = read_source(server, from);
    if (!done) return fail(done.error().text());
    read = *done;
  }
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - started;
  fmt::print("{} {} {} {}\n", wall.count(), cpu_seconds(), read.bytes, read.rows);
  return 0;
}
