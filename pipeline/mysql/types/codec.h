#pragma once
// The column codec table: one row a type, both directions between packed bytes (binlog.md section
// 8) and the text that MySQL prints for the value, in UTF-8. A type is one function pair in a file
// of this folder and one row in codec.cpp. Text forms are those of design section 9 (`sluice
// binlog`): BIT unsigned integer, binary 0x + upper-case hex, geometry wkb:HEX:SRID.

#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/result.h"
#include "pipeline/mysql/schema.h"

namespace pipeline::mysql::types {

// How many bytes the packed value at the start of `bytes` takes; an Error if it does not fit.
emulator::base::Result<std::size_t> packed_size(const Column& column, std::string_view bytes);

// Appends the text of a cell that is a value (not null, not absent).
emulator::base::Result<void> append_text(const Column& column, std::string_view packed,
                                         std::string& out);

// Appends the packed form of a text in the same form. What does not fit the type is an Error (the
// embedded engine coerces first).
emulator::base::Result<void> append_packed(const Column& column, std::string_view text,
                                           std::string& out);

// Of TINYINT to BIGINT, as rows hold them.
int integer_bytes(ColumnType type);

// 'text' as MySQL writes it into DDL.
void append_quoted(std::string& out, std::string_view text);

// The column's type as information_schema.COLUMNS.COLUMN_TYPE writes it, as far as the column
// tells: "int unsigned", "varchar(255)".
std::string type_name(const Column& column);

// A declared type cut into its pieces: varchar, {255}; enum, {a, b}; int, {}, " unsigned".
struct TypeDeclaration {
  std::string name = {};  // lower case
  std::vector<std::uint64_t> numbers = {};
  std::vector<std::string> labels = {};
  std::string rest = {};     // lower case
  std::string text() const;  // as COLUMN_TYPE writes it
};
// A column of that type (name "", nullable). `collation` is for what has a charset; an Error if the
// type is not known.
emulator::base::Result<Column> make_column(const TypeDeclaration& type, std::uint32_t collation);

// From COLUMN_TYPE text and charset to a Column (name "", nullable): "int(11)", "varchar(255)",
// "enum('a','b')", "decimal(10,2) unsigned".
emulator::base::Result<Column> parse_column_type(std::string_view declared,
                                                 std::string_view charset = "utf8mb4");

// Conversion by collation id; an Error names a charset that is not supported.
emulator::base::Result<std::string> to_utf8(std::string_view bytes, std::uint32_t collation);
emulator::base::Result<std::string> from_utf8(std::string_view text, std::uint32_t collation);
std::string_view charset_name(std::uint32_t collation);      // "utf8mb4"; "" = unknown
std::uint32_t bytes_per_character(std::uint32_t collation);  // 4 for utf8mb4
std::optional<std::uint32_t> default_collation(std::string_view charset);

}  // namespace pipeline::mysql::types
