// COLUMN_TYPE texts: "int unsigned", "varchar(255)", "enum('a','b')", and the columns they mean.

#include <algorithm>
#include <array>

#include "emulator/base/text.h"
#include "pipeline/mysql/types/codec.h"
#include "pipeline/mysql/types/codecs.h"
#include "pipeline/mysql/types/mariadb_types.h"

namespace pipeline::mysql::types {

namespace {

enum class Shape : std::uint8_t {
  plain,       // length is the row's
  integer,     // "(11)" is a display width; unsigned, zerofill
  real,        // "(10,3)" is display only
  decimal,     // (precision, scale)
  bits,        // (n)
  fraction,    // (digits)
  characters,  // (n) characters of the charset
  bytes,       // (n) bytes, binary
  text,        // length prefix of the row's width, charset
  blob,        // the same, binary
  labels,      // ('a','b')
  geometry,
};

struct TypeRow {
  std::string_view name;
  ColumnType type;
  Shape shape;
  std::uint32_t length =
      0;  // see Column::length; of text and blob: the prefix; of geometry: its kind
};

// The first row of a type is the name that type_name gives it.
constexpr std::array type_rows{
    TypeRow{"tinyint", ColumnType::tiny, Shape::integer},
    TypeRow{"bool", ColumnType::tiny, Shape::integer},
    TypeRow{"boolean", ColumnType::tiny, Shape::integer},
    TypeRow{"smallint", ColumnType::small, Shape::integer},
    TypeRow{"mediumint", ColumnType::medium, Shape::integer},
    TypeRow{"int", ColumnType::integer, Shape::integer},
    TypeRow{"integer", ColumnType::integer, Shape::integer},
    TypeRow{"bigint", ColumnType::bigint, Shape::integer},
    TypeRow{"float", ColumnType::float32, Shape::real, 4},
    TypeRow{"double", ColumnType::float64, Shape::real, 8},
    TypeRow{"real", ColumnType::float64, Shape::real, 8},
    TypeRow{"double precision", ColumnType::float64, Shape::real, 8},
    TypeRow{"decimal", ColumnType::decimal, Shape::decimal},
    TypeRow{"numeric", ColumnType::decimal, Shape::decimal},
    TypeRow{"dec", ColumnType::decimal, Shape::decimal},
    TypeRow{"bit", ColumnType::bit, Shape::bits},
    TypeRow{"year", ColumnType::year, Shape::integer},
    TypeRow{"date", ColumnType::date, Shape::plain},
    TypeRow{"time", ColumnType::time, Shape::fraction},
    TypeRow{"datetime", ColumnType::datetime, Shape::fraction},
    TypeRow{"timestamp", ColumnType::timestamp, Shape::fraction},
    TypeRow{"char", ColumnType::string, Shape::characters},
    TypeRow{"varchar", ColumnType::varchar, Shape::characters},
    TypeRow{"binary", ColumnType::string, Shape::bytes},
    TypeRow{"varbinary", ColumnType::varchar, Shape::bytes},
    TypeRow{"tinytext", ColumnType::blob, Shape::text, 1},
    TypeRow{"text", ColumnType::blob, Shape::text, 2},
    TypeRow{"mediumtext", ColumnType::blob, Shape::text, 3},
    TypeRow{"longtext", ColumnType::blob, Shape::text, 4},
    TypeRow{"tinyblob", ColumnType::blob, Shape::blob, 1},
    TypeRow{"blob", ColumnType::blob, Shape::blob, 2},
    TypeRow{"mediumblob", ColumnType::blob, Shape::blob, 3},
    TypeRow{"longblob", ColumnType::blob, Shape::blob, 4},
    TypeRow{"enum", ColumnType::enumeration, Shape::labels},
    TypeRow{"set", ColumnType::set, Shape::labels},
    TypeRow{"json", ColumnType::json, Shape::plain, 4},
    TypeRow{"vector", ColumnType::vector, Shape::plain, 4},
    TypeRow{"geometry", ColumnType::geometry, Shape::geometry, 0},
    TypeRow{"point", ColumnType::geometry, Shape::geometry, 1},
    TypeRow{"linestring", ColumnType::geometry, Shape::geometry, 2},
    TypeRow{"polygon", ColumnType::geometry, Shape::geometry, 3},
    TypeRow{"multipoint", ColumnType::geometry, Shape::geometry, 4},
    TypeRow{"multilinestring", ColumnType::geometry, Shape::geometry, 5},
    TypeRow{"multipolygon", ColumnType::geometry, Shape::geometry, 6},
    TypeRow{"geomcollection", ColumnType::geometry, Shape::geometry, 7},
    TypeRow{"geometrycollection", ColumnType::geometry, Shape::geometry, 7},
};

const TypeRow* row_of(const Column& column) {
  for (const TypeRow& row : type_rows) {
    if (row.type != column.type) continue;
    const bool binary = row.shape == Shape::bytes || row.shape == Shape::blob;
    const bool text = row.shape == Shape::characters || row.shape == Shape::text;
    if ((binary && !column.is_binary()) || (text && column.is_binary())) continue;
    if ((row.shape == Shape::text || row.shape == Shape::blob) && row.length != column.length)
      continue;
    if (row.shape == Shape::geometry && row.length != column.geometry_kind) continue;
    return &row;
  }
  return nullptr;
}

// 'it''s' or 'it\'s'; `at` is behind the opening quote and ends behind the closing one.
bool read_label(std::string_view text, std::size_t& at, std::string& label) {
  for (; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) {
      const char c = text[++at];
      label.push_back(c == 'n' ? '\n' : c == 'r' ? '\r' : c == '0' ? '\0' : c);
      continue;
    }
    if (text[at] == '\'') {
      if (at + 1 == text.size() || text[at + 1] != '\'') return ++at, true;
      ++at;
    }
    label.push_back(text[at]);
  }
  return false;
}

bool read_list(std::string_view text, std::size_t& at, TypeDeclaration& out) {
  while (at < text.size()) {
    while (at < text.size() && (text[at] == ' ' || text[at] == ',')) ++at;
    if (at == text.size()) return false;
    if (text[at] == ')') return ++at, true;
    if (text[at] == '\'') {
      std::string label;
      if (!read_label(text, ++at, label)) return false;
      out.labels.push_back(std::move(label));
      continue;
    }
    const std::size_t end = std::min(text.find_first_of(",) ", at), text.size());
    auto number = emulator::base::parse_unsigned(text.substr(at, end - at));
    if (!number || *number > 0xFFFFFFFF) return false;
    out.numbers.push_back(*number);
    at = end;
  }
  return false;
}

Result<TypeDeclaration> cut(std::string_view declared) {
  TypeDeclaration out;
  const std::string_view text = emulator::base::trim(declared);
  std::size_t at = std::min(text.find('('), text.size());
  std::string_view head = text.substr(0, at);
  // "int unsigned", "double precision", "text /*M!100301 COMPRESSED*/"
  const bool two_words = emulator::base::to_lower(head).substr(0, 16) == "double precision";
  const std::size_t blank = two_words ? 16 : std::min(head.find(' '), head.size());
  out.name = emulator::base::to_lower(head.substr(0, blank));
  out.rest = emulator::base::to_lower(head.substr(blank));
  if (at < text.size()) {
    if (!read_list(text, ++at, out))
      return fail("'" + std::string(declared) + "' is not a column type");
    out.rest += emulator::base::to_lower(text.substr(at));
  }
  return out;
}

std::uint32_t pack_bytes(const Column& column) {
  const std::size_t n = column.labels.size();
  if (column.type == ColumnType::enumeration) return n < 256 ? 1 : 2;
  return n <= 8 ? 1 : n <= 16 ? 2 : n <= 24 ? 3 : n <= 32 ? 4 : 8;
}

Result<void> fill(Column& column, const TypeRow& row, const TypeDeclaration& declared,
                  std::uint32_t collation) {
  const auto number = [&](std::size_t i, std::uint64_t otherwise) {
    return static_cast<std::uint32_t>(i < declared.numbers.size() ? declared.numbers[i]
                                                                  : otherwise);
  };
  const auto refuse = [&] { return fail("'" + column.declared + "' is not a column type"); };
  column.length = row.length;
  switch (row.shape) {
    case Shape::plain:
      break;
    case Shape::real:  // FLOAT(p) with p past 24 is a DOUBLE
      if (row.type == ColumnType::float32 && declared.numbers.size() == 1 &&
          declared.numbers[0] > 24) {
        column.type = ColumnType::float64;
        column.length = 8;
      }
      break;
    case Shape::integer:
      column.is_unsigned = column.is_unsigned || row.type == ColumnType::year;
      break;
    case Shape::decimal:
      column.length = number(0, 10);
      column.scale = static_cast<std::uint8_t>(std::min(number(1, 0), 255u));
      if (column.length == 0 || column.length > 65 || column.scale > 30 ||
          column.scale > column.length)
        return refuse();
      break;
    case Shape::bits:
      column.length = number(0, 1);
      if (column.length == 0 || column.length > 64) return refuse();
      break;
    case Shape::fraction:
      column.length = number(0, 0);
      if (column.length > 6) return refuse();
      break;
    case Shape::characters:
      column.collation = collation;
      column.length = number(0, 1) * bytes_per_character(collation);
      if (column.length > 0xFFFF) return refuse();
      break;
    case Shape::bytes:
      column.collation = collation_binary;
      column.length = number(0, 1);
      if (column.length > 0xFFFF) return refuse();
      break;
    case Shape::text:
      column.collation = collation;
      break;
    case Shape::blob:
      column.collation = collation_binary;
      break;
    case Shape::labels:
      column.labels = declared.labels;
      column.collation = collation;
      column.length = pack_bytes(column);
      if (column.labels.empty() ||
          column.labels.size() > (row.type == ColumnType::set ? 64u : 65535u))
        return refuse();
      break;
    case Shape::geometry:
      column.length = 4;
      column.geometry_kind = static_cast<std::uint8_t>(row.length);
      break;
  }
  if (row.type == ColumnType::vector) column.collation = collation_binary;
  return {};
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  out.push_back('\'');
  for (const char c : text) switch (c) {
      case '\'':
        out += "''";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\0':
        out += "\\0";
        break;
      default:
        out.push_back(c);
    }
  out.push_back('\'');
}

std::string type_name(const Column& column) {
  if (!column.declared.empty()) return column.declared;
  const TypeRow* row = row_of(column);
  if (!row) return "type " + std::to_string(static_cast<int>(column.type));
  std::string out(row->name);
  const auto add = [&](std::uint32_t number) { out += "(" + std::to_string(number) + ")"; };
  switch (row->shape) {
    case Shape::decimal:
      out += "(" + std::to_string(column.length) + "," + std::to_string(column.scale) + ")";
      break;
    case Shape::bits:
    case Shape::bytes:
      add(column.length);
      break;
    case Shape::characters:
      add(column.length / bytes_per_character(column.collation));
      break;
    case Shape::fraction:
      if (column.length > 0) add(column.length);
      break;
    case Shape::labels:
      out.push_back('(');
      for (const std::string& label : column.labels) {
        if (out.back() != '(') out.push_back(',');
        append_quoted(out, label);
      }
      out.push_back(')');
      break;
    default:
      break;
  }
  if (column.is_unsigned && column.type != ColumnType::year) out += " unsigned";
  return out;
}

std::string TypeDeclaration::text() const {
  std::string out = name;
  for (std::size_t i = 0; i < numbers.size(); ++i)
    out += (i == 0 ? "(" : ",") + std::to_string(numbers[i]);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    out.push_back(i == 0 ? '(' : ',');
    append_quoted(out, labels[i]);
  }
  if (!numbers.empty() || !labels.empty()) out.push_back(')');
  return out + rest;
}

