#include "emulator/s3/cors.h"

#include <algorithm>
#include <array>

#include "emulator/base/text.h"
#include "emulator/s3/xml_schema.h"

namespace emulator::s3 {
namespace {

constexpr std::size_t any = 1000;
constexpr std::array cors_schema{
    Field{"CORSConfiguration", "CORSRule", FieldKind::group, 1, 100},
    Field{"CORSRule", "ID", FieldKind::text, 0, 1},
    Field{"CORSRule", "AllowedOrigin", FieldKind::text, 1, any},
    Field{"CORSRule", "AllowedMethod", FieldKind::text, 1, any},
    Field{"CORSRule", "AllowedHeader", FieldKind::text, 0, any},
    Field{"CORSRule", "ExposeHeader", FieldKind::text, 0, any},
    Field{"CORSRule", "MaxAgeSeconds", FieldKind::number, 0, 1},
};
constexpr std::array<std::string_view, 5> cors_methods{"GET", "PUT", "POST", "DELETE", "HEAD"};

std::vector<std::string> texts(const XmlElement& rule, std::string_view name) {
  std::vector<std::string> out;
  for (const XmlElement& child : rule.children) {
    if (child.name == name) out.emplace_back(base::trim(child.text));
  }
  return out;
}

// A token of HTTP (RFC 9110, 5.6.2); '*' is one of its characters.
bool is_header_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    const bool is_letter =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return is_letter || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

Result<void> check_rule(const CorsRule& rule) {
  for (const std::string& method : rule.methods) {
    if (is_cors_method(method)) continue;
    return fail(ErrorCode::invalid_request,
                "Found unsupported HTTP method in CORS config. Unsupported method is " + method);
  }
  const auto check_wildcards = [](const std::vector<std::string>& values,
                                  std::string_view name) -> Result<void> {
    for (const std::string& value : values) {
      if (std::count(value.begin(), value.end(), '*') < 2) continue;
      return fail(ErrorCode::invalid_request,
                  std::string(name) + " \"" + value + "\" can not have more than one wildcard.");
    }
    return {};
  };
  if (auto checked = check_wildcards(rule.origins, "AllowedOrigin"); !checked) return checked;
  if (auto checked = check_wildcards(rule.headers, "AllowedHeader"); !checked) return checked;
  for (const auto* headers : {&rule.headers, &rule.exposed_headers}) {
    const auto bad = std::find_if_not(headers->begin(), headers->end(), is_header_name);
    if (bad == headers->end()) continue;
    return fail(ErrorCode::invalid_request,
                "AllowedHeader \"" + *bad + "\" contains invalid character.");
  }
  for (const std::string& header : rule.exposed_headers) {
    if (header.find('*') == std::string::npos) continue;
    return fail(ErrorCode::invalid_request,
                "ExposeHeader \"" + header +
                    "\" contains wildcard. We currently do not support wildcard for ExposeHeader.");
  }
  return {};
}

// One '*' stands for any text.
bool matches_wildcard(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  const std::string_view front = pattern.substr(0, star);
  const std::string_view back = pattern.substr(star + 1);
  return text.size() + 1 >= pattern.size() && text.starts_with(front) && text.ends_with(back);
}

bool any_matches(const std::vector<std::string>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return matches_wildcard(base::to_lower(pattern), base::to_lower(text));
  });
}

bool fits(const CorsRule& rule, const CorsRequest& request) {
  const auto origin = [&](const std::string& pattern) {
    return matches_wildcard(pattern, request.origin);
  };
  if (std::none_of(rule.origins.begin(), rule.origins.end(), origin)) return false;
  if (std::find(rule.methods.begin(), rule.methods.end(), request.method) == rule.methods.end())
    return false;
  return std::all_of(request.headers.begin(), request.headers.end(),
                     [&](const std::string& header) { return any_matches(rule.headers, header); });
}

std::string joined(const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values) {
    if (!out.empty()) out += ", ";
    out += value;
  }
  return out;
}

}  // namespace

bool is_cors_method(std::string_view method) {
  return std::find(cors_methods.begin(), cors_methods.end(), method) != cors_methods.end();
}

Result<CorsRules> parse_cors(const XmlElement& configuration) {
  if (auto fits_schema = check_schema(configuration, cors_schema); !fits_schema)
    return tl::unexpected(std::move(fits_schema.error()));
  CorsRules rules;
  for (const XmlElement& element : configuration.children) {
    CorsRule rule{.origins = texts(element, "AllowedOrigin"),
                  .methods = texts(element, "AllowedMethod"),
                  .headers = texts(element, "AllowedHeader"),
                  .exposed_headers = texts(element, "ExposeHeader"),
                  .max_age_seconds = std::string(base::trim(element.child_text("MaxAgeSeconds")))};
    if (auto checked = check_rule(rule); !checked)
      return tl::unexpected(std::move(checked.error()));
    rules.push_back(std::move(rule));
  }
  return rules;
}

const CorsRule* find_cors_rule(const CorsRules& rules, const CorsRequest& request) {
  const auto found = std::find_if(rules.begin(), rules.end(),
                                  [&](const CorsRule& rule) { return fits(rule, request); });
  return found == rules.end() ? nullptr : &*found;
}

void add_cors_headers(const CorsRule& rule, const CorsRequest& request, base::Headers& out) {
  const bool for_all =
      std::find(rule.origins.begin(), rule.origins.end(), "*") != rule.origins.end();
  out.set("access-control-allow-origin", for_all ? "*" : std::string(request.origin));
  out.set("access-control-allow-methods", joined(rule.methods));
  if (!request.headers.empty())
    out.set("access-control-allow-headers", base::to_lower(joined(request.headers)));
  if (!rule.exposed_headers.empty())
    out.set("access-control-expose-headers", joined(rule.exposed_headers));
  if (!rule.max_age_seconds.empty()) out.set("access-control-max-age", rule.max_age_seconds);
  if (!for_all) out.set("access-control-allow-credentials", "true");
  out.set("vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
}

}  // namespace emulator::s3
