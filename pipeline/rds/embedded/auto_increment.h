#pragma once
// The ids that one INSERT takes from its table's counter, as InnoDB gives them out
// (innodb_autoinc_lock_mode = 2): in blocks that are spent even if the statement fails or leaves
// some over. A block has as many ids as VALUES has rows; INSERT ... SELECT takes 1, 2, 4...

#include <cstdint>
#include <optional>

#include "pipeline/mysql/schema.h"

namespace pipeline::rds::embedded {

class AutoIncrement {
 public:
  AutoIncrement() = default;
  // counter: the table's next id, moved on as blocks are taken. rows: 0 = not known beforehand.
  AutoIncrement(std::uint64_t& counter, std::uint64_t rows, const mysql::Column& column)
      : counter_(&counter), rows_(rows), most_(most_of(column)) {}

  void begin_row() { current_ = 0; }
  std::uint64_t generate();
  // The row at hand was not inserted after all: the next one gets its id.
  void give_back();
  // A row came in with an id that was not generated.
  void given(std::uint64_t id);
  // An update gave a row this id: the statement goes on with the block it has.
  void raise(std::uint64_t id);
  // InnoDB was asked to write the row, with success or not. REPLACE asks again after each row that
  // stood in the way.
  void attempted() {
    if (left_ > 0) --left_;
  }

  // The biggest id that the column can hold.
  static std::uint64_t most_of(const mysql::Column& column);

 private:
  void take_block();

  std::uint64_t* counter_ = nullptr;
  std::uint64_t rows_ = 0;
  std::uint64_t most_ = 0;
  std::uint64_t next_ = 0;  // 0: no block yet
  std::uint64_t end_ = 0;
  std::uint64_t current_ = 0;  // of the row at hand; 0: not generated
  std::uint64_t left_ = 0;  // writes that the last block was meant for and that have not come yet
  int blocks_ = 0;
};

}  // namespace pipeline::rds::embedded