Result<Column> make_column(const TypeDeclaration& type, std::uint32_t collation) {
  Column column;
  column.declared = type.text();
  if (const MariadbType* mariadb = mariadb_type_named(type.name)) {
    column.type = ColumnType::string;
    column.length = mariadb->size;
    column.collation = collation_binary;
    return column;
  }
  const auto row = std::find_if(type_rows.begin(), type_rows.end(),
                                [&](const TypeRow& r) { return r.name == type.name; });
  if (row == type_rows.end()) return fail("column type '" + column.declared + "' is not supported");
  column.type = row->type;
  column.is_unsigned = type.rest.find("unsigned") != std::string::npos ||
                       type.rest.find("zerofill") != std::string::npos;
  if (auto done = fill(column, *row, type, collation); !done) return tl::unexpected(done.error());
  const bool compressed = type.rest.find("compressed") != std::string::npos;  // MariaDB
  if (compressed && column.type == ColumnType::blob) column.type = ColumnType::blob_compressed;
  if (compressed && column.type == ColumnType::varchar) {
    column.type = ColumnType::varchar_compressed;
    ++column.length;  // the byte that tells how
  }
  return column;
}

Result<Column> parse_column_type(std::string_view declared, std::string_view charset) {
  auto pieces = cut(declared);
  if (!pieces) return tl::unexpected(pieces.error());
  auto collation = charset.empty() ? collation_utf8mb4 : default_collation(charset);
  if (!collation) return fail("charset '" + std::string(charset) + "' is not supported");
  auto column = make_column(*pieces, *collation);
  if (column) column->declared = emulator::base::trim(declared);
  return column;
}

}  // namespace pipeline::mysql::types
