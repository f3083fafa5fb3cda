#pragma once
// The ObjectStore of `--data DIR`: metadata and small bodies in DIR/s3.sqlite, large bodies in
// DIR/bodies/. A body is written to a temporary name, synced, renamed, then committed; what a crash
// leaves behind is swept at the next start.

#include <memory>
#include <string>

#include "emulator/s3/object_store.h"
#include "emulator/sqlite/database.h"

namespace emulator::s3 {

// A second process on the same folder gets an Error that says so.
base::Result<std::unique_ptr<ObjectStore>> sqlite_store(const std::string& folder,
                                                        sqlite::Sync sync,
                                                        const StoreOptions& options = {});

}  // namespace emulator::s3
