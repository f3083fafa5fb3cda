#pragma once
// What a run prints: one line of text with its failures explained, one JSON object (design section
// 9), one JUnit file for all.

#include <string>
#include <vector>

#include "pipeline/scenario/runner.h"

namespace pipeline::scenario {

std::string text_report(const RunReport& report);  // ends in LF
std::string json_report(const RunReport& report);  // one line, LF
std::string junit_report(const std::vector<RunReport>& reports);

}  // namespace pipeline::scenario
