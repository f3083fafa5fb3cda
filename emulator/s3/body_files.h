#pragma once
// The folder of large bodies: DIR/bodies/<id as 16 hex digits>. A body grows under "<id>.part", is
// synced and renamed; the row that names it is committed after that. So a file without a row is an
// orphan of a crash, and a row always has its file.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "emulator/base/file.h"
#include "emulator/s3/object_store.h"

namespace emulator::s3 {

class BodyFiles {
 public:
  // durable: bodies are synced before they get their name, and the folder after it.
  static base::Result<BodyFiles> open(const std::string& folder, bool durable);

  // Ids are given upwards from next_id.
  void set_next_id(std::uint64_t next_id) { next_id_ = next_id; }
  // Removes every body of ours that `is_known` does not know, and every unfinished one.
  base::Result<void> sweep(
      const std::function<base::Result<bool>(std::uint64_t id)>& is_known) const;

  // Bodies of up to inline_bytes_max bytes stay in memory and come back in BodyRef::inline_bytes.
  std::unique_ptr<BodyWriter> new_body(std::uint64_t inline_bytes_max);
  base::Result<std::unique_ptr<BodyReader>> read(std::uint64_t id) const;
  // Opens the body when it is called. While it (or a copy of it) lives the file stays: many may be
  // wanted, but few be open.
  std::function<base::Result<std::unique_ptr<BodyReader>>()> pinned(std::uint64_t id) const;
  // Of a body whose row is gone; readers that are open go on reading.
  void remove(std::uint64_t id);
  void discard(std::uint64_t id) const;  // of one that never had a row
  // Where a commit may be undone by a power cut its files must outlive it: they go only after
  // `settle`, which makes all commits so far certain and is called now and then; what is left at
  // the end is swept at the next start.
  void remove_after(std::function<base::Result<void>()> settle) { settle_ = std::move(settle); }

  std::uint64_t take_id() { return next_id_++; }
  std::string path(std::uint64_t id) const;
  // Gives a finished file its name, and makes the name durable.
  base::Result<void> publish(const std::string& from, std::uint64_t id);
  bool is_durable() const { return durable_; }

 private:
  struct Pins;
  BodyFiles(std::string folder, base::File directory, bool durable);

  std::string folder_;
  base::File directory_;  // for fsync
  bool durable_;
  std::uint64_t next_id_ = 1;
  std::shared_ptr<Pins> pins_;  // shared: a reader may outlive the store
  std::function<base::Result<void>()> settle_;
  std::vector<std::uint64_t> doomed_;  // to go after settle_
  std::uint64_t doomed_bytes_ = 0;
};

// BodyRef::id of a file body, and back (0: none).
std::string body_name(std::uint64_t id);
std::uint64_t body_id(std::string_view name);

std::unique_ptr<BodyReader> read_bytes(std::string bytes);

}  // namespace emulator::s3
