#pragma once
// A DMS replication task: full load, ongoing changes, or both, from a MySQL source to files in S3
// (dms.md is the specification). A state machine driven by the scheduler; it reads a ChangeSource
// and writes through the link "dms.put_object". The checkpoint moves only after the file is
// durable, so a restart repeats rather than loses.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emulator/s3/service.h"
#include "emulator/sim/fault.h"
#include "emulator/sqlite/database.h"
#include "pipeline/dms/s3_settings.h"
#include "pipeline/dms/table_mappings.h"
#include "pipeline/mysql/change_source.h"

namespace pipeline::dms {

using emulator::base::Instant;
using emulator::base::Result;

enum class MigrationType {
  full_load,
  cdc,
  full_load_and_cdc
};  // "full-load", "cdc", "full-load-and-cdc"
enum class Status { ready, starting, running, stopping, stopped, failed };  // AWS: lower case words
enum class StartType { start_replication, resume_processing, reload_target };

struct ReplicationTaskOptions {
  std::string identifier = "mysql-to-s3";
  MigrationType migration_type = MigrationType::full_load_and_cdc;
  TableMappings mappings;
  S3Settings target;
  std::string settings_json =
      {};  // ReplicationTaskSettings, merged over the defaults; "" = defaults
};

struct TableStatistics {
  std::string schema, table;
  std::uint64_t inserts = 0, updates = 0, deletes = 0, ddls = 0;
  std::uint64_t applied_inserts = 0, applied_updates = 0, applied_deletes = 0, applied_ddls = 0;
  std::uint64_t full_load_rows = 0;
  std::string state = "Before load";  // AWS's TableState
};

class ReplicationTask {
 public:
  // state: where the task keeps its status and checkpoint (a table of its own); ":memory:" or a
  // file of --data.
  ReplicationTask(ReplicationTaskOptions options, mysql::ChangeSource& source,
                  emulator::s3::Service& s3, emulator::sqlite::Database& state,
                  emulator::sim::Scheduler& scheduler, emulator::sim::Trace& trace,
                  emulator::sim::Faults& faults, emulator::sim::Random random);
  ~ReplicationTask();

  // Errors are those of StartReplicationTask: a wrong state is an InvalidResourceStateFault. The
  // work itself happens in scheduled steps.
  Result<void> start(StartType type);
  Result<void> stop();
  // After a restart of the process: a task that was running goes on from its checkpoint.
  Result<void> recover();

  Status status() const;
  std::string_view status_text() const;  // "running"
  std::string stop_reason() const;       // "Stop Reason FULL_LOAD_ONLY_FINISHED"
  std::string last_failure_message() const;
  std::string recovery_checkpoint() const;  // "checkpoint:V1#..."
  std::vector<TableStatistics> table_statistics() const;
  int full_load_progress_percent() const;
  const ReplicationTaskOptions& options() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Trace lines (actor "dms"): status{task,status,reason?} load_file{task,bucket,key,rows,bytes}
// change_file{task,bucket,key,rows,inserts,updates, deletes,bytes,first,last}
// checkpoint{task,position} prepare{task,table,deleted} truncate{task,table,deleted}
// warning{task,message}. Crash points: dms.before_put, dms.after_put, dms.after_load_file. A crash:
// status failed, RECOVERABLE_ERROR, nothing buffered survives.

}  // namespace pipeline::dms
