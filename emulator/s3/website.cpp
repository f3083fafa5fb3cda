#include "emulator/s3/website.h"

#include <array>

#include "emulator/base/text.h"
#include "emulator/s3/xml_schema.h"

namespace emulator::s3 {
namespace {

constexpr std::size_t rules_max = 50, rules_read_max = 1000;
constexpr std::array website_schema{
    Field{"WebsiteConfiguration", "IndexDocument", FieldKind::group},
    Field{"IndexDocument", "Suffix", FieldKind::text, 1, 1},
    Field{"WebsiteConfiguration", "ErrorDocument", FieldKind::group},
    Field{"ErrorDocument", "Key", FieldKind::text, 1, 1},
    Field{"WebsiteConfiguration", "RedirectAllRequestsTo", FieldKind::group},
    Field{"RedirectAllRequestsTo", "HostName", FieldKind::text, 1, 1},
    Field{"RedirectAllRequestsTo", "Protocol", FieldKind::text},
    Field{"WebsiteConfiguration", "RoutingRules", FieldKind::group},
    Field{"RoutingRules", "RoutingRule", FieldKind::group, 1, rules_read_max},
    Field{"RoutingRule", "Condition", FieldKind::group},
    Field{"Condition", "KeyPrefixEquals", FieldKind::text},
    Field{"Condition", "HttpErrorCodeReturnedEquals", FieldKind::number},
    Field{"RoutingRule", "Redirect", FieldKind::group, 1, 1},
    Field{"Redirect", "HostName", FieldKind::text},
    Field{"Redirect", "Protocol", FieldKind::text},
    Field{"Redirect", "HttpRedirectCode", FieldKind::number},
    Field{"Redirect", "ReplaceKeyWith", FieldKind::text},
    Field{"Redirect", "ReplaceKeyPrefixWith", FieldKind::text},
};

Result<void> check_index(const XmlElement& index) {
  const std::string suffix(index.child_text("Suffix"));
  if (!suffix.empty() && suffix.find('/') == std::string::npos) return {};
  return invalid_argument("The IndexDocument Suffix is not well formed", "IndexDocument", suffix);
}

Result<void> check_protocol(const XmlElement& redirect) {
  const XmlElement* protocol = redirect.child("Protocol");
  if (protocol == nullptr || protocol->text == "http" || protocol->text == "https") return {};
  return fail(ErrorCode::invalid_request,
              "Invalid protocol, protocol can be http or https. If not defined the protocol will "
              "be selected automatically.");
}

// A number from `first` to `last`, where it is there.
bool is_within(const XmlElement& parent, std::string_view name, std::int64_t first,
               std::int64_t last) {
  const XmlElement* child = parent.child(name);
  if (child == nullptr) return true;
  const auto number = base::parse_integer(base::trim(child->text));
  return number && *number >= first && *number <= last;
}

Result<void> check_condition(const XmlElement& condition) {
  if (condition.children.empty()) {
    return fail(ErrorCode::invalid_request,
                "Condition cannot be empty. To redirect all requests without a condition, the "
                "condition element shouldn't be present.");
  }
  const bool is_error = is_within(condition, "HttpErrorCodeReturnedEquals", 400, 417) ||
                        is_within(condition, "HttpErrorCodeReturnedEquals", 500, 505);
  if (is_error) return {};
  return fail(ErrorCode::invalid_request,
              "The provided HTTP error code (" +
                  std::string(base::trim(condition.child_text("HttpErrorCodeReturnedEquals"))) +
                  ") is not valid. Valid codes are 4XX or 5XX.");
}

Result<void> check_redirect(const XmlElement& redirect) {
  if (redirect.children.empty()) return fail(ErrorCode::malformed_xml);
  if (auto checked = check_protocol(redirect); !checked) return checked;
  if (redirect.child("ReplaceKeyWith") != nullptr &&
      redirect.child("ReplaceKeyPrefixWith") != nullptr) {
    return fail(ErrorCode::invalid_request,
                "You can only define ReplaceKeyPrefix or ReplaceKey but not both.");
  }
  if (is_within(redirect, "HttpRedirectCode", 301, 305) ||
      is_within(redirect, "HttpRedirectCode", 307, 308))
    return {};
  return fail(ErrorCode::invalid_request,
              "The provided HTTP redirect code (" +
                  std::string(base::trim(redirect.child_text("HttpRedirectCode"))) +
                  ") is not valid. Valid codes are 3XX except 300.");
}

Result<void> check_rules(const XmlElement& rules) {
  if (rules.children.size() > rules_max) {
    return fail(
        ErrorCode::invalid_request,
        std::to_string(rules.children.size()) +
            " routing rules provided, the number of routing rules in a website configuration "
            "is limited to 50.");
  }
  for (const XmlElement& rule : rules.children) {
    if (const XmlElement* condition = rule.child("Condition")) {
      if (auto checked = check_condition(*condition); !checked) return checked;
    }
    if (auto checked = check_redirect(*rule.child("Redirect")); !checked) return checked;
  }
  return {};
}

}  // namespace

Result<void> check_website(const XmlElement& configuration) {
  if (auto fits = check_schema(configuration, website_schema); !fits) return fits;
  const XmlElement* index = configuration.child("IndexDocument");
  if (const XmlElement* all = configuration.child("RedirectAllRequestsTo")) {
    if (configuration.children.size() > 1) {
      return invalid_argument(
          "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
          "RedirectAllRequestsTo", "not null");
    }
    return check_protocol(*all);
  }
  if (index == nullptr) {
    return invalid_argument(
        "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
        "IndexDocument", "null");
  }
  if (auto checked = check_index(*index); !checked) return checked;
  if (const XmlElement* error = configuration.child("ErrorDocument");
      error != nullptr && error->child_text("Key").empty()) {
    return invalid_argument("The ErrorDocument Key is not well formed", "ErrorDocument", "");
  }
  const XmlElement* rules = configuration.child("RoutingRules");
  return rules == nullptr ? Result<void>{} : check_rules(*rules);
}

}  // namespace emulator::s3
