#include "pipeline/dms/change_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace pipeline::dms {
namespace {

bool same_column(const mysql::Column& a, const mysql::Column& b) {
  return a.name == b.name && a.type == b.type && a.length == b.length && a.scale == b.scale &&
         a.is_unsigned == b.is_unsigned && a.visible == b.visible && a.generated == b.generated &&
         a.collation == b.collation && a.labels == b.labels;
}

}  // namespace

bool ChangeFile::fits(const mysql::TablePtr& shape) {
  if (shape == rows.table() || shape == fitting_) return true;
  const std::vector<mysql::Column>& mine = rows.table()->columns;
  if (!std::equal(mine.begin(), mine.end(), shape->columns.begin(), shape->columns.end(),
                  same_column))
    return false;
  fitting_ = shape;
  return true;
}

emulator::base::Result<void> ChangeFile::add(const mysql::RowChange& change,
                                             std::string_view timestamp,
                                             const ChangeSequence& sequence) {
  CsvRows::Marks marks;
  marks.timestamp = timestamp;
  if (rows.has_sequence()) {
    sequence_text_.clear();
    sequence.append(sequence_text_);
    marks.sequence = sequence_text_;
  }
  std::uint64_t* count = &inserts;
  if (change.operation == mysql::Operation::update) {
    marks.op = 'U';
    count = &updates;
  } else if (change.operation == mysql::Operation::remove) {
    marks.op = 'D';
    count = &deletes;
  }
  const mysql::Row& row =
      change.operation == mysql::Operation::remove ? change.before : change.after;
  emulator::base::Result<void> done = rows.append_row(text, marks, row);
  if (done) ++*count;
  return done;
}

std::string change_file_name(std::int64_t milliseconds) {
  const emulator::base::CivilTime at =
      emulator::base::civil(Instant(std::chrono::milliseconds(milliseconds)));
  return fmt::format("{:04}{:02}{:02}-{:02}{:02}{:02}{:03}.csv", at.year, at.month, at.day, at.hour,
                     at.minute, at.second, at.microsecond / 1000);
}

}  // namespace pipeline::dms
