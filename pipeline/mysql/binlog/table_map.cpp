#include "pipeline/mysql/binlog/table_map.h"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/bytes.h"
#include "pipeline/mysql/binlog/bitmap.h"
#include "pipeline/mysql/binlog/event.h"
#include "pipeline/mysql/types/codec.h"

namespace pipeline::mysql::binlog {

namespace {

using emulator::base::ByteReader;
using emulator::base::fail;

constexpr std::uint64_t columns_max = 4096;  // MySQL's limit
constexpr std::uint32_t mysql_57 = 507;      // its first two numbers

// Reads a column's part of the metadata block (binlog.md section 6, metadata per type).
bool read_column(std::uint8_t type, ByteReader& in, Column& column) {
  column.type = static_cast<ColumnType>(type);
  switch (column.type) {
    case ColumnType::tiny:
    case ColumnType::small:
    case ColumnType::medium:
    case ColumnType::integer:
    case ColumnType::bigint:
    case ColumnType::year:
    case ColumnType::date:
    case ColumnType::timestamp_old:
    case ColumnType::time_old:
    case ColumnType::datetime_old:
      return true;
    case ColumnType::float32:
    case ColumnType::float64:
      return column.length = in.u8(), true;
    case ColumnType::varchar:
    case ColumnType::varchar_compressed:
      return column.length = in.u16(), true;
    case ColumnType::bit: {
      const std::uint8_t bits = in.u8();
      column.length = in.u8() * 8u + bits;
      return true;
    }
    case ColumnType::decimal:
      column.length = in.u8();
      column.scale = in.u8();
      return true;
    case ColumnType::blob:
    case ColumnType::blob_compressed:
    case ColumnType::json:
    case ColumnType::geometry:
    case ColumnType::vector:
      return column.length = in.u8(), column.length >= 1 && column.length <= 4;
    case ColumnType::timestamp:
    case ColumnType::datetime:
    case ColumnType::time:
      return column.length = in.u8(), column.length <= 6;
    case ColumnType::string: {
      const std::uint8_t b0 = in.u8(), b1 = in.u8();
      const bool plain = (b0 & 0x30) == 0x30;
      column.type = static_cast<ColumnType>(plain ? b0 : b0 | 0x30);
      column.length = plain ? b1 : b1 | ((b0 & 0x30u) ^ 0x30u) << 4;
      if (column.type == ColumnType::enumeration) return column.length == 1 || column.length == 2;
      if (column.type == ColumnType::set) return column.length >= 1 && column.length <= 8;
      return column.type == ColumnType::string;
    }
    default:
      return false;
  }
}

// Sets a flag from bits that are numbered from the top of each byte, over the columns that
// `counts`.
template <class Counts, class Set>
void read_bits(TableSchema& table, std::string_view value, Counts counts, Set set) {
  std::size_t n = 0;
  for (Column& column : table.columns) {
    if (!counts(column)) continue;
    if (n / 8 < value.size()) set(column, (value[n / 8] & 0x80 >> n % 8) != 0);
    ++n;
  }
}

template <class Counts>
std::vector<Column*> those(TableSchema& table, Counts counts) {
  std::vector<Column*> out;
  for (Column& column : table.columns)
    if (counts(column)) out.push_back(&column);
  return out;
}

bool read_default_charset(const std::vector<Column*>& columns, ByteReader& in) {
  const auto general = static_cast<std::uint32_t>(read_lenenc(in));
  for (Column* column : columns) column->collation = general;
  while (in.left() > 0) {
    const std::uint64_t index = read_lenenc(in);
    const auto collation = static_cast<std::uint32_t>(read_lenenc(in));
    if (in.failed() || index >= columns.size()) return false;
    columns[index]->collation = collation;
  }
  return !in.failed();
}

bool read_charsets(const std::vector<Column*>& columns, ByteReader& in) {
  for (Column* column : columns) column->collation = static_cast<std::uint32_t>(read_lenenc(in));
  return !in.failed();
}

bool read_labels(const std::vector<Column*>& columns, ByteReader& in) {
  for (Column* column : columns) {
    const std::uint64_t count = read_lenenc(in);
    if (count > in.left()) return false;
    column->labels.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) column->labels.emplace_back(in.take(read_lenenc(in)));
  }
  return !in.failed();
}

bool read_primary_key(TableSchema& table, ByteReader& in, bool with_prefix) {
  while (in.left() > 0) {
    const std::uint64_t index = read_lenenc(in);
    if (with_prefix) read_lenenc(in);
    if (in.failed() || index >= table.columns.size()) return false;
    table.primary_key.push_back(static_cast<std::uint32_t>(index));
  }
  return true;
}

// Whether the signs count YEAR. MariaDB's do; MySQL 8.0.15 (seen) leaves it out, 8.0.29
// (mysql-binlog-connector-java issue 108) and 9.7 (seen) count it and set its bit, which tells the
// two forms apart for the versions between.
bool signs_count_years(TableSchema& table, std::string_view signs, const WrittenBy& server) {
  constexpr std::uint32_t last_without = 80015, first_with = 80029;
  if (server.mariadb || server.version >= first_with) return true;
  bool all_set = true;
  read_bits(table, signs, is_numeric, [&](Column& column, bool bit) {
    all_set = all_set && (bit || column.type != ColumnType::year);
  });
  return server.version > last_without && all_set;
}

bool read_metadata(TableMapEvent& map, Metadata type, std::string_view value,
                   const WrittenBy& server) {
  TableSchema& table = map.table;
  ByteReader in(value);
  const bool mariadb = server.mariadb;
  const auto counts_charset = [&](const Column& c) {
    return is_character(c) || (mariadb && c.type == ColumnType::geometry);
  };
  switch (type) {
    case Metadata::signedness: {
      map.has_signedness = true;
      const bool years = signs_count_years(table, value, server);
      read_bits(
          table, value,
          [&](const Column& c) { return is_numeric(c) && (years || c.type != ColumnType::year); },
          [](Column& c, bool bit) { c.is_unsigned = bit; });
      return true;
    }
    case Metadata::default_charset:
      map.has_charsets = true;
      return read_default_charset(those(table, counts_charset), in);
    case Metadata::column_charsets:
      map.has_charsets = true;
      return read_charsets(those(table, counts_charset), in);
    case Metadata::column_names:
      for (Column& column : table.columns) column.name = in.take(read_lenenc(in));
      return !in.failed();
    case Metadata::set_labels:
      return read_labels(those(table, [](const Column& c) { return c.type == ColumnType::set; }),
                         in);
    case Metadata::enum_labels:
      return read_labels(
          those(table, [](const Column& c) { return c.type == ColumnType::enumeration; }), in);
    case Metadata::geometry_types:
      for (Column* column :
           those(table, [](const Column& c) { return c.type == ColumnType::geometry; }))
        column->geometry_kind = static_cast<std::uint8_t>(read_lenenc(in));
      return !in.failed();
    case Metadata::primary_key:
      return read_primary_key(table, in, false);
    case Metadata::primary_key_with_prefix:
      return read_primary_key(table, in, true);
    case Metadata::label_default_charset:
      map.has_label_charsets = true;
      return read_default_charset(those(table, is_labelled), in);
    case Metadata::label_column_charsets:
      map.has_label_charsets = true;
      return read_charsets(those(table, is_labelled), in);
    case Metadata::visibility:
      read_bits(
          table, value, [](const Column&) { return true; },
          [](Column& c, bool bit) { c.visible = bit; });
      return true;
    default:
      return true;  // optional, and newer than this reader
  }
}

// Labels are written in the column's own charset, which the fields behind them tell.
Result<void> labels_to_utf8(TableSchema& table) {
  for (Column& column : table.columns)
    for (std::string& label : column.labels) {
      auto text = types::to_utf8(label, column.collation);
      if (!text) return tl::unexpected(text.error());
      label = std::move(*text);
    }
  return {};
}

}  // namespace

