#pragma once
// The rows of an event as decoded values, one after the other, without a copy or an allocation:
// what printing and counting read. (Those who keep rows want cells: append_changes in rows.h.)
//
//   struct Sink {
//     void begin_row(Operation);
//     void begin_image(bool after);                                   // an insert has none before,
//     a delete none after void value(std::size_t column, const types::Value&);            // absent
//     columns of a MINIMAL image are passed over void null(std::size_t column); void end_image();
//     void difference(std::size_t column, std::string_view text);  // after the image; see Cell
//     void end_row();
//   };

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/mysql/binlog/bitmap.h"
#include "pipeline/mysql/binlog/row_log.h"
#include "pipeline/mysql/binlog/rows.h"

namespace pipeline::mysql::binlog {

template <class Sink>
class RowValues {
 public:
  RowValues(const RowsEvent& event, const MappedTable& mapped, types::Scratch& scratch, Sink& sink)
      : event_(event), mapped_(mapped), scratch_(scratch), sink_(sink) {}

  Result<void> read() {
    const std::size_t columns = mapped_.plans.size();
    if (event_.columns != columns)
      return emulator::base::fail(fmt::format("{}: a rows event of {} columns for a table of {}",
                                              mapped_.table->name(), event_.columns, columns));
    if (event_.partial_json) return read_cells();
    const Present before = present_of(event_.before_present),
                  after = present_of(event_.after_present);
    if (before.count + after.count == 0 && !event_.rows.empty())
      return emulator::base::fail("a rows event whose rows have no columns");
    at_ = event_.rows.data();
    end_ = at_ + event_.rows.size();
    while (at_ != end_) {
      sink_.begin_row(event_.operation);
      if (event_.operation != Operation::insert && !image(before, false)) return failure();
      if (event_.operation != Operation::remove && !image(after, true)) return failure();
      sink_.end_row();
    }
    return success;
  }

 private:
  struct Present {
    std::string_view bitmap;
    std::size_t count;
    bool all;
  };

  Present present_of(std::string_view bitmap) const {
    if (bitmap.empty()) return {bitmap, 0, false};
    const std::size_t count = count_bits(bitmap, mapped_.plans.size());
    return {bitmap, count, count == mapped_.plans.size()};
  }

  bool image(const Present& present, bool after) {
    const std::size_t null_bytes = (present.count + 7) / 8;
    if (static_cast<std::size_t>(end_ - at_) < null_bytes) return cut_short();
    const char* const nulls = at_;
    at_ += null_bytes;
    sink_.begin_image(after);
    if (!(present.all ? values(nulls) : values(nulls, present.bitmap.data()))) return false;
    sink_.end_image();
    return true;
  }

  bool values(const char* nulls) {
    const types::ColumnPlan* plan = mapped_.plans.data();
    const types::ColumnPlan* const end = plan + mapped_.plans.size();
    const char* at = at_;
    while (plan != end) {  // a byte of the bitmap: eight columns
      unsigned null_bits = static_cast<unsigned char>(*nulls++);
      const types::ColumnPlan* const stop = plan + std::min<std::ptrdiff_t>(8, end - plan);
      for (; plan != stop; ++plan, null_bits >>= 1) {
        if (null_bits & 1)
          sink_.null(column_of(plan));
        else if ((at = value(*plan, at)) == nullptr)
          return false;
      }
    }
    at_ = at;
    return true;
  }

  // The same where columns are absent.
  bool values(const char* nulls, const char* present) {
    const char* at = at_;
    std::size_t n = 0;
    for (const types::ColumnPlan& plan : mapped_.plans) {
      if (!bit(present, column_of(&plan))) continue;
      if (bit(nulls, n++))
        sink_.null(column_of(&plan));
      else if ((at = value(plan, at)) == nullptr)
        return false;
    }
    at_ = at;
    return true;
  }

  std::size_t column_of(const types::ColumnPlan* plan) const {
    return static_cast<std::size_t>(plan - mapped_.plans.data());
  }

  // Where the next value begins; nullptr: this is none. Called for every value there is.
  [[gnu::always_inline]] const char* value(const types::ColumnPlan& plan, const char* at) {
    const auto left = static_cast<std::size_t>(end_ - at);
    std::size_t size = plan.bytes;
    if (size > left) return cut_short(), nullptr;
    if (plan.prefixed) {
      size += types::length_in_prefix(at, plan.bytes);
      if (size > left) return cut_short(), nullptr;
    }
    if (!plan.decode || !plan.decode(plan, std::string_view(at, size), value_, scratch_)) {
      column_ = column_of(&plan);
      if (!plan.decode) unsupported();
      return nullptr;
    }
    sink_.value(column_of(&plan), value_);
    return at + size;
  }

  // A partial update of JSON is a difference to the image before: the cells have whole documents.
  Result<void> read_cells() {
    std::vector<RowChange> changes;
    std::vector<std::string> storage;
    if (auto done = append_changes(event_, mapped_, changes, storage); !done) return done;
    for (const RowChange& change : changes) {
      sink_.begin_row(change.operation);
      if (!cells(change.before, false) || !cells(change.after, true)) return failure();
      sink_.end_row();
    }
    return {};
  }

  bool cells(const Row& row, bool after) {
    sink_.begin_image(after);
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (row[i].state == Cell::State::absent) continue;
      if (row[i].is_null()) {
        sink_.null(i);
        continue;
      }
      column_ = i;
      const types::ColumnPlan& plan = mapped_.plans[i];
      if (!plan.decode(plan, row[i].bytes, value_, scratch_)) return false;
      sink_.value(i, value_);
    }
    sink_.end_image();
    for (std::size_t i = 0; i < row.size(); ++i)
      if (row[i].is_difference()) sink_.difference(i, row[i].bytes);
    return true;
  }

  bool cut_short() {
    cut_short_ = true;
    return false;
  }
  void unsupported() { scratch_.error = "a type that is not supported"; }
  tl::unexpected<emulator::base::Error> failure() const {
    if (cut_short_) return emulator::base::fail("a rows event that is cut short");
    const std::string& name = mapped_.table->columns[column_].name;
    return emulator::base::fail(fmt::format("{}.{}: {}", mapped_.table->name(),
                                            name.empty() ? fmt::format("@{}", column_ + 1) : name,
                                            scratch_.error));
  }

  const RowsEvent& event_;
  const MappedTable& mapped_;
  types::Scratch& scratch_;
  Sink& sink_;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  types::Value value_;      // that was read last
  std::size_t column_ = 0;  // and its column
  bool cut_short_ = false;
};

// Every row of a transaction into the sink; `use(table)` comes before the rows of each event.
template <class Sink, class Use>
Result<void> read_rows(const RowLog& rows, types::Scratch& scratch, Sink& sink, Use use) {
  return rows.for_each([&](const RowLog::Entry& entry) -> Result<void> {
    std::string inflated;
    auto event = parse_rows(entry.type, entry.body, entry.table_id_bytes, inflated);
    if (event) use(*entry.table->table);
    Result<void> done = event ? RowValues(*event, *entry.table, scratch, sink).read()
                              : Result<void>(tl::unexpected(event.error()));
    if (!done)
      done.error().message = fmt::format("the rows at {}: {}", entry.offset, done.error().message);
    return done;
  });
}

}  // namespace pipeline::mysql::binlog
