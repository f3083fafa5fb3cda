#pragma once
// The table-mappings document: selection rules (dms.md section 4). What is not built (filters, transformations) is refused by name.

#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/result.h"

namespace pipeline::dms {

struct SelectionRule {
  enum class Action { include, exclude, explicit_ };
  std::string id;
  std::string name;
  std::string schema;  // pattern: % any run, _ one character, [ab] classes
  std::string table;
  Action action = Action::include;
  int load_order = 0;
};

struct TableMappings {
  std::vector<SelectionRule> selection;

  // Exclude beats include, whatever the order.
  bool selects(std::string_view schema, std::string_view table) const;
};

// Errors in DMS's words (section 4.4).
emulator::base::Result<TableMappings> parse_table_mappings(std::string_view json);
bool pattern_matches(std::string_view pattern, std::string_view name);

}  // namespace pipeline::dms
