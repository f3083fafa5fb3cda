#pragma once
// Rows events: which columns their images have, and the images as rows of cells (binlog.md section
// 7).

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/mysql/binlog/event.h"
#include "pipeline/mysql/change_source.h"
#include "pipeline/mysql/types/layout.h"
#include "pipeline/mysql/types/value.h"

namespace pipeline::mysql::binlog {

bool is_rows_event(EventType type);

struct RowsEvent {
  std::uint64_t table_id = 0;
  std::uint16_t flags = 0;
  Operation operation{};
  bool partial_json = false;  // PARTIAL_UPDATE_ROWS
  std::uint64_t columns = 0;
  std::string_view before_present = {};  // bitmaps, LSB first
  std::string_view after_present = {};
  std::string_view rows = {};

  bool ends_statement() const { return flags & 1; }
  // A dummy without rows (table id 0xFFFFFF): the end of a statement that changed nothing here.
  bool is_dummy() const { return table_id == 0xFFFFFF; }
};

// Without its rows: those of a compressed event (MariaDB) are still as they came.
Result<RowsEvent> parse_rows_head(EventType type, std::string_view body, int table_id_bytes);
// `storage` takes what a compressed event (MariaDB) inflates to.
Result<RowsEvent> parse_rows(EventType type, std::string_view body, int table_id_bytes,
                             std::string& storage);

// A table as a TABLE_MAP described it, with what reading its columns takes looked up once.
struct MappedTable {
  TablePtr table;
  std::vector<types::Layout> layouts;
  std::vector<types::ColumnPlan> plans;  // view the table's columns
};
using MappedTablePtr = std::shared_ptr<const MappedTable>;
MappedTable map_table(TablePtr table);

// Appends the changes of an event. Cells view event.rows, which must outlive them; documents that a
// partial update makes go to `storage` (strings there keep their bytes in place when it grows).
Result<void> append_changes(const RowsEvent& event, const MappedTable& mapped,
                            std::vector<RowChange>& changes, std::vector<std::string>& storage);

// The same one by one, in one RowChange that is filled again and again; `use` may move its rows
// out.
Result<void> for_each_change(const RowsEvent& event, const MappedTable& mapped,
                             std::vector<std::string>& storage,
                             const std::function<Result<void>(RowChange&)>& use);

// Puts bytes where views of them survive a growing vector: never inside the string object itself.
std::string_view keep(std::vector<std::string>& storage, std::string bytes);

}  // namespace pipeline::mysql::binlog
