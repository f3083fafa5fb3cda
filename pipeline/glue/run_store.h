#pragma once
// Job runs in the state database, in the order of their start: what GetJobRuns answers after a
// restart, and which runs a kill cut short.

#include <vector>

#include "emulator/base/result.h"
#include "emulator/sqlite/database.h"
#include "pipeline/glue/service.h"

namespace pipeline::glue {

class RunStore {
 public:
  explicit RunStore(emulator::sqlite::Database& state) : state_(state) {}

  emulator::base::Result<std::vector<JobRun>> load();  // oldest first
  emulator::base::Result<void> save(const JobRun& run);

 private:
  emulator::base::Result<void> create_table();
  emulator::sqlite::Database& state_;
};

}  // namespace pipeline::glue
