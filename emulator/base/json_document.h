#pragma once
// Reading JSON with nlohmann-json, and writing again what was read. Its parser and its printer are
// templates that cost a second or two in each file that calls them, so they are called in one.
// Who looks into a document includes <nlohmann/json.hpp> in his .cpp file; no header of ours does.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "emulator/base/result.h"

namespace emulator::base {

// What is no JSON gives a value of which is_discarded() is true and is_object() and the like are
// false. The parser does not recurse: depth costs memory of the size of the text, no stack.
nlohmann::json read_json(std::string_view text);
nlohmann::ordered_json read_ordered_json(std::string_view text);  // members stay as they stood

// The same, and for what is no JSON nlohmann's words, with line and column.
Result<nlohmann::json> json_or_error(std::string_view text);
Result<nlohmann::ordered_json> ordered_json_or_error(std::string_view text);

// Without blanks; bad UTF-8 becomes U+FFFD.
std::string json_text(const nlohmann::json& json);
std::string json_text(const nlohmann::ordered_json& json);

}  // namespace emulator::base
