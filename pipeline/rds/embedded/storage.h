#pragma once
// What all sessions of an engine share: the SQLite database, the catalog, the journal of the one
// open transaction, and the binlog. Commit is here: first the log (appended, synced), then SQLite
// with the log's position in it. At the start the log is cut back to that position, so a crash in
// between leaves a transaction that nobody was told of, gone from both.

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "emulator/sim/random.h"
#include "emulator/sim/scheduler.h"
#include "emulator/sim/trace.h"
#include "emulator/sqlite/database.h"
#include "pipeline/mysql/binlog/gtid.h"
#include "pipeline/mysql/binlog/writer.h"
#include "pipeline/rds/embedded/binlog_store.h"
#include "pipeline/rds/embedded/catalog.h"
#include "pipeline/rds/embedded/engine.h"
#include "pipeline/rds/embedded/environment.h"
#include "pipeline/rds/embedded/journal.h"
#include "pipeline/rds/embedded/row_capture.h"
#include "pipeline/rds/embedded/row_store.h"
#include "pipeline/rds/embedded/variables.h"

namespace pipeline::rds::embedded {

class Storage {
 public:
  Storage(const EngineOptions& options, emulator::sim::Scheduler& scheduler,
          emulator::sim::Trace& trace, emulator::sim::Random random);
  ~Storage();
  emulator::base::Result<void> open();

  // One transaction at a time. SQLite's BEGIN; what follows is journaled.
  Result<void> begin();
  bool is_open() const { return open_; }
  // Rows to the log, then to SQLite. Nothing changed: nothing logged. thread: the session's number.
  Result<void> commit(std::uint32_t thread);
  Result<void> rollback();
  // The commit of a DDL statement: one QUERY event under a GTID of its own.
  Result<void> commit_ddl(std::string_view schema, std::string_view sql, std::uint32_t thread);

  // Marks inside the transaction. Number: as savepoint() gave it.
  struct Point {
    std::int64_t number = 0;
    Journal::Mark mark;
  };
  Result<Point> savepoint();
  Result<void> rollback_to(const Point& point);
  Result<void> release(const Point& point);

  Result<void> rotate();
  Result<void> purge_to(const std::string& file);
  mysql::Position position() const { return {binlog.current(), binlog.position()}; }
  std::uint64_t trace_of(const std::string& end_position) const;

  Result<void> run(std::string_view sql);  // SQLite's own statements

  EngineOptions options;
  emulator::sim::Scheduler& scheduler;
  emulator::sim::Trace& trace;
  emulator::sim::Random random;
  Environment environment;  // outlives the database, whose functions point at it
  emulator::sqlite::Database database;
  Catalog catalog;
  Journal journal;
  RowCapture capture;
  RowStore rows;
  BinlogStore binlog;
  Variables global;
  mysql::binlog::GtidSet executed;
  std::string server_uuid;  // as text
  std::function<void()> on_commit;
  std::map<std::int64_t, std::uint64_t>
      dirty_increments;  // table id -> next; stored at the next commit

 private:
  emulator::base::Result<void> open_log();
  emulator::base::Result<void> open_identity();
  Result<void> store_position();
  Result<void> step(emulator::sqlite::Statement& statement);
  Result<void> finish_commit(std::uint64_t trace_id);
  mysql::binlog::CommitInfo next_commit(std::uint32_t thread);
  Result<void> append_log(std::string_view bytes);

  std::string uuid_bytes_;
  mysql::binlog::Writer writer_;
  std::string buffer_;
  std::int64_t transactions_in_file_ = 0;
  std::uint64_t xid_ = 1;
  bool open_ = false;
  std::int64_t last_point_ = 0;
  emulator::sqlite::Statement begin_, commit_, rollback_, position_;
  std::map<std::string, std::uint64_t> traces_;  // end position -> the commit's trace line
};

}  // namespace pipeline::rds::embedded
