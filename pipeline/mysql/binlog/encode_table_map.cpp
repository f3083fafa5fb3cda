// The body of a TABLE_MAP event, with the optional metadata in the order that MySQL writes it.

#include <algorithm>
#include <array>

#include "emulator/base/bytes.h"
#include "emulator/base/check.h"
#include "pipeline/mysql/binlog/encode.h"
#include "pipeline/mysql/binlog/table_map.h"
#include "pipeline/mysql/types/codec.h"

namespace pipeline::mysql::binlog {

namespace {

using emulator::base::append_le;

std::uint8_t type_byte(const Column& column) {
  const bool in_string = column.type == ColumnType::enumeration || column.type == ColumnType::set;
  return static_cast<std::uint8_t>(in_string ? ColumnType::string : column.type);
}

void append_column_metadata(std::string& out, const Column& column) {
  const std::uint32_t length = column.length;
  switch (column.type) {
    case ColumnType::float32:
      return append_le(out, 4, 1);
    case ColumnType::float64:
      return append_le(out, 8, 1);
    case ColumnType::varchar:
    case ColumnType::varchar_compressed:
      return append_le(out, length, 2);
    case ColumnType::bit:
      return append_le(out, (length / 8) << 8 | length % 8, 2);
    case ColumnType::decimal:
      return append_le(out, static_cast<std::uint64_t>(column.scale) << 8 | length, 2);
    case ColumnType::blob:
    case ColumnType::blob_compressed:
    case ColumnType::json:
    case ColumnType::geometry:
    case ColumnType::vector:
    case ColumnType::timestamp:
    case ColumnType::datetime:
    case ColumnType::time:
      return append_le(out, length, 1);
    case ColumnType::enumeration:
    case ColumnType::set:
      return append_le(out, length << 8 | static_cast<std::uint8_t>(column.type), 2);
    case ColumnType::string:  // lengths over 255 borrow two bits of the type byte, inverted
      return append_le(out, (length & 0xFF) << 8 | (254u ^ (length & 0x300) >> 4), 2);
    default:
      return;
  }
}

// One bit a column that `counts`, the first in bit 7.
template <class Counts, class Bit>
std::string bits(const TableSchema& table, Counts counts, Bit bit) {
  std::string out;
  std::size_t n = 0;
  for (const Column& column : table.columns) {
    if (!counts(column)) continue;
    if (n % 8 == 0) out.push_back('\0');
    if (bit(column)) out.back() = static_cast<char>(out.back() | 0x80 >> n % 8);
    ++n;
  }
  return out;
}

void append_field(std::string& out, Metadata type, std::string_view value) {
  if (value.empty()) return;
  out.push_back(static_cast<char>(type));
  append_lenenc_string(out, value);
}

// One collation if all agree, else one for each column.
template <class Counts>
void append_collations(std::string& out, const TableSchema& table, Counts counts, Metadata one,
                       Metadata each) {
  std::string all;
  std::string first;
  bool same = true;
  for (const Column& column : table.columns) {
    if (!counts(column)) continue;
    std::string id;
    append_lenenc(id, column.collation);
    if (first.empty()) first = id;
    same = same && id == first;
    all += id;
  }
  append_field(out, same ? one : each, same ? first : all);
}

std::string labels_of(const TableSchema& table, ColumnType type) {
  std::string out;
  for (const Column& column : table.columns) {
    if (column.type != type) continue;
    append_lenenc(out, column.labels.size());
    for (const std::string& label : column.labels) {
      auto bytes = types::from_utf8(label, column.collation);
      CHECK(bytes.has_value());  // whoever made the column refused labels its charset has not
      append_lenenc_string(out, *bytes);
    }
  }
  return out;
}

void append_full_metadata(std::string& out, const TableSchema& table) {
  std::string names, geometries, key;
  const bool named = std::all_of(table.columns.begin(), table.columns.end(),
                                 [](const Column& c) { return !c.name.empty(); });
  for (const Column& column : table.columns) {
    if (named) append_lenenc_string(names, column.name);
    if (column.type == ColumnType::geometry) append_lenenc(geometries, column.geometry_kind);
  }
  for (std::uint32_t index : table.primary_key) append_lenenc(key, index);
  append_field(out, Metadata::column_names, names);
  append_field(out, Metadata::set_labels, labels_of(table, ColumnType::set));
  append_field(out, Metadata::enum_labels, labels_of(table, ColumnType::enumeration));
  append_field(out, Metadata::geometry_types, geometries);
  append_field(out, Metadata::primary_key, key);
}

}  // namespace

void append_table_map(std::string& out, std::uint64_t table_id, const TableSchema& table,
                      bool full) {
  append_le(out, table_id, 6);
  append_le(out, 1, 2);  // flags: BIT lengths are exact
  append_le(out, table.schema.size(), 1);
  out += table.schema;
  out.push_back('\0');
  append_le(out, table.table.size(), 1);
  out += table.table;
  out.push_back('\0');
  append_lenenc(out, table.columns.size());
  std::string metadata;
  std::string nullable((table.columns.size() + 7) / 8, '\0');
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    out.push_back(static_cast<char>(type_byte(table.columns[i])));
    append_column_metadata(metadata, table.columns[i]);
    if (table.columns[i].nullable)
      nullable[i / 8] = static_cast<char>(nullable[i / 8] | 1 << i % 8);
  }
  append_lenenc_string(out, metadata);
  out += nullable;

  append_field(out, Metadata::signedness, bits(table, is_numeric, [](const Column& c) {
                 return c.is_unsigned || c.type == ColumnType::year;
               }));
  append_collations(out, table, is_character, Metadata::default_charset, Metadata::column_charsets);
  if (full) append_full_metadata(out, table);
  append_collations(out, table, is_labelled, Metadata::label_default_charset,
                    Metadata::label_column_charsets);
  if (full)
    append_field(
        out, Metadata::visibility,
        bits(
            table, [](const Column&) { return true; }, [](const Column& c) { return c.visible; }));
}

}  // namespace pipeline::mysql::binlog
