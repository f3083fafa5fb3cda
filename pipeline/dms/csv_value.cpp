#include "pipeline/dms/csv_value.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "emulator/base/bytes.h"
#include "emulator/base/text.h"
#include "pipeline/mysql/types/codec.h"

namespace pipeline::dms {
namespace {

namespace base = emulator::base;
using base::Result;
using mysql::Column;
using mysql::ColumnType;

bool is_text_or_binary(ColumnType type) {
  return type == ColumnType::varchar || type == ColumnType::string || type == ColumnType::blob ||
         type == ColumnType::varchar_compressed || type == ColumnType::blob_compressed;
}

bool is_hex(const Column& column) {
  return column.type == ColumnType::geometry || column.type == ColumnType::vector ||
         (is_text_or_binary(column.type) && column.is_binary());
}

// As "%+.16e" would print it, without a locale.
void append_real(double value, std::string& out) {
  std::array<char, 32> digits;
  if (!std::signbit(value)) out.push_back('+');
  const std::to_chars_result end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                                 value, std::chars_format::scientific, 16);
  out.append(digits.data(), end.ptr);
}

Result<bool> real_text(const Column& column, std::string_view packed, std::string& out) {
  base::ByteReader reader(packed);
  double value = 0;
  if (column.type == ColumnType::float32) {
    const std::uint32_t bits = reader.u32();
    float narrow = 0;
    std::memcpy(&narrow, &bits, sizeof narrow);
    value = narrow;
  } else {
    const std::uint64_t bits = reader.u64();
    std::memcpy(&value, &bits, sizeof value);
  }
  if (reader.failed())
    return base::fail("column " + column.name + ": a floating-point value is cut short");
  append_real(value, out);
  return true;
}

// BIT(1) is DMS's BOOLEAN, longer ones are BYTES.
Result<bool> bit_text(const Column& column, std::string_view packed, std::string& out) {
  if (packed.empty()) return base::fail("column " + column.name + ": a BIT value is cut short");
  if (column.length == 1) {
    out = (packed[0] & 1) != 0 ? "true" : "false";
  } else {
    out = base::to_hex(packed);
  }
  return true;
}

// The internal value: SRID and WKB, after the length prefix.
Result<bool> geometry_text(const Column& column, std::string_view packed, std::string& out) {
  if (column.length < 1 || column.length > 4 || packed.size() < column.length) {
    return base::fail("column " + column.name + ": a geometry is cut short");
  }
  out = base::to_hex(packed.substr(column.length));
  return true;
}

// The codec writes binary strings as 0x and upper-case hex.
void to_bare_lower_hex(std::string& text) {
  if (text.size() >= 2 && text[0] == '0' && text[1] == 'x') text.erase(0, 2);
  text = base::to_lower(text);
}

// "Date and datetime columns that have a value of zero are converted to NULL" (UG-MySQL).
bool is_zero_date(ColumnType type, std::string_view text) {
  switch (type) {
    case ColumnType::date:
    case ColumnType::datetime:
    case ColumnType::datetime_old:
    case ColumnType::timestamp:
    case ColumnType::timestamp_old:
      return text.substr(0, 10) == "0000-00-00";
    default:
      return false;
  }
}

}  // namespace

Result<bool> value_text(const Column& column, const mysql::Cell& cell, std::string& out) {
  out.clear();
  if (cell.state != mysql::Cell::State::value) return false;
  switch (column.type) {
    case ColumnType::float32:
    case ColumnType::float64:
      return real_text(column, cell.bytes, out);
    case ColumnType::bit:
      return bit_text(column, cell.bytes, out);
    case ColumnType::geometry:
      return geometry_text(column, cell.bytes, out);
    default:
      break;
  }
  if (Result<void> done = mysql::types::append_text(column, cell.bytes, out); !done)
    return tl::unexpected(done.error());
  if (is_hex(column)) to_bare_lower_hex(out);
  return !is_zero_date(column.type, out);
}

bool is_lob(const Column& column) {
  if (column.type == ColumnType::json || column.type == ColumnType::geometry) return true;
  return (column.type == ColumnType::blob || column.type == ColumnType::blob_compressed) &&
         column.length >= 3;
}

bool cut_lob(const Column& column, std::uint64_t bytes_max, std::string& text) {
  std::uint64_t size = is_hex(column) ? bytes_max * 2 : bytes_max;
  if (text.size() <= size) return false;
  if (!is_hex(column)) {
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  }
  text.resize(size);
  return true;
}

}  // namespace pipeline::dms
