#pragma once
// The embedded DB instance: MySQL's dialect on SQLite, and genuine row-format binlog for every
// commit. Row changes come from SQLite's preupdate hook; values are coerced to the MySQL column
// type before SQLite sees them. Commit order is log order, one GTID a transaction; what is rolled
// back leaves nothing. NOW() and event times are the scheduler's. On disk (`--data DIR`):
// DIR/<identifier>.sqlite and DIR/<identifier>-binlog/binlog.NNNNNN; the log is cut back to the
// last commit at the start.

#include <map>
#include <memory>
#include <string>

#include "emulator/sim/random.h"
#include "emulator/sim/scheduler.h"
#include "emulator/sim/trace.h"
#include "emulator/sqlite/database.h"
#include "pipeline/mysql/change_source.h"
#include "pipeline/rds/session.h"

namespace pipeline::rds::embedded {

struct EngineOptions {
  std::string identifier = "database-1";
  std::string folder = {};  // "" = in memory
  emulator::sqlite::Sync sync = emulator::sqlite::Sync::full;
  std::string version = "8.4.3-sluice";
  std::uint32_t server_id = 1;
  // The parameter group: server variables by name ("binlog_format", "sql_mode", "time_zone"...).
  // Unknown names are refused.
  std::map<std::string, std::string> parameters = {};
};

class Engine : public mysql::ChangeSource {
 public:
  static emulator::base::Result<std::unique_ptr<Engine>> open(const EngineOptions& options,
                                                              emulator::sim::Scheduler& scheduler,
                                                              emulator::sim::Trace& trace,
                                                              emulator::sim::Random random);
  // database: as if USE had been said; "" = none. Sessions must not outlive the engine.
  virtual std::unique_ptr<Session> connect(const std::string& database = {}) = 0;
  // The bytes of one binlog file ("binlog.000001"), from the magic on; and the names of all.
  virtual emulator::base::Result<std::string> binlog_file(const std::string& name) = 0;
  virtual std::vector<std::string> binlog_files() = 0;
};

// Trace lines (actor "rds"): commit{gtid,position,rows,tables} ddl{gtid,position,sql}.

}  // namespace pipeline::rds::embedded
