#include "pipeline/rds/external/prepared_at.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/mysql/binlog/transaction_assembler.h"
#include "pipeline/mysql/protocol/binlog_stream.h"
#include "pipeline/rds/external/reader_history.h"

namespace pipeline::rds::external {
namespace {

namespace protocol = mysql::protocol;
using mysql::Position;

// What is still prepared at `at`, as the log from the beginning of a file says.
protocol::Result<PreparedAt> read_from(const protocol::ConnectOptions& server,
                                       const std::string& file, const Position& at) {
  auto connection = protocol::Connection::connect(server);
  if (!connection) return tl::unexpected(connection.error());
  auto stream = protocol::BinlogStream::open(std::move(*connection), Position{file, 4},
                                             {.non_blocking = true});
  if (!stream) return tl::unexpected(stream.error());
  mysql::binlog::TransactionAssembler assembler([](const Position&, const std::string&) {});
  assembler.only_tables([](std::string_view, std::string_view) { return false; });
  std::map<std::pair<std::string, std::uint64_t>, std::uint64_t>
      versions;  // where one was prepared
  while (is_before(stream->position(), at)) {
    auto event = stream->next();
    if (!event) return tl::unexpected(event.error());
    if (!*event) break;
    if (stream->began_file()) {
      assembler.begin_file(stream->file());
      continue;
    }
    auto taken = assembler.take(**event, stream->format());
    if (!taken)
      return protocol::fail(protocol::error_number::malformed_packet,
                            taken.error().text() + " at " + stream->position().text());
    if (const auto oldest = assembler.oldest_prepared())
      versions.try_emplace({oldest->file, oldest->offset}, assembler.schema().version());
  }
  PreparedAt out{assembler.prepared(), assembler.oldest_prepared()};
  if (out.oldest)
    out.altered = versions[{out.oldest->file, out.oldest->offset}] != assembler.schema().version();
  return out;
}

protocol::Result<std::vector<std::string>> log_files(const protocol::ConnectOptions& server) {
  auto connection = protocol::Connection::connect(server);
  if (!connection) return tl::unexpected(connection.error());
  const auto rows = (*connection)->query("SHOW BINARY LOGS");
  if (!rows) return tl::unexpected(rows.error());
  std::vector<std::string> out;
  for (const auto& row : rows->rows) out.push_back(row[0].value_or(""));
  return out;
}

}  // namespace

protocol::Result<PreparedAt> prepared_at(const protocol::ConnectOptions& server, const Position& at,
                                         std::size_t wanted) {
  const auto files = log_files(server);
  if (!files) return tl::unexpected(files.error());
  const auto here = std::find(files->begin(), files->end(), at.file);
  if (here == files->end()) return PreparedAt{};
  const auto before = static_cast<std::size_t>(here - files->begin());
  for (std::size_t back = 0;; back = 2 * back + 1) {
    const std::size_t first = before - std::min(back, before);
    auto found = read_from(server, (*files)[first], at);
    if (!found || found->found >= wanted || first == 0) return found;
  }
}

}  // namespace pipeline::rds::external
