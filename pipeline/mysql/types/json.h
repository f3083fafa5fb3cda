#pragma once
// MySQL's JSON: the binary form that row events carry, the text that the server prints, and values
// in between (for partial updates and for writing). Nested at most 100 deep, as in MySQL. Bad bytes
// are Errors.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/base/result.h"

namespace pipeline::mysql::types {

struct JsonValue {
  enum class Kind : std::uint8_t {
    null,
    boolean,
    integer,
    unsigned_integer,
    real,
    string,
    opaque,
    array,
    object
  };
  Kind kind = Kind::null;
  std::int64_t integer = 0;  // also boolean (0, 1); unsigned_integer keeps its bits here
  double real = 0;
  std::uint8_t opaque_type = 0;  // MySQL type byte
  std::string bytes = {};        // of string (UTF-8) and opaque
  std::vector<JsonValue> elements = {};
  std::vector<std::pair<std::string, JsonValue>> members = {};  // sorted by length, then bytes

  JsonValue* member(std::string_view key);
  void set_member(std::string_view key, JsonValue value);
};

// Binary -> text, without values in between. `bare_doubles`: as MySQL 5.7, 1 for the DOUBLE 1.0
// (and base64 with the ends of its lines as they are).
emulator::base::Result<void> append_json_text(std::string& out, std::string_view binary,
                                              bool bare_doubles = false);

emulator::base::Result<JsonValue> json_from_binary(std::string_view binary);
emulator::base::Result<JsonValue> json_from_text(std::string_view text);
emulator::base::Result<void> append_json_binary(std::string& out, const JsonValue& value);

// Applies the diffs of a PARTIAL_UPDATE_ROWS event to a document and gives the new one, in binary
// form.
emulator::base::Result<std::string> apply_json_diffs(std::string_view binary,
                                                     std::string_view diffs);
// The same diffs as text, for those who have no document:
// [{"op":"replace","path":"$.a","value":"5"},{"op":"remove","path":"$.b[1]"}], values as MySQL
// prints them.
emulator::base::Result<std::string> json_diffs_text(std::string_view diffs);

}  // namespace pipeline::mysql::types
