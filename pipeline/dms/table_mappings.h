#pragma once
// The table-mappings document: selection rules, and of the transformation rules the one that a
// sound merge needs: add-column with the expression $AR_H_CHANGE_SEQ (dms.md sections 2.8 and 4).
// What is not built (filters, other transformations) is refused by name.

#include <optional>
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

// Transformation "add-column" whose expression is $AR_H_CHANGE_SEQ: `column` is its value.
struct ChangeSequenceRule {
  std::string schema;
  std::string table;
  std::string column;
};

struct TableMappings {
  std::vector<SelectionRule> selection;
  std::vector<ChangeSequenceRule> change_sequences = {};

  // Exclude beats include, whatever the order.
  bool selects(std::string_view schema, std::string_view table) const;
  // The largest load-order of the rules that include it: higher loads first.
  int load_order(std::string_view schema, std::string_view table) const;
  // The name of the column that carries AR_H_CHANGE_SEQ; nullopt = the rows of this table carry
  // none.
  std::optional<std::string> change_sequence_column(std::string_view schema,
                                                    std::string_view table) const;
};

// Errors in DMS's words (section 4.4).
emulator::base::Result<TableMappings> parse_table_mappings(std::string_view json);
bool pattern_matches(std::string_view pattern, std::string_view name);

}  // namespace pipeline::dms
