// Functions of JSON: what a CDC test needs to look into a document.
#include <array>
#include <nlohmann/json.hpp>

#include "emulator/base/json_document.h"
#include "emulator/base/text.h"
#include "pipeline/rds/embedded/functions/functions.h"
#include "pipeline/rds/embedded/json_text.h"

namespace pipeline::rds::embedded {
namespace {

using Json = nlohmann::json;

// $, .name, ."name", [3]: the paths without wildcards.
const Json* at_path(const Json& root, std::string_view path) {
  if (path.empty() || path[0] != '$') return nullptr;
  const Json* here = &root;
  std::size_t at = 1;
  while (at < path.size()) {
    if (path[at] == '.') {
      ++at;
      std::string name;
      if (at < path.size() && path[at] == '"') {
        const std::size_t end = path.find('"', at + 1);
        if (end == std::string_view::npos) return nullptr;
        name = path.substr(at + 1, end - at - 1);
        at = end + 1;
      } else {
        const std::size_t end = std::min(path.find_first_of(".[", at), path.size());
        name = path.substr(at, end - at);
        at = end;
      }
      if (!here->is_object()) return nullptr;
      const auto found = here->find(name);
      if (found == here->end()) return nullptr;
      here = &*found;
    } else if (path[at] == '[') {
      const std::size_t end = path.find(']', at);
      if (end == std::string_view::npos) return nullptr;
      const auto index = emulator::base::parse_unsigned(path.substr(at + 1, end - at - 1));
      if (!index || !here->is_array() || *index >= here->size()) return nullptr;
      here = &(*here)[static_cast<std::size_t>(*index)];
      at = end + 1;
    } else {
      return nullptr;
    }
  }
  return here;
}

Value normal(const Json& json) {
  auto text = normalised_json(emulator::base::json_text(json));
  return text ? Value::text(std::move(*text)) : Value::null();
}

Json parse(const Value& value) { return emulator::base::read_json(value.bytes); }

Value json_extract(Environment&, Values a) {
  const Json root = parse(a[0]);
  if (root.is_discarded()) return Value::null();
  if (a.size() == 2) {
    const Json* found = at_path(root, a[1].bytes);
    return found ? normal(*found) : Value::null();
  }
  Json all = Json::array();
  for (const Value& path : a.subspan(1)) {
    if (const Json* found = at_path(root, path.bytes)) all.push_back(*found);
  }
  return all.empty() ? Value::null() : normal(all);
}
Value unquote(Environment&, Values a) {
  if (!a[0].bytes.starts_with('"')) return Value::text(a[0].bytes);
  const Json json = parse(a[0]);
  return json.is_string() ? Value::text(json.get<std::string>()) : Value::text(a[0].bytes);
}
Value valid(Environment&, Values a) { return Value::of(std::int64_t{!parse(a[0]).is_discarded()}); }
Value json_length(Environment&, Values a) {
  const Json json = parse(a[0]);
  if (json.is_discarded()) return Value::null();
  return Value::of(json.is_structured() ? static_cast<std::int64_t>(json.size()) : std::int64_t{1});
}
Value type(Environment&, Values a) {
  const Json json = parse(a[0]);
  if (json.is_discarded()) return Value::null();
  if (json.is_object()) return Value::text("OBJECT");
  if (json.is_array()) return Value::text("ARRAY");
  if (json.is_string()) return Value::text("STRING");
  if (json.is_boolean()) return Value::text("BOOLEAN");
  if (json.is_null()) return Value::text("NULL");
  if (json.is_number_float()) return Value::text("DOUBLE");
  return Value::text(json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX
                         ? "UNSIGNED INTEGER"
                         : "INTEGER");
}
Value json_quote(Environment&, Values a) { return Value::text(json_quoted(a[0].bytes)); }

constexpr std::array json_table{
    ScalarFunction{"JSON_EXTRACT", "tt*", 'j', json_extract},
    ScalarFunction{"JSON_UNQUOTE", "t", 't', unquote},
    ScalarFunction{"JSON_VALID", "t", 'i', valid},
    ScalarFunction{"JSON_LENGTH", "t", 'i', json_length},
    ScalarFunction{"JSON_TYPE", "t", 't', type},
    ScalarFunction{"JSON_QUOTE", "t", 't', json_quote},
};

}  // namespace

std::span<const ScalarFunction> json_functions() { return json_table; }

}  // namespace pipeline::rds::embedded
