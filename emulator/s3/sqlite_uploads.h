#pragma once
// The tables of multipart uploads and their parts in the SQLite store. No transactions of its own:
// the store's.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "emulator/s3/object_store.h"
#include "emulator/s3/sqlite_bodies.h"
#include "emulator/sqlite/database.h"

namespace emulator::s3 {

struct StoredPart {
  std::uint32_t number = 0;
  std::uint64_t size = 0;
  StoredBody body;
};

class UploadTables {
 public:
  base::Result<void> prepare(sqlite::Database& database);

  base::Result<void> put(const MultipartUpload& upload);
  base::Result<void> remove(std::string_view bucket, std::string_view key, std::string_view id);
  base::Result<std::optional<MultipartUpload>> find(std::string_view bucket, std::string_view key,
                                                    std::string_view id);
  base::Result<std::vector<MultipartUpload>> list(std::string_view bucket,
                                                  const ObjectStore::UploadRange& range);

  base::Result<void> put_part(std::string_view upload_id, const Part& part, std::int64_t body);
  base::Result<void> remove_part(std::string_view upload_id, std::uint32_t number);
  base::Result<std::vector<Part>> parts(std::string_view upload_id, std::uint32_t after,
                                        std::size_t limit);
  base::Result<std::vector<StoredPart>> stored_parts(std::string_view upload_id);
  base::Result<StoredBody> body_of_part(std::string_view upload_id, std::uint32_t number);

 private:
  sqlite::Statement put_, remove_, find_, list_;
  sqlite::Statement put_part_, remove_part_, parts_, stored_parts_, body_of_part_;
};

}  // namespace emulator::s3
