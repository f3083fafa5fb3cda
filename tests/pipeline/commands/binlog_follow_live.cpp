// `sluice binlog --follow` beside servers that we start: each change once and in order, whatever
// happens to the connection, to the log's files and to the server; and a local file that grows.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "emulator/base/file.h"
#include "emulator/base/json_document.h"
#include "emulator/base/text.h"
#include "pipeline/mysql/protocol/connection.h"
#include "pipeline/rds/mysqld/server.h"
#include "tests/servers/test_server.h"
#include "tests/source_path.h"
#include "tests/temporary_folder.h"

namespace pipeline::commands {
namespace {

using Lines = std::vector<std::string>;
using mysql::protocol::Connection;
using mysql::protocol::ConnectOptions;
using rds::mysqld::Server;

constexpr int patience_milliseconds = 60'000;

// A `sluice binlog --json ...` that runs beside the test.
class Follower {
 public:
  explicit Follower(std::vector<std::string> words, const std::string& errors) : errors_(errors) {
    words.insert(words.begin(), {std::getenv("SLUICE"), "binlog", "--json"});
    int ends[2] = {-1, -1};
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::dup2(::open(errors.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600), STDERR_FILENO);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    output_ = ends[0];
  }
  ~Follower() {
    if (child_ > 0) end(SIGKILL);
    ::close(output_);
  }
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  // What it prints next, until there are so many lines.
  Lines next(std::size_t count) {
    Lines out;
    while (out.size() < count) {
      const std::string line = next_line();
      if (line.empty()) break;
      out.push_back(shown(line));
    }
    return out;
  }
  // Its exit status, after this signal; 0: none is sent. What it printed meanwhile is for next().
  int end(int signal = SIGTERM) {
    if (signal != 0) ::kill(child_, signal);
    int status = 0;
    ::waitpid(child_, &status, 0);
    child_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string errors() const { return emulator::base::read_file(errors_).value_or(""); }

 private:
  std::string next_line() {
    while (true) {
      const std::size_t end = text_.find('\n');
      if (end != std::string::npos) {
        std::string line = text_.substr(0, end);
        text_.erase(0, end + 1);
        return line;
      }
      pollfd ready{output_, POLLIN, 0};
      if (::poll(&ready, 1, patience_milliseconds) <= 0) return "";
      char bytes[4096];
      const ssize_t got = ::read(output_, bytes, sizeof bytes);
      if (got <= 0) return "";
      text_.append(bytes, static_cast<std::size_t>(got));
    }
  }

  // "insert t id=1 name=Ada"; DDL as "ddl CREATE"
  static std::string shown(const std::string& line) {
    const auto json = emulator::base::read_json(line);
    if (json.is_discarded()) return "no JSON: " + line;
    const std::string operation = json.at("op");
    if (operation == "ddl") return "ddl " + json.at("sql").get<std::string>().substr(0, 5);
    std::string out = operation + " " + json.at("table").get<std::string>();
    for (const auto& [name, value] : json.at(operation == "delete" ? "before" : "after").items())
      out += " " + name + "=" + (value.is_null() ? "NULL" : value.get<std::string>());
    return out;
  }

  int child_ = 0;
  int output_ = -1;
  std::string text_;
  std::string errors_;
};

// One for all tests of an engine: starting it takes seconds. "": it runs.
struct Engine {
  std::string why_not;
  tests::TemporaryFolder folder;
  rds::mysqld::ServerOptions options;
  std::unique_ptr<Server> server;

  explicit Engine(bool is_mysql) {
    const char* mysqld = std::getenv("SLUICE_MYSQLD");
    if (std::getenv("SLUICE") == nullptr) why_not = "SLUICE names no program";
    if (is_mysql && mysqld == nullptr) why_not = "SLUICE_MYSQLD names no program";
    if (!is_mysql && ::access("/usr/sbin/mariadbd", X_OK) != 0)
      why_not = "Debian's mariadb-server-core is not installed";
    if (!why_not.empty()) return;
    options.program = is_mysql ? mysqld : "/usr/sbin/mariadbd";
    options.folder = folder.path() + "/server";
    options.parameters = {{"log_bin", "binlog"},
                          {"binlog_format", "ROW"},
                          {"loose_binlog_row_metadata", is_mysql ? "MINIMAL" : "NO_LOG"}};
    if (is_mysql) {
      options.parameters.insert({{"gtid_mode", "ON"}, {"enforce_gtid_consistency", "ON"}});
    } else {  // MySQL makes its certificate itself
      const std::string key = folder.path() + "/key.pem", certificate = folder.path() + "/cert.pem";
      EXPECT_EQ(tests::servers::run_program(
                    {"/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
                     "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                     "-keyout", key, "-out", certificate},
                    folder.path() + "/openssl.log"),
                0);
      options.parameters.insert(
          {{"ssl_cert", certificate}, {"ssl_key", key}, {"ssl_ca", certificate}});
    }
    start();
  }
  void start() {
    auto started = Server::start(options);
    ASSERT_TRUE(started) << started.error().text();
    server = std::move(*started);
    options.port = server->address().port;
  }
};

class BinlogFollow : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    static Engine mariadb(false), mysql(true);
    engine_ = is_mysql() ? &mysql : &mariadb;
    if (!engine_->why_not.empty()) GTEST_SKIP() << "SKIPPED: " << engine_->why_not;
    ASSERT_TRUE(engine_->server);
    run({"DROP DATABASE IF EXISTS d", "CREATE DATABASE d"});
  }

