#pragma once
// A step of a scenario: one key of one [[step]]. A kind of step is one file in steps/ and one row
// of step_kinds(): parse checks the value when the file is read and returns what runs it.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/sim/trace.h"
#include "pipeline/rds/session.h"
#include "pipeline/scenario/document.h"
#include "pipeline/scenario/stack.h"

namespace pipeline::scenario {

// What a step works on.
struct World {
  Stack& stack;
  const std::vector<emulator::sim::TraceLine>& lines;  // the trace so far
  std::unique_ptr<rds::Session> session = {};          // opened by the first step that needs it
};

std::string counted(std::uint64_t count, std::string_view noun);  // "1 row", "2 rows"

// How an expectation ended. `message` also says what was found when it held; details are its
// explanation, a line each.
struct Outcome {
  bool held = true;
  std::string message = {};
  std::vector<std::string> details = {};
};
// An Error means that the scenario itself is wrong (exit 2).
using Action = std::function<Result<Outcome>(World&)>;

struct ParseContext {
  const StackDefinition& stack;
  std::string folder;  // of the scenario file, for files it names
};

struct StepKind {
  std::string_view name;
  std::string_view example;  // the value, as TOML
  std::string_view what;     // one line for `sluice list steps`
  Result<Action> (*parse)(const Value& value, const ParseContext& context);
};
std::span<const StepKind> step_kinds();

struct Step {
  std::string_view kind;
  std::string summary;  // the value on one line, for the story and for failures
  Location where;
  Action run;
};
Result<Step> parse_step(const Value& table, const ParseContext& context);

}  // namespace pipeline::scenario
