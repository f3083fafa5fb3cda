#include "pipeline/mysql/types/codec.h"

#include <array>
#include <string>

#include "pipeline/mysql/types/codecs.h"
#include "pipeline/mysql/types/layout.h"

namespace pipeline::mysql::types {

namespace {

Layout fixed(std::uint32_t bytes) { return {Layout::Kind::fixed, bytes}; }
Layout prefixed(std::uint32_t bytes) { return {Layout::Kind::prefixed, bytes}; }

template <std::uint32_t bytes>
Layout fixed_layout(const Column&) {
  return fixed(bytes);
}
template <std::uint32_t bytes>
Layout fraction_layout(const Column& column) {
  return fixed(bytes + (column.length + 1) / 2);
}
// The old temporal types: without a fraction, and with 1 to 6 digits of one (MariaDB, see
// temporal_hires.cpp).
template <const std::array<std::uint8_t, 7>& bytes>
Layout old_temporal_layout(const Column& column) {
  return column.scale <= 6 ? fixed(bytes[column.scale]) : Layout{};
}
constexpr std::array<std::uint8_t, 7> time_old_bytes{3, 4, 4, 5, 5, 5, 6},
    datetime_old_bytes{8, 6, 6, 7, 7, 7, 8}, timestamp_old_bytes{4, 5, 5, 6, 6, 7, 7};
Layout string_layout(const Column& column) {
  return prefixed(column.length < 256 ? 1 : 2);
}  // by the declared length
Layout blob_layout(const Column& column) {
  return column.length >= 1 && column.length <= 4 ? prefixed(column.length) : Layout{};
}
Layout bit_layout(const Column& column) { return fixed((column.length + 7) / 8); }
Layout pack_layout(const Column& column) {
  return column.length >= 1 && column.length <= 8 ? fixed(column.length) : Layout{};
}
Layout decimal_layout(const Column& column) {
  if (column.scale > column.length || column.length > 65) return {};
  return fixed(decimal_bytes(column.length, column.scale));
}

struct ColumnCodec {
  ColumnType type;
  std::string_view name;
  Layout (*layout)(const Column&);
  Decoder* decode;
  Encoder* encode;
};

constexpr std::array codecs{
    ColumnCodec{ColumnType::tiny, "TINYINT", fixed_layout<1>, decode_integer, encode_integer},
    ColumnCodec{ColumnType::small, "SMALLINT", fixed_layout<2>, decode_integer, encode_integer},
    ColumnCodec{ColumnType::medium, "MEDIUMINT", fixed_layout<3>, decode_integer, encode_integer},
    ColumnCodec{ColumnType::integer, "INT", fixed_layout<4>, decode_integer, encode_integer},
    ColumnCodec{ColumnType::bigint, "BIGINT", fixed_layout<8>, decode_integer, encode_integer},
    ColumnCodec{ColumnType::year, "YEAR", fixed_layout<1>, decode_year, encode_year},
    ColumnCodec{ColumnType::bit, "BIT", bit_layout, decode_bit, encode_bit},
    ColumnCodec{ColumnType::float32, "FLOAT", fixed_layout<4>, decode_float32, encode_float32},
    ColumnCodec{ColumnType::float64, "DOUBLE", fixed_layout<8>, decode_float64, encode_float64},
    ColumnCodec{ColumnType::decimal, "DECIMAL", decimal_layout, decode_decimal, encode_decimal},
    ColumnCodec{ColumnType::date, "DATE", fixed_layout<3>, decode_date, encode_date},
    ColumnCodec{ColumnType::time, "TIME", fraction_layout<3>, decode_time, encode_time},
    ColumnCodec{ColumnType::datetime, "DATETIME", fraction_layout<5>, decode_datetime,
                encode_datetime},
    ColumnCodec{ColumnType::timestamp, "TIMESTAMP", fraction_layout<4>, decode_timestamp,
                encode_timestamp},
    ColumnCodec{ColumnType::time_old, "TIME (before 5.6)", old_temporal_layout<time_old_bytes>,
                decode_time_old, encode_time_old},
    ColumnCodec{ColumnType::datetime_old, "DATETIME (before 5.6)",
                old_temporal_layout<datetime_old_bytes>, decode_datetime_old, encode_datetime_old},
    ColumnCodec{ColumnType::timestamp_old, "TIMESTAMP (before 5.6)",
                old_temporal_layout<timestamp_old_bytes>, decode_timestamp_old,
                encode_timestamp_old},
    ColumnCodec{ColumnType::string, "CHAR", string_layout, decode_string, encode_string},
    ColumnCodec{ColumnType::varchar, "VARCHAR", string_layout, decode_text, encode_text},
    ColumnCodec{ColumnType::blob, "BLOB", blob_layout, decode_text, encode_text},
    ColumnCodec{ColumnType::varchar_compressed, "VARCHAR COMPRESSED", string_layout,
                decode_compressed, encode_compressed},
    ColumnCodec{ColumnType::blob_compressed, "BLOB COMPRESSED", blob_layout, decode_compressed,
                encode_compressed},
    ColumnCodec{ColumnType::enumeration, "ENUM", pack_layout, decode_enum, encode_enum},
    ColumnCodec{ColumnType::set, "SET", pack_layout, decode_set, encode_set},
    ColumnCodec{ColumnType::json, "JSON", blob_layout, decode_json, encode_json},
    ColumnCodec{ColumnType::geometry, "GEOMETRY", blob_layout, decode_geometry, encode_geometry},
    ColumnCodec{ColumnType::vector, "VECTOR", blob_layout, decode_vector, encode_vector},
};

// Row of each type byte in the table; -1 = none.
constexpr auto index_of_type = [] {
  std::array<signed char, 256> index{};
  for (auto& entry : index) entry = -1;
  for (std::size_t i = 0; i < codecs.size(); ++i)
    index[static_cast<std::size_t>(codecs[i].type)] = static_cast<signed char>(i);
  return index;
}();

const ColumnCodec* codec_of(const Column& column) {
  const int index = index_of_type[static_cast<std::size_t>(column.type)];
  return index < 0 ? nullptr : &codecs[static_cast<std::size_t>(index)];
}

tl::unexpected<emulator::base::Error> unknown_type(const Column& column) {
  return fail("column type " + std::to_string(static_cast<int>(column.type)) + " is not supported");
}

}  // namespace

Layout layout_of(const Column& column) {
  const ColumnCodec* codec = codec_of(column);
  return codec ? codec->layout(column) : Layout{};
}

Result<std::size_t> packed_size(const Column& column, std::string_view bytes) {
  const Layout layout = layout_of(column);
  if (layout.kind == Layout::Kind::unknown) return unknown_type(column);
  std::size_t size = layout.bytes;
  if (layout.kind == Layout::Kind::prefixed && bytes.size() >= layout.bytes)
    size += length_in_prefix(bytes.data(), layout.bytes);
  if (size > bytes.size()) return fail("a value is cut short");
  return size;
}

Result<void> append_text(const Column& column, std::string_view packed, std::string& out) {
  const ColumnCodec* codec = codec_of(column);
  if (!codec) return unknown_type(column);
  auto size = packed_size(column, packed);
  if (!size) return tl::unexpected(size.error());
  if (*size != packed.size())
    return fail("a value of type " + std::string(codec->name) + " has bytes too many");
  return codec->decode(column, packed, out);
}

Result<void> append_packed(const Column& column, std::string_view text, std::string& out) {
  const ColumnCodec* codec = codec_of(column);
  if (!codec) return unknown_type(column);
  if (codec->layout(column).kind == Layout::Kind::unknown) return unknown_type(column);
  return codec->encode(column, text, out);
}

std::string_view without_prefix(const Column& column, std::string_view packed) {
  return packed.substr(layout_of(column).bytes);
}

Result<void> append_prefixed(const Column& column, std::string_view bytes, std::string& out) {
  const std::uint32_t width = layout_of(column).bytes;
  if (bytes.size() >> (8 * width) != 0)
    return fail("a value of " + std::to_string(bytes.size()) + " bytes is too long for its column");
  for (std::uint32_t i = 0; i < width; ++i)
    out.push_back(static_cast<char>(bytes.size() >> (8 * i) & 0xFF));
  out += bytes;
  return {};
}

tl::unexpected<emulator::base::Error> not_a(std::string_view what, std::string_view text) {
  constexpr std::size_t shown_max = 60;
  std::string message = "'" + std::string(text.substr(0, shown_max));
  if (text.size() > shown_max) message += "...";
  return fail(message + "' is not a value of type " + std::string(what));
}

}  // namespace pipeline::mysql::types
