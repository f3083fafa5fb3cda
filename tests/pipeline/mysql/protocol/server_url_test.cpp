#include "pipeline/mysql/protocol/server_url.h"

#include <gtest/gtest.h>

namespace pipeline::mysql::protocol {
namespace {

TEST(ServerUrl, HasUserPasswordHostAndPort) {
  const auto server = parse_server_url(
      "mysql://ada:p%40ss%3Aword@db.example:3307/shop?ssl-mode=verify_ca&ssl-ca=/etc/ca.pem");
  ASSERT_TRUE(server) << server.error().text();
  EXPECT_EQ(server->user, "ada");
  EXPECT_EQ(server->password, "p@ss:word");
  EXPECT_EQ(server->host, "db.example");
  EXPECT_EQ(server->port, 3307);
  EXPECT_EQ(server->tls, TlsMode::verify_ca);
  EXPECT_EQ(server->ca_file, "/etc/ca.pem");
}

TEST(ServerUrl, MayLeaveOutAllButTheScheme) {
  const auto server = parse_server_url("mariadb://");
  ASSERT_TRUE(server);
  EXPECT_EQ(server->user, "root");
  EXPECT_EQ(server->host, "127.0.0.1");
  EXPECT_EQ(server->port, 3306);
  EXPECT_EQ(parse_server_url("mysql://[::1]:3310")->host, "::1");
  EXPECT_EQ(parse_server_url("mysql://[::1]:3310")->port, 3310);
}

TEST(ServerUrl, SaysWhatIsWrongWithoutThePassword) {
  for (const char* bad :
       {"mysql://a:secret@h:port", "mysql://a:secret@h:0", "mysql://a:secret@h?ssl=1",
        "mysql://a:secret@h?ssl-mode=maybe", "http://h"}) {
    const auto server = parse_server_url(bad);
    ASSERT_FALSE(server) << bad;
    EXPECT_EQ(server.error().text().find("secret"), std::string::npos) << server.error().text();
  }
}

}  // namespace
}  // namespace pipeline::mysql::protocol
