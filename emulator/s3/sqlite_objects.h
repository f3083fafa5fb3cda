#pragma once
// The two tables of objects in the SQLite store: `objects` has what is current, one row a key, so
// that a listing is one scan and a find one row, however many versions there are; `versions` has
// the others. A row moves between them, its body never. No transactions of its own: the store's.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/s3/object_store.h"
#include "emulator/s3/sqlite_bodies.h"
#include "emulator/sqlite/database.h"

namespace emulator::s3 {

// Which version a row is, and where its bytes are.
struct StoredVersion {
  std::string sequencer;
  std::string version_id;
  std::string upload_id;
  StoredBody body;
  std::optional<std::string> bytes = {};  // of a small body, if they were asked for
};

class ObjectTables {
 public:
  base::Result<void> prepare(sqlite::Database& database);

  base::Result<std::optional<Object>> find(std::string_view bucket, std::string_view key);
  base::Result<std::optional<Object>> find_version(std::string_view bucket, std::string_view key,
                                                   std::string_view version_id);
  base::Result<std::vector<ListedObject>> list(std::string_view bucket,
                                               const ObjectStore::Range& range);
  base::Result<std::vector<ListedVersion>> list_versions(std::string_view bucket,
                                                         const ObjectStore::VersionRange& range);

  base::Result<std::optional<StoredVersion>> current(std::string_view bucket, std::string_view key);
  base::Result<std::optional<StoredVersion>> current_with_bytes(std::string_view bucket,
                                                                std::string_view key);
  // Of those that are not current:
  base::Result<std::optional<StoredVersion>> version(std::string_view bucket, std::string_view key,
                                                     std::string_view sequencer);
  base::Result<std::optional<StoredVersion>> null_version(std::string_view bucket,
                                                          std::string_view key);

  base::Result<void> put_current(const Object& object,
                                 std::int64_t body);  // in the place of what is current
  base::Result<void> put_version(const Object& object, std::int64_t body);
  base::Result<void> remove_current(std::string_view bucket, std::string_view key);
  base::Result<void> remove_version(std::string_view bucket, std::string_view key,
                                    std::string_view sequencer);
  // What is current is a version like the others, too; its row among the current ones stays for the
  // caller to replace.
  base::Result<void> keep_current(std::string_view bucket, std::string_view key);
  // With nothing current: the latest version becomes it, unless that is a delete marker.
  base::Result<void> promote_latest(std::string_view bucket, std::string_view key);

 private:
  base::Result<std::optional<StoredVersion>> stored(sqlite::Statement& statement);
  base::Result<void> read_versions(sqlite::Statement& scan, std::string_view bucket,
                                   const ObjectStore::VersionRange& range,
                                   std::vector<ListedVersion>& page);

  sqlite::Statement find_, find_version_, find_null_version_, list_from_, list_after_,
      list_versions_, list_older_;
  sqlite::Statement current_, current_with_bytes_, version_, null_version_;
  sqlite::Statement put_current_, put_version_, remove_current_, remove_version_, keep_current_,
      promote_, remove_promoted_;
};

}  // namespace emulator::s3
