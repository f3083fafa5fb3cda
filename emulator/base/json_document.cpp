#include "emulator/base/json_document.h"

#include <nlohmann/json.hpp>

namespace emulator::base {
namespace {

template <class Json>
Json read(std::string_view text) {
  return Json::parse(text.begin(), text.end(), nullptr, false);
}

template <class Json>
Result<Json> read_or_error(std::string_view text) {
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const typename Json::parse_error& error) {
    return fail(error.what());
  }
}

template <class Json>
std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

nlohmann::json read_json(std::string_view text) { return read<nlohmann::json>(text); }
nlohmann::ordered_json read_ordered_json(std::string_view text) {
  return read<nlohmann::ordered_json>(text);
}
Result<nlohmann::json> json_or_error(std::string_view text) {
  return read_or_error<nlohmann::json>(text);
}
Result<nlohmann::ordered_json> ordered_json_or_error(std::string_view text) {
  return read_or_error<nlohmann::ordered_json>(text);
}
std::string json_text(const nlohmann::json& json) { return text_of(json); }
std::string json_text(const nlohmann::ordered_json& json) { return text_of(json); }

}  // namespace emulator::base
