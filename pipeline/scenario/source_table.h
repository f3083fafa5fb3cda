#pragma once
// What the output should hold: a table of the source as the CSV text that the task writes for it
// (NULL as its settings say, values by DMS's rules). For a recorded source that is the state dumped
// after its last binlog file.

#include <string>

#include "pipeline/scenario/compare.h"
#include "pipeline/scenario/stack.h"

namespace pipeline::scenario {

struct TableName {
  std::string schema;
  std::string table;
  std::string text() const { return schema + "." + table; }
};
// "schema.table", or "table" in the database's default schema.
Result<TableName> parse_table_name(const std::string& text, const StackDefinition& stack);

Result<TextTable> read_source_table(Stack& stack, const TableName& name);
// The output's rows, without the columns that the task puts before those of the table.
Result<std::vector<TextRow>> read_output_rows(Stack& stack, const std::string& uri);

}  // namespace pipeline::scenario
