#pragma once
// The binlog files of one engine: in memory, or in a folder where each commit is appended and
// synced before SQLite commits. What lies past the last committed position when the folder is
// opened (a crash in between) is cut off: no client was told that it happened.

#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/file.h"
#include "emulator/base/result.h"
#include "emulator/sqlite/database.h"

namespace pipeline::rds::embedded {

class BinlogStore {
 public:
  // folder "" = memory.
  static emulator::base::Result<BinlogStore> open(const std::string& folder,
                                                  emulator::sqlite::Sync sync);

  bool empty() const { return files_.empty(); }
  const std::string& current() const { return files_.back().name; }
  std::uint64_t position() const { return files_.back().size; }
  std::vector<std::string> names() const;
  std::uint64_t size_of(const std::string& name) const;  // 0 = no such file

  // Drops what is behind this point: the rest of the file, and later files.
  emulator::base::Result<void> cut(const std::string& file, std::uint64_t position);
  // A further file, which becomes the current one.
  emulator::base::Result<void> start_file(std::string_view first_bytes);
  emulator::base::Result<void> append(std::string_view bytes);
  // Removes the files before this one.
  emulator::base::Result<void> purge_to(const std::string& name);
  emulator::base::Result<std::string> read(const std::string& name, std::uint64_t offset,
                                           std::uint64_t size) const;

 private:
  struct LogFile {
    std::string name;
    std::uint64_t size = 0;
    std::string bytes;  // in memory only
  };
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  emulator::base::Result<void> open_current();
  std::string next_name() const;

  std::string folder_;
  emulator::sqlite::Sync sync_ = emulator::sqlite::Sync::full;
  std::vector<LogFile> files_;  // oldest first
  emulator::base::File file_;   // the current one, for appending
  std::uint64_t last_number_ = 0;
};

}  // namespace pipeline::rds::embedded
