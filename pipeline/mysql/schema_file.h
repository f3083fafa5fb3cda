#pragma once
// A tracker's seed from DDL in a file: mysqldump --no-data or mariadb-dump --no-data, or CREATE
// statements by hand. USE and DELIMITER are understood; rows, views, triggers and settings are
// passed over.

#include <string>
#include <string_view>

#include "emulator/base/result.h"
#include "pipeline/mysql/schema_tracker.h"

namespace pipeline::mysql {

// `path` may be gzipped. Errors name file and line; then the tracker has what stands before it.
emulator::base::Result<void> seed_from_file(SchemaTracker& tracker, const std::string& path);
emulator::base::Result<void> seed_from_sql(SchemaTracker& tracker, std::string_view sql,
                                           const std::string& path);

}  // namespace pipeline::mysql
