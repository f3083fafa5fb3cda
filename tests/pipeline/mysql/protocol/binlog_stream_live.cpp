// Streaming the binlogs of real servers.

#include <algorithm>

#include "emulator/base/text.h"
#include "tests/pipeline/mysql/protocol/on_server.h"

namespace pipeline::mysql::protocol::live {
namespace {

using Lines = std::vector<std::string>;

class StreamLive : public OnServer {
 protected:
  void SetUp() override {
    OnServer::SetUp();
    if (IsSkipped()) return;
    run({"CREATE TABLE sluice_live.people(id INT PRIMARY KEY, name VARCHAR(20))"});
  }
  static std::string insert(int id, const std::string& name) {
    return "INSERT INTO sluice_live.people VALUES (" + std::to_string(id) + ", '" + name + "')";
  }
  static std::string inserted(int id, const std::string& name) {
    return "insert people {\"id\":\"" + std::to_string(id) + "\",\"name\":\"" + name + "\"}";
  }
  std::string gtid_set() const {
    return value(is_mysql() ? "SELECT @@GLOBAL.gtid_executed" : "SELECT @@GLOBAL.gtid_binlog_pos");
  }
  void set_checksum(const std::string& kind) const {
    begin_log("SET GLOBAL binlog_checksum=" + kind);
  }
};
SLUICE_ON_EACH_SERVER(StreamLive);

TEST_P(StreamLive, GivesWhatCommittedAfterAPositionAndEnds) {
  const Position from = now();
  run({insert(1, "Ada"), "UPDATE sluice_live.people SET name='Ida'",
       "DELETE FROM sluice_live.people", "ALTER TABLE sluice_live.people COMMENT 'x'"});
  EXPECT_EQ(changes(from),
            (Lines{inserted(1, "Ada"), "update people {\"id\":\"1\",\"name\":\"Ida\"}",
                   "delete people {\"id\":\"1\",\"name\":\"Ida\"}",
                   "ddl ALTER TABLE sluice_live.people COMMENT 'x'"}));
}

TEST_P(StreamLive, GivesNothingTwiceFromTheEndOfATransaction) {
  const Position from = now();
  run({insert(1, "Ada"), insert(2, "Bob"), insert(3, "Cem")});
  std::vector<Position> ends;
  BinlogStream whole = stream(from);
  ASSERT_EQ(changes_of(whole, &ends).size(), 3u);
  EXPECT_EQ(changes(ends[0]), (Lines{inserted(2, "Bob"), inserted(3, "Cem")}));
  EXPECT_EQ(changes(ends[2]), Lines{});
  EXPECT_EQ(ends[2], now());
}

TEST_P(StreamLive, FollowsTheServerOverItsFiles) {
  const Position from = now();
  run({insert(1, "Ada")});
  begin_log();
  run({insert(2, "Bob")});
  begin_log();
  run({insert(3, "Cem")});
  std::vector<Position> ends;
  BinlogStream opened = stream(from);
  EXPECT_EQ(changes_of(opened, &ends),
            (Lines{inserted(1, "Ada"), inserted(2, "Bob"), inserted(3, "Cem")}));
  EXPECT_EQ(ends[0].file, from.file);
  EXPECT_LT(ends[0].file, ends[1].file);
  EXPECT_LT(ends[1].file, ends[2].file);
  EXPECT_EQ(ends[2], now());
}

TEST_P(StreamLive, ReadsLogsWithChecksumsAndWithout) {
  const Position from = now();
  run({insert(1, "Ada")});
  set_checksum("NONE");
  run({insert(2, "Bob")});
  BinlogStream opened = stream(from);
  const Lines both = changes_of(opened);
  EXPECT_FALSE(opened.format().checksums);
  const Position plain = now();
  set_checksum("CRC32");
  EXPECT_EQ(both, (Lines{inserted(1, "Ada"), inserted(2, "Bob")}));
  run({insert(3, "Cem")});
  BinlogStream again = stream(plain);
  EXPECT_EQ(changes_of(again), Lines{inserted(3, "Cem")});
  EXPECT_TRUE(again.format().checksums);
}

TEST_P(StreamLive, StartsFromAGtidSet) {
  run({insert(1, "Ada")});
  const std::string have = gtid_set();
  run({insert(2, "Bob")});
  begin_log();
  run({insert(3, "Cem")});
  EXPECT_EQ(changes(FromGtidSet{have}), (Lines{inserted(2, "Bob"), inserted(3, "Cem")}));
  EXPECT_EQ(changes(FromGtidSet{gtid_set()}), Lines{});
}

// The positions that events of a GTID stream bear are as good as those of the others.
TEST_P(StreamLive, KnowsItsPositionWhereTheServerLeftOutWhatWeHave) {
  run({insert(1, "Ada")});
  const std::string have = gtid_set();
  run({insert(2, "Bob"), insert(3, "Cem")});
  std::vector<Position> ends;
  BinlogStream opened = stream(FromGtidSet{have});
  ASSERT_EQ(changes_of(opened, &ends).size(), 2u);
  EXPECT_EQ(ends[1], now());
  EXPECT_EQ(changes(ends[0]), Lines{inserted(3, "Cem")});
}

TEST_P(StreamLive, ReadsCompressedTransactionsAndTaggedGtids) {
  if (!is_mysql()) GTEST_SKIP() << "SKIPPED: MariaDB has neither";
  const Position from = now();
  const std::string uuid = value("SELECT @@server_uuid");
  const auto connection = connect();
  for (const std::string& sql :
       {std::string("SET SESSION binlog_transaction_compression=ON"), insert(1, "Ada"),
        std::string("SET SESSION gtid_next='AUTOMATIC:blue'"), insert(2, "Bob"),
        std::string("SET SESSION gtid_next='AUTOMATIC'")})
    ASSERT_TRUE(connection->query(sql)) << sql;
  const std::string have = gtid_set();
  EXPECT_NE(have.find("blue"), std::string::npos);
  ASSERT_TRUE(connection->query(insert(3, "Cem")));
  EXPECT_EQ(changes(from), (Lines{inserted(1, "Ada"), inserted(2, "Bob"), inserted(3, "Cem")}));
  EXPECT_EQ(changes(FromGtidSet{have}), Lines{inserted(3, "Cem")});
}

TEST_P(StreamLive, ReadsMariadbsCompressedEvents) {
  if (is_mysql()) GTEST_SKIP() << "SKIPPED: MySQL has transaction payloads instead";
  const Position from = now();
  run({"SET GLOBAL log_bin_compress=1"});
  const std::string name(20, 'x');
  run({insert(1, name), "SET GLOBAL log_bin_compress=0"});
  EXPECT_EQ(changes(from), Lines{inserted(1, name)});
}

// 40 MiB in one event: three packets.
TEST_P(StreamLive, JoinsEventsOfMoreThanOnePacket) {
  run({"CREATE TABLE sluice_live.large(id INT PRIMARY KEY, body LONGBLOB)"});
  const Position from = now();
  run({"INSERT INTO sluice_live.large VALUES (1, REPEAT('x', 41943040))", insert(1, "Ada")});
  const Position end = now();
  BinlogStream opened = stream(from);
  std::string_view::size_type largest = 0;
  while (opened.position() < end) {
    const auto event = opened.next();
    ASSERT_TRUE(event) << event.error().text();
    ASSERT_TRUE(*event);
    largest = std::max(largest, (*event)->body.size());
  }
  EXPECT_GT(largest, 41943040u);
  EXPECT_EQ(opened.position(), end);
}

TEST_P(StreamLive, SaysThatALogIsPurgedByError1236) {
  const Position purged = now();
  begin_log();
  const std::string kept = now().file;
  run({"PURGE BINARY LOGS TO '" + kept + "'"});
  BinlogStream opened = stream(purged);
  const auto event = opened.next();
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().number, error_number::fatal_reading_binlog);
  EXPECT_NE(event.error().message.find("Could not find first log file name"), std::string::npos);
  EXPECT_FALSE(event.error().is_lost_connection());
}

TEST_P(StreamLive, SaysThatAPositionIsPastTheEnd) {
  Position from = now();
  from.offset += 1000;
  BinlogStream opened = stream(from);
  Result<std::optional<binlog::Event>> event = opened.next();
  while (event && *event) event = opened.next();
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().number, error_number::fatal_reading_binlog) << event.error().text();
}

