#include "pipeline/rds/embedded/json_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "emulator/base/json_document.h"
#include "emulator/base/text.h"

namespace pipeline::rds::embedded {
namespace {

using Json = nlohmann::json;

constexpr int deepest = 100;  // MySQL's limit of nesting

void append_double(std::string& out, double value) {
  std::string text = emulator::base::shortest(value);
  if (text.find_first_of(".eE") == std::string::npos) text += ".0";
  const std::size_t plus = text.find('+');
  if (plus != std::string::npos) text.erase(plus, 1);
  out += text;
}

bool append(std::string& out, const Json& value, int depth) {
  if (depth > deepest) return false;
  if (value.is_object()) {
    std::vector<const Json::object_t::value_type*> members;
    for (const auto& member : value.get_ref<const Json::object_t&>()) members.push_back(&member);
    std::sort(members.begin(), members.end(), [](const auto* a, const auto* b) {
      return a->first.size() != b->first.size() ? a->first.size() < b->first.size()
                                                : a->first < b->first;
    });
    out += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0) out += ", ";
      out += json_quoted(members[i]->first);
      out += ": ";
      if (!append(out, members[i]->second, depth + 1)) return false;
    }
    out += '}';
  } else if (value.is_array()) {
    out += '[';
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out += ", ";
      if (!append(out, value[i], depth + 1)) return false;
    }
    out += ']';
  } else if (value.is_string()) {
    out += json_quoted(value.get_ref<const std::string&>());
  } else if (value.is_number_unsigned()) {
    emulator::base::append_unsigned(out, value.get<std::uint64_t>());
  } else if (value.is_number_integer()) {
    emulator::base::append_integer(out, value.get<std::int64_t>());
  } else if (value.is_number_float()) {
    append_double(out, value.get<double>());
  } else {
    out += emulator::base::json_text(value);
  }
  return true;
}

// Where the text stops being JSON, and in what. Values are not kept.
struct Checker : nlohmann::json_sax<Json> {
  std::size_t position = 0;
  int depth = 0;
  bool too_deep = false;
  std::vector<bool> in_object = {};
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return enter(true); }
  bool key(string_t&) override { return true; }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t) override { return enter(false); }
  bool end_array() override { return leave(); }
  bool parse_error(std::size_t at, const std::string&,
                   const nlohmann::detail::exception&) override {
    position = at > 0 ? at - 1 : 0;
    return false;
  }
  bool leave() {
    in_object.pop_back();
    return --depth >= 0;
  }
  bool enter(bool object) {
    in_object.push_back(object);
    too_deep = ++depth > deepest;
    return !too_deep;
  }
};

// MySQL's words for what is wrong at that place.
std::string_view problem_of(const Checker& checker, std::string_view text) {
  const std::size_t before =
      text.substr(0, std::min(checker.position, text.size())).find_last_not_of(" \t\r\n");
  const char last = before == std::string_view::npos ? '\0' : text[before];
  if (checker.in_object.empty())
    return last == '\0' ? "Invalid value."
                        : "The document root must not be followed by other values.";
  if (last == '{') return "Missing a name for object member.";
  if (last == ',')
    return checker.in_object.back() ? "Missing a name for object member." : "Invalid value.";
  return "Invalid value.";
}

}  // namespace

std::string json_quoted(std::string_view text) {
  return emulator::base::json_text(Json(std::string(text)));
}

tl::expected<std::string, JsonProblem> normalised_json(std::string_view text) {
  if (emulator::base::trim(text).empty())
    return tl::unexpected(JsonProblem{"The document is empty.", 0});
  Checker checker;
  if (!Json::sax_parse(text.begin(), text.end(), &checker)) {
    if (checker.too_deep)
      return tl::unexpected(JsonProblem{"The JSON document exceeds the maximum depth.", 0});
    return tl::unexpected(JsonProblem{std::string(problem_of(checker, text)), checker.position});
  }
  std::string out;
  append(out, emulator::base::read_json(text), 0);
  return out;
}

}  // namespace pipeline::rds::embedded
