#include "pipeline/rds/embedded/auto_increment.h"

#include <algorithm>

namespace pipeline::rds::embedded {
namespace {

constexpr int largest_block_bits = 16;

// As InnoDB counts: at the column's end the counter stays there, and the next INSERT meets the id
// again.
std::uint64_t advanced(std::uint64_t from, std::uint64_t by, std::uint64_t most) {
  return from >= most || by >= most - from ? most : from + by;
}

}  // namespace

std::uint64_t AutoIncrement::most_of(const mysql::Column& column) {
  int bits = 64;
  switch (column.type) {
    case mysql::ColumnType::tiny:
      bits = 8;
      break;
    case mysql::ColumnType::small:
      bits = 16;
      break;
    case mysql::ColumnType::medium:
      bits = 24;
      break;
    case mysql::ColumnType::integer:
      bits = 32;
      break;
    case mysql::ColumnType::float32:
      return 1ull << 24;
    case mysql::ColumnType::float64:
      return 1ull << 53;
    default:
      break;
  }
  return column.is_unsigned ? UINT64_MAX >> (64 - bits) : UINT64_MAX >> (65 - bits);
}

void AutoIncrement::take_block() {
  std::uint64_t size = left_;
  if (size == 0 && blocks_ == 0) size = rows_;
  if (size == 0)
    size = std::min<std::uint64_t>(1ull << std::min(blocks_, largest_block_bits),
                                   (1ull << largest_block_bits) - 1);
  left_ = size;
  ++blocks_;
  next_ = std::max(*counter_, next_);
  end_ = advanced(next_, size, UINT64_MAX);
  *counter_ = std::max(*counter_, advanced(next_, size, most_));
}

std::uint64_t AutoIncrement::generate() {
  if (next_ == 0 || next_ >= end_) take_block();
  current_ = next_++;
  return current_;
}

void AutoIncrement::give_back() {
  if (current_ != 0) next_ = current_;
  current_ = 0;
}

void AutoIncrement::raise(std::uint64_t id) {
  if (id <= most_ && id >= *counter_) *counter_ = advanced(id, 1, most_);
}

void AutoIncrement::given(std::uint64_t id) {
  raise(id);
  if (next_ > 0 && id >= next_) next_ = advanced(id, 1, UINT64_MAX);
}

}  // namespace pipeline::rds::embedded
