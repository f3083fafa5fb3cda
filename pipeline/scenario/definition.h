#pragma once
// Scenario and stack files (scenarios/README.md is the language): TOML in, definitions out.
// Everything that can be known before a run is checked here: unknown keys, wrong types, missing
// files, orders that cannot work. Errors have file, line, column and what would be right.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/scenario/document.h"
#include "pipeline/scenario/stack.h"
#include "pipeline/scenario/step.h"

namespace pipeline::scenario {

struct Scenario {
  std::string path;  // as the user named it; never in the trace
  std::string title;
  StackDefinition stack;
  std::vector<Step> steps;  // none: the file is a stack
};

// The keys of [database], for `sluice list settings`.
struct DatabaseKey {
  std::string_view name;
  std::string_view default_text;
  std::string_view engines;  // with blanks between; "" = all
  std::string_view what;
};
std::span<const DatabaseKey> database_keys();

Result<Scenario> read_scenario(const std::string& path);
// The same from text already read; `path` names the file and is what `use` and sql_file are
// relative to.
Result<Scenario> parse_scenario(const std::string& text, const std::string& path);
// Scenario files of the arguments, in order; a folder gives its *.toml by name. Stacks named as a
// file are an Error, in a folder passed over.
Result<std::vector<Scenario>> read_scenarios(const std::vector<std::string>& arguments);

}  // namespace pipeline::scenario
