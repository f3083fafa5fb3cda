#include <chrono>
#include <nlohmann/json.hpp>

#include "emulator/base/json_document.h"
#include "emulator/base/text.h"
#include "pipeline/mysql/binlog/json_lines.h"
#include "pipeline/mysql/binlog/transaction_assembler.h"
#include "tests/pipeline/mysql/protocol/on_server.h"

namespace pipeline::mysql::protocol::live {

namespace {

// One for the whole program: starting it takes seconds.
struct Mariadb {
  std::string why_not;
  std::unique_ptr<tests::servers::TestServer> server = tests::servers::TestServer::start_mariadb(
      {"--rpl-semi-sync-master-enabled=1", "--rpl-semi-sync-master-timeout=1"}, why_not);
};
const Mariadb& mariadb() {
  static const Mariadb one;
  return one;
}

void append_lines(std::vector<std::string>& out, const Transaction& transaction) {
  std::string lines;
  const auto done = binlog::append_json_lines(lines, transaction);
  ASSERT_TRUE(done) << done.error().text();
  for (const std::string_view line : emulator::base::split(lines, '\n')) {
    if (line.empty()) continue;
    const auto parsed = emulator::base::read_json(line);
    const std::string operation = parsed["op"];
    if (operation == "ddl")
      out.push_back("ddl " + parsed["sql"].get<std::string>());
    else
      out.push_back(operation + " " + parsed["table"].get<std::string>() + " " +
                    parsed[operation == "delete" ? "before" : "after"].dump());
  }
}

}  // namespace

void OnServer::SetUp() {
  if (is_mysql()) {
    address_ = tests::servers::mysql_of_environment();
    if (address_.port == 0) GTEST_SKIP() << "SKIPPED: SLUICE_MYSQL names no server";
  } else {
    if (!mariadb().server) GTEST_SKIP() << "SKIPPED: " << mariadb().why_not;
    address_ = mariadb().server->address();
    ca_file_ = mariadb().server->ca_file();
  }
  run({"DROP DATABASE IF EXISTS sluice_live", "CREATE DATABASE sluice_live"});
}

ConnectOptions OnServer::options() const {
  ConnectOptions out;
  out.host = address_.host;
  out.port = address_.port;
  out.user = address_.user;
  out.password = address_.password;
  return out;
}

std::unique_ptr<Connection> OnServer::connect(const ConnectOptions& options) const {
  auto connection = Connection::connect(options);
  if (!connection) {
    ADD_FAILURE() << connection.error().text();
    return nullptr;
  }
  return std::move(*connection);
}

void OnServer::run(const std::vector<std::string>& statements) const {
  const auto connection = connect();
  ASSERT_TRUE(connection);
  for (const std::string& sql : statements) {
    const auto result = connection->query(sql);
    ASSERT_TRUE(result) << sql << ": " << result.error().text();
  }
}

std::string OnServer::value(const std::string& sql) const {
  const auto connection = connect();
  if (!connection) return "";
  const auto result = connection->query_value(sql);
  EXPECT_TRUE(result) << sql << ": " << result.error().text();
  return result && *result ? **result : "";
}

Position OnServer::now() const {
  const auto connection = connect();
  if (!connection) return {};
  const auto position = end_of_log(*connection);
  EXPECT_TRUE(position) << position.error().text();
  return position.value_or(Position{});
}

// MariaDB closes the old log's book later, in a thread of its own: once the storage engines have
// synced what is in it, a BINLOG_CHECKPOINT that names the new log goes into that one, after
// whatever was committed meanwhile; until then the old one cannot be purged.
void OnServer::begin_log(const std::string& statement) const {
  run({statement});
  if (is_mysql()) return;
  const auto connection = connect();
  ASSERT_TRUE(connection);
  const auto end = end_of_log(*connection);
  ASSERT_TRUE(end) << end.error().text();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < deadline) {
    const auto events = connection->query("SHOW BINLOG EVENTS IN '" + end->file + "'");
    ASSERT_TRUE(events) << events.error().text();
    for (const auto& event : events->rows)
      if (event[2] == "Binlog_checkpoint" && event[5] == end->file) return;
  }
  FAIL() << "no checkpoint in " << end->file;
}

BinlogStream OnServer::stream(const StreamFrom& from, StreamOptions options) const {
  auto stream = BinlogStream::open(connect(), from, options);
  EXPECT_TRUE(stream) << stream.error().text();
  return std::move(*stream);
}

std::vector<std::string> OnServer::changes(const StreamFrom& from) const {
  BinlogStream opened = stream(from);
  return changes_of(opened);
}

std::vector<std::string> changes_of(BinlogStream& stream, std::vector<Position>* ends) {
  binlog::TransactionAssembler assembler;
  std::vector<std::string> out;
  while (true) {
    auto event = stream.next();
    EXPECT_TRUE(event) << event.error().text();
    if (!event || !*event) return out;
    if (stream.began_file()) assembler.begin_file(stream.file());
    auto transaction = assembler.add(**event, stream.format());
    EXPECT_TRUE(transaction) << transaction.error().text();
    if (!transaction) return out;
    if (!*transaction) continue;
    append_lines(out, **transaction);
    if (ends) ends->push_back((*transaction)->end);
  }
}

}  // namespace pipeline::mysql::protocol::live