Result<TableMapEvent> parse_table_map(std::string_view body, int table_id_bytes,
                                      const WrittenBy& server) {
  const auto cut_short = [] { return fail("a TABLE_MAP event that is cut short"); };
  ByteReader in(body);
  TableMapEvent map;
  map.mariadb = server.mariadb;
  map.table_id = in.le(table_id_bytes);
  map.flags = in.u16();
  map.table.schema = in.take(in.u8());
  in.skip(1);
  map.table.table = in.take(in.u8());
  in.skip(1);
  const std::uint64_t count = read_lenenc(in);
  if (in.failed() || count > in.left()) return cut_short();
  if (count > columns_max) return fail(fmt::format("a table of {} columns", count));
  const std::string_view types = in.take(count);
  ByteReader metadata(in.take(read_lenenc(in)));
  const std::string_view nullable = in.take((count + 7) / 8);
  if (in.failed()) return cut_short();
  map.table.columns.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    Column& column = map.table.columns[i];
    const auto type = static_cast<std::uint8_t>(types[i]);
    if (!read_column(type, metadata, column) || metadata.failed())
      return fail(fmt::format(
          "{}: column {} has type {}, which is not supported or whose description is damaged",
          map.table.name(), i + 1, type));
    column.nullable = bit(nullable.data(), i);
    if (column.type == ColumnType::year) column.is_unsigned = true;
    column.bare_doubles =
        column.type == ColumnType::json && server.version / 100 == mysql_57 && !server.mariadb;
  }
  while (in.left() > 0) {
    const auto type = static_cast<Metadata>(in.u8());
    const std::string_view value = in.take(read_lenenc(in));
    if (in.failed() || !read_metadata(map, type, value, server)) return cut_short();
  }
  if (auto done = labels_to_utf8(map.table); !done) return tl::unexpected(done.error());
  return map;
}

}  // namespace pipeline::mysql::binlog
