#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "pipeline/rds/mysqld/server.h"
#include "tests/temporary_folder.h"

namespace pipeline::rds::mysqld {
namespace {

class MysqldLive : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const char* mysqld = std::getenv("SLUICE_MYSQLD");
    const bool is_mysql = std::string_view(GetParam()) == "mysql";
    options_.program = is_mysql ? (mysqld != nullptr ? mysqld : "") : "/usr/sbin/mariadbd";
    if (options_.program.empty()) GTEST_SKIP() << "SKIPPED: SLUICE_MYSQLD names no program";
    if (::access(options_.program.c_str(), X_OK) != 0)
      GTEST_SKIP() << "SKIPPED: there is no " << options_.program;
    options_.folder = folder_.path();
  }

  tests::TemporaryFolder folder_;
  ServerOptions options_;
};
INSTANTIATE_TEST_SUITE_P(, MysqldLive, testing::Values("mariadb", "mysql"),
                         [](const auto& one) { return std::string(one.param); });

TEST_P(MysqldLive, TellsWhyItDoesNotStartInTheWordsOfItsLogAndNothingElse) {
  options_.parameters = {{"no_such_parameter", "1"}};
  const auto server = Server::start(options_);
  ASSERT_FALSE(server);
  const std::string& told = server.error().message;
  EXPECT_NE(told.find("does not start"), std::string::npos) << told;
  EXPECT_NE(told.find("no_such_parameter=1"), std::string::npos) << told;
  EXPECT_EQ(told.find("[Note]"), std::string::npos) << told;
  EXPECT_EQ(told.find("[System]"), std::string::npos) << told;
}

TEST_P(MysqldLive, LeavesOutWhatAnEarlierServerOfTheFolderFailedOf) {
  options_.parameters = {{"no_such_parameter", "1"}};
  ASSERT_FALSE(Server::start(options_));
  options_.parameters = {{"another_such_parameter", "1"}};
  const auto server = Server::start(options_);
  ASSERT_FALSE(server);
  const std::string& told = server.error().message;
  EXPECT_NE(told.find("another_such_parameter=1"), std::string::npos) << told;
  EXPECT_EQ(told.find("no_such_parameter"), std::string::npos) << told;
}

TEST_P(MysqldLive, TakesAParameterInPlaceOfOurDefaultHoweverItIsWritten) {
  options_.parameters = {{"Server-Id", "77"}, {"binlog-row-metadata", "MINIMAL"}};
  const auto server = Server::start(options_);
  ASSERT_TRUE(server) << server.error().text();
  auto connection = mysql::protocol::Connection::connect((*server)->address());
  ASSERT_TRUE(connection) << connection.error().text();
  const auto answer =
      (*connection)
          ->query_value(
              "SELECT CONCAT_WS(' ', @@server_id, @@binlog_row_metadata, @@character_set_server)");
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(answer->value_or("NULL"), "77 MINIMAL utf8mb4");
}

}  // namespace
}  // namespace pipeline::rds::mysqld
