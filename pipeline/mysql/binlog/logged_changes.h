#pragma once
// The rows of a committed transaction as they came: PackedChanges over a RowLog.

#include <memory>
#include <utility>

#include "pipeline/mysql/binlog/row_log.h"
#include "pipeline/mysql/change_source.h"

namespace pipeline::mysql::binlog {

class LoggedChanges final : public PackedChanges {
 public:
  // `spare` gets their memory when they are done.
  LoggedChanges(RowLog rows, std::shared_ptr<SpareMemory> spare)
      : rows_(std::move(rows)), spare_(std::move(spare)) {}
  ~LoggedChanges() override { spare_->give(rows_.take_memory()); }
  LoggedChanges(const LoggedChanges&) = delete;
  LoggedChanges& operator=(const LoggedChanges&) = delete;

  Result<void> for_each(const Use& use) const override;
  std::uint64_t bytes() const override { return rows_.memory(); }

 private:
  RowLog rows_;
  std::shared_ptr<SpareMemory> spare_;  // shared: with the reader, which may be gone before
};

}  // namespace pipeline::mysql::binlog
