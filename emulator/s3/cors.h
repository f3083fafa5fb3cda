#pragma once
// Cross-origin requests (AWS: "Using cross-origin resource sharing"): a bucket's rules, which of
// them a request falls under, and the headers that browsers then want. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/http_message.h"
#include "emulator/s3/error.h"
#include "emulator/s3/xml_document.h"

namespace emulator::s3 {

struct CorsRule {
  std::vector<std::string> origins;  // "*", "https://*.example.test"
  std::vector<std::string> methods;
  std::vector<std::string> headers;
  std::vector<std::string> exposed_headers;
  std::string max_age_seconds;  // "" = not given
};
using CorsRules = std::vector<CorsRule>;

bool is_cors_method(std::string_view method);                   // one that rules may name
Result<CorsRules> parse_cors(const XmlElement& configuration);  // with all that AWS refuses

struct CorsRequest {
  std::string_view origin;
  std::string_view method;
  std::vector<std::string> headers = {};  // that the browser asks leave for
};
// The first that fits; nullptr if none does.
const CorsRule* find_cors_rule(const CorsRules& rules, const CorsRequest& request);
void add_cors_headers(const CorsRule& rule, const CorsRequest& request, base::Headers& out);

}  // namespace emulator::s3
