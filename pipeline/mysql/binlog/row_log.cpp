#include "pipeline/mysql/binlog/row_log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

namespace pipeline::mysql::binlog {

namespace {

using emulator::base::fail;
using emulator::base::File;

Result<File> nameless_file() {
  std::error_code none;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(none);
  std::string path = (none ? std::filesystem::path("/tmp") : folder) / "sluice-transaction-XXXXXX";
  const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0)
    return fail("a large transaction needs a temporary file, and none can be made in " + path +
                " (TMPDIR names another folder)");
  ::unlink(path.c_str());
  return File(descriptor);
}

}  // namespace

std::string SpareMemory::take() {
  const std::lock_guard lock(mutex_);
  if (spare_.empty()) {  // another like the last one: growing would touch as much memory again
    std::string memory;
    memory.reserve(used_last_);
    return memory;
  }
  std::string memory = std::move(spare_.back());
  spare_.pop_back();
  bytes_ -= memory.capacity();
  return memory;
}

void SpareMemory::give(std::string memory) {
  constexpr std::size_t worth_keeping = 64u << 10, kept_max = 8u << 20;
  const std::size_t used = memory.size();
  memory.clear();
  const std::lock_guard lock(mutex_);
  used_last_ = used < worth_keeping || used > kept_max ? 0 : used;
  if (memory.capacity() < worth_keeping || bytes_ + memory.capacity() > kept_max) return;
  bytes_ += memory.capacity();
  spare_.push_back(std::move(memory));
}

std::uint32_t RowLog::table_number(const MappedTablePtr& table) {
  for (std::size_t i = tables_.size(); i-- > 0;)
    if (tables_[i] == table) return static_cast<std::uint32_t>(i);
  tables_.push_back(table);
  return static_cast<std::uint32_t>(tables_.size() - 1);
}

Result<void> RowLog::append(const Entry& entry) {
  Head head;
  std::memset(&head, 0, sizeof head);
  head.offset = entry.offset;
  head.body_bytes = static_cast<std::uint32_t>(entry.body.size());
  head.table = table_number(entry.table);
  head.type = entry.type;
  head.table_id_bytes = static_cast<std::uint8_t>(entry.table_id_bytes);
  const std::string_view head_bytes(reinterpret_cast<const char*>(&head), sizeof head);
  if (memory_.size() + sizeof head + entry.body.size() <= memory_bytes_) {
    memory_ += head_bytes;
    memory_ += entry.body;
    return success;
  }
  if (auto done = spill(memory_); !done) return done;
  memory_.clear();
  if (entry.body.size() < memory_bytes_ / 2) return append(entry);
  if (auto done = spill(head_bytes); !done) return done;
  return spill(entry.body);
}

Result<void> RowLog::spill(std::string_view bytes) {
  if (!file_) {
    auto file = nameless_file();
    if (!file) return tl::unexpected(file.error());
    file_ = std::move(*file);
  }
  auto done = file_->write_all(bytes);
  if (done) spilled_ += bytes.size();
  return done;
}

Result<void> RowLog::for_each(const std::function<Result<void>(const Entry&)>& use) const {
  if (spilled_ > 0)
    if (auto done = read_spilled(use); !done) return done;
  for (std::size_t at = 0; at < memory_.size();) {
    Head head;
    std::memcpy(&head, memory_.data() + at, sizeof head);
    at += sizeof head;
    const std::string_view body = std::string_view(memory_).substr(at, head.body_bytes);
    if (auto done = use({head.type, head.table_id_bytes, head.offset, tables_[head.table], body});
        !done)
      return done;
    at += head.body_bytes;
  }
  return success;
}

Result<void> RowLog::read_spilled(const std::function<Result<void>(const Entry&)>& use) const {
  constexpr std::size_t piece_bytes = 1 << 20;
  std::string buffer;
  std::size_t at = 0;
  std::uint64_t read = 0;
  const auto have = [&](std::size_t bytes) -> Result<void> {
    if (buffer.size() - at >= bytes) return {};
    buffer.erase(0, at);
    at = 0;
    const std::size_t filled = buffer.size();
    const auto more = static_cast<std::size_t>(
        std::min<std::uint64_t>(std::max(piece_bytes, bytes - filled), spilled_ - read));
    buffer.resize(filled + more);
    auto got = file_->read_at(read, buffer.data() + filled, more);
    if (!got) return tl::unexpected(got.error());
    if (*got != more || buffer.size() < bytes)
      return fail("the temporary file of a large transaction is shorter than what was written");
    read += more;
    return {};
  };
  while (read < spilled_ || at < buffer.size()) {
    Head head;
    if (auto done = have(sizeof head); !done) return done;
    std::memcpy(&head, buffer.data() + at, sizeof head);
    if (auto done = have(sizeof head + head.body_bytes); !done) return done;
    at += sizeof head;
    const std::string_view body = std::string_view(buffer).substr(at, head.body_bytes);
    if (auto done = use({head.type, head.table_id_bytes, head.offset, tables_[head.table], body});
        !done)
      return done;
    at += head.body_bytes;
  }
  return {};
}

Result<void> RowLog::cut(std::uint64_t size) {
  if (size >= spilled_) {
    memory_.resize(std::min<std::uint64_t>(size - spilled_, memory_.size()));
    return {};
  }
  memory_.clear();
  if (::ftruncate(file_->descriptor(), static_cast<off_t>(size)) != 0 ||
      ::lseek(file_->descriptor(), 0, SEEK_END) < 0)
    return fail("the temporary file of a large transaction cannot be cut");
  spilled_ = size;
  return {};
}

void RowLog::clear() {
  memory_.clear();
  spilled_ = 0;
  file_.reset();
  tables_.clear();
}

}  // namespace pipeline::mysql::binlog
