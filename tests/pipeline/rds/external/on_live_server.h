#pragma once
// What the tests of a running server as a source share: a MariaDB that the program starts, the
// MySQL that SLUICE_MYSQL names, and what a source gives, as lines.

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pipeline/mysql/types/codec.h"
#include "pipeline/rds/external/live_session.h"
#include "pipeline/rds/external/live_source.h"
#include "tests/servers/test_server.h"

namespace pipeline::rds::external::live {

using Lines = std::vector<std::string>;
using tests::servers::TestServer;

// Tasks that the source posts, run by the test's thread.
class Loop {
 public:
  void post(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    changed_.notify_all();
  }
  // Runs what comes until `done` holds; false after a minute without.
  bool run_until(const std::function<bool()>& done) {
    while (!done()) {
      std::unique_lock lock(mutex_);
      if (!changed_.wait_for(lock, std::chrono::minutes(1), [this] { return !tasks_.empty(); }))
        return false;
      const auto task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
    }
    return true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
};

inline std::string text_of(const mysql::TableSchema& table, const mysql::Row& row) {
  std::string out;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) out += ",";
    if (row[i].state != mysql::Cell::State::value) {
      out += "NULL";
      continue;
    }
    const auto done = mysql::types::append_text(table.columns[i], row[i].bytes, out);
    EXPECT_TRUE(done) << table.columns[i].name << ": " << done.error().text();
  }
  return out;
}

inline void append_lines(Lines& out, const Transaction& transaction) {
  if (transaction.schema_change) out.push_back("ddl " + transaction.schema_change->sql);
  const auto done =
      transaction.for_each_change([&](const mysql::RowChange& change) -> Result<void> {
        const bool removed = change.operation == mysql::Operation::remove;
        out.push_back((removed                                        ? "D "
                       : change.operation == mysql::Operation::insert ? "I "
                                                                      : "U ") +
                      text_of(*change.table, removed ? change.before : change.after));
        return {};
      });
  EXPECT_TRUE(done) << done.error().text();
}

struct Server {
  std::string why_not;
  std::unique_ptr<TestServer> server = TestServer::start_mariadb({}, why_not);
};
inline Server& mariadb() {
  static Server one;
  return one;
}

class OnLiveServer : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    tests::servers::Address address;
    if (GetParam() == "mysql") {
      address = tests::servers::mysql_of_environment();
      if (address.port == 0) GTEST_SKIP() << "SKIPPED: SLUICE_MYSQL names no server";
    } else {
      if (!mariadb().server) GTEST_SKIP() << "SKIPPED: " << mariadb().why_not;
      address = mariadb().server->address();
    }
    server_.host = address.host;
    server_.port = address.port;
    server_.user = address.user;
    server_.password = address.password;
    auto session = connect_session(server_, "");
    ASSERT_TRUE(session) << session.error().text();
    session_ = std::move(*session);
    run("DROP DATABASE IF EXISTS sluice_live; CREATE DATABASE sluice_live; USE sluice_live");
  }
  void TearDown() override {
    if (session_) run("DROP DATABASE IF EXISTS sluice_live");
  }

  void run(const std::string& script) {
    const auto done = session_->execute_script(script);
    ASSERT_TRUE(done) << script << ": " << done.error().text();
  }
  std::string value(const std::string& sql) {
    const auto result = session_->execute(sql);
    return result && !result->rows.empty() ? result->rows[0][0].value_or("NULL") : "";
  }
  // Waits for what is committed, as in a run on virtual time; or is woken through the loop.
  std::unique_ptr<LiveSource> source(Loop* loop = nullptr) {
    LiveSourceOptions options{.server = server_};
    if (loop != nullptr)
      options.post = [loop](std::function<void()> task) { loop->post(std::move(task)); };
    auto source = LiveSource::connect(std::move(options));
    EXPECT_TRUE(source) << source.error().text();
    return source ? std::move(*source) : nullptr;
  }
  static Lines changes(LiveSource& source, Position& from) {
    Lines out;
    while (true) {
      auto next = source.next_transaction(from);
      EXPECT_TRUE(next) << next.error().text();
      if (!next || !*next) return out;
      append_lines(out, **next);
      from = (*next)->end;
    }
  }
  static Lines rows(LiveSource& source, const std::string& name) {
    const auto tables = source.tables();
    EXPECT_TRUE(tables) << tables.error().text();
    if (!tables) return {};
    Lines out;
    for (const mysql::TablePtr& table : *tables) {
      if (table->name() != "sluice_live." + name) continue;
      const auto read = source.read_table(table->schema, table->table, [&](const mysql::Row& row) {
        out.push_back(text_of(*table, row));
        return true;
      });
      EXPECT_TRUE(read) << read.error().text();
    }
    return out;
  }

  ConnectOptions server_;
  std::unique_ptr<Session> session_;
};
}  // namespace pipeline::rds::external::live
