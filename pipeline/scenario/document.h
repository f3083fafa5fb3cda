#pragma once
// A TOML file as a tree of values that know where they stand, so that every complaint can name
// file, line and column. Only document.cpp includes toml++. Keys keep the order of the file.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/result.h"
#include "emulator/base/time_text.h"

namespace pipeline::scenario {

using emulator::base::Duration;
using emulator::base::Error;
using emulator::base::Instant;
using emulator::base::Location;
using emulator::base::Result;

// A text with the place of each of its bytes in the file it came from: escapes and line ends of a
// TOML string shift them.
struct SourceText {
  struct Anchor {
    std::size_t offset = 0;  // from here on, column by column, up to the next anchor
    int line = 0;
    int column = 0;
  };
  std::string text;
  std::string file;
  std::vector<Anchor> anchors;

  Location at(std::size_t offset) const;
};
// A whole file that is no TOML (sql_file).
SourceText source_text_of_file(std::string text, std::string file);

struct Entry;

struct Value {
  enum class Kind { string, integer, real, boolean, instant, array, table };

  Kind kind = Kind::table;
  Location where;
  SourceText text;  // string
  std::int64_t integer = 0;
  double real = 0;
  bool boolean = false;
  Instant instant{};
  std::vector<Value> items;    // array
  std::vector<Entry> entries;  // table, in the order of the file

  const Value* find(std::string_view key) const;
};
struct Entry {
  std::string name;
  Value value;
  Location where;  // of the name
};
std::string_view kind_text(Value::Kind kind);  // "a string", "a table"
// Scalars as text: "text", 7, true, a date and time as RFC 3339; nullptr-like "" for arrays and
// tables never happens: see is_scalar.
bool is_scalar(const Value& value);
std::string scalar_text(const Value& value);
void append_json(std::string& out, const Value& value);

tl::unexpected<Error> fail_at(const Location& where, std::string message, std::string hint = {});

// `name` is what errors call the file; syntax errors carry their place.
Result<Value> parse_document(const std::string& text, const std::string& name);

}  // namespace pipeline::scenario
