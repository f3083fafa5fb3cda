#pragma once
// The servers that the live tests of the protocol ask, and short ways to ask them.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "pipeline/mysql/protocol/binlog_stream.h"
#include "tests/servers/test_server.h"

namespace pipeline::mysql::protocol::live {

// Each test runs against each kind: "mariadb", "mysql".
class OnServer : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override;

  bool is_mysql() const { return GetParam() == "mysql"; }
  ConnectOptions options() const;
  // As root, unless told otherwise; fails the test if it does not come about.
  std::unique_ptr<Connection> connect() const { return connect(options()); }
  std::unique_ptr<Connection> connect(const ConnectOptions& options) const;
  void run(const std::vector<std::string>& statements) const;
  std::string value(const std::string& sql) const;
  // Where the log ends: what the test writes follows.
  Position now() const;
  // Runs what begins a new log (FLUSH BINARY LOGS), and waits until the server has nothing more of
  // its own to write there.
  void begin_log(const std::string& statement = "FLUSH BINARY LOGS") const;
  BinlogStream stream(const StreamFrom& from, StreamOptions options = {.non_blocking = true}) const;
  // The changes that a stream gives until its end: "I people(1,'Ada')", "DDL create table...".
  std::vector<std::string> changes(const StreamFrom& from) const;

  tests::servers::Address address_;
  std::string ca_file_;  // "" = not known
};

std::vector<std::string> changes_of(BinlogStream& stream, std::vector<Position>* ends = nullptr);

#define SLUICE_ON_EACH_SERVER(Suite)                                     \
  INSTANTIATE_TEST_SUITE_P(, Suite, testing::Values("mariadb", "mysql"), \
                           [](const auto& each) { return std::string(each.param); })

}  // namespace pipeline::mysql::protocol::live
