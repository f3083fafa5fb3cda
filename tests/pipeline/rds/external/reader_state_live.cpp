// What a task keeps with its checkpoint: names over an ALTER that ran while nobody read, rows of XA
// transactions that were prepared before.

#include "tests/pipeline/rds/external/on_live_server.h"

namespace pipeline::rds::external {
namespace {

using namespace live;

// "I id=1 name=Ada"
std::string named(const mysql::RowChange& change) {
  const bool removed = change.operation == mysql::Operation::remove;
  const mysql::Row& row = removed ? change.before : change.after;
  std::string out = removed ? "D" : change.operation == mysql::Operation::insert ? "I" : "U";
  for (std::size_t i = 0; i < row.size(); ++i) {
    const mysql::Column& column = change.table->columns[i];
    out += " " + column.name + "=";
    if (row[i].state == mysql::Cell::State::value) {
      EXPECT_TRUE(mysql::types::append_text(column, row[i].bytes, out));
    }
  }
  return out;
}

class ReaderState : public OnLiveServer {
 protected:
  void SetUp() override {
    OnLiveServer::SetUp();
    if (!session_) return;
    metadata_ = value("SELECT @@GLOBAL.binlog_row_metadata");
    run("SET GLOBAL binlog_row_metadata=" +
        std::string(GetParam() == "mariadb" ? "NO_LOG" : "MINIMAL"));
    auto other = connect_session(server_, "");
    ASSERT_TRUE(other);
    other_ = std::move(*other);
  }
  void TearDown() override {
    if (!metadata_.empty()) run("SET GLOBAL binlog_row_metadata=" + metadata_);
    other_.reset();
    OnLiveServer::TearDown();
  }
  void run_in_other_session(const std::string& script) {
    const auto done = other_->execute_script(script);
    ASSERT_TRUE(done) << script << ": " << done.error().text();
  }

  // One life of a task: it reads all there is from its checkpoint, and saves.
  struct Task {
    Position at{"", 0};
    std::string state = {};
  };
  Task begin(LiveSource& source) {
    auto from = source.position();
    EXPECT_TRUE(from) << from.error().text();
    source.release_snapshot();
    Task out{from ? *from : Position{}};
    save(source, out);
    return out;
  }
  static void save(LiveSource& source, Task& task) {
    const auto state = source.reader_state(task.at);
    EXPECT_TRUE(state);
    if (state) task.state = *state;
  }
  static Lines read(LiveSource& source, Task& task) {
    Lines out;
    while (true) {
      auto next = source.next_transaction(task.at);
      EXPECT_TRUE(next) << next.error().text();
      if (!next || !*next) break;
      const auto done =
          (*next)->for_each_change([&](const mysql::RowChange& change) -> Result<void> {
            out.push_back(named(change));
            return {};
          });
      EXPECT_TRUE(done) << done.error().text();
      task.at = (*next)->end;
    }
    save(source, task);
    return out;
  }
  Lines resume(Task& task) {
    const auto fresh = source();
    const auto restored = fresh->restore_reader(task.at, task.state);
    EXPECT_TRUE(restored) << restored.error().message;
    return read(*fresh, task);
  }

