#pragma once
// ReplicationTaskSettings (dms.md section 5): a client's JSON, merged over AWS's defaults. A
// setting that AWS knows and Sluice does not build is refused by name once it differs from its
// default; an unknown one is refused with the nearest.

#include <cstdint>
#include <string>
#include <string_view>

#include "emulator/base/result.h"

namespace pipeline::dms {

enum class TargetTablePrepMode { drop_and_create, truncate_before_load, do_nothing };

struct TaskSettings {
  TargetTablePrepMode prep_mode = TargetTablePrepMode::drop_and_create;
  bool stop_before_cached_changes = false;    // StopTaskCachedChangesNotApplied
  bool stop_after_cached_changes = false;     // StopTaskCachedChangesApplied
  bool handle_truncated = true;               // HandleSourceTableTruncated
  bool fail_on_no_tables = true;              // FailOnNoTablesCaptured
  std::int64_t recoverable_error_count = -1;  // puts that may fail in a row; -1 = any number
  std::int64_t recoverable_throttling_max_s = 1800;
  std::int64_t lob_max_kb = 32;  // LobMaxSize: what is longer is cut
};

struct TaskSettingsDocument {
  TaskSettings settings;
  std::string json;  // the whole document, as DescribeReplicationTasks returns it
};

// "" = the defaults.
emulator::base::Result<TaskSettingsDocument> parse_task_settings(std::string_view json);

}  // namespace pipeline::dms
