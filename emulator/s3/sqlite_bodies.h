#pragma once
// The bytes of objects and parts in the SQLite store: small ones in a row of the table of bodies,
// large ones in a file that such a row names (body_files.h). No transactions of its own: the
// store's.

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "emulator/s3/body_files.h"
#include "emulator/s3/object_store.h"
#include "emulator/sqlite/database.h"

namespace emulator::s3 {

// A row of the table of bodies.
struct StoredBody {
  std::int64_t id = 0;  // 0: none
  bool in_file = false;
};

class Bodies {
 public:
  explicit Bodies(BodyFiles files) : files_(std::move(files)) {}

  base::Result<void> prepare(sqlite::Database& database);
  base::Result<void> sweep();  // at the start: files that no row names

  std::unique_ptr<BodyWriter> new_body(std::uint64_t inline_bytes_max) {
    return files_.new_body(inline_bytes_max);
  }
  void discard(const BodyRef& body);

  // The id of its row; over: that of the small body that a small one takes the place of, 0 = none.
  base::Result<std::int64_t> put(const BodyRef& body, std::int64_t over = 0);
  base::Result<std::unique_ptr<BodyReader>> open(const StoredBody& body);
  // As open(), when its turn comes: the bytes stay until then.
  base::Result<std::function<base::Result<std::unique_ptr<BodyReader>>()>> opener(
      const StoredBody& body);

  // Ids of files whose rows a transaction removes. The files go after the commit: a crash in
  // between leaves an orphan, never a row without its file.
  using Removed = std::vector<std::uint64_t>;
  base::Result<void> remove(const StoredBody& body, Removed& removed);
  void remove_files(const Removed& removed);
  // Where a power cut may undo a commit (body_files.h).
  void remove_after(std::function<base::Result<void>()> settle) {
    files_.remove_after(std::move(settle));
  }

 private:
  base::Result<std::string> read_row(std::int64_t body);

  BodyFiles files_;
  sqlite::Statement put_, put_over_, remove_, is_file_, read_, last_;
};

}  // namespace emulator::s3
