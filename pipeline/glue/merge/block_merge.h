#pragma once
// The merge of one block of complete base records with the changes: a pure function, so that blocks
// can be merged at the same time. Which changed keys the base has had is marked in Seen; what is
// left at the end are the inserts.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "pipeline/glue/merge/change_set.h"

namespace pipeline::glue::merge {

// One flag a changed key, set from any thread.
class Seen {
 public:
  explicit Seen(std::size_t keys) : flags_(std::make_unique<std::atomic<bool>[]>(keys)) {}
  void mark(std::size_t index) { flags_[index].store(true, std::memory_order_relaxed); }
  bool has(std::size_t index) const { return flags_[index].load(std::memory_order_relaxed); }

 private:
  std::unique_ptr<std::atomic<bool>[]> flags_;
};

// What to cut off a base record before it is a row of the output.
struct RecordShape {
  std::size_t leading_columns = 0;
  bool trailing_column = false;
  bool is_plain() const { return leading_columns == 0 && !trailing_column; }
};

struct BlockResult {
  MergeCounts counts;
  std::uint64_t records = 0;
  std::size_t consumed = 0;      // bytes up to the last complete record
  std::uint64_t bad_record = 0;  // from 1: the first record that has too few columns; 0 = none
  bool ends_in_quotes = false;
};

// Appends the merged rows to out. The block begins outside quotes.
BlockResult merge_block(std::string_view block, const ChangeSet::State& changes,
                        const RecordShape& shape, Seen& seen, std::string& out);

// The rows of changed keys that the base did not have, in order of their first change.
std::uint64_t append_inserts(const ChangeSet::State& changes, const Seen& seen, std::size_t& from,
                             std::size_t bytes_max, std::string& out);

void add(MergeCounts& total, const MergeCounts& part);

}  // namespace pipeline::glue::merge
