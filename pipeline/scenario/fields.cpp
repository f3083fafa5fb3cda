#include "pipeline/scenario/fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/text.h"

namespace pipeline::scenario {

namespace base = emulator::base;

std::string hint_for(std::string_view name, const std::vector<std::string>& candidates) {
  if (auto near = base::nearest(name, candidates)) return fmt::format("did you mean {}?", *near);
  if (candidates.empty()) return {};
  std::string out = "known: ";
  for (const std::string& candidate : candidates) {
    if (&candidate != &candidates.front()) out += ", ";
    out += candidate;
  }
  return out;
}

Error wrong_type(const Value& value, std::string_view what, std::string_view wanted) {
  return {
      fmt::format("{} must be {}, not {}", what, wanted, kind_text(value.kind)), {}, value.where};
}

Fields::Fields(const Value& table, std::string what) : table_(table), what_(std::move(what)) {
  if (table.kind != Value::Kind::table) error_ = wrong_type(table, what_, "a table");
}

const Value* Fields::find(std::string_view key, Need need) {
  known_.emplace_back(key);
  const Value* value = table_.find(key);
  if (value == nullptr && need == Need::required)
    refuse(table_.where, fmt::format("{} needs the key {}", what_, key));
  return value;
}

const Value* Fields::find(std::string_view key, Value::Kind kind, Need need) {
  const Value* value = find(key, need);
  if (value == nullptr || value->kind == kind) return value;
  refuse(wrong_type(*value, key, kind_text(kind)));
  return nullptr;
}

void Fields::read(std::string_view key, std::string& into, Need need) {
  if (const Value* value = find(key, Value::Kind::string, need)) into = value->text.text;
}

void Fields::read(std::string_view key, std::optional<std::string>& into) {
  if (const Value* value = find(key, Value::Kind::string)) into = value->text.text;
}

void Fields::read(std::string_view key, bool& into) {
  if (const Value* value = find(key, Value::Kind::boolean)) into = value->boolean;
}

void Fields::read(std::string_view key, std::int64_t& into, Need need) {
  const Value* value = find(key, Value::Kind::integer, need);
  if (value == nullptr) return;
  if (value->integer < 0) refuse(value->where, fmt::format("{} must not be negative", key));
  into = value->integer;
}

void Fields::read(std::string_view key, std::optional<std::int64_t>& into) {
  std::int64_t value = -1;
  read(key, value);
  if (value >= 0) into = value;
}

void Fields::read(std::string_view key, Duration& into) {
  const Value* value = find(key, Value::Kind::string);
  if (value == nullptr) return;
  const auto duration = base::parse_duration(value->text.text);
  if (!duration)
    return refuse(value->where, fmt::format("{} = \"{}\" is no duration", key, value->text.text),
                  "write 90s, 2m, 1h30m, 250ms or 1d");
  into = *duration;
}

void Fields::read(std::string_view key, std::vector<std::string>& into) {
  const Value* value = find(key, Value::Kind::array);
  if (value == nullptr) return;
  into.clear();
  for (const Value& item : value->items) {
    if (item.kind != Value::Kind::string)
      return refuse(wrong_type(item, fmt::format("each of {}", key), "a string"));
    into.push_back(item.text.text);
  }
}

void Fields::refuse(const Location& where, std::string message, std::string hint) {
  if (!error_) error_ = Error{std::move(message), std::move(hint), where};
}

void Fields::refuse(const Error& error) {
  if (!error_) error_ = error;
}

Result<void> Fields::finish() {
  for (const Entry& entry : table_.entries) {
    if (error_) break;
    if (std::find(known_.begin(), known_.end(), entry.name) != known_.end()) continue;
    refuse(entry.where, fmt::format("unknown key {} in {}", entry.name, what_),
           hint_for(entry.name, known_));
  }
  if (error_) return tl::unexpected<Error>(*error_);
  return {};
}

}  // namespace pipeline::scenario
