// Logging in to real servers: each plugin, with TLS and without, and what goes wrong.

#include "tests/pipeline/mysql/protocol/on_server.h"

namespace pipeline::mysql::protocol::live {
namespace {

class LoginLive : public OnServer {
 protected:
  // A user `sluice_live`@`%`, and options to log in as it.
  ConnectOptions user(const std::string& identified, const std::string& password) const {
    run({"DROP USER IF EXISTS sluice_live@'%'",
         "CREATE USER sluice_live@'%' IDENTIFIED " + identified,
         "GRANT SELECT ON *.* TO sluice_live@'%'"});
    ConnectOptions out = options();
    out.user = "sluice_live";
    out.password = password;
    return out;
  }
  std::string sha2(const std::string& password) const {
    return "WITH caching_sha2_password BY '" + password + "'";
  }
  bool has_plugin(const std::string& name) const {
    return value("SELECT COUNT(*) FROM information_schema.PLUGINS WHERE PLUGIN_NAME = '" + name +
                 "' AND PLUGIN_STATUS = 'ACTIVE'") == "1";
  }
  void TearDown() override {
    if (!IsSkipped()) run({"DROP USER IF EXISTS sluice_live@'%'"});
  }
  static std::string who(const std::unique_ptr<Connection>& connection) {
    if (!connection) return "";
    const auto user = connection->query_value("SELECT CURRENT_USER()");
    return user && *user ? **user : "";
  }
};
SLUICE_ON_EACH_SERVER(LoginLive);

TEST_P(LoginLive, GoesThroughInTheClear) {
  ConnectOptions with = user("BY 'sesame'", "sesame");
  with.tls = TlsMode::disabled;
  const auto connection = connect(with);
  EXPECT_EQ(who(connection), "sluice_live@%");
  EXPECT_FALSE(connection->uses_tls());
}

TEST_P(LoginLive, GoesThroughTls) {
  ConnectOptions with = user("BY 'sesame'", "sesame");
  with.tls = TlsMode::required;
  const auto connection = connect(with);
  EXPECT_EQ(who(connection), "sluice_live@%");
  EXPECT_NE(connection->tls_version(), "");
}

TEST_P(LoginLive, LogsInBySha256Password) {
  if (!has_plugin("sha256_password")) GTEST_SKIP() << "SKIPPED: the server has no sha256_password";
  ConnectOptions with = user("WITH sha256_password BY 'sesame'", "sesame");
  for (const TlsMode mode : {TlsMode::disabled, TlsMode::preferred}) {
    with.tls = mode;
    EXPECT_EQ(who(connect(with)), "sluice_live@%");
  }
}

// The first login of a user is the full exchange (here encrypted by the server's RSA key), the
// second the fast one, from the server's cache.
TEST_P(LoginLive, TakesTheFullAndTheFastWayOfCachingSha2) {
  if (!has_plugin("caching_sha2_password"))
    GTEST_SKIP() << "SKIPPED: the server has no caching_sha2_password";
  ConnectOptions with = user(sha2("open sesame, a password longer than the scramble"),
                             "open sesame, a password longer than the scramble");
  with.tls = TlsMode::disabled;
  EXPECT_EQ(who(connect(with)), "sluice_live@%");
  EXPECT_EQ(who(connect(with)), "sluice_live@%");
}

TEST_P(LoginLive, NeedsNoPassword) {
  const ConnectOptions with = user("BY ''", "");
  EXPECT_EQ(who(connect(with)), "sluice_live@%");
}

TEST_P(LoginLive, RefusesAWrongPasswordWithTheServersError) {
  ConnectOptions with = user("BY 'sesame'", "");
  for (const TlsMode mode : {TlsMode::disabled, TlsMode::required}) {
    with.tls = mode;
    with.password = "barley";
    const auto connection = Connection::connect(with);
    ASSERT_FALSE(connection);
    EXPECT_EQ(connection.error().number, error_number::access_denied);
    EXPECT_EQ(connection.error().sqlstate, "28000");
    EXPECT_EQ(connection.error().message.substr(0, 39), "Access denied for user 'sluice_live'@'1");
    EXPECT_FALSE(connection.error().is_lost_connection());
  }
}

TEST_P(LoginLive, RefusesAnUnknownPluginByName) {
  if (is_mysql()) GTEST_SKIP() << "SKIPPED: every plugin of this MySQL is known";
  if (!connect()->query("INSTALL SONAME 'auth_ed25519'"))
    GTEST_SKIP() << "SKIPPED: this server is without its plugin auth_ed25519";
  const ConnectOptions with = user("VIA ed25519 USING PASSWORD('sesame')", "sesame");
  const auto connection = Connection::connect(with);
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().number, error_number::authentication_plugin);
  EXPECT_NE(connection.error().message.find("'client_ed25519'"), std::string::npos);
}

TEST_P(LoginLive, TrustsOnlyTheAuthorityThatItWasGiven) {
  if (ca_file_.empty()) GTEST_SKIP() << "SKIPPED: the authority of this server is not known";
  ConnectOptions with = options();
  with.tls = TlsMode::verify_identity;
  const auto stranger = Connection::connect(with);
  ASSERT_FALSE(stranger);
  EXPECT_EQ(stranger.error().number, error_number::tls_failed);
  with.ca_file = ca_file_;
  const auto connection = connect(with);
  EXPECT_NE(connection->tls_version(), "");
}

TEST_P(LoginLive, SaysThatADatabaseIsUnknown) {
  ConnectOptions with = options();
  with.database = "no_such_database";
  const auto connection = Connection::connect(with);
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().text(), "1049 (42000): Unknown database 'no_such_database'");
}

