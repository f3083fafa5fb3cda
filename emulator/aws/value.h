#pragma once
// A request or an answer of a service as a plain tree, whichever protocol carries it: JSON as it
// is, forms and XML by way of the service's own names (query protocol). Numbers are kept as their
// text. Members keep their order; nothing is deeper than depth_max.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace emulator::aws {

class Value {
 public:
  enum class Kind { null, text, number, boolean, list, object };
  using Member = std::pair<std::string, Value>;
  static constexpr int depth_max = 16;

  Value() = default;
  Value(std::string text) : kind_(Kind::text), text_(std::move(text)) {}
  Value(const char* text) : Value(std::string(text)) {}
  static Value number(std::int64_t value);
  static Value boolean(bool value);
  static Value list(std::vector<Value> items = {});
  static Value object(std::vector<Member> members = {});

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }
  const std::string& text() const { return text_; }  // of a text, a number or a boolean; else ""
  const std::vector<Value>& items() const { return items_; }
  const std::vector<Member>& members() const { return members_; }
  const Value* find(std::string_view name) const;  // a member that is there and not null

  Value& set(std::string name, Value value);  // makes it an object; the member is replaced
  Value& add(Value item);                     // makes it a list

  std::string json() const;
  static std::optional<Value> parse_json(std::string_view json);

 private:
  Kind kind_ = Kind::null;
  std::string text_;
  std::vector<Value> items_;
  std::vector<Member> members_;
};

// What a form of the query protocol says: "Tag.1.Key=a&Tag.1.Value=b" is
// {"Tag":[{"Key":"a","Value":"b"}]}: names by their dots, all-numeric ones as lists in the order of
// their numbers. Nullopt: deeper than a value may be, or one name used in two ways.
std::optional<Value> value_of_form(
    const std::vector<std::pair<std::string, std::string>>& parameters);

}  // namespace emulator::aws