TEST_P(StreamLive, WaitsForWhatIsToComeAndHearsAHeartbeatMeanwhile) {
  BinlogStream opened = stream(FromNow{}, {.heartbeat = std::chrono::milliseconds(5)});
  bool heard = false;
  while (!heard) {
    const auto event = opened.next();
    ASSERT_TRUE(event) << event.error().text();
    ASSERT_TRUE(*event);
    const auto type = (*event)->header.type;
    heard = type == binlog::EventType::heartbeat || type == binlog::EventType::heartbeat_v2;
  }
  run({insert(1, "Ada")});
  const Position end = now();
  while (opened.position() < end) {
    const auto event = opened.next();
    ASSERT_TRUE(event) << event.error().text();
  }
  EXPECT_EQ(opened.position(), end);
}

TEST_P(StreamLive, GivesTheCallerItsTurnWhenNothingComes) {
  BinlogStream opened = stream(FromNow{}, {});
  auto event = opened.next_within(std::chrono::seconds(5));
  while (event && *event) event = opened.next_within(std::chrono::milliseconds(20));
  ASSERT_TRUE(event) << event.error().text();
  EXPECT_FALSE(opened.at_end());
  run({insert(1, "Ada")});
  event = opened.next_within(std::chrono::seconds(5));
  ASSERT_TRUE(event && *event);
}

