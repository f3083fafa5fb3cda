#pragma once
// CSV as DMS, Spark and the merge read and write it: RFC 4180 with LF line ends, UTF-8, no BOM. A
// field is quoted only if it holds the delimiter, a quote, LF or CR; quotes inside are doubled.

#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/result.h"

namespace emulator::base {

void append_csv_field(std::string& out, std::string_view field, char delimiter = ',');

struct CsvField {
  std::string text;
  bool quoted =
      false;  // was in quotes in the file: "" is then an empty string, not an absent value
};
using CsvRow = std::vector<CsvField>;

// Splits a whole CSV text. Errors name the line and column: a quote that is never closed, text
// after a closing quote, a last line without its line feed (a torn file).
struct CsvOptions {
  char delimiter = ',';
  bool last_line_may_be_torn = false;  // accept a last line without LF
};
Result<std::vector<CsvRow>> parse_csv(std::string_view text, const CsvOptions& options = {});

}  // namespace emulator::base
