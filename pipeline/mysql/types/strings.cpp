// CHAR, BINARY, VARCHAR, VARBINARY, the TEXT and BLOB families, ENUM, SET, GEOMETRY, VECTOR, and
// MariaDB's compressed columns.

#include <zlib.h>

#include <algorithm>

#include "emulator/base/bytes.h"
#include "emulator/base/text.h"
#include "pipeline/mysql/types/codec.h"
#include "pipeline/mysql/types/codecs.h"
#include "pipeline/mysql/types/mariadb_types.h"

namespace pipeline::mysql::types {

namespace {

using emulator::base::append_le;
using emulator::base::ByteReader;

// Text in the column's charset, or 0x... for binary strings.
Result<void> append_bytes(const Column& column, std::string_view bytes, std::string& out) {
  if (column.is_binary()) {
    out += "0x";
    append_upper_hex(out, bytes);
    return {};
  }
  if (column.collation == collation_utf8mb4) {
    out += bytes;
    return {};
  }
  auto text = to_utf8(bytes, column.collation);
  if (!text) return tl::unexpected(text.error());
  out += *text;
  return {};
}

Result<std::string> bytes_of(const Column& column, std::string_view text) {
  return column.is_binary() ? bytes_of_hex(text) : from_utf8(text, column.collation);
}

// Whether a text has at most the characters that its column was declared with.
bool has_room(const Column& column, std::string_view text, std::size_t bytes) {
  if (bytes > column.length) return false;
  const std::size_t characters_max = column.length / bytes_per_character(column.collation);
  return column.is_binary() || text.size() <= characters_max ||
         emulator::base::utf8_length(text) <= characters_max;
}

std::string_view without_trailing(std::string_view bytes, char padding) {
  while (!bytes.empty() && bytes.back() == padding) bytes.remove_suffix(1);
  return bytes;
}

constexpr std::uint64_t inflated_bytes_max = 1ull << 30;  // MySQL's largest packet

Result<std::string> inflate_column(std::string_view bytes) {
  ByteReader in(bytes);
  const std::uint8_t head = in.u8();
  if (head == 0) return std::string(in.rest());
  if (head >> 4 != 8) return fail("a compressed column of an algorithm that is not zlib");
  const std::uint64_t size = in.be(head & 7);
  const std::string_view deflated = in.rest();
  if (in.failed() || size > inflated_bytes_max || size / 1100 > deflated.size())
    return fail("a compressed column that is cut short");
  std::string out(size, '\0');
  z_stream stream{};
  const int window = head & 8 ? -MAX_WBITS : MAX_WBITS;
  if (inflateInit2(&stream, window) != Z_OK) return fail("zlib could not start");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(deflated.data()));
  stream.avail_in = static_cast<uInt>(deflated.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = inflate(&stream, Z_FINISH);
  const bool whole = result == Z_STREAM_END && stream.total_out == size;
  inflateEnd(&stream);
  if (!whole) return fail("a compressed column that does not inflate");
  return out;
}

}  // namespace

void append_upper_hex(std::string& out, std::string_view bytes) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::size_t at = out.size();
  out.resize(at + 2 * bytes.size());
  for (const char c : bytes) {
    out[at++] = digits[static_cast<unsigned char>(c) >> 4];
    out[at++] = digits[static_cast<unsigned char>(c) & 15];
  }
}

Result<std::string> bytes_of_hex(std::string_view text) {
  if (text.size() < 2 || text[0] != '0' || (text[1] != 'x' && text[1] != 'X'))
    return not_a("BINARY", text);
  auto bytes = emulator::base::from_hex(text.substr(2));
  if (!bytes) return not_a("BINARY", text);
  return *bytes;
}

// CHAR loses its trailing blanks in the log, BINARY its trailing zero bytes, which belong to the
// value.
Result<void> decode_string(const Column& column, std::string_view packed, std::string& out) {
  const std::string_view bytes = without_prefix(column, packed);
  if (!column.is_binary()) return append_bytes(column, bytes, out);
  if (bytes.size() > column.length) return fail("a BINARY value longer than its column");
  if (const MariadbType* type = mariadb_type_of(column)) {
    std::string padded(bytes);
    padded.resize(column.length, '\0');
    out += type->text(padded);
    return {};
  }
  out += "0x";
  append_upper_hex(out, bytes);
  out.append(2 * (column.length - bytes.size()), '0');
  return {};
}

Result<void> encode_string(const Column& column, std::string_view text, std::string& out) {
  const MariadbType* type = mariadb_type_of(column);
  if (!column.is_binary()) text = without_trailing(text, ' ');
  auto bytes = type ? type->bytes(text) : bytes_of(column, text);
  if (!bytes) return tl::unexpected(bytes.error());
  if (!has_room(column, text, bytes->size()))
    return not_a(column.is_binary() ? "BINARY" : "CHAR", text);
  return append_prefixed(
      column, column.is_binary() ? without_trailing(*bytes, '\0') : std::string_view(*bytes), out);
}

Result<void> decode_text(const Column& column, std::string_view packed, std::string& out) {
  return append_bytes(column, without_prefix(column, packed), out);
}

