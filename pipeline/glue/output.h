#pragma once
// Reading what a job has written, as a reader of the lake would: the data file that the manifest's
// pointer names (merge), or all part files (tutorial). For expect_equal, `sluice serve`'s story,
// and tests.

#include <string>
#include <vector>

#include "emulator/base/csv.h"
#include "emulator/s3/service.h"

namespace pipeline::glue {

struct OutputTable {
  std::vector<emulator::base::CsvRow> rows;  // without header
  std::vector<std::string> column_names;     // empty if the output has no header
  std::vector<std::string> objects;          // keys read
};
// prefix as in "s3://bucket/prefix"; nothing there: an empty table with no objects. Unreadable: an
// Error.
emulator::base::Result<OutputTable> read_output(emulator::s3::Service& s3,
                                                const std::string& s3_uri);
// "s3://bucket/prefix/" -> bucket, "prefix" (no slash at its end).
emulator::base::Result<std::pair<std::string, std::string>> parse_s3_uri(std::string_view uri);

}  // namespace pipeline::glue
