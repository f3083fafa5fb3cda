#pragma once
// A running MySQL or MariaDB server as a source of rows and changes. Schema and rows come through
// Connector/C++ (sql_client.h), changes through our own client of the replication protocol, on a
// thread of its own (log_reader.h); so do the rows of a load (live_rows.h), and what a task asks at
// its start (live_questions.h). Called from one thread, which waits for no more than the answer to
// a short question.
//
// The position of a full load is exact: that of a consistent snapshot, which is kept for the tables
// that are read after it. MariaDB tells it with the snapshot; MySQL is locked for an instant where
// it may be (FLUSH TABLES WITH READ LOCK). Where it may not (RDS), the position is taken first and
// the snapshot once every transaction that was under way has ended: the log may repeat what the
// snapshot has, never lack it.
//
// Names, signs, labels: of the log where binlog_row_metadata is FULL. Else of the tables as they
// were at the position, and of the log's DDL since (SchemaTracker); a task saves both with its
// checkpoint (reader_state). Only a reader that begins elsewhere takes today's.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "pipeline/mysql/change_source.h"
#include "pipeline/rds/external/live_questions.h"
#include "pipeline/rds/external/live_rows.h"
#include "pipeline/rds/external/log_reader.h"
#include "pipeline/rds/external/reader_history.h"
#include "pipeline/rds/external/sql_client.h"

namespace pipeline::rds::external {

struct LiveSourceOptions {
  ConnectOptions server;
  // From any thread: runs a task on the thread that owns the source. Empty: nobody paces us, time
  // stands still while the server answers, and next_transaction waits until all is read that the
  // server has committed by then.
  std::function<void(std::function<void()>)> post = {};
  std::function<void(const std::string& message)> note =
      {};  // of connections lost; on the owner's thread
};

class LiveSource final : public mysql::ChangeSource {
 public:
  // An Error if the server cannot be reached, or does not let us in.
  static Result<std::unique_ptr<LiveSource>> connect(LiveSourceOptions options);
  ~LiveSource() override;

  void prepare(bool with_position, std::function<void()> ready) override;
  std::optional<std::string> variable(std::string_view name) override;
  std::optional<std::vector<std::string>> grants() override;
  Result<std::vector<mysql::TablePtr>> tables() override;
  Result<Position> position() override;
  Result<void> read_table(std::string_view schema, std::string_view table,
                          const std::function<bool(const mysql::Row&)>& row) override;
  Result<std::unique_ptr<mysql::TableRows>> open_table(std::string_view schema,
                                                       std::string_view table,
                                                       std::function<void()> ready) override;
  void release_snapshot() override { snapshot_.reset(); }
  Result<std::optional<Transaction>> next_transaction(const Position& from) override;
  std::shared_ptr<const std::string> reader_state(const Position& at) override {
    return history_.text(at);
  }
  Result<void> restore_reader(const Position& at, const std::string& state) override;
  // Without a wake nobody reads: the reader's connection is closed.
  void on_commit(std::function<void()> wake) override;
  bool takes_time() const override { return true; }

  // As if something had been committed: whoever waits looks.
  void wake();
  // Stops the reader's thread; the next call of next_transaction starts another.
  void stop_reading() { reader_.reset(); }

 private:
  using Name = std::pair<std::string, std::string>;

  LiveSource(LiveSourceOptions options, std::unique_ptr<SqlClient> client);
  // Runs a query on the connection that is kept for such; on a new one if that was lost.
  Result<mysql::TablePtr> find_table(std::string_view schema, std::string_view table) const;
  template <class T>
  Result<T> ask(const std::function<Result<T>(SqlClient&)>& question);
  void note(const std::string& message) const;
  void start_reader(const Position& from);
  Result<std::optional<LogReader::Read>> take();

  LiveSourceOptions options_;
  std::unique_ptr<SqlClient> client_;
  std::shared_ptr<Answers> answers_;  // while those run whom prepare() has called
  Snapshot snapshot_;                 // in a transaction, from position() to release_snapshot()
  std::map<Name, mysql::TablePtr> known_;  // the last that tables() gave
  std::function<void()> wake_;
  std::unique_ptr<LogReader> reader_;
  ReaderHistory history_;
  Position expected_;                  // where the reader's next transaction begins, or later
  Position end_of_log_;                // when it was last asked for
  std::shared_ptr<LiveSource*> self_;  // shared: what the reader has posted may come after the end
  std::unique_ptr<LiveQuestions> questions_;
};

}  // namespace pipeline::rds::external