Result<void> encode_text(const Column& column, std::string_view text, std::string& out) {
  auto bytes = bytes_of(column, text);
  if (!bytes) return tl::unexpected(bytes.error());
  if (column.type == ColumnType::varchar && !has_room(column, text, bytes->size()))
    return not_a("VARCHAR", text);
  return append_prefixed(column, *bytes, out);
}

Result<void> decode_compressed(const Column& column, std::string_view packed, std::string& out) {
  const std::string_view stored = without_prefix(column, packed);
  if (stored.empty()) return append_bytes(column, stored, out);
  auto bytes = inflate_column(stored);
  if (!bytes) return tl::unexpected(bytes.error());
  return append_bytes(column, *bytes, out);
}

// Stored as it is, which a value too short to compress is too.
Result<void> encode_compressed(const Column& column, std::string_view text, std::string& out) {
  auto bytes = bytes_of(column, text);
  if (!bytes) return tl::unexpected(bytes.error());
  if (!bytes->empty()) bytes->insert(0, 1, '\0');
  return append_prefixed(column, *bytes, out);
}

Result<void> decode_enum(const Column& column, std::string_view packed, std::string& out) {
  const std::uint64_t index = ByteReader(packed).le(static_cast<int>(packed.size()));
  if (index == 0) return {};  // '' of a value that was not in the list
  if (column.labels.empty()) {
    emulator::base::append_unsigned(out,
                                    index);  // the log has no labels: the number is what is known
    return {};
  }
  if (index > column.labels.size()) return fail("an ENUM value past its list");
  out += column.labels[index - 1];
  return {};
}

Result<void> encode_enum(const Column& column, std::string_view text, std::string& out) {
  const auto label = std::find(column.labels.begin(), column.labels.end(), text);
  std::uint64_t index = static_cast<std::uint64_t>(label - column.labels.begin()) + 1;
  if (label == column.labels.end()) {
    auto number = emulator::base::parse_unsigned(text);
    if (!text.empty() && (!column.labels.empty() || !number)) return not_a("ENUM", text);
    index = text.empty() ? 0 : *number;
  }
  append_le(out, index, static_cast<int>(column.length));
  return {};
}

Result<void> decode_set(const Column& column, std::string_view packed, std::string& out) {
  const std::uint64_t mask = ByteReader(packed).le(static_cast<int>(packed.size()));
  if (column.labels.empty()) {
    emulator::base::append_unsigned(out, mask);
    return {};
  }
  bool first = true;
  for (std::size_t i = 0; i < 64; ++i) {
    if ((mask >> i & 1) == 0) continue;
    if (i >= column.labels.size()) return fail("a SET value past its list");
    if (!first) out.push_back(',');
    out += column.labels[i];
    first = false;
  }
  return {};
}

Result<void> encode_set(const Column& column, std::string_view text, std::string& out) {
  std::uint64_t mask = 0;
  if (column.labels.empty() && !text.empty()) {
    auto number = emulator::base::parse_unsigned(text);
    if (!number) return not_a("SET", text);
    mask = *number;
  } else if (!text.empty()) {
    for (const std::string_view member : emulator::base::split(text, ',')) {
      const auto label = std::find(column.labels.begin(), column.labels.end(), member);
      if (label == column.labels.end()) return not_a("SET", text);
      mask |= 1ull << (label - column.labels.begin());
    }
  }
  append_le(out, mask, static_cast<int>(column.length));
  return {};
}

Result<void> decode_geometry(const Column& column, std::string_view packed, std::string& out) {
  ByteReader in(without_prefix(column, packed));
  const std::uint32_t srid = in.u32();
  if (in.failed()) return fail("a GEOMETRY value without its SRID");
  out += "wkb:";
  append_upper_hex(out, in.rest());
  out.push_back(':');
  emulator::base::append_unsigned(out, srid);
  return {};
}

Result<void> encode_geometry(const Column& column, std::string_view text, std::string& out) {
  const auto parts = emulator::base::split(text, ':');
  if (parts.size() != 3 || parts[0] != "wkb") return not_a("GEOMETRY", text);
  auto wkb = emulator::base::from_hex(parts[1]);
  auto srid = emulator::base::parse_unsigned(parts[2]);
  if (!wkb || !srid || *srid > 0xFFFFFFFF) return not_a("GEOMETRY", text);
  std::string bytes;
  append_le(bytes, *srid, 4);
  bytes += *wkb;
  return append_prefixed(column, bytes, out);
}

Result<void> decode_vector(const Column& column, std::string_view packed, std::string& out) {
  out += "0x";
  append_upper_hex(out, without_prefix(column, packed));
  return {};
}

Result<void> encode_vector(const Column& column, std::string_view text, std::string& out) {
  auto bytes = bytes_of_hex(text);
  if (!bytes) return tl::unexpected(bytes.error());
  if (bytes->size() % 4 != 0) return not_a("VECTOR", text);
  return append_prefixed(column, *bytes, out);
}

}  // namespace pipeline::mysql::types
