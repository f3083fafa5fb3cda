#pragma once
// What a replication task keeps over a crash: its status, the tables with their progress, and the
// checkpoint: the position up to which every change is in a durable file. One row a task and one a
// table, and what the source's reader must know at the checkpoint, in a database that others use
// too.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "emulator/sqlite/database.h"
#include "pipeline/dms/change_sequence.h"
#include "pipeline/dms/replication_task.h"
#include "pipeline/mysql/change_source.h"

namespace pipeline::dms {

struct Checkpoint {
  mysql::Position position;
  ChangeSequence sequence;  // as it was there
};

struct TableRecord {
  TableStatistics statistics;
  bool loaded = false;            // all its LOAD files are durable
  std::int64_t last_file_ms = 0;  // time in the name of its last change file
  bool unsaved = true;
};
using TableName = std::pair<std::string, std::string>;  // schema, table

struct TaskRecord {
  Status status = Status::ready;
  std::string stop_reason;
  std::string failure;
  bool planned = false;    // the tables are known and the target is prepared
  bool load_done = false;  // nothing is left to load
  std::optional<Checkpoint> checkpoint;
  std::shared_ptr<const std::string>
      reader_state;  // of the source at the checkpoint; null: it has none
  std::map<TableName, TableRecord> tables;
  bool forgets_tables = false;  // the saved tables are of an earlier life
};

// AWS's word for it.
std::string_view status_name(Status status);

class TaskStore {
 public:
  TaskStore(emulator::sqlite::Database& database, std::string identifier)
      : database_(database), identifier_(std::move(identifier)) {}

  // Makes the tables where there are none yet.
  Result<void> open();
  Result<TaskRecord> load();  // a task that was never saved is ready
  // All or nothing; tables that have not changed since are not written again.
  Result<void> save(TaskRecord& record);

 private:
  Result<void> forget_tables();
  Result<void> save_task(const TaskRecord& record);
  Result<void> save_table(const TableRecord& table);
  Result<void> save_reader_state(const TaskRecord& record);

  emulator::sqlite::Database& database_;
  std::string identifier_;
  std::shared_ptr<const std::string>
      saved_state_;  // the last that was saved or loaded: it may be large and seldom changes
};

}  // namespace pipeline::dms
