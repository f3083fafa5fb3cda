// JSON values: from MySQL's binary form, from text, and into the binary form.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "emulator/base/json_document.h"
#include "pipeline/mysql/types/json.h"
#include "pipeline/mysql/types/json_walk.h"

namespace pipeline::mysql::types {

namespace {

using emulator::base::append_le;
using JsonKind = JsonValue::Kind;

bool key_less(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

// Builds a value as the walk meets its parts; the path from the root to the open container is a
// stack.
class ValueSink {
 public:
  void begin(bool is_object, std::uint64_t) {
    open_.push_back(&add({.kind = is_object ? JsonKind::object : JsonKind::array}));
  }
  void end(bool) { open_.pop_back(); }
  void element(std::uint64_t) {}
  void key(std::string_view text) { key_ = text; }
  Result<void> literal(std::uint8_t byte) {
    if (byte > 2) return fail("a JSON literal of unknown kind");
    add(byte == 0 ? JsonValue{} : JsonValue{.kind = JsonKind::boolean, .integer = byte == 1});
    return {};
  }
  void integer(std::int64_t value) { add({.kind = JsonKind::integer, .integer = value}); }
  void unsigned_integer(std::uint64_t value) {
    add({.kind = JsonKind::unsigned_integer, .integer = static_cast<std::int64_t>(value)});
  }
  void real(std::uint64_t bits) {
    JsonValue value{.kind = JsonKind::real};
    std::memcpy(&value.real, &bits, sizeof bits);
    add(std::move(value));
  }
  void string(std::string_view text) {
    add({.kind = JsonKind::string, .bytes = std::string(text)});
  }
  Result<void> opaque(std::uint8_t type, std::string_view bytes) {
    add({.kind = JsonKind::opaque, .opaque_type = type, .bytes = std::string(bytes)});
    return {};
  }
  JsonValue take() { return std::move(root_); }

 private:
  JsonValue& add(JsonValue value) {
    if (open_.empty()) return root_ = std::move(value);
    JsonValue& parent = *open_.back();
    if (parent.kind == JsonKind::array) return parent.elements.emplace_back(std::move(value));
    return parent.members.emplace_back(std::string(key_), std::move(value)).second;
  }

  JsonValue root_;
  std::vector<JsonValue*> open_;
  std::string_view key_;
};

// Before the parser sees it: what recurses over values must not be led too deep.
int nesting_of(std::string_view text) {
  int depth = 0, deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') in_string = !in_string;
    if (in_string && c == '\\') ++i;
    if (in_string) continue;
    if (c == '[' || c == '{') deepest = std::max(deepest, ++depth);
    if (c == ']' || c == '}') --depth;
  }
  return deepest;
}

JsonValue from_nlohmann(const nlohmann::json& json) {
  JsonValue value;
  switch (json.type()) {
    case nlohmann::json::value_t::boolean:
      return {.kind = JsonKind::boolean, .integer = json.get<bool>()};
    case nlohmann::json::value_t::number_integer:
      return {.kind = JsonKind::integer, .integer = json.get<std::int64_t>()};
    case nlohmann::json::value_t::number_unsigned: {
      const auto number = json.get<std::uint64_t>();
      return {.kind = number > INT64_MAX ? JsonKind::unsigned_integer : JsonKind::integer,
              .integer = static_cast<std::int64_t>(number)};
    }
    case nlohmann::json::value_t::number_float:
      return {.kind = JsonKind::real, .real = json.get<double>()};
    case nlohmann::json::value_t::string:
      return {.kind = JsonKind::string, .bytes = json.get<std::string>()};
    case nlohmann::json::value_t::array:
      value.kind = JsonKind::array;
      for (const auto& inner : json) value.elements.push_back(from_nlohmann(inner));
      return value;
    case nlohmann::json::value_t::object:
      value.kind = JsonKind::object;
      for (const auto& [key, inner] : json.items()) value.set_member(key, from_nlohmann(inner));
      return value;
    default:
      return value;
  }
}

// A value apart from its kind byte, before it is known whether its container is small or large.
struct Encoded {
  JsonTag tag;
  std::string bytes;
};

bool is_inlined(JsonTag tag, int width) {
  if (tag == JsonTag::literal || tag == JsonTag::int16 || tag == JsonTag::uint16) return true;
  return width == 4 && (tag == JsonTag::int32 || tag == JsonTag::uint32);
}

std::string with_length(std::string_view bytes) {
  std::string out;
  std::size_t length = bytes.size();
  for (; length >= 0x80; length >>= 7) out.push_back(static_cast<char>(length | 0x80));
  out.push_back(static_cast<char>(length));
  out += bytes;
  return out;
}

Encoded encode_integer_value(std::int64_t value) {
  Encoded out{JsonTag::int64, {}};
  int width = 8;
  if (value >= INT16_MIN && value <= INT16_MAX) {
    out.tag = JsonTag::int16;
    width = 2;
  } else if (value >= INT32_MIN && value <= INT32_MAX) {
    out.tag = JsonTag::int32;
    width = 4;
  }
  append_le(out.bytes, static_cast<std::uint64_t>(value), width);
  return out;
}

Encoded encode_unsigned_value(std::uint64_t value) {
  const int width = value <= 0xFFFF ? 2 : value <= 0xFFFFFFFF ? 4 : 8;
  Encoded out{width == 2 ? JsonTag::uint16 : width == 4 ? JsonTag::uint32 : JsonTag::uint64, {}};
  append_le(out.bytes, value, width);
  return out;
}

std::string pack_container(const JsonValue& value, const std::vector<Encoded>& inner, int width) {
  const bool is_object = value.kind == JsonKind::object;
  const auto w = static_cast<std::size_t>(width);
  std::size_t at = 2 * w + inner.size() * (1 + w + (is_object ? w + 2 : 0));
  std::string entries, keys, values;
  for (const auto& [key, unused] : value.members) {
    append_le(entries, at, width);
    append_le(entries, key.size(), 2);
    keys += key;
    at += key.size();
  }
  for (const Encoded& one : inner) {
    append_le(entries, static_cast<std::uint64_t>(one.tag), 1);
    if (is_inlined(one.tag, width)) {
      std::string padded = one.bytes;
      padded.resize(w, '\0');
      entries += padded;
    } else {
      append_le(entries, at + values.size(), width);
      values += one.bytes;
    }
  }
  std::string out;
  append_le(out, inner.size(), width);
  append_le(out, 2 * w + entries.size() + keys.size() + values.size(), width);
  return out + entries + keys + values;
}

Result<Encoded> encode_value(const JsonValue& value, int depth) {
  switch (value.kind) {
    case JsonKind::null:
      return Encoded{JsonTag::literal, std::string(1, '\0')};
    case JsonKind::boolean:
      return Encoded{JsonTag::literal, std::string(1, value.integer ? '\1' : '\2')};
    case JsonKind::integer:
      return encode_integer_value(value.integer);
    case JsonKind::unsigned_integer:
      return encode_unsigned_value(static_cast<std::uint64_t>(value.integer));
    case JsonKind::real: {
      Encoded out{JsonTag::real, std::string(8, '\0')};
      std::uint64_t bits;
      std::memcpy(&bits, &value.real, sizeof bits);
      out.bytes.clear();
      append_le(out.bytes, bits, 8);
      return out;
    }
    case JsonKind::string:
      return Encoded{JsonTag::string, with_length(value.bytes)};
    case JsonKind::opaque:
      return Encoded{JsonTag::opaque,
                     static_cast<char>(value.opaque_type) + with_length(value.bytes)};
    default:
      break;
  }
  if (depth >= json_depth_max) return fail("a JSON value is nested too deep");
  const bool is_object = value.kind == JsonKind::object;
  std::vector<Encoded> inner;
  const auto add = [&](const JsonValue& one) -> Result<void> {
    auto encoded = encode_value(one, depth + 1);
    if (!encoded) return tl::unexpected(encoded.error());
    inner.push_back(std::move(*encoded));
    return {};
  };
  for (const JsonValue& element : value.elements)
    if (auto done = add(element); !done) return tl::unexpected(done.error());
  for (const auto& [key, member] : value.members) {
    if (key.size() > 0xFFFF) return fail("a JSON key is longer than 65535 bytes");
    if (auto done = add(member); !done) return tl::unexpected(done.error());
  }
  std::string small = pack_container(value, inner, 2);
  if (small.size() <= 0xFFFF && inner.size() <= 0xFFFF)
    return Encoded{is_object ? JsonTag::small_object : JsonTag::small_array, std::move(small)};
  return Encoded{is_object ? JsonTag::large_object : JsonTag::large_array,
                 pack_container(value, inner, 4)};
}

}  // namespace

JsonValue* JsonValue::member(std::string_view key) {
  for (auto& [name, value] : members)
    if (name == key) return &value;
  return nullptr;
}

void JsonValue::set_member(std::string_view key, JsonValue value) {
  if (JsonValue* known = member(key)) {
    *known = std::move(value);
    return;
  }
  auto at = std::find_if(members.begin(), members.end(),
                         [&](const auto& m) { return key_less(key, m.first); });
  members.emplace(at, std::string(key), std::move(value));
}

Result<JsonValue> json_from_binary(std::string_view binary) {
  if (binary.empty()) return JsonValue{};
  ValueSink sink;
  if (auto done = JsonWalk<ValueSink>(sink).document(binary); !done)
    return tl::unexpected(done.error());
  return sink.take();
}

Result<JsonValue> json_from_text(std::string_view text) {
  if (nesting_of(text) > json_depth_max) return fail("a JSON value is nested too deep");
  const auto json = emulator::base::read_json(text);
  if (json.is_discarded()) return not_a("JSON", text);
  return from_nlohmann(json);
}

Result<void> append_json_binary(std::string& out, const JsonValue& value) {
  auto encoded = encode_value(value, 0);
  if (!encoded) return tl::unexpected(encoded.error());
  out.push_back(static_cast<char>(encoded->tag));
  out += encoded->bytes;
  return {};
}

}  // namespace pipeline::mysql::types
