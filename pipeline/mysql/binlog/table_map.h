#pragma once
// TABLE_MAP events: what a table looked like when the rows that follow were written (binlog.md
// section 6).

#include <cstdint>
#include <string_view>

#include "emulator/base/result.h"
#include "pipeline/mysql/schema.h"

namespace pipeline::mysql::binlog {

// The optional metadata fields.
enum class Metadata : std::uint8_t {
  signedness = 1,
  default_charset = 2,
  column_charsets = 3,
  column_names = 4,
  set_labels = 5,
  enum_labels = 6,
  geometry_types = 7,
  primary_key = 8,
  primary_key_with_prefix = 9,
  label_default_charset = 10,
  label_column_charsets = 11,
  visibility = 12,
  vector_dimensions = 13,
};

// The families that the metadata's bits and lists count over.
inline bool is_numeric(const Column& column) {
  switch (column.type) {
    case ColumnType::tiny:
    case ColumnType::small:
    case ColumnType::medium:
    case ColumnType::integer:
    case ColumnType::bigint:
    case ColumnType::float32:
    case ColumnType::float64:
    case ColumnType::decimal:
    case ColumnType::year:
      return true;
    default:
      return false;
  }
}
inline bool is_character(const Column& column) {  // MySQL counts VECTOR, not GEOMETRY; MariaDB has
                                                  // the one and counts the other
  switch (column.type) {
    case ColumnType::varchar:
    case ColumnType::string:
    case ColumnType::blob:
    case ColumnType::varchar_compressed:
    case ColumnType::blob_compressed:
    case ColumnType::vector:
      return true;
    default:
      return false;
  }
}
inline bool is_labelled(const Column& column) {
  return column.type == ColumnType::enumeration || column.type == ColumnType::set;
}

struct TableMapEvent {
  std::uint64_t table_id = 0;
  std::uint16_t flags = 0;
  TableSchema table;
  bool mariadb = false;
  // Which optional metadata there was; columns without it have their defaults. MySQL before 8.0 and
  // MariaDB's NO_LOG have none.
  bool has_signedness = false;
  bool has_charsets = false;
  bool has_label_charsets = false;
};

// The server whose log it is: it decides which column families the metadata's bits and lists count.
struct WrittenBy {
  bool mariadb = false;
  std::uint32_t version = 0;  // as server_version_number tells it
};

// Reads a TABLE_MAP body.
emulator::base::Result<TableMapEvent> parse_table_map(std::string_view body, int table_id_bytes,
                                                      const WrittenBy& server);

}  // namespace pipeline::mysql::binlog