class QueryLive : public OnServer {};
SLUICE_ON_EACH_SERVER(QueryLive);

TEST_P(QueryLive, GivesTheServersTextOfEveryValue) {
  const auto connection = connect();
  const auto result = connection->query(
      "SELECT 18446744073709551615 AS big, CAST('1.50' AS DECIMAL(65,30)) AS exact, NULL AS "
      "nothing, "
      "'\xC3\xA4\xF0\x9F\x98\x80' AS word, x'00FF' AS bytes, 1e300 AS wide");
  ASSERT_TRUE(result) << result.error().text();
  ASSERT_EQ(result->rows.size(), 1u);
  EXPECT_EQ(result->columns[0].name, "big");
  EXPECT_EQ(result->columns[4].collation, collation_binary);
  const std::vector<std::optional<std::string>> expected{
      "18446744073709551615",     "1.500000000000000000000000000000", std::nullopt,
      "\xC3\xA4\xF0\x9F\x98\x80", std::string("\0\xFF", 2),           "1e300"};
  EXPECT_EQ(result->rows[0], expected);
}

TEST_P(QueryLive, GivesRowsAsTheyComeAndValuesOfAnyLength) {
  const auto connection = connect();
  ASSERT_TRUE(connection->query("SET SESSION group_concat_max_len=100"));
  std::size_t longest = 0;
  int rows = 0;
  const auto result = connection->query(
      "SELECT REPEAT('x', 16777210) UNION ALL SELECT REPEAT('y', 16777215) UNION ALL SELECT 'z' "
      "UNION ALL SELECT REPEAT('w', 40000000)",
      [&](const Connection::Row& row) {
        longest = std::max(longest, row[0]->size());
        ++rows;
        return true;
      });
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(rows, 4);
  EXPECT_EQ(longest, 40000000u);
  EXPECT_EQ(connection->query_value("SELECT 1").value(), "1");
}

TEST_P(QueryLive, GoesOnAfterAnError) {
  const auto connection = connect();
  const auto wrong = connection->query("SELEKT 1");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().number, error_number::syntax_error);
  EXPECT_EQ(wrong.error().sqlstate, "42000");
  const auto written =
      connection->query("CREATE TABLE sluice_live.t(id INT AUTO_INCREMENT PRIMARY KEY)");
  ASSERT_TRUE(written) << written.error().text();
  const auto inserted = connection->query("INSERT INTO sluice_live.t VALUES (DEFAULT), (DEFAULT)");
  ASSERT_TRUE(inserted);
  EXPECT_EQ(inserted->ok.affected_rows, 2u);
  EXPECT_EQ(inserted->ok.last_insert_id, 1u);
}

TEST_P(QueryLive, SaysThatTheConnectionIsLostOnceItIsKilled) {
  const auto connection = connect();
  run({"KILL " + std::to_string(connection->handshake().connection_id)});
  const auto result = connection->query("SELECT 1");
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().is_lost_connection()) << result.error().text();
  EXPECT_FALSE(connection->query("SELECT 1"));
}

TEST_P(QueryLive, GivesUpOnAServerThatDoesNotAnswerInTime) {
  ConnectOptions with = options();
  with.read_timeout = std::chrono::seconds(1);  // of the login, too, on a busy machine
  const auto connection = connect(with);
  ASSERT_TRUE(connection);
  const auto result = connection->query("SELECT SLEEP(30)");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().number, error_number::lost_connection);
  EXPECT_FALSE(connection->is_open());
}

}  // namespace
}  // namespace pipeline::mysql::protocol::live
