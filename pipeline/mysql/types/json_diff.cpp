// Partial updates of JSON (binlog_row_value_options=PARTIAL_JSON): a list of replace, insert and
// remove at paths like $.a[1]."b c".

#include <algorithm>

#include "emulator/base/json.h"
#include "emulator/base/text.h"
#include "pipeline/mysql/types/json.h"
#include "pipeline/mysql/types/json_walk.h"

namespace pipeline::mysql::types {

namespace {

using JsonKind = JsonValue::Kind;

enum class DiffOperation : std::uint8_t { replace = 0, insert = 1, remove = 2 };

struct Leg {
  bool is_index = false;
  std::size_t index = 0;
  std::string key;
};

tl::unexpected<emulator::base::Error> bad_path(std::string_view path) {
  return fail("a JSON path that cannot be followed: '" + std::string(path.substr(0, 80)) + "'");
}

Result<std::vector<Leg>> parse_path(std::string_view path) {
  std::vector<Leg> legs;
  if (path.empty() || path[0] != '$') return bad_path(path);
  std::size_t at = 1;
  while (at < path.size()) {
    Leg leg;
    if (path[at] == '[') {
      const std::size_t end = path.find(']', at);
      auto index = emulator::base::parse_unsigned(
          path.substr(at + 1, end == std::string_view::npos ? 0 : end - at - 1));
      if (!index) return bad_path(path);
      leg = {true, *index, {}};
      at = end + 1;
    } else if (path[at] == '.' && at + 1 < path.size() && path[at + 1] == '"') {
      std::size_t end = at + 2;
      while (end < path.size() && path[end] != '"') end += path[end] == '\\' ? 2 : 1;
      if (end >= path.size()) return bad_path(path);
      auto key = json_from_text(path.substr(at + 1, end - at));
      if (!key || key->kind != JsonKind::string) return bad_path(path);
      leg.key = key->bytes;
      at = end + 1;
    } else if (path[at] == '.') {
      const std::size_t end = std::min(path.find_first_of(".[", at + 1), path.size());
      leg.key = std::string(path.substr(at + 1, end - at - 1));
      at = end;
    } else {
      return bad_path(path);
    }
    legs.push_back(std::move(leg));
  }
  return legs;
}

JsonValue* step(JsonValue* value, const Leg& leg) {
  if (!leg.is_index) return value->kind == JsonKind::object ? value->member(leg.key) : nullptr;
  if (value->kind != JsonKind::array) return leg.index == 0 ? value : nullptr;
  return leg.index < value->elements.size() ? &value->elements[leg.index] : nullptr;
}

bool insert_at(JsonValue& parent, const Leg& leg, JsonValue value) {
  if (leg.is_index != (parent.kind == JsonKind::array) ||
      (!leg.is_index && parent.kind != JsonKind::object))
    return false;
  if (!leg.is_index) {
    parent.set_member(leg.key, std::move(value));
    return true;
  }
  const std::size_t at = std::min(leg.index, parent.elements.size());
  parent.elements.insert(parent.elements.begin() + static_cast<std::ptrdiff_t>(at),
                         std::move(value));
  return true;
}

bool remove_at(JsonValue& parent, const Leg& leg) {
  if (leg.is_index) {
    if (parent.kind != JsonKind::array || leg.index >= parent.elements.size()) return false;
    parent.elements.erase(parent.elements.begin() + static_cast<std::ptrdiff_t>(leg.index));
    return true;
  }
  auto at = std::find_if(parent.members.begin(), parent.members.end(),
                         [&](const auto& m) { return m.first == leg.key; });
  if (at == parent.members.end()) return false;
  parent.members.erase(at);
  return true;
}

std::uint64_t read_lenenc(emulator::base::ByteReader& in) {
  const std::uint8_t first = in.u8();
  return first < 251 ? first : first == 0xFC ? in.le(2) : first == 0xFD ? in.le(3) : in.le(8);
}

Result<void> apply_one(JsonValue& document, DiffOperation operation, std::string_view path,
                       JsonValue value) {
  auto legs = parse_path(path);
  if (!legs) return tl::unexpected(legs.error());
  JsonValue* at = &document;
  const bool replaces = operation == DiffOperation::replace;
  const std::size_t followed = replaces ? legs->size() : legs->empty() ? 0 : legs->size() - 1;
  for (std::size_t i = 0; at && i < followed; ++i) at = step(at, (*legs)[i]);
  if (!at || (!replaces && legs->empty())) return bad_path(path);
  if (replaces) {
    *at = std::move(value);
    return {};
  }
  const bool done = operation == DiffOperation::insert
                        ? insert_at(*at, legs->back(), std::move(value))
                        : remove_at(*at, legs->back());
  if (!done) return bad_path(path);
  return {};
}

struct Diff {
  DiffOperation operation{};
  std::string_view path;
  std::string_view value;  // binary; none of a removal
};

Result<Diff> read_diff(emulator::base::ByteReader& in) {
  const std::uint8_t code = in.u8();
  if (code > 2) return fail("a JSON diff of unknown kind");
  Diff diff{static_cast<DiffOperation>(code), in.take(read_lenenc(in)), {}};
  if (diff.operation != DiffOperation::remove) diff.value = in.take(read_lenenc(in));
  if (in.failed()) return fail("a JSON diff is cut short");
  return diff;
}

}  // namespace

Result<std::string> apply_json_diffs(std::string_view binary, std::string_view diffs) {
  auto document = json_from_binary(binary);
  if (!document) return tl::unexpected(document.error());
  emulator::base::ByteReader in(diffs);
  while (in.left() > 0) {
    auto diff = read_diff(in);
    if (!diff) return tl::unexpected(diff.error());
    JsonValue value;
    if (diff->operation != DiffOperation::remove) {
      auto parsed = json_from_binary(diff->value);
      if (!parsed) return tl::unexpected(parsed.error());
      value = std::move(*parsed);
    }
    if (auto done = apply_one(*document, diff->operation, diff->path, std::move(value)); !done)
      return tl::unexpected(done.error());
  }
  std::string out;
  if (auto done = append_json_binary(out, *document); !done) return tl::unexpected(done.error());
  return out;
}

Result<std::string> json_diffs_text(std::string_view diffs) {
  constexpr std::string_view names[] = {"replace", "insert", "remove"};
  std::string out = "[";
  emulator::base::ByteReader in(diffs);
  while (in.left() > 0) {
    auto diff = read_diff(in);
    if (!diff) return tl::unexpected(diff.error());
    out += out.size() == 1 ? "{\"op\":\"" : ",{\"op\":\"";
    out += names[static_cast<std::size_t>(diff->operation)];
    out += "\",\"path\":";
    emulator::base::append_json_string(out, diff->path);
    if (diff->operation != DiffOperation::remove) {
      std::string text;
      if (auto done = append_json_text(text, diff->value); !done)
        return tl::unexpected(done.error());
      out += ",\"value\":";
      emulator::base::append_json_string(out, text);
    }
    out += "}";
  }
  out += "]";
  return out;
}

}  // namespace pipeline::mysql::types
