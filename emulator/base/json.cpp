#include "emulator/base/json.h"

#include <array>

#include "emulator/base/check.h"
#include "emulator/base/text.h"

namespace emulator::base {
namespace {

std::string_view short_escape(char c) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    default:
      return {};
  }
}

bool needs_escape(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

void append_escaped(std::string& out, char c) {
  if (std::string_view escape = short_escape(c); !escape.empty()) {
    out += escape;
    return;
  }
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u00";
  out.push_back(digits[static_cast<unsigned char>(c) >> 4]);
  out.push_back(digits[static_cast<unsigned char>(c) & 15]);
}

// Copies text with each byte that is no UTF-8 replaced by U+FFFD.
std::string repaired(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t size = 1;
    while (size < 4 && size < text.size() && !is_utf8(text.substr(0, size))) ++size;
    if (is_utf8(text.substr(0, size))) {
      out += text.substr(0, size);
    } else {
      out += "\xEF\xBF\xBD";
      size = 1;
    }
    text.remove_prefix(size);
  }
  return out;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  std::string fixed;
  if (!is_utf8(text)) {
    fixed = repaired(text);
    text = fixed;
  }
  out.push_back('"');
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!needs_escape(text[i])) continue;
    out.append(text, plain, i - plain);
    append_escaped(out, text[i]);
    plain = i + 1;
  }
  out.append(text, plain, text.size() - plain);
  out.push_back('"');
}

void JsonWriter::separate() {
  if (!first_ && !after_key_) out_.push_back(',');
  first_ = false;
  after_key_ = false;
}

JsonWriter& JsonWriter::object() {
  separate();
  out_.push_back('{');
  open_.push_back('}');
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::array() {
  separate();
  out_.push_back('[');
  open_.push_back(']');
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::end() {
  CHECK(!open_.empty());
  out_.push_back(open_.back());
  open_.pop_back();
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  append_json_string(out_, name);
  out_.push_back(':');
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view value) {
  separate();
  append_json_string(out_, value);
  return *this;
}

JsonWriter& JsonWriter::number(std::int64_t value) {
  separate();
  append_integer(out_, value);
  return *this;
}

JsonWriter& JsonWriter::unsigned_number(std::uint64_t value) {
  separate();
  append_unsigned(out_, value);
  return *this;
}

JsonWriter& JsonWriter::real(double value) {
  separate();
  out_ += shortest(value);
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) { return raw(value ? "true" : "false"); }
JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

}  // namespace emulator::base
