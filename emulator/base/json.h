#pragma once
// Writing JSON: keys in the order they are written, no blanks, numbers by std::to_chars. Reading
// is in json_document.h.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace emulator::base {

void append_json_string(std::string& out,
                        std::string_view text);  // with its quotes; bad UTF-8 becomes U+FFFD

// JsonWriter w; w.object(); w.key("a"); w.number(1); w.end(); w.text() == R"({"a":1})"
class JsonWriter {
 public:
  void reserve(std::size_t bytes) { out_.reserve(bytes); }
  JsonWriter& object();
  JsonWriter& array();
  JsonWriter& end();  // closes the innermost object or array
  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view value);
  JsonWriter& number(std::int64_t value);
  JsonWriter& unsigned_number(std::uint64_t value);
  JsonWriter& real(double value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  JsonWriter& raw(std::string_view json);  // a value that is JSON already

  const std::string& text() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  void separate();
  std::string out_;
  std::string open_;  // the closing brackets still owed
  bool first_ = true;
  bool after_key_ = false;
};

}  // namespace emulator::base
