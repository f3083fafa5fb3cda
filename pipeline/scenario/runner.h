#pragma once
// Runs one scenario on a fresh Stack, step by step: a pure function of scenario and seed, but for
// the real time it took.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/scenario/definition.h"

namespace pipeline::scenario {

struct RunOptions {
  std::optional<std::uint64_t> seed = {};     // instead of the file's
  emulator::sim::Trace::Listener trace = {};  // hears every line
  bool keep_lines = false;                    // for the story
  std::function<std::optional<std::string>(const std::string&)> environment = {};
};

struct StepReport {
  std::string_view kind;
  std::string summary;
  Location where;
  Outcome outcome;
  Instant ended{};
  std::size_t lines_end = 0;  // trace lines up to here belong to this step or to one before it
};

struct RunReport {
  std::string path;
  std::string title;
  std::uint64_t seed = 0;
  Instant started{};
  std::vector<StepReport> steps;
  std::size_t setup_lines = 0;  // trace lines of the stack coming up
  Duration virtual_time{};
  Duration real_time{};
  std::string trace_hash;
  std::vector<emulator::sim::TraceLine> lines;  // empty unless keep_lines

  bool passed() const;
};

// An Error: the scenario is wrong, where only running it could show it.
Result<RunReport> run_scenario(const Scenario& scenario, const RunOptions& options = {});

}  // namespace pipeline::scenario
