#include "emulator/aws/value.h"

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/json_document.h"
#include "emulator/base/text.h"

namespace emulator::aws {
namespace {

using Json = nlohmann::json;

std::optional<Value> value_of_json(const Json& json, int depth) {
  if (depth > Value::depth_max) return std::nullopt;
  switch (json.type()) {
    case Json::value_t::string:
      return Value(json.get_ref<const std::string&>());
    case Json::value_t::boolean:
      return Value::boolean(json.get<bool>());
    case Json::value_t::number_integer:
      return Value::number(json.get<std::int64_t>());
    case Json::value_t::number_unsigned:
    case Json::value_t::number_float:
      return Value(base::json_text(json));
    case Json::value_t::array: {
      Value list = Value::list();
      for (const Json& item : json) {
        auto value = value_of_json(item, depth + 1);
        if (!value) return std::nullopt;
        list.add(std::move(*value));
      }
      return list;
    }
    case Json::value_t::object: {
      std::vector<Value::Member> members;
      for (const auto& [name, item] : json.items()) {
        auto value = value_of_json(item, depth + 1);
        if (!value) return std::nullopt;
        members.emplace_back(name, std::move(*value));
      }
      return Value::object(std::move(members));
    }
    default:
      return Value();
  }
}

void write(base::JsonWriter& json, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null:
      json.null();
      break;
    case Value::Kind::text:
      json.string(value.text());
      break;
    case Value::Kind::number:
    case Value::Kind::boolean:
      json.raw(value.text());
      break;
    case Value::Kind::list:
      json.array();
      for (const Value& item : value.items()) write(json, item);
      json.end();
      break;
    case Value::Kind::object:
      json.object();
      for (const auto& [name, member] : value.members()) write(json.key(name), member);
      json.end();
      break;
  }
}

// A form on its way to a tree: a node has a text or children, never both.
struct Node {
  std::optional<std::string> text;
  std::map<std::string, Node, std::less<>> children;
};

bool insert(Node& root, std::string_view name, std::string text) {
  Node* node = &root;
  int depth = 0;
  for (const std::string_view part : base::split(name, '.')) {
    if (++depth > Value::depth_max || part.empty() || node->text) return false;
    node = &node->children[std::string(part)];
  }
  if (!node->children.empty()) return false;
  node->text = std::move(text);
  return true;
}

Value value_of_node(const Node& node) {
  if (node.text) return Value(*node.text);
  std::map<std::uint64_t, const Node*> numbered;
  for (const auto& [name, child] : node.children) {
    if (const auto number = base::parse_unsigned(name)) numbered.emplace(*number, &child);
  }
  if (!numbered.empty() && numbered.size() == node.children.size()) {
    Value list = Value::list();
    for (const auto& [number, child] : numbered) list.add(value_of_node(*child));
    return list;
  }
  std::vector<Value::Member> members;
  for (const auto& [name, child] : node.children) members.emplace_back(name, value_of_node(child));
  return Value::object(std::move(members));
}

}  // namespace

Value Value::number(std::int64_t value) {
  Value number(std::to_string(value));
  number.kind_ = Kind::number;
  return number;
}

Value Value::boolean(bool value) {
  Value boolean(value ? "true" : "false");
  boolean.kind_ = Kind::boolean;
  return boolean;
}

Value Value::list(std::vector<Value> items) {
  Value list;
  list.kind_ = Kind::list;
  list.items_ = std::move(items);
  return list;
}

Value Value::object(std::vector<Member> members) {
  Value object;
  object.kind_ = Kind::object;
  object.members_ = std::move(members);
  return object;
}

const Value* Value::find(std::string_view name) const {
  for (const auto& [key, value] : members_) {
    if (key == name) return value.is(Kind::null) ? nullptr : &value;
  }
  return nullptr;
}

Value& Value::set(std::string name, Value value) {
  kind_ = Kind::object;
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [&](const Member& member) { return member.first == name; });
  if (found != members_.end())
    found->second = std::move(value);
  else
    members_.emplace_back(std::move(name), std::move(value));
  return *this;
}

Value& Value::add(Value item) {
  kind_ = Kind::list;
  items_.push_back(std::move(item));
  return *this;
}

std::string Value::json() const {
  base::JsonWriter json;
  write(json, *this);
  return json.take();
}

std::optional<Value> Value::parse_json(std::string_view json) {
  const Json parsed = base::read_json(json);
  return parsed.is_discarded() ? std::nullopt : value_of_json(parsed, 0);
}

std::optional<Value> value_of_form(
    const std::vector<std::pair<std::string, std::string>>& parameters) {
  Node root;
  for (const auto& [name, text] : parameters) {
    if (!insert(root, name, text)) return std::nullopt;
  }
  Value value = value_of_node(root);
  return value.is(Value::Kind::object) ? value : Value::object();
}

}  // namespace emulator::aws