TEST_P(StreamLive, SaysThatTheConnectionIsLostOnceItIsKilled) {
  BinlogStream opened = stream(FromNow{}, {});
  const auto first = opened.next();
  ASSERT_TRUE(first && *first);
  run({"KILL " + std::to_string(opened.connection().handshake().connection_id)});
  auto event = opened.next();
  while (event && *event) event = opened.next();
  ASSERT_FALSE(event);
  EXPECT_TRUE(event.error().is_lost_connection()) << event.error().text();
}

TEST_P(StreamLive, EndsWhenItIsCancelled) {
  BinlogStream opened = stream(FromNow{}, {});
  ASSERT_TRUE(opened.next());
  opened.cancel();
  auto event = opened.next();
  while (event && *event) event = opened.next();
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().message, "Lost connection to MySQL server: it was cancelled");
}

TEST_P(StreamLive, IsListedAmongTheReplicas) {
  BinlogStream opened = stream(FromNow{}, {.server_id = 4711});
  ASSERT_TRUE(opened.next());
  const auto connection = connect();
  const auto listed = connection->query(is_mysql() ? "SHOW REPLICAS" : "SHOW SLAVE HOSTS");
  ASSERT_TRUE(listed) << listed.error().text();
  const auto ours = [](const auto& row) { return row[0] == "4711"; };
  EXPECT_TRUE(std::any_of(listed->rows.begin(), listed->rows.end(), ours));
}

TEST_P(StreamLive, AcknowledgesWhereTheServerWaitsForIt) {
  if (is_mysql()) GTEST_SKIP() << "SKIPPED: MySQL has it in a plugin that this server may lack";
  const Position from = now();
  BinlogStream opened =
      stream(from, {.heartbeat = std::chrono::milliseconds(5), .acknowledge = true});
  ASSERT_TRUE(opened.next());
  const std::string seen =
      "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS "
      "WHERE VARIABLE_NAME='Rpl_semi_sync_master_get_ack'";
  const auto before = emulator::base::parse_unsigned(value(seen));
  run({insert(1, "Ada")});
  const Position end = now();
  while (opened.position() < end) ASSERT_TRUE(opened.next());
  ASSERT_TRUE(opened.next());  // a heartbeat: the acknowledgement went out before it
  auto after = before;
  for (int tries = 0; after == before && tries < 1000; ++tries)
    after = emulator::base::parse_unsigned(value(seen));
  EXPECT_GT(after, before);
}

TEST_P(StreamLive, GoesThroughTls) {
  const Position from = now();
  run({insert(1, "Ada")});
  ConnectOptions with = options();
  with.tls = TlsMode::required;
  auto opened = BinlogStream::open(connect(with), from, {.non_blocking = true});
  ASSERT_TRUE(opened) << opened.error().text();
  EXPECT_TRUE(opened->connection().uses_tls());
  EXPECT_EQ(changes_of(*opened), Lines{inserted(1, "Ada")});
}

}  // namespace
}  // namespace pipeline::mysql::protocol::live
