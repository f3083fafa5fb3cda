#pragma once
// Reads the keys of one TOML table into C++ values. The first wrong type, missing key or unknown
// key (with the nearest that exists) is kept as the error, so a parser reads straight on and asks
// once: return fields.finish().

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/scenario/document.h"

namespace pipeline::scenario {

class Fields {
 public:
  enum class Need { optional, required };

  // `what` is how errors call the table: "[job]", "expect_equal".
  Fields(const Value& table, std::string what);

  // The value of a key of that kind, or null. Each key asked for becomes known.
  const Value* find(std::string_view key, Need need = Need::optional);
  const Value* find(std::string_view key, Value::Kind kind, Need need = Need::optional);

  void read(std::string_view key, std::string& into, Need need = Need::optional);
  void read(std::string_view key, std::optional<std::string>& into);
  void read(std::string_view key, bool& into);
  void read(std::string_view key, std::int64_t& into, Need need = Need::optional);  // not negative
  void read(std::string_view key, std::optional<std::int64_t>& into);
  void read(std::string_view key, Duration& into);  // "90s"
  void read(std::string_view key, std::vector<std::string>& into);

  // Keeps the error if it is the first.
  void refuse(const Location& where, std::string message, std::string hint = {});
  void refuse(const Error& error);
  Result<void> finish();

 private:
  const Value& table_;
  std::string what_;
  std::vector<std::string> known_;
  std::optional<Error> error_;
};

// "did you mean" for errors; "" if nothing is near. With few candidates the hint lists them all.
std::string hint_for(std::string_view name, const std::vector<std::string>& candidates);
// "a string", but found "an integer": the one wording for a wrong type.
Error wrong_type(const Value& value, std::string_view what, std::string_view wanted);

}  // namespace pipeline::scenario
