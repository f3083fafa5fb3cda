// The position of a full load where FLUSH TABLES WITH READ LOCK is forbidden (no RELOAD; RDS),
// while others write: the rows of the snapshot, and the changes after its position over them, are
// the table.

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include "tests/pipeline/rds/external/on_live_server.h"

namespace pipeline::rds::external {
namespace {

using namespace live;

using Table = std::map<std::string, std::string>;  // key -> the whole row

std::string key_of(const std::string& line) { return line.substr(0, line.find(',')); }

class SnapshotLive : public OnLiveServer {
 protected:
  void TearDown() override {
    if (session_) run("DROP USER IF EXISTS sluice_reader@'%'");
    OnLiveServer::TearDown();
  }
  ConnectOptions restricted(const std::string& privileges) {
    run("DROP USER IF EXISTS sluice_reader@'%'; CREATE USER sluice_reader@'%' IDENTIFIED BY "
        "'sesame'; GRANT " +
        privileges + " ON *.* TO sluice_reader@'%'");
    ConnectOptions out = server_;
    out.user = "sluice_reader";
    out.password = "sesame";
    return out;
  }

  // Inserts, updates and deletes, some in longer transactions, until it is told to end. Each writer
  // has keys of its own.
  void write(int writer, const std::atomic<bool>& ends) {
    auto session = connect_session(server_, "sluice_live");
    ASSERT_TRUE(session) << session.error().text();
    for (int i = 0; !ends; ++i) {
      const std::string id = std::to_string(writer * 1'000'000 + i),
                        before = std::to_string(writer * 1'000'000 + i - 3);
      const bool long_one = i % 5 == 0;
      const std::string script = std::string(long_one ? "BEGIN;" : "") + "INSERT INTO t VALUES (" +
                                 id + ", 0); UPDATE t SET n = n + 1 WHERE id <= " + id +
                                 " AND id > " + before + ";" +
                                 (i % 7 == 0 ? "DELETE FROM t WHERE id = " + before + ";" : "") +
                                 (long_one ? "COMMIT" : "DO 0");
      const auto done = (*session)->execute_script(script);
      ASSERT_TRUE(done) << done.error().text();
    }
  }

  struct Load {
    Table rows;
    Position from;
  };
  void expect_nothing_is_lost(const std::string& privileges, bool position_is_exact) {
    run("CREATE TABLE t(id INT PRIMARY KEY, n INT)");
    LiveSourceOptions options{.server = restricted(privileges)};
    auto source = LiveSource::connect(std::move(options));
    ASSERT_TRUE(source) << source.error().text();
    std::atomic<bool> ends = false;
    std::vector<std::thread> writers;
    for (int i = 1; i <= 3; ++i) writers.emplace_back([this, i, &ends] { write(i, ends); });
    std::vector<Load> loads;
    for (int i = 0; i < 4 && !HasFailure(); ++i) {
      const auto from = (*source)->position();
      EXPECT_TRUE(from) << from.error().text();
      if (!from) break;
      loads.push_back({{}, *from});
      for (const std::string& line : rows(**source, "t")) loads.back().rows[key_of(line)] = line;
      (*source)->release_snapshot();
    }
    ends = true;
    for (std::thread& writer : writers) writer.join();
    Table now;
    for (const std::string& line : rows(**source, "t")) now[key_of(line)] = line;
    EXPECT_GT(now.size(), 10u);
    for (Load& load : loads) {
      apply_changes(**source, load, position_is_exact);
      EXPECT_EQ(load.rows.size(), now.size());
      EXPECT_TRUE(load.rows == now) << "from " << load.from.text();
    }
  }
  static void apply_changes(LiveSource& source, Load& load, bool position_is_exact) {
    int repeated = 0;
    for (const std::string& line : changes(source, load.from)) {
      const std::string row = line.substr(2), key = key_of(row);
      if (line[0] == 'I' && load.rows.count(key) > 0) ++repeated;
      if (line[0] == 'D')
        load.rows.erase(key);
      else
        load.rows[key] = row;
    }
    if (position_is_exact) {
      EXPECT_EQ(repeated, 0);
    }
  }
};
INSTANTIATE_TEST_SUITE_P(, SnapshotLive, testing::Values("mariadb", "mysql"),
                         [](const auto& each) { return std::string(each.param); });

TEST_P(SnapshotLive, LosesNoRowWhereTablesMayNotBeLocked) {
  expect_nothing_is_lost("SELECT, PROCESS, REPLICATION SLAVE, REPLICATION CLIENT",
                         GetParam() == "mariadb");
}

TEST_P(SnapshotLive, LosesNoRowWhereOtherTransactionsMayNotBeSeen) {
  expect_nothing_is_lost("SELECT, REPLICATION SLAVE, REPLICATION CLIENT", GetParam() == "mariadb");
}

TEST_P(SnapshotLive, SaysThatNobodyTellsOfPreparedXaTransactions) {
  // MariaDB and MySQL 5.7 let everybody ask XA RECOVER.
  const bool wants_privilege =
      value("SELECT VERSION() NOT LIKE '%MariaDB%' AND VERSION() NOT LIKE '5.%'") == "1";
  for (const std::string privilege : {"", ", XA_RECOVER_ADMIN"}) {
    if (!privilege.empty() && !wants_privilege) continue;
    LiveSourceOptions options{
        .server = restricted("SELECT, REPLICATION SLAVE, REPLICATION CLIENT" + privilege)};
    Lines notes;
    options.note = [&](const std::string& message) { notes.push_back(message); };
    auto live = LiveSource::connect(std::move(options));
    ASSERT_TRUE(live) << live.error().text();
    ASSERT_TRUE((*live)->position());
    const bool told = std::any_of(notes.begin(), notes.end(), [](const std::string& note) {
      return note.find("XA_RECOVER_ADMIN") != std::string::npos;
    });
    EXPECT_EQ(told, wants_privilege && privilege.empty());
  }
}

TEST_P(SnapshotLive, IsExactWhereTablesMayBeLocked) {
  expect_nothing_is_lost("SELECT, RELOAD, PROCESS, REPLICATION SLAVE, REPLICATION CLIENT", true);
}

}  // namespace
}  // namespace pipeline::rds::external
