#include "pipeline/rds/external/table_reader.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "emulator/base/bytes.h"
#include "emulator/base/digest.h"
#include "emulator/base/text.h"
#include "pipeline/mysql/types/codec.h"

namespace pipeline::rds::external {
namespace {

namespace base = emulator::base;
using mysql::Column;
using mysql::ColumnType;

bool is_character(ColumnType type) {
  return type == ColumnType::varchar || type == ColumnType::string || type == ColumnType::blob;
}

// UUID and INET of MariaDB are binary in the log and text in a result.
bool is_shown_as_text(const Column& column) {
  return column.type == ColumnType::string && column.is_binary() &&
         !column.declared.starts_with("binary");
}

std::uint32_t prefix_bytes(const Column& column) {
  if (column.type == ColumnType::varchar || column.type == ColumnType::string)
    return column.length < 256 ? 1 : 2;
  return column.length;
}

// What is selected: floating point in full (a FLOAT is shown with six digits), the number behind a
// label or bits.
std::string expression(const Column& column) {
  const std::string name = quoted_name(column.name);
  switch (column.type) {
    case ColumnType::float32:
    case ColumnType::float64:
      return name + "*1e0";
    case ColumnType::bit:
    case ColumnType::enumeration:
    case ColumnType::set:
      return name + "+0";
    default:
      return name;
  }
}

}  // namespace

TableReader::TableReader(mysql::TablePtr table, std::uint64_t chunk_rows)
    : table_(std::move(table)), chunk_rows_(chunk_rows) {
  for (const Column& column : table_->columns) {
    switch (column.type) {
      case ColumnType::null:
        packing_.push_back(Packing::unsupported);
        break;
      case ColumnType::bit:
        packing_.push_back(Packing::number_be);
        break;
      case ColumnType::enumeration:
      case ColumnType::set:
        packing_.push_back(Packing::number_le);
        break;
      case ColumnType::geometry:
      case ColumnType::vector:
        packing_.push_back(Packing::bytes);
        break;
      default:
        packing_.push_back(is_character(column.type) && !is_shown_as_text(column) ? Packing::bytes
                                                                                  : Packing::text);
    }
  }
  for (const std::uint32_t index : table_->primary_key) {
    const Column& column = table_->columns[index];
    const bool is_string = packing_[index] == Packing::bytes;
    const bool has_order = packing_[index] == Packing::text && column.type != ColumnType::float32 &&
                           column.type != ColumnType::float64;
    const std::string charset(mysql::types::charset_name(column.collation));
    if (!has_order && (!is_string || charset.empty())) {
      key_.clear();
      return;
    }
    key_.push_back({index, is_string && !column.is_binary() ? "_" + charset + " " : "", is_string});
  }
}

// (a > 1) OR (a = 1 AND b > 2): the optimizer makes ranges of it, which it does not of (a, b) > (1,
// 2).
std::string TableReader::after_last() const {
  std::string out;
  for (std::size_t i = 0; i < key_.size(); ++i) {
    out += i == 0 ? "(" : " OR (";
    for (std::size_t j = 0; j <= i; ++j)
      out += fmt::format("{}{}{}{}", j == 0 ? "" : " AND ",
                         quoted_name(table_->columns[key_[j].column].name), j == i ? ">" : "=",
                         literal(key_[j], last_[j]));
    out += ")";
  }
  return out;
}

std::string TableReader::statement() const {
  std::string out = "SELECT ";
  for (const Column& column : table_->columns) {
    if (&column != &table_->columns.front()) out += ", ";
    out += expression(column);
  }
  out += fmt::format(" FROM {}.{}", quoted_name(table_->schema), quoted_name(table_->table));
  if (!is_chunked()) return out;
  if (!last_.empty()) out += " WHERE " + after_last();
  out += " ORDER BY ";
  for (const Key& key : key_) {
    if (&key != &key_.front()) out += ", ";
    out += quoted_name(table_->columns[key.column].name);
  }
  return out + fmt::format(" LIMIT {}", chunk_rows_);
}

Result<void> TableReader::read(SqlClient& client, PackedRows& out,
                               const std::function<bool()>& added) {
  if (auto done = client.execute("SET SESSION character_set_results=NULL"); !done) return done;
  std::uint64_t rows = 0;
  bool stopped = false;
  Result<void> packed;
  auto done = client.query(statement(), [&](const SqlClient::Row& values) {
    packed = pack(values, out);
    if (!packed) return false;
    ++rows;
    remember_key(values);
    stopped = !added();
    return !stopped;
  });
  if (!packed) return packed;
  if (!done) return done;
  at_end_ = stopped || !is_chunked() || rows < chunk_rows_;
  return {};
}

void TableReader::remember_key(const SqlClient::Row& values) {
  last_.resize(key_.size());
  for (std::size_t i = 0; i < key_.size(); ++i) last_[i] = values[key_[i].column].value_or("");
}

std::string TableReader::literal(const Key& key, std::string_view value) const {
  return key.is_string ? fmt::format("{}x'{}'", key.introducer, base::to_hex(value))
                       : quoted_text(value);
}

// A row that cannot be packed leaves nothing behind.
Result<void> TableReader::pack(const SqlClient::Row& values, PackedRows& out) const {
  const std::size_t columns = table_->columns.size();
  if (values.size() != columns)
    return base::fail(fmt::format("table {} has changed its columns", table_->name()));
  const std::size_t bytes_before = out.bytes.size(), cells_before = out.cells.size();
  out.cells.resize(cells_before + columns);
  for (std::size_t i = 0; i < columns; ++i) {
    PackedRows::Cell& cell = out.cells[cells_before + i];
    cell = {values[i] ? mysql::Cell::State::value : mysql::Cell::State::null, 0};
    if (!values[i]) continue;
    const std::size_t before = out.bytes.size();
    if (auto done = pack_value(i, *values[i], out.bytes); !done) {
      out.bytes.resize(bytes_before);
      out.cells.resize(cells_before);
      return base::fail(
          fmt::format("column {}: {}", table_->columns[i].name, done.error().message));
    }
    cell.size = static_cast<std::uint32_t>(out.bytes.size() - before);
  }
  return {};
}

bool PackedRows::for_each(std::size_t columns,
                          const std::function<bool(const mysql::Row&)>& row) const {
  mysql::Row values(columns);
  const char* at = bytes.data();
  for (std::size_t i = 0; i < cells.size(); i += columns) {
    for (std::size_t column = 0; column < columns; ++column) {
      const Cell& cell = cells[i + column];
      values[column] = {cell.state, std::string_view(at, cell.size)};
      at += cell.size;
    }
    if (!row(values)) return false;
  }
  return true;
}

Result<void> TableReader::pack_value(std::size_t index, std::string_view value,
                                     std::string& out) const {
  const Column& column = table_->columns[index];
  switch (packing_[index]) {
    case Packing::text:
      return mysql::types::append_packed(column, value, out);
    case Packing::bytes: {
      const std::uint32_t prefix = prefix_bytes(column);
      if (value.size() >> (8 * prefix) != 0)
        return base::fail("a value that is longer than its column");
      char size[4];
      for (std::uint32_t i = 0; i < 4; ++i) size[i] = static_cast<char>(value.size() >> (8 * i));
      out.append(size, prefix);
      out += value;
      return {};
    }
    case Packing::number_le:
    case Packing::number_be: {
      const auto number = base::parse_unsigned(value);
      if (!number) return base::fail(fmt::format("'{}' is no number", value));
      if (packing_[index] == Packing::number_le) {
        base::append_le(out, *number, static_cast<int>(column.length));
      } else {
        for (std::uint32_t byte = (column.length + 7) / 8; byte-- > 0;)
          out.push_back(static_cast<char>(*number >> (8 * byte)));
      }
      return {};
    }
    case Packing::unsupported:
      return base::fail(fmt::format("type {} is not supported", column.declared));
  }
  return {};
}

}  // namespace pipeline::rds::external
