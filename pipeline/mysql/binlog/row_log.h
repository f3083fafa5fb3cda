#pragma once
// The rows events of a transaction that has not committed yet, as they came. Small ones stay in
// memory; a large transaction goes on in a temporary file that no name leads to, so that memory
// stays flat whatever a transaction's size.

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/file.h"
#include "pipeline/mysql/binlog/event.h"
#include "pipeline/mysql/binlog/rows.h"

namespace pipeline::mysql::binlog {

// Memory of row logs that have been read, for logs to come: where one thread fills them and another
// reads them, each would cost fresh pages. Any thread may call.
class SpareMemory {
 public:
  std::string take();
  void give(std::string memory);

 private:
  std::mutex mutex_;
  std::vector<std::string> spare_;
  std::size_t bytes_ = 0;
  std::size_t used_last_ = 0;
};

class RowLog {
 public:
  explicit RowLog(std::size_t memory_bytes = 32u << 20) : memory_bytes_(memory_bytes) {}

  struct Entry {
    EventType type;
    int table_id_bytes;
    std::uint64_t offset;         // of the event in its file, for errors
    const MappedTablePtr& table;  // no copy: two threads would count it, an event each
    std::string_view body;        // of the event; when read: until the next one
  };
  Result<void> append(const Entry& entry);
  // In order; stops at the first Error.
  Result<void> for_each(const std::function<Result<void>(const Entry&)>& use) const;

  std::uint64_t size() const { return spilled_ + memory_.size(); }
  bool empty() const { return size() == 0; }
  std::uint64_t memory() const { return memory_.size(); }  // bytes that are not in the file
  // Forgets what was appended since size() was this.
  Result<void> cut(std::uint64_t size);
  void clear();
  // Before the first append.
  void use(std::string spare) { memory_ = std::move(spare); }
  std::string take_memory() { return std::move(memory_); }

 private:
  struct Head {
    std::uint64_t offset;
    std::uint32_t body_bytes;
    std::uint32_t table;
    EventType type;
    std::uint8_t table_id_bytes;
  };
  Result<void> spill(std::string_view bytes);
  std::uint32_t table_number(const MappedTablePtr& table);
  Result<void> read_spilled(const std::function<Result<void>(const Entry&)>& use) const;

  std::size_t memory_bytes_;
  std::string memory_;
  std::uint64_t spilled_ = 0;  // bytes of the file, which come first
  std::optional<emulator::base::File> file_;
  std::vector<MappedTablePtr> tables_;
};

}  // namespace pipeline::mysql::binlog
