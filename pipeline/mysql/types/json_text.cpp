// JSON as MySQL prints it: ", " and ": ", doubles that show they are doubles, opaque values as
// their own text.

#include <cstring>

#include "emulator/base/text.h"
#include "pipeline/mysql/types/json.h"
#include "pipeline/mysql/types/json_walk.h"
#include "pipeline/mysql/types/layout.h"
#include "pipeline/mysql/types/temporal.h"

namespace pipeline::mysql::types {

namespace {

void append_quoted(std::string& out, std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  out.push_back('"');
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20) {
          out.push_back(c);
        } else {
          out += "\\u00";
          out.push_back(digits[c >> 4]);
          out.push_back(digits[c & 15]);
        }
    }
  }
  out.push_back('"');
}

// Eight bytes: 24 bits of microseconds below the integer of DATETIME2 or TIME2; negative as a whole
// for negative times.
Result<void> append_temporal(std::string& out, ColumnType type, std::string_view bytes) {
  if (bytes.size() != 8) return fail("a date in JSON that has not 8 bytes");
  const auto packed = static_cast<std::int64_t>(emulator::base::ByteReader(bytes).u64());
  const std::uint64_t size =
      packed < 0 ? 0 - static_cast<std::uint64_t>(packed) : static_cast<std::uint64_t>(packed);
  const auto micros = static_cast<std::uint32_t>(size & 0xFFFFFF);
  out.push_back('"');
  if (type == ColumnType::time_old) {
    if (packed < 0) out.push_back('-');
    Civil at = civil_of_packed_time(size >> 24);
    at.micros = micros;
    append_clock_text(out, at, 6);
  } else {
    Civil at = civil_of_packed_datetime(size >> 24);
    at.micros = micros;
    if (type == ColumnType::date)
      append_date_text(out, at);
    else
      append_datetime_text(out, at, 6);
  }
  out.push_back('"');
  return {};
}

// MySQL's base64 has lines of 76 characters, whose ends a JSON string shows as \n (5.7: as they
// are).
void append_base64_lines(std::string& out, std::string_view bytes, const char* line_end) {
  constexpr std::size_t line_bytes = 57;
  for (; bytes.size() > line_bytes; bytes.remove_prefix(line_bytes)) {
    out += emulator::base::to_base64(bytes.substr(0, line_bytes));
    out += line_end;
  }
  out += emulator::base::to_base64(bytes);
}

Result<void> append_opaque(std::string& out, std::uint8_t type, std::string_view bytes, bool bare) {
  switch (static_cast<ColumnType>(type)) {
    case ColumnType::decimal: {
      Column column;
      column.type = ColumnType::decimal;
      emulator::base::ByteReader in(bytes);
      column.length = in.u8();
      column.scale = in.u8();
      const std::string_view packed = in.rest();
      const bool possible = column.length >= 1 && column.length <= json_decimal_digits_max &&
                            column.scale <= column.length;
      if (!possible || decimal_bytes(column.length, column.scale) != packed.size())
        return fail("a DECIMAL in JSON of the wrong size");
      return decode_decimal(column, packed, out);
    }
    case ColumnType::date:
    case ColumnType::time_old:
    case ColumnType::datetime_old:
    case ColumnType::timestamp_old:
      return append_temporal(out, static_cast<ColumnType>(type), bytes);
    default:
      out += "\"base64:type";
      emulator::base::append_unsigned(out, type);
      out.push_back(':');
      append_base64_lines(out, bytes, bare ? "\n" : "\\n");
      out.push_back('"');
      return {};
  }
}

struct TextSink {
  std::string& out;
  bool bare_doubles;

  void begin(bool is_object, std::uint64_t) { out.push_back(is_object ? '{' : '['); }
  void end(bool is_object) { out.push_back(is_object ? '}' : ']'); }
  void element(std::uint64_t index) {
    if (index > 0) out += ", ";
  }
  void key(std::string_view text) {
    append_quoted(out, text);
    out += ": ";
  }
  Result<void> literal(std::uint8_t byte) {
    if (byte > 2) return fail("a JSON literal of unknown kind");
    constexpr const char* names[] = {"null", "true", "false"};
    out += names[byte];
    return {};
  }
  void integer(std::int64_t value) { emulator::base::append_integer(out, value); }
  void unsigned_integer(std::uint64_t value) { emulator::base::append_unsigned(out, value); }
  void real(std::uint64_t bits) {
    double value;
    std::memcpy(&value, &bits, sizeof value);
    const std::size_t start = out.size();
    append_double(out, value);
    if (!bare_doubles && out.find_first_of(".en", start) == std::string::npos) out += ".0";
  }
  void string(std::string_view text) { append_quoted(out, text); }
  Result<void> opaque(std::uint8_t type, std::string_view bytes) {
    return append_opaque(out, type, bytes, bare_doubles);
  }
};

}  // namespace

Result<void> append_json_text(std::string& out, std::string_view binary, bool bare_doubles) {
  if (binary.empty()) {  // an empty document is read as null
    out += "null";
    return {};
  }
  TextSink sink{out, bare_doubles};
  return JsonWalk<TextSink>(sink).document(binary);
}

Result<void> decode_json(const Column& column, std::string_view packed, std::string& out) {
  return append_json_text(out, without_prefix(column, packed), column.bare_doubles);
}

Result<void> encode_json(const Column& column, std::string_view text, std::string& out) {
  auto value = json_from_text(text);
  if (!value) return tl::unexpected(value.error());
  std::string binary;
  if (auto done = append_json_binary(binary, *value); !done) return done;
  return append_prefixed(column, binary, out);
}

}  // namespace pipeline::mysql::types
