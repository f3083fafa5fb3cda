#include "pipeline/scenario/document.h"

#include <algorithm>
#include <utility>
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "emulator/base/json.h"
#include "emulator/base/text.h"

namespace pipeline::scenario {
namespace {

namespace base = emulator::base;

// Walks the raw bytes of a TOML string beside its decoded text and notes an anchor wherever the two
// part.
class StringWalk {
 public:
  StringWalk(std::string_view raw, SourceText& into, int line, int column)
      : raw_(raw), into_(into), line_(line), column_(column) {}

  void run() {
    const bool literal = raw_.substr(0, 1) == "'";
    const std::string quotes = raw_.substr(0, 3) == "'''" || raw_.substr(0, 3) == "\"\"\""
                                   ? std::string(3, raw_[0])
                                   : std::string(1, raw_[0]);
    skip(quotes.size());
    if (quotes.size() == 3 && at_ < raw_.size() && (raw_[at_] == '\n' || raw_[at_] == '\r'))
      skip_line_end();
    anchor();
    while (decoded_ < into_.text.size() && at_ < raw_.size()) {
      if (!literal && raw_[at_] == '\\') {
        escape();
      } else if (raw_[at_] == '\n' || raw_[at_] == '\r') {
        skip_line_end();
        // toml++ keeps the line end as it is in the file.
        decoded_ = std::min(into_.text.find('\n', decoded_), into_.text.size() - 1) + 1;
        anchor();
      } else {
        ++decoded_;
        skip(1);
      }
    }
  }

 private:
  void anchor() { into_.anchors.push_back({decoded_, line_, column_}); }
  void skip(std::size_t count) {
    for (; count > 0 && at_ < raw_.size(); --count, ++at_) {
      if ((static_cast<unsigned char>(raw_[at_]) & 0xC0) != 0x80)
        ++column_;  // columns are code points, as toml++ counts them
    }
  }
  void skip_line_end() {
    if (at_ < raw_.size() && raw_[at_] == '\r') ++at_;
    if (at_ < raw_.size() && raw_[at_] == '\n') ++at_;
    ++line_;
    column_ = 1;
  }
  void escape() {
    const char kind = at_ + 1 < raw_.size() ? raw_[at_ + 1] : '\\';
    if (kind == 'u' || kind == 'U') {
      decoded_ += utf8_width(decoded_);
      skip(kind == 'u' ? 6 : 10);
    } else if (std::string_view("btnfre\"\\").find(kind) != std::string_view::npos) {
      ++decoded_;
      skip(2);
    } else {  // a backslash at the end of a line eats the blanks that follow
      skip(1);
      while (at_ < raw_.size() &&
             std::string_view(" \t\r\n").find(raw_[at_]) != std::string_view::npos) {
        if (raw_[at_] == '\n' || raw_[at_] == '\r')
          skip_line_end();
        else
          skip(1);
      }
    }
    anchor();
  }
  std::size_t utf8_width(std::size_t offset) const {
    const auto lead = static_cast<unsigned char>(into_.text[offset]);
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  }

  std::string_view raw_;
  SourceText& into_;
  int line_;
  int column_;
  std::size_t at_ = 0;
  std::size_t decoded_ = 0;
};

class Converter {
 public:
  Converter(const std::string& text, std::string name) : text_(text), name_(std::move(name)) {
    line_starts_.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') line_starts_.push_back(i + 1);
    }
  }

  Result<Value> convert(const toml::node& node) const {
    Value out;
    out.where = place(node.source());
    if (const auto* string = node.as_string()) {
      out.kind = Value::Kind::string;
      out.text = {string->get(), name_, {}};
      StringWalk(std::string_view(text_).substr(raw_offset(out.where)), out.text, out.where.line,
                 out.where.column)
          .run();
    } else if (const auto* integer = node.as_integer()) {
      out.kind = Value::Kind::integer;
      out.integer = integer->get();
    } else if (const auto* real = node.as_floating_point()) {
      out.kind = Value::Kind::real;
      out.real = real->get();
    } else if (const auto* boolean = node.as_boolean()) {
      out.kind = Value::Kind::boolean;
      out.boolean = boolean->get();
    } else if (const auto* array = node.as_array()) {
      return convert_array(*array, std::move(out));
    } else if (const auto* table = node.as_table()) {
      return convert_table(*table, std::move(out));
    } else if (const auto* when = node.as_date_time()) {
      out.kind = Value::Kind::instant;
      out.instant = instant(when->get());
    } else {
      return fail_at(out.where, "a date or a time of day alone has no use here",
                     "write a date and time, such as 2026-01-01T00:00:00Z");
    }
    return out;
  }