  std::string metadata_;
  std::unique_ptr<Session> other_;
};
INSTANTIATE_TEST_SUITE_P(, ReaderState, testing::Values("mariadb", "mysql"),
                         [](const auto& each) { return std::string(each.param); });

TEST_P(ReaderState, GivesRowsTheNamesThatTheyHadWhenTheyWereWritten) {
  run("CREATE TABLE t(id INT UNSIGNED PRIMARY KEY, name VARCHAR(20) CHARACTER SET latin1) DEFAULT "
      "CHARSET=utf8mb4");
  const auto live = source();
  Task task = begin(*live);
  run("INSERT INTO t VALUES (4294967295, 'caf\xC3\xA9'); ALTER TABLE t RENAME COLUMN name TO "
      "called; INSERT INTO t VALUES (1, '\xC3\xA9');"
      "ALTER TABLE t RENAME COLUMN id TO name, RENAME COLUMN called TO id; INSERT INTO t VALUES "
      "(2, 'x'); DROP TABLE t");
  EXPECT_EQ(read(*live, task),
            (Lines{"I id=4294967295 name=caf\xC3\xA9", "I id=1 called=\xC3\xA9", "I name=2 id=x"}));
}

TEST_P(ReaderState, GoesOnOverAnAlterThatRanWhileNobodyRead) {
  run("CREATE TABLE t(id INT UNSIGNED PRIMARY KEY, name VARCHAR(20), old INT) DEFAULT "
      "CHARSET=utf8mb4");
  Task task;
  {
    const auto live = source();
    task = begin(*live);
    run("INSERT INTO t VALUES (1, 'Ada', -1)");
    EXPECT_EQ(read(*live, task), Lines{"I id=1 name=Ada old=-1"});
  }
  run("INSERT INTO t VALUES (2, 'Bob', -2); ALTER TABLE t RENAME COLUMN old TO fresh, ADD e "
      "ENUM('a','b') AFTER id;"
      "INSERT INTO t VALUES (3, 'b', 'Cyd', -3); FLUSH BINARY LOGS; UPDATE t SET fresh = 0; ALTER "
      "TABLE t DROP name, MODIFY fresh BIGINT UNSIGNED");
  EXPECT_EQ(resume(task), (Lines{"I id=2 name=Bob old=-2", "I id=3 e=b name=Cyd fresh=-3",
                                 "U id=1 e= name=Ada fresh=0", "U id=2 e= name=Bob fresh=0",
                                 "U id=3 e=b name=Cyd fresh=0"}));
  run("INSERT INTO t VALUES (4294967294, 'a', 18446744073709551615)");
  EXPECT_EQ(resume(task), Lines{"I id=4294967294 e=a fresh=18446744073709551615"});
  run("CREATE TABLE u(k INT UNSIGNED PRIMARY KEY); INSERT INTO u VALUES (4294967293); RENAME TABLE "
      "u TO v");
  EXPECT_EQ(resume(task), Lines{"I k=4294967293"});
  run("INSERT INTO v VALUES (4294967292)");
  EXPECT_EQ(resume(task), Lines{"I k=4294967292"});
}

TEST_P(ReaderState, GivesTheRowsOfATransactionThatWasPreparedBeforeItStarted) {
  run("CREATE TABLE t(id INT PRIMARY KEY, name VARCHAR(20))");
  Task task;
  {
    const auto live = source();
    task = begin(*live);
    run("INSERT INTO t VALUES (1, 'a'); XA START 'one'; INSERT INTO t VALUES (2, 'b'), (3, 'c'); "
        "XA END 'one'; XA PREPARE 'one'");
    run_in_other_session(
        "INSERT INTO sluice_live.t VALUES (4, 'd'); CREATE TABLE sluice_live.u(a INT)");
    EXPECT_EQ(read(*live, task), (Lines{"I id=1 name=a", "I id=4 name=d"}));
  }
  EXPECT_EQ(resume(task), Lines{});  // read again from the XA transaction, given once
  run_in_other_session(
      "INSERT INTO sluice_live.t VALUES (5, 'e'); XA START 'two'; INSERT INTO sluice_live.t VALUES "
      "(6, 'f'); XA END 'two'; XA PREPARE 'two'");
  EXPECT_EQ(resume(task), Lines{"I id=5 name=e"});
  run("XA COMMIT 'one'; INSERT INTO t VALUES (7, 'g')");
  EXPECT_EQ(resume(task), (Lines{"I id=2 name=b", "I id=3 name=c", "I id=7 name=g"}));
  run_in_other_session("XA ROLLBACK 'two'; INSERT INTO sluice_live.t VALUES (8, 'h')");
  EXPECT_EQ(resume(task), Lines{"I id=8 name=h"});
  EXPECT_EQ(task.state.find("offset"), std::string::npos)
      << task.state;  // nothing is prepared any more
}

TEST_P(ReaderState, BeginsWithTransactionsThatWerePreparedBeforeTheLoad) {
  run("CREATE TABLE t(id INT PRIMARY KEY, name VARCHAR(20)); XA START 'one'; INSERT INTO t VALUES "
      "(1, 'a'); XA END 'one'; XA PREPARE 'one'");
  run_in_other_session(
      "FLUSH BINARY LOGS; XA START 'two'; INSERT INTO sluice_live.t VALUES (2, 'b'); XA END 'two'; "
      "XA PREPARE 'two'");
  auto third = connect_session(server_, "");
  ASSERT_TRUE(third);
  ASSERT_TRUE((*third)->execute_script(
      "FLUSH BINARY LOGS; INSERT INTO sluice_live.t VALUES (3, 'c'); FLUSH BINARY LOGS"));
  Task task;
  {
    const auto live = source();
    task = begin(*live);
    ASSERT_TRUE((*third)->execute_script("INSERT INTO sluice_live.t VALUES (4, 'd')"));
    EXPECT_EQ(read(*live, task), Lines{"I id=4 name=d"});
    run("XA COMMIT 'one'");
    EXPECT_EQ(read(*live, task), Lines{"I id=1 name=a"});
  }
  run_in_other_session("XA COMMIT 'two'");
  EXPECT_EQ(resume(task), Lines{"I id=2 name=b"});
}

TEST_P(ReaderState, IsTheSameWhereTheLogSaysNothingNew) {
  run("CREATE TABLE t(id INT PRIMARY KEY)");
  const auto live = source();
  Task task = begin(*live);
  const auto before = live->reader_state(task.at);
  run("INSERT INTO t VALUES (1)");
  read(*live, task);
  EXPECT_EQ(live->reader_state(task.at), before);
  run("ALTER TABLE t ADD a INT");
  read(*live, task);
  EXPECT_NE(live->reader_state(task.at), before);
}

TEST_P(ReaderState, RefusesWhatIsNoState) {
  EXPECT_FALSE(source()->restore_reader({"binlog.000001", 4}, "{}"));
  EXPECT_FALSE(source()->restore_reader({"binlog.000001", 4}, R"({"schema":[]})"));
}

}  // namespace
}  // namespace pipeline::rds::external
