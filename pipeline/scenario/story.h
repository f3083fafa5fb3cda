#pragma once
// A run told for a reader: each step, and under it what came into being, line by line of the trace:
// file, event, invocation, run, output. A kind of line is told by one row of the table in
// story.cpp; kinds without a row are left out.

#include <string>
#include <string_view>

#include "pipeline/scenario/runner.h"

namespace pipeline::scenario {

// report.lines must have been kept.
std::string tell(const RunReport& report);

// One line of the trace in a sentence: "file", "db/t/2026...csv, 3 rows"; empty if it is not worth
// telling. `serve` prints these as they happen.
struct Told {
  std::string noun;
  std::string text;
};
Told tell(const emulator::sim::TraceLine& line);

// The code of a line's error: of "ConcurrentRunsExceededException: An error occurred ..." what is
// before the colon.
std::string_view error_code(const emulator::sim::TraceLine& line);

}  // namespace pipeline::scenario
