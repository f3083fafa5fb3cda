#pragma once
// The rows of a committed transaction as they came: PackedChanges over a RowLog.

#include <utility>

#include "pipeline/mysql/binlog/row_log.h"
#include "pipeline/mysql/change_source.h"

namespace pipeline::mysql::binlog {

class LoggedChanges final : public PackedChanges {
 public:
  explicit LoggedChanges(RowLog rows) : rows_(std::move(rows)) {}

  Result<void> for_each(const Use& use) const override;
  std::uint64_t bytes() const override { return rows_.memory(); }

 private:
  RowLog rows_;
};

}  // namespace pipeline::mysql::binlog
