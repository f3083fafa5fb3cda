// A running server as a source: schema, rows, changes; and what happens when it goes away.

#include <gtest/gtest.h>

#include <algorithm>

#include "pipeline/rds/external/table_reader.h"
#include "tests/pipeline/rds/external/on_live_server.h"

namespace pipeline::rds::external {
namespace {

using namespace live;

class LiveSourceLive : public OnLiveServer {};
INSTANTIATE_TEST_SUITE_P(, LiveSourceLive, testing::Values("mariadb", "mysql"),
                         [](const auto& each) { return std::string(each.param); });

TEST_P(LiveSourceLive, DescribesTheTables) {
  run("CREATE TABLE t(b INT UNSIGNED NOT NULL, a VARCHAR(10) CHARACTER SET latin1, g INT AS (b + "
      "1) STORED, PRIMARY KEY (b)) "
      "DEFAULT CHARSET=utf8mb4; CREATE VIEW v AS SELECT 1");
  const auto tables = source()->tables();
  ASSERT_TRUE(tables);
  std::vector<mysql::TablePtr> ours;
  std::copy_if(tables->begin(), tables->end(), std::back_inserter(ours),
               [](const auto& table) { return table->schema == "sluice_live"; });
  ASSERT_EQ(ours.size(), 1u);
  const mysql::TableSchema& table = *ours[0];
  EXPECT_EQ(table.primary_key, std::vector<std::uint32_t>{0});
  ASSERT_EQ(table.columns.size(), 3u);
  EXPECT_TRUE(table.columns[0].is_unsigned);
  EXPECT_FALSE(table.columns[0].nullable);
  EXPECT_EQ(mysql::types::charset_name(table.columns[1].collation), "latin1");
  EXPECT_EQ(table.columns[1].length, 10u);
  EXPECT_FALSE(table.columns[1].generated);
  EXPECT_TRUE(table.columns[2].generated);
}

TEST_P(LiveSourceLive, GivesWhatWasCommittedAfterAPositionAndNothingElse) {
  run("CREATE TABLE t(id INT PRIMARY KEY, name VARCHAR(20)); INSERT INTO t VALUES (1, 'before')");
  const auto live = source();
  auto from = live->position();
  ASSERT_TRUE(from) << from.error().text();
  live->release_snapshot();
  EXPECT_EQ(changes(*live, *from), Lines{});
  run("INSERT INTO t VALUES (2, 'Ada'); BEGIN; UPDATE t SET name='x'; ROLLBACK; DELETE FROM t "
      "WHERE id=1");
  EXPECT_EQ(changes(*live, *from), (Lines{"I 2,Ada", "D 1,before"}));
  EXPECT_EQ(changes(*live, *from), Lines{});
}

TEST_P(LiveSourceLive, ReadsTheTablesAsTheyWereAtThePosition) {
  run("CREATE TABLE t(id INT PRIMARY KEY); INSERT INTO t VALUES (1), (2)");
  const auto live = source();
  auto from = live->position();
  ASSERT_TRUE(from) << from.error().text();
  run("INSERT INTO t VALUES (3); DELETE FROM t WHERE id=1");
  EXPECT_EQ(rows(*live, "t"), (Lines{"1", "2"}));
  live->release_snapshot();
  EXPECT_EQ(rows(*live, "t"), (Lines{"2", "3"}));
  EXPECT_EQ(changes(*live, *from), (Lines{"I 3", "D 1"}));
}

TEST_P(LiveSourceLive, GoesBackToAnEarlierPosition) {
  run("CREATE TABLE t(id INT PRIMARY KEY)");
  const auto live = source();
  auto from = live->position();
  ASSERT_TRUE(from);
  live->release_snapshot();
  const Position start = *from;
  run("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); FLUSH BINARY LOGS; INSERT INTO t VALUES "
      "(3)");
  EXPECT_EQ(changes(*live, *from), (Lines{"I 1", "I 2", "I 3"}));
  Position again = start;
  EXPECT_EQ(changes(*live, again), (Lines{"I 1", "I 2", "I 3"}));
}

// Both ways to a value: the text of a SELECT, and the bytes of the log.
TEST_P(LiveSourceLive, ReadsEveryTypeOfATableAsTheLogHasIt) {
  const bool is_mysql = GetParam() == "mysql";
  run("SET sql_mode='', time_zone='+03:00';"
      "CREATE TABLE t(id BIGINT UNSIGNED PRIMARY KEY, ti TINYINT, su SMALLINT UNSIGNED, me "
      "MEDIUMINT, i INT ZEROFILL, f FLOAT, d DOUBLE,"
      " fd FLOAT(10,3), dd DOUBLE(12,4), de DECIMAL(65,30), dz DECIMAL(9,0), b1 BIT(1), b9 BIT(9), "
      "b64 BIT(64), y YEAR, da DATE, t0 TIME, t6 TIME(6),"
      " dt DATETIME, dt3 DATETIME(3), ts TIMESTAMP NULL, ts6 TIMESTAMP(6) NULL, c CHAR(20), cl "
      "CHAR(255) CHARACTER SET latin1,"
      " v VARCHAR(300), vu VARCHAR(20) CHARACTER SET utf16, bi BINARY(5), vb VARBINARY(300), tt "
      "TINYTEXT, te TEXT CHARACTER SET latin1,"
      " mt MEDIUMTEXT, lt LONGTEXT, bl BLOB, lb LONGBLOB, e ENUM('a','b''c','\xC3\xA9') CHARACTER "
      "SET latin1, s SET('x','y','z\xC3\xA9'), g GEOMETRY, j JSON)"
      " DEFAULT CHARSET=utf8mb4");
  const auto live = source();
  auto from = live->position();
  ASSERT_TRUE(from);
  live->release_snapshot();
  run("INSERT INTO t(id) VALUES (0);"
      "INSERT INTO t VALUES (18446744073709551615, -128, 65535, -8388608, 42, 0.1, 1e300, "
      "1234567.891, -12345678.1234,"
      " -12345678901234567890123456789012345.123456789012345678901234567890, 999999999, 1, 257, "
      "18446744073709551615, 2155, '9999-12-31', '-838:59:59',"
      " '-00:00:00.000001', '1000-01-01 00:00:00', '2024-02-29 23:59:59.999', '2038-01-19 "
      "03:14:07', '1970-01-02 00:00:01.5', 'ab  ', 'caf\xC3\xA9',"
      " REPEAT('\xF0\x9F\x98\x80', 299), '\xC3\xA4\xE2\x82\xAC', x'010000', x'00FF00', 't', "
      "'na\xC3\xAFve', REPEAT('m', 70000), '', x'', x'FF00',"
      " 'b''c', 'x,z\xC3\xA9', ST_GeomFromText('POINT(1 2)'), '{\"a\": 1, \"b\": [true, null, "
      "\"\xC3\xA9\"]}');"
      "INSERT INTO t(id, f, d, de, y, da, dt, ts, c, e, s, t6) VALUES (1, 16777216.5, 0.1e0 + "
      "0.2e0, 0, 0, '0000-00-00', '0000-00-00', '0000-00-00', '', '', '', '838:59:59');"
      "INSERT INTO t(id, f, d, da, dt3) VALUES (2, 3.4028e38, -0e0, '2024-00-00', '2024-12-00 "
      "01:02:03.004')");
  if (is_mysql) {
    run("INSERT INTO t(id, j) VALUES (3, JSON_ARRAY(CAST(1.50 AS DECIMAL(5,2)), CAST('2024-01-02' "
        "AS DATE), 1e100, 18446744073709551615))");
  } else {
    const bool has_uuid = session_->execute("SELECT CAST(NULL AS UUID)").has_value();  // from 10.7
    const std::string kinds = has_uuid ? "u UUID, i6 INET6" : "u CHAR(36), i6 VARCHAR(20)";
    run("CREATE TABLE m(id INT PRIMARY KEY, " + kinds + ", z VARCHAR(200)" +
        (value("SHOW VARIABLES LIKE 'column_compression_threshold'").empty() ? "" : " COMPRESSED") +
        "); INSERT INTO m VALUES (1, '6ccd780c-baba-1026-9564-5b8c656024db', '::ffff:1.2.3.4', "
        "REPEAT('z', 200)), (2, NULL, NULL, NULL)");
  }
  Lines logged = changes(*live, *from);
  std::erase_if(logged, [](const std::string& line) { return line.rfind("ddl ", 0) == 0; });
  for (std::string& line : logged) line.erase(0, 2);
  Lines read = rows(*live, "t");
  if (!is_mysql) {
    for (const std::string& line : rows(*live, "m")) read.push_back(line);
    EXPECT_EQ(read[read.size() - 2],
              "1,6ccd780c-baba-1026-9564-5b8c656024db,::ffff:1.2.3.4," + std::string(200, 'z'));
  }
  std::sort(logged.begin(), logged.end());
  std::sort(read.begin(), read.end());
  ASSERT_EQ(read.size(), logged.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    const auto [a, b] =
        std::mismatch(read[i].begin(), read[i].end(), logged[i].begin(), logged[i].end());
    EXPECT_TRUE(read[i] == logged[i])
        << "the SELECT has " << std::string(a, read[i].end()).substr(0, 60) << ", the log "
        << std::string(b, logged[i].end()).substr(0, 60);
  }
}

TEST_P(LiveSourceLive, ReadsTablesChunkByChunk) {
  run("CREATE TABLE t(a INT, b VARCHAR(20) CHARACTER SET latin1, d DATETIME(3), PRIMARY KEY (b, a, "
      "d)) ");
  std::string insert = "INSERT INTO t VALUES ";
  for (int i = 0; i < 1000; ++i)
    insert += (i > 0 ? ",(" : "(") + std::to_string(i % 10) + ",'\xC3\xA9" +
              std::to_string(i / 50) + "','2024-01-01 00:00:00." + std::to_string(100 + i) + "')";
  run(insert);
  const auto live = source();
  const auto tables = live->tables();
  ASSERT_TRUE(tables);
  const auto table = std::find_if(tables->begin(), tables->end(),
                                  [](const auto& one) { return one->name() == "sluice_live.t"; });
  ASSERT_NE(table, tables->end());
  auto client = SqlClient::connect(server_);
  ASSERT_TRUE(client) << client.error().text();
  TableReader reader(*table, 7);
  ASSERT_TRUE(reader.is_chunked());
  Lines read;
  int chunks = 0;
  for (; !reader.at_end(); ++chunks) {
    PackedRows packed;
    const auto done = reader.read(**client, packed, [] { return true; });
    ASSERT_TRUE(done) << done.error().text();
    packed.for_each((*table)->columns.size(), [&](const mysql::Row& row) {
      read.push_back(text_of(**table, row));
      return true;
    });
  }
  EXPECT_EQ(chunks, 1000 / 7 + 1);
  EXPECT_EQ(read, rows(*live, "t"));
  EXPECT_EQ(read.size(), 1000u);
}

TEST_P(LiveSourceLive, SaysThatAResultWasCut) {
  run("CREATE TABLE t(id INT PRIMARY KEY, body LONGTEXT)");
  for (int i = 0; i < 40; ++i)
    run("INSERT INTO t VALUES (" + std::to_string(i) + ", REPEAT('x', 1000000))");
  auto client = SqlClient::connect(server_);
  ASSERT_TRUE(client);
  const auto id = (*client)->value("SELECT CONNECTION_ID()");
  ASSERT_TRUE(id);
  int rows = 0;
  const auto done =
      (*client)->query("SELECT * FROM sluice_live.t ORDER BY id", [&](const SqlClient::Row&) {
        if (rows++ == 0) run("KILL " + **id);
        return true;
      });
  EXPECT_FALSE(done);
  EXPECT_LT(rows, 40);
  EXPECT_TRUE((*client)->is_lost()) << done.error().message;
}

TEST_P(LiveSourceLive, LosesNothingAndRepeatsNothingWhenItsConnectionsAreKilled) {
  run("CREATE TABLE t(id INT PRIMARY KEY)");
  Loop loop;
  const auto live = source(&loop);
  const auto from = live->position();
  ASSERT_TRUE(from);
  live->release_snapshot();
  Lines seen;
  Position at = *from;
  live->on_commit([&] {
    for (const std::string& line : changes(*live, at)) seen.push_back(line);
  });
  EXPECT_EQ(changes(*live, at), Lines{});  // starts the reader
  Lines expected;
  for (int i = 1; i <= 60; ++i) {
    run("INSERT INTO t VALUES (" + std::to_string(i) + ")");
    expected.push_back("I " + std::to_string(i));
    if (i % 20 != 0) continue;
    ASSERT_TRUE(loop.run_until([&] { return seen == expected; }));
    const auto dumps = session_->execute(
        "SELECT ID FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'");
    ASSERT_TRUE(dumps);
    for (const auto& row : dumps->rows) session_->execute("KILL " + *row[0]);
  }
  run("INSERT INTO t VALUES (61)");
  expected.push_back("I 61");
  ASSERT_TRUE(loop.run_until([&] { return seen.size() >= expected.size(); }));
  EXPECT_EQ(seen, expected);
  live->on_commit({});
}

TEST_P(LiveSourceLive, FailsWithError1236WhenTheLogIsPurged) {
  if (GetParam() == "mysql") GTEST_SKIP() << "SKIPPED: the logs of a server that is not ours stay";
  const auto live = source();
  auto from = live->position();
  ASSERT_TRUE(from);
  live->release_snapshot();
  run("RESET MASTER");
  from->file.replace(from->file.size() - 6, 6, "000777");
  const auto next = live->next_transaction(*from);
  ASSERT_FALSE(next);
  EXPECT_NE(next.error().message.find("Error 1236 (Could not find first log file name in binary "
                                      "log index file) reading binary log"),
            std::string::npos)
      << next.error().message;
}

TEST_P(LiveSourceLive, TakesNamesAndSignsFromTheServerWhereTheLogHasNone) {
  const std::string before = value("SELECT @@GLOBAL.binlog_row_metadata");
  run("CREATE TABLE t(id INT UNSIGNED PRIMARY KEY, name VARCHAR(20) CHARACTER SET latin1, e "
      "ENUM('a','b')) DEFAULT CHARSET=utf8mb4");
  run("SET GLOBAL binlog_row_metadata=MINIMAL");
  const auto live = source();
  auto from = live->position();
  ASSERT_TRUE(from);
  live->release_snapshot();
  run("INSERT INTO t VALUES (4294967295, 'caf\xC3\xA9', 'b')");
  const Lines seen = changes(*live, *from);
  run("SET GLOBAL binlog_row_metadata=" + before);
  EXPECT_EQ(seen, Lines{"I 4294967295,caf\xC3\xA9,b"});
}

TEST_P(LiveSourceLive, SaysThatThePasswordIsWrong) {
  LiveSourceOptions options{.server = server_};
  options.server.password = "barley";
  const auto source = LiveSource::connect(std::move(options));
  ASSERT_FALSE(source);
  EXPECT_NE(source.error().message.find("1045"), std::string::npos) << source.error().message;
  EXPECT_NE(source.error().message.find("Access denied"), std::string::npos)
      << source.error().message;
}

TEST_P(LiveSourceLive, TellsWhatItsUserMayDoAndWhatTheServerRefuses) {
  run("DROP USER IF EXISTS sluice_live@'%'; CREATE USER sluice_live@'%' IDENTIFIED BY 'sesame'; "
      "GRANT SELECT ON *.* TO sluice_live@'%'");
  const auto all = source()->grants();
  ASSERT_TRUE(all);
  EXPECT_NE(all->front().find(" ON *.* TO "), std::string::npos);
  LiveSourceOptions options{.server = server_};
  options.server.user = "sluice_live";
  options.server.password = "sesame";
  const auto live = LiveSource::connect(std::move(options));
  ASSERT_TRUE(live) << live.error().message;
  ASSERT_TRUE((*live)->grants());
  EXPECT_EQ((*live)->grants()->front().substr(0, 35), "GRANT SELECT ON *.* TO `sluice_live");
  const auto position = (*live)->position();
  run("DROP USER sluice_live@'%'");
  EXPECT_EQ(position.has_value(),
            GetParam() == "mariadb");  // which tells the position of a snapshot to everybody
}

TEST_P(LiveSourceLive, AnswersWhatATaskAsksWithoutAWaitOnceItIsPrepared) {
  run("CREATE TABLE t(id INT PRIMARY KEY); INSERT INTO t VALUES (1)");
  Loop loop;
  LiveSourceOptions options{.server = server_};
  options.post = [&loop](std::function<void()> task) { loop.post(std::move(task)); };
  auto live = LiveSource::connect(std::move(options));
  ASSERT_TRUE(live) << live.error().message;
  std::optional<std::string> format;
  std::optional<std::vector<std::string>> grants;
  Lines names;
  std::optional<Position> from;
  bool ready = false;
  (*live)->prepare(true, [&] {
    ready = true;
    format = (*live)->variable("binlog_format");
    grants = (*live)->grants();
    if (const auto tables = (*live)->tables())
      for (const mysql::TablePtr& table : *tables)
        if (table->schema == "sluice_live") names.push_back(table->table);
    if (auto position = (*live)->position()) from = std::move(*position);
  });
  EXPECT_FALSE(ready);  // it comes on the loop
  ASSERT_TRUE(loop.run_until([&] { return ready; }));
  EXPECT_EQ(format, (*live)->variable("binlog_format"));  // now it asks
  EXPECT_EQ(grants, (*live)->grants());
  EXPECT_EQ(names, Lines{"t"});
  ASSERT_TRUE(from);
  run("INSERT INTO t VALUES (2)");
  EXPECT_EQ(rows(**live, "t"), Lines{"1"});  // of the snapshot
  (*live)->release_snapshot();
}

TEST_P(LiveSourceLive, GoesThroughTlsIfItShould) {
  ConnectOptions with = server_;
  const auto version = [&](mysql::protocol::TlsMode mode) -> std::string {
    with.tls = mode;
    auto client = SqlClient::connect(with);
    EXPECT_TRUE(client) << client.error().message;
    if (!client) return "";
    const auto rows = (*client)->rows("SHOW SESSION STATUS LIKE 'Ssl_version'");
    return rows && !rows->empty() ? rows->front()[1].value_or("") : "";
  };
  EXPECT_EQ(version(mysql::protocol::TlsMode::disabled), "");
  EXPECT_EQ(version(mysql::protocol::TlsMode::preferred).substr(0, 4), "TLSv");
  EXPECT_EQ(version(mysql::protocol::TlsMode::required).substr(0, 4), "TLSv");
}

TEST(SqlClientTls, TrustsOnlyTheAuthorityThatItWasGiven) {
  if (!mariadb().server) GTEST_SKIP() << "SKIPPED: " << mariadb().why_not;
  const TestServer& server = *mariadb().server;
  ConnectOptions with;
  with.port = server.address().port;
  with.user = server.address().user;
  with.password = server.address().password;
  with.ca_file = server.ca_file();
  for (const auto mode :
       {mysql::protocol::TlsMode::verify_ca, mysql::protocol::TlsMode::verify_identity}) {
    with.tls = mode;
    with.ca_file = server.ca_file();
    const auto trusted = SqlClient::connect(with);
    EXPECT_TRUE(trusted) << trusted.error().message;
    const std::string other = server.folder() + "/other";
    ASSERT_EQ(tests::servers::run_program({"/usr/bin/openssl", "req", "-x509", "-newkey",
                                           "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=other",
                                           "-keyout", other + "-key.pem", "-out", other + ".pem"},
                                          other + ".log"),
              0);
    with.ca_file = other + ".pem";
    EXPECT_FALSE(SqlClient::connect(with));
    with.ca_file.clear();  // the system's: none of them signed it
    EXPECT_FALSE(SqlClient::connect(with));
  }
}

TEST(LiveSourceRestart, GoesOnWhenTheServerIsBack) {
  std::string why_not;
  const auto server = TestServer::start_mariadb({}, why_not);
  if (!server) GTEST_SKIP() << "SKIPPED: " << why_not;
  ConnectOptions address;
  address.port = server->address().port;
  address.user = server->address().user;
  address.password = server->address().password;
  const auto run = [&](const std::string& script) {
    auto session = connect_session(address, "");
    ASSERT_TRUE(session) << session.error().text();
    const auto done = (*session)->execute_script(script);
    ASSERT_TRUE(done) << done.error().text();
  };
  run("CREATE DATABASE d; CREATE TABLE d.t(id INT PRIMARY KEY)");
  Loop loop;
  LiveSourceOptions options{.server = address};
  options.post = [&loop](std::function<void()> task) { loop.post(std::move(task)); };
  std::vector<std::string> notes;
  options.note = [&](const std::string& message) { notes.push_back(message); };
  auto live = LiveSource::connect(std::move(options));
  ASSERT_TRUE(live);
  auto from = (*live)->position();
  ASSERT_TRUE(from);
  (*live)->release_snapshot();
  Lines seen;
  const auto read = [&] {
    while (true) {
      auto next = (*live)->next_transaction(*from);
      ASSERT_TRUE(next) << next.error().text();
      if (!*next) return;
      append_lines(seen, **next);
      from = (*next)->end;
    }
  };
  (*live)->on_commit(read);
  run("INSERT INTO d.t VALUES (1)");
  read();
  ASSERT_TRUE(loop.run_until([&] { return seen.size() == 1; }));
  ASSERT_TRUE(server->restart(why_not)) << why_not;
  run("INSERT INTO d.t VALUES (2)");
  ASSERT_TRUE(loop.run_until([&] { return seen.size() == 2; }));
  EXPECT_EQ(seen, (Lines{"I 1", "I 2"}));
  EXPECT_FALSE(notes.empty());
  (*live)->on_commit({});
}

}  // namespace
}  // namespace pipeline::rds::external
