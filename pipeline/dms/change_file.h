#pragma once
// The buffer of one table's changes, which becomes one file: its text as it will be stored, what is
// in it, and where it begins in the log.

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "pipeline/dms/csv_rows.h"
#include "pipeline/dms/task_context.h"

namespace pipeline::dms {

// Changes from these places on are not durable yet, by the ordinal of their transaction. The first
// is the checkpoint.
using Pending = std::multimap<std::uint64_t, Checkpoint>;

struct ChangeFile {
  ChangeFile(CsvRowsOptions options, Pending::iterator place)
      : rows(FileKind::changes, std::move(options)), pending(place) {
    rows.append_header(text);
  }

  // Whether rows of this shape may go into it: the shape it was opened with, or one with the same
  // columns.
  bool fits(const mysql::TablePtr& shape);
  // Appends one row. An Error leaves the file as it was.
  emulator::base::Result<void> add(const mysql::RowChange& change, std::string_view timestamp,
                                   const ChangeSequence& sequence);

  CsvRows rows;
  std::string text;
  std::uint64_t inserts = 0, updates = 0, deletes = 0;
  mysql::Position first, last;       // starts of the first and the last transaction in it
  emulator::sim::EventId cause = 0;  // the commit that opened it
  emulator::sim::Scheduler::Timer timer;
  Pending::iterator pending;

  std::uint64_t row_count() const { return inserts + updates + deletes; }

 private:
  mysql::TablePtr fitting_;  // the last other shape that was compared and fits
  std::string sequence_text_;
};

// "YYYYMMDD-HHMMSSmmm.csv" of milliseconds since 1970, UTC.
std::string change_file_name(std::int64_t milliseconds);

}  // namespace pipeline::dms
