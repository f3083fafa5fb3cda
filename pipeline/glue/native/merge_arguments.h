#pragma once
// The job arguments of the script "merge", and what they mean for one table.

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/result.h"
#include "pipeline/glue/merge/csv_merge.h"
#include "pipeline/glue/service.h"

namespace pipeline::glue::native {

struct MergeArguments {
  std::string input_bucket;
  std::string input_prefix;  // "" or with a slash at its end
  std::string output_bucket;
  std::string output_prefix;             // likewise
  std::vector<std::size_t> key_columns;  // from 0; for tables without keys of their own
  std::map<std::string, std::vector<std::size_t>> table_keys;  // "schema.table"
  char delimiter = ',';
  bool header = false;
  bool sequence = false;  // change rows end in AR_H_CHANGE_SEQ
  bool sequence_in_load =
      false;  // LOAD rows have that column too, empty, as DMS's transformation rule writes it
  bool timestamp_column =
      false;  // TimestampColumnName: a column before the table's own, in LOAD files too
  bool op_in_load = false;  // IncludeOpForFullLoad

  emulator::base::Result<merge::MergeOptions> options_for(std::string_view table) const;
  // What the output depends on beside the files: a change of it means a rebuild.
  std::string fingerprint(const merge::MergeOptions& options) const;
};

emulator::base::Result<MergeArguments> parse_merge_arguments(const Arguments& arguments);

}  // namespace pipeline::glue::native