  bool is_mysql() const { return GetParam() == "mysql"; }
  const std::string& folder() const { return engine_->folder.path(); }
  std::unique_ptr<Connection> connect() {
    auto connection = Connection::connect(engine_->server->address());
    EXPECT_TRUE(connection) << connection.error().text();
    return connection ? std::move(*connection) : nullptr;
  }
  void run(const Lines& statements) {
    const auto connection = connect();
    ASSERT_TRUE(connection);
    for (const std::string& sql : statements) {
      const auto done = connection->query(sql);
      ASSERT_TRUE(done) << sql << ": " << done.error().text();
    }
  }
  std::string value(const std::string& sql) {
    const auto connection = connect();
    const auto got = connection->query_value(sql);
    EXPECT_TRUE(got) << sql << ": " << got.error().text();
    return got ? got->value_or("") : "";
  }
  void kill_dumps() {
    const auto connection = connect();
    const auto dumps = connection->query(
        "SELECT ID FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'");
    ASSERT_TRUE(dumps);
    for (const auto& row : dumps->rows) (void)connection->query("KILL " + *row[0]);
  }
  void wait_for_dumps(const std::string& count) {
    while (value("SELECT COUNT(*) FROM information_schema.PROCESSLIST "
                 "WHERE COMMAND LIKE 'Binlog Dump%'") != count)
      ::poll(nullptr, 0, 20);
  }
  // "binlog.000001:328", where the log ends now.
  std::string position() {
    const auto connection = connect();
    auto status = connection->query(is_mysql() ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS");
    EXPECT_TRUE(status);
    return *status->rows[0][0] + ":" + *status->rows[0][1];
  }
  std::string url(const std::string& query = "", const std::string& login = "admin:admin") const {
    return "mysql://" + login + "@127.0.0.1:" + std::to_string(engine_->options.port) + query;
  }
  std::unique_ptr<Follower> follow(std::vector<std::string> words) {
    words.emplace_back("--follow");
    return std::make_unique<Follower>(std::move(words),
                                      folder() + "/errors-" + std::to_string(++followers_));
  }
  static std::string insert(int id) {
    return "INSERT INTO d.t VALUES (" + std::to_string(id) + ")";
  }
  static std::string inserted(int id) { return "insert t id=" + std::to_string(id); }

  Engine* engine_ = nullptr;
  int followers_ = 0;
};
INSTANTIATE_TEST_SUITE_P(, BinlogFollow, testing::Values("mariadb", "mysql"),
                         [](const auto& each) { return std::string(each.param); });

TEST_P(BinlogFollow, PrintsEachChangeOnceOverNewFilesLostConnectionsAndRestarts) {
  const std::string from = position();
  run({"CREATE TABLE d.t(id INT UNSIGNED PRIMARY KEY)", insert(1)});
  const auto follower = follow({"--from", from, url()});
  EXPECT_EQ(follower->next(2), (Lines{"ddl CREAT", inserted(1)}));
  int id = 1;
  const auto expect_more = [&] {
    EXPECT_EQ(follower->next(1), Lines{inserted(id)}) << follower->errors();
  };
  run({"FLUSH BINARY LOGS", insert(++id)});
  expect_more();
  for (int kills = 0; kills < 3; ++kills) {
    kill_dumps();
    run({insert(++id)});
    expect_more();
  }
  run({insert(++id), "FLUSH BINARY LOGS"});
  kill_dumps();
  expect_more();
  engine_->server.reset();  // a clean shutdown
  engine_->start();
  run({insert(++id)});
  expect_more();
  const std::string process =
      emulator::base::read_file(engine_->options.folder + "/pid").value_or("0");
  ASSERT_GT(std::atoi(process.c_str()), 1);
  ASSERT_EQ(::kill(std::atoi(process.c_str()), SIGKILL), 0);
  engine_->server.reset();
  engine_->start();
  run({insert(++id)});
  expect_more();
  EXPECT_EQ(follower->end(), 0) << follower->errors();
  EXPECT_EQ(follower->next(1), Lines{});
}

TEST_P(BinlogFollow, NamesColumnsOverDdlThatTheLogHasNoNamesFor) {
  const std::string from = position();
  run({"CREATE TABLE d.t(id INT UNSIGNED PRIMARY KEY, name VARCHAR(20)) DEFAULT CHARSET=latin1",
       "INSERT INTO d.t VALUES (4294967295, 'caf\xC3\xA9')"});
  const auto follower = follow({"--from", from, "--table", "d.%", url()});
  EXPECT_EQ(follower->next(2), (Lines{"ddl CREAT", "insert t id=4294967295 name=caf\xC3\xA9"}));
  run({"ALTER TABLE d.t RENAME COLUMN name TO called, ADD e ENUM('a','b') FIRST",
       "INSERT INTO d.t VALUES ('b', 2, 'x')"});
  EXPECT_EQ(follower->next(2), (Lines{"ddl ALTER", "insert t called=x e=b id=2"}));
  kill_dumps();
  run({"INSERT INTO d.t VALUES ('a', 3, 'y')", "ALTER TABLE d.t DROP called",
       "DELETE FROM d.t WHERE id = 3"});
  EXPECT_EQ(follower->next(3),
            (Lines{"insert t called=y e=a id=3", "ddl ALTER", "delete t e=a id=3"}));
  EXPECT_EQ(follower->end(), 0);
}

TEST_P(BinlogFollow, NamesColumnsOfTablesThatAreOlderThanWhereItBegins) {
  run({"CREATE TABLE d.t(id INT UNSIGNED PRIMARY KEY, e ENUM('a','b'))"});
  run({"INSERT INTO d.t VALUES (1, 'a')"});
  const std::string from = position();
  run({"INSERT INTO d.t VALUES (4294967295, 'b')"});
  for (const std::string& start : {from, std::string("now")}) {
    kill_dumps();
    wait_for_dumps("0");
    const auto follower = follow({"--from", start, url()});
    if (start == "now") {
      wait_for_dumps("1");
      run({"INSERT INTO d.t VALUES (7, 'a')"});
      EXPECT_EQ(follower->next(1), Lines{"insert t e=a id=7"}) << follower->errors();
    } else {
      EXPECT_EQ(follower->next(1), Lines{"insert t e=b id=4294967295"}) << follower->errors();
    }
    EXPECT_EQ(follower->end(), 0);
  }
}

TEST_P(BinlogFollow, ReadsAServerToItsPresentEndFromAPosition) {
  run({"CREATE TABLE d.t(id INT UNSIGNED PRIMARY KEY)", insert(1)});
  const std::string from = position();
  run({insert(2), "FLUSH BINARY LOGS", insert(3)});
  Follower reader({"--from", from, url()}, folder() + "/errors-to-end");
  EXPECT_EQ(reader.next(3), (Lines{inserted(2), inserted(3)}));
  EXPECT_EQ(reader.end(0), 0) << reader.errors();
}

TEST_P(BinlogFollow, BeginsBehindAGtid) {
  run({"CREATE TABLE d.t(id INT PRIMARY KEY)", insert(1), insert(2)});
  const std::string had = is_mysql() ? value("SELECT @@GLOBAL.gtid_executed")
                                     : value("SELECT @@GLOBAL.gtid_binlog_pos");
  run({insert(3)});
  const auto follower = follow({"--from", had, "--table", "d.t", url()});
  Lines seen = follower->next(1);
  run({"FLUSH BINARY LOGS"});
  kill_dumps();
  run({insert(4)});
  for (const std::string& line : follower->next(1)) seen.push_back(line);
  ASSERT_EQ(seen.size(), 2u) << follower->errors();
  EXPECT_EQ(seen[0].back(), '3');
  EXPECT_EQ(seen[1].back(), '4');
  EXPECT_EQ(follower->end(), 0);
}

TEST_P(BinlogFollow, GoesThroughTlsWhereTheServerWantsIt) {
  const std::string from = position();
  run({"CREATE TABLE d.t(id INT PRIMARY KEY)", "SET GLOBAL require_secure_transport=ON"});
  int id = 0;
  for (const char* mode : {"?ssl-mode=REQUIRED", "?ssl-mode=PREFERRED"}) {
    const auto follower = follow({"--from", from, "--table", "d.%", url(mode)});
    EXPECT_EQ(follower->next(1), Lines{"ddl CREAT"}) << follower->errors();
    kill_dumps();
    run({insert(++id)});
    for (int i = 1; i <= id; ++i)
      EXPECT_EQ(follower->next(1), Lines{inserted(i)}) << follower->errors();
    EXPECT_EQ(follower->end(), 0);
  }
  const auto refused = follow({"--from", from, url("?ssl-mode=DISABLED")});
  EXPECT_EQ(refused->end(0), 4);
  const bool told = refused->errors().find("insecure transport") != std::string::npos;
  const bool denied = refused->errors().find("Access denied") != std::string::npos;
  EXPECT_TRUE(told || (!is_mysql() && denied)) << refused->errors();  // MariaDB 10.11 says no more
  run({"SET GLOBAL require_secure_transport=OFF"});
}

TEST_P(BinlogFollow, LogsInByCachingSha2PasswordWithTlsAndWithout) {
  if (!is_mysql()) GTEST_SKIP() << "SKIPPED: MariaDB 10.11 has no caching_sha2_password";
  const std::string from = position();
  run({"DROP USER IF EXISTS reader@'%'",
       "CREATE USER reader@'%' IDENTIFIED WITH caching_sha2_password BY 'sesame'",
       "GRANT REPLICATION SLAVE, REPLICATION CLIENT, SELECT ON *.* TO reader@'%'",
       "CREATE TABLE d.t(id INT PRIMARY KEY)"});
  for (const char* mode : {"?ssl-mode=REQUIRED", "?ssl-mode=DISABLED"}) {
    run({"FLUSH PRIVILEGES"});  // the server forgets whose password it has seen: the long way
    const auto follower = follow({"--from", from, "--table", "d.%", url(mode, "reader:sesame")});
    EXPECT_EQ(follower->next(1), Lines{"ddl CREAT"}) << mode << follower->errors();
    kill_dumps();  // and the short one
    run({"DELETE FROM d.t", insert(1)});
    const Lines seen = follower->next(1);
    EXPECT_EQ(seen.size(), 1u) << mode << follower->errors();
    EXPECT_EQ(follower->end(), 0);
  }
}

// The server's own file, read as it is written.
TEST_P(BinlogFollow, FollowsAFileThatGrowsAndTheFilesAfterIt) {
  run({"CREATE TABLE d.t(id INT PRIMARY KEY)", "FLUSH BINARY LOGS"});
  const std::string log = position();
  const std::string file = engine_->options.folder + "/data/" + log.substr(0, log.find(':'));
  const auto follower = follow({file});
  run({insert(1)});
  const auto last_digit = [](const Lines& lines) { return lines.empty() ? '?' : lines[0].back(); };
  EXPECT_EQ(last_digit(follower->next(1)), '1') << follower->errors();
  run({insert(2), "FLUSH BINARY LOGS", insert(3)});
  EXPECT_EQ(last_digit(follower->next(1)), '2') << follower->errors();
  EXPECT_EQ(last_digit(follower->next(1)), '3') << follower->errors();
  engine_->server.reset();
  engine_->start();
  run({insert(4)});
  EXPECT_EQ(last_digit(follower->next(1)), '4') << follower->errors();
  EXPECT_EQ(follower->end(), 0) << follower->errors();
}

// Piece by piece, cut anywhere: an event is printed once it is whole.
TEST(BinlogFollowFile, WaitsForTheRestOfAnEvent) {
  if (std::getenv("SLUICE") == nullptr) GTEST_SKIP() << "SKIPPED: SLUICE names no program";
  const std::string whole =
      emulator::base::read_file(tests::source_path("fixtures/binlog/mysql-9.7/binlog.000005"))
          .value_or("");
  ASSERT_GT(whole.size(), 1000u);
  const tests::TemporaryFolder folder;
  const std::string path = folder.path() + "/binlog.000005";
  std::ofstream(path, std::ios::binary) << whole;
  Lines all;
  {
    Follower at_once({path}, folder.path() + "/errors");
    all = at_once.next(SIZE_MAX);
    EXPECT_EQ(at_once.end(0), 0);
  }
  ASSERT_GT(all.size(), 2u);
  std::ofstream grows(path, std::ios::binary | std::ios::trunc);
  grows.write(whole.data(), 4).flush();
  Follower follower({"--follow", path}, folder.path() + "/errors");
  for (std::size_t at = 4; at < whole.size();) {
    const std::size_t size = std::min<std::size_t>(37 + at % 211, whole.size() - at);
    grows.write(whole.data() + at, static_cast<std::streamsize>(size)).flush();
    at += size;
  }
  EXPECT_EQ(follower.next(all.size()), all);
  EXPECT_EQ(follower.end(), 0) << follower.errors();
  EXPECT_EQ(follower.next(1), Lines{});
}

}  // namespace
}  // namespace pipeline::commands
