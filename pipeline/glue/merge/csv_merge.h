#pragma once
// The sound merge of CSV: a base (rows keyed by primary key) and change files (op first, as DMS
// writes them) give a new base. The base streams through and is never held; memory grows with the
// changes. Rows that no change touches are copied byte for byte, in place; changed rows are
// replaced in place; new keys follow at the end in the order of their first change. Pure: no clock,
// no store.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/result.h"

namespace pipeline::glue::merge {

using emulator::base::Result;

struct MergeOptions {
  std::vector<std::size_t> key_columns = {0};  // of a base row, from 0
  char delimiter = ',';
  bool has_header = false;  // first line of the base and of every change file
  std::size_t columns_after_op =
      0;  // change rows: columns between Op and the first base column (a timestamp column)
  bool has_sequence =
      false;  // change rows end in AR_H_CHANGE_SEQ: a row not above the key's last is skipped
  // A quote counts only as RFC 4180 has it: around a whole field, doubled inside it. A field that
  // holds a quote but is not in quotes is not CSV; where it leaves the quotes of a file uneven,
  // that is an Error.
};

struct ChangeCounts {
  std::uint64_t rows = 0, inserts = 0, updates = 0, deletes = 0;
  std::uint64_t stale = 0;  // at or below the key's known position: seen before
};

// The last change of each key.
class ChangeSet {
 public:
  explicit ChangeSet(MergeOptions options);
  ~ChangeSet();
  ChangeSet(ChangeSet&&) noexcept;

  // Takes one change file, whole or not at all: an unknown op, a row too short for the key, an
  // unclosed quote or a torn last line is an Error with the line, and nothing of the file is kept.
  // Files added later win over files added before.
  Result<ChangeCounts> add(std::string_view file_name, std::string csv);

  // Positions of keys with their tombstones, to be kept between runs where rows carry sequences:
  // sequence, I|D, key fields per line as CSV.
  Result<void> load_positions(std::string_view csv);
  std::string positions() const;

  std::size_t keys() const;
  const MergeOptions& options() const;

  struct State;  // change_set.h
  const State& state() const { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

struct MergeCounts {
  std::uint64_t base_rows = 0, unchanged = 0, replaced = 0, deleted = 0, inserted = 0;
  std::uint64_t output_rows() const { return unchanged + replaced + inserted; }
};

// Fills the span, returns how much; 0 = the end.
using Source = std::function<Result<std::size_t>(std::span<char>)>;
using Sink = std::function<Result<void>(std::string_view)>;

// One piece of the base, and what its rows carry around the columns that the output keeps: LOAD
// files may have Op, a timestamp column and an (empty) sequence; a former output has none of them.
struct Base {
  Source read;
  std::string name = {};            // for errors
  std::size_t leading_columns = 0;  // to cut off at the front
  bool trailing_column = false;     // one to cut off at the end
};

// Several bases follow one another (LOAD00000001, LOAD00000002...). An Error says base, line and
// reason.
Result<MergeCounts> merge_csv(std::span<const Base> base, const ChangeSet& changes,
                              const Sink& out);

// The same on local files, mapped and spread over the workers: what `sluice merge` runs. out "" =
// standard output.
struct MergeFilesInput {
  MergeOptions options;
  std::string base;
  std::vector<std::string> changes;
  std::string out;
  std::size_t threads = 2;
};
struct MergeFilesOutput {
  ChangeCounts changes;
  MergeCounts rows;
};
Result<MergeFilesOutput> merge_files(const MergeFilesInput& input);

}  // namespace pipeline::glue::merge