 private:
  Location place(const toml::source_region& region) const {
    return {name_, static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)};
  }
  std::size_t raw_offset(const Location& where) const {
    std::size_t at = where.line > 0
                         ? line_starts_[std::min<std::size_t>(
                               static_cast<std::size_t>(where.line) - 1, line_starts_.size() - 1)]
                         : 0;
    for (int column = 1; column < where.column && at < text_.size(); ++column) {
      do ++at;
      while (at < text_.size() && (static_cast<unsigned char>(text_[at]) & 0xC0) == 0x80);
    }
    return std::min(at, text_.size());
  }
  static Instant instant(const toml::date_time& when) {
    Instant out = base::from_civil({when.date.year, when.date.month, when.date.day, when.time.hour,
                                    when.time.minute, when.time.second,
                                    static_cast<int>(when.time.nanosecond / 1000)});
    if (when.offset) out -= std::chrono::minutes(when.offset->minutes);
    return out;
  }
  Result<Value> convert_array(const toml::array& array, Value out) const {
    out.kind = Value::Kind::array;
    for (const toml::node& item : array) {
      auto value = convert(item);
      if (!value) return value;
      out.items.push_back(std::move(*value));
    }
    return out;
  }
  Result<Value> convert_table(const toml::table& table, Value out) const {
    struct Named {
      const toml::key* key;
      const toml::node* node;
    };
    std::vector<Named> ordered;
    for (auto it = table.begin(); it != table.end(); ++it)
      ordered.push_back({&it->first, &it->second});
    std::stable_sort(ordered.begin(), ordered.end(), [](const Named& a, const Named& b) {
      const auto& left = a.key->source().begin;
      const auto& right = b.key->source().begin;
      return std::pair(left.line, left.column) < std::pair(right.line, right.column);
    });
    out.kind = Value::Kind::table;
    for (const Named& entry : ordered) {
      auto value = convert(*entry.node);
      if (!value) return value;
      out.entries.push_back(
          {std::string(entry.key->str()), std::move(*value), place(entry.key->source())});
    }
    return out;
  }

  const std::string& text_;
  std::string name_;
  std::vector<std::size_t> line_starts_;
};

}  // namespace

Location SourceText::at(std::size_t offset) const {
  auto after = std::upper_bound(
      anchors.begin(), anchors.end(), offset,
      [](std::size_t value, const Anchor& anchor) { return value < anchor.offset; });
  if (after == anchors.begin()) return {file, 0, 0};
  const Anchor& anchor = *std::prev(after);
  const std::string_view between =
      std::string_view(text).substr(std::min(anchor.offset, text.size()), offset - anchor.offset);
  return {file, anchor.line, anchor.column + static_cast<int>(base::utf8_length(between))};
}

SourceText source_text_of_file(std::string text, std::string file) {
  SourceText out{std::move(text), std::move(file), {{0, 1, 1}}};
  int line = 1;
  for (std::size_t i = 0; i < out.text.size(); ++i) {
    if (out.text[i] == '\n') out.anchors.push_back({i + 1, ++line, 1});
  }
  return out;
}

const Value* Value::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.name == key) return &entry.value;
  }
  return nullptr;
}

std::string_view kind_text(Value::Kind kind) {
  switch (kind) {
    case Value::Kind::string:
      return "a string";
    case Value::Kind::integer:
      return "an integer";
    case Value::Kind::real:
      return "a number";
    case Value::Kind::boolean:
      return "true or false";
    case Value::Kind::instant:
      return "a date and time";
    case Value::Kind::array:
      return "an array";
    case Value::Kind::table:
      return "a table";
  }
  return "";
}

bool is_scalar(const Value& value) {
  return value.kind != Value::Kind::array && value.kind != Value::Kind::table;
}

std::string scalar_text(const Value& value) {
  switch (value.kind) {
    case Value::Kind::string:
      return value.text.text;
    case Value::Kind::integer:
      return std::to_string(value.integer);
    case Value::Kind::real:
      return base::shortest(value.real);
    case Value::Kind::boolean:
      return value.boolean ? "true" : "false";
    case Value::Kind::instant:
      return base::iso_micros(value.instant);
    default:
      return {};
  }
}

void append_json(std::string& out, const Value& value) {
  const char* separator = "";
  switch (value.kind) {
    case Value::Kind::array:
      out += '[';
      for (const Value& item : value.items) {
        out += std::exchange(separator, ",");
        append_json(out, item);
      }
      out += ']';
      return;
    case Value::Kind::table:
      out += '{';
      for (const auto& [name, entry, where] : value.entries) {
        out += std::exchange(separator, ",");
        base::append_json_string(out, name);
        out += ':';
        append_json(out, entry);
      }
      out += '}';
      return;
    case Value::Kind::string:
    case Value::Kind::instant:
      base::append_json_string(out, scalar_text(value));
      return;
    default:
      out += scalar_text(value);
  }
}

tl::unexpected<Error> fail_at(const Location& where, std::string message, std::string hint) {
  return tl::unexpected<Error>(Error{std::move(message), std::move(hint), where});
}

Result<Value> parse_document(const std::string& text, const std::string& name) {
  try {
    const toml::table table = toml::parse(text, name);
    return Converter(text, name).convert(table);
  } catch (const toml::parse_error& error) {
    const auto& at = error.source().begin;
    return fail_at({name, static_cast<int>(at.line), static_cast<int>(at.column)},
                   std::string(error.description()), "the file must be TOML 1.0");
  }
}

}  // namespace pipeline::scenario
