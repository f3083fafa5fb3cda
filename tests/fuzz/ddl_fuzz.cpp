// DDL from logs and dumps, and what a tracker makes of it: every statement of the input, one after
// the other, under a dialect that its first byte chooses.

#include <cstdint>
#include <string_view>

#include "pipeline/mysql/schema_file.h"
#include "pipeline/mysql/schema_tracker.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pipeline::mysql;
  if (size == 0) return 0;
  SchemaTracker::Statement one{};
  one.schema = "d";
  one.dialect = {(data[0] & 1 ? sql_mode::ansi_quotes : 0) | (data[0] & 2 ? sql_mode::oracle : 0) |
                     (data[0] & 4 ? sql_mode::no_backslash_escapes : 0),
                 (data[0] & 8) != 0, data[0] & 16 ? 101119u : 0};
  std::string_view left(reinterpret_cast<const char*>(data) + 1, size - 1);
  SchemaTracker tracker;
  static_cast<void>(
      tracker.apply({"CREATE TABLE t (a INT PRIMARY KEY, b VARCHAR(10), c ENUM('x','y'))", "d"}));
  while (!left.empty()) {
    const std::size_t end = left.find(';');
    one.sql = left.substr(0, end);
    static_cast<void>(tracker.apply(one));
    left = end == std::string_view::npos ? std::string_view() : left.substr(end + 1);
  }
  for (const TablePtr& table : tracker.tables())
    for (const std::uint32_t key : table->primary_key)
      if (key >= table->columns.size()) __builtin_trap();
  SchemaTracker of_dump;
  static_cast<void>(seed_from_sql(
      of_dump, std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1), "fuzz.sql"));
  return 0;
}
