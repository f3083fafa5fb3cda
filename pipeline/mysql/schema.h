#pragma once
// Tables and columns as MySQL knows them: what TABLE_MAP events carry, what DDL makes, what DMS
// selects. And Cell: a value as a row event packs it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pipeline::mysql {

// Type bytes of the binlog and the protocol (binlog.md section 6). STRING carries CHAR, BINARY;
// ENUM and SET travel inside STRING.
enum class ColumnType : std::uint8_t {
  decimal_old = 0,
  tiny = 1,
  small = 2,
  integer = 3,
  float32 = 4,
  float64 = 5,
  null = 6,
  timestamp_old = 7,
  bigint = 8,
  medium = 9,
  date = 10,
  time_old = 11,
  datetime_old = 12,
  year = 13,
  varchar = 15,
  bit = 16,
  timestamp = 17,            // TIMESTAMP2
  datetime = 18,             // DATETIME2
  time = 19,                 // TIME2
  blob_compressed = 140,     // MariaDB
  varchar_compressed = 141,  // MariaDB
  vector = 242,
  json = 245,
  decimal = 246,  // NEWDECIMAL
  enumeration = 247,
  set = 248,
  blob = 252,  // TEXT and BLOB families
  string = 254,
  geometry = 255,
};

inline constexpr std::uint32_t collation_unknown =
    0;  // neither log nor schema tells: text if it is UTF-8, else as binary
inline constexpr std::uint32_t collation_binary = 63;
inline constexpr std::uint32_t collation_utf8mb4 = 255;  // utf8mb4_0900_ai_ci, MySQL 8's default

struct Column {
  std::string name;  // "" where the binlog has no names
  ColumnType type =
      ColumnType::integer;  // the real type: enumeration and set, not string, for ENUM and SET
  // By type. decimal: precision, scale. varchar, string, varchar_compressed: length in bytes. blob,
  // json, geometry, vector: width of the length prefix, 1 to 4. bit: number of bits. enumeration,
  // set: pack size in bytes. time, timestamp, datetime: fraction digits.
  std::uint32_t length = 0;
  std::uint8_t scale =
      0;  // of decimal; of the old temporal types: fraction digits, in MariaDB's own form
  bool is_unsigned = false;
  bool nullable = true;
  bool visible = true;
  std::uint32_t collation = collation_utf8mb4;  // of character columns; 63 = binary strings
  std::vector<std::string> labels = {};         // ENUM and SET, in UTF-8
  std::uint8_t geometry_kind = 0;
  bool bare_doubles = false;  // of json: MySQL 5.7 prints its DOUBLE 1.0 as 1, later ones as 1.0
  // Known from DDL or information_schema only, not from the binlog:
  bool generated = false;
  std::string declared = {};  // "varchar(255)", "int unsigned", as
                              // information_schema.COLUMNS.COLUMN_TYPE writes it; "" = not known

  bool is_binary() const { return collation == collation_binary; }
};

struct TableSchema {
  std::string schema;
  std::string table;
  std::vector<Column> columns;
  std::vector<std::uint32_t>
      primary_key;  // column indexes, in key order; empty = none (or not known)

  std::string name() const { return schema + "." + table; }
};
using TablePtr = std::shared_ptr<const TableSchema>;  // shared: row changes of one transaction
                                                      // outlive a schema change

// One value as a row image packs it (binlog.md section 8). Views the bytes of whoever gave it.
struct Cell {
  enum class State : std::uint8_t { value, null, absent };  // absent: not in a MINIMAL row image
  State state = State::absent;
  std::string_view bytes = {};  // of an absent one: what a partial update did to a JSON document
                                // that the log does not show (types::json_diffs_text), or nothing

  bool is_null() const { return state == State::null; }
  bool is_difference() const { return state == State::absent && !bytes.empty(); }
};
using Row = std::vector<Cell>;

}  // namespace pipeline::mysql
