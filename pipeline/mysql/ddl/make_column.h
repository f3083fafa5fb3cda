#pragma once
// What make_table and alter share. Inside this folder only.

#include <optional>
#include <string_view>

#include "pipeline/mysql/ddl/tracked_table.h"

namespace pipeline::mysql::ddl {

// Sets charset_assumed if the column's charset is the table's and that one is assumed.
Result<Column> make_column(const ColumnDefinition& definition, const DefaultCollation& table,
                           const Dialect& dialect, bool& charset_assumed);
std::optional<std::uint32_t> find_column(const TableSchema& table,
                                         std::string_view name);  // names of columns have no case
Result<void> set_primary_key(TableSchema& table, const ColumnNames& names);

}  // namespace pipeline::mysql::ddl
