#include "pipeline/rds/external/schema_at.h"

#include <utility>

#include "pipeline/mysql/binlog/transaction_assembler.h"
#include "pipeline/mysql/information_schema.h"
#include "pipeline/mysql/protocol/binlog_stream.h"

namespace pipeline::rds::external {
namespace {

namespace protocol = mysql::protocol;

protocol::Result<bool> has_schema_change(protocol::BinlogStream& stream) {
  mysql::binlog::TransactionAssembler assembler(
      [](const mysql::Position&, const std::string&) {});  // whoever reads the rows will say it
  assembler.only_tables(
      [](std::string_view, std::string_view) { return false; });  // rows are not wanted
  while (true) {
    auto event = stream.next();
    if (!event) return tl::unexpected(event.error());
    if (!*event) return false;
    if (stream.began_file()) {
      assembler.begin_file(stream.file());
      continue;
    }
    const std::uint64_t before = assembler.schema().version();
    if (auto taken = assembler.take(**event, stream.format()); !taken)
      return protocol::fail(protocol::error_number::malformed_packet,
                            taken.error().text() + " at " + stream.position().text());
    if (assembler.schema().version() != before) return true;
  }
}

}  // namespace

protocol::Result<mysql::SchemaTracker> tables_now(const protocol::ConnectOptions& server) {
  auto connection = protocol::Connection::connect(server);
  if (!connection) return tl::unexpected(connection.error());
  mysql::SchemaTracker tracker;
  if (auto done = mysql::seed_from_server(tracker, **connection); !done)
    return protocol::fail(protocol::error_number::malformed_packet, done.error().text());
  return tracker;
}

protocol::Result<std::optional<mysql::SchemaTracker>> schema_at(
    const protocol::ConnectOptions& server, const mysql::Position& at) {
  auto tracker = tables_now(server);
  if (!tracker) return tl::unexpected(tracker.error());
  auto connection = protocol::Connection::connect(server);
  if (!connection) return tl::unexpected(connection.error());
  auto stream = protocol::BinlogStream::open(std::move(*connection), at, {.non_blocking = true});
  if (!stream) return tl::unexpected(stream.error());
  const auto changed = has_schema_change(*stream);
  if (!changed) return tl::unexpected(changed.error());
  if (*changed) return std::optional<mysql::SchemaTracker>();
  return std::optional<mysql::SchemaTracker>(std::move(*tracker));
}

}  // namespace pipeline::rds::external
