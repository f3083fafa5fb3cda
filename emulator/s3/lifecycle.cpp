#include "emulator/s3/lifecycle.h"

#include <algorithm>
#include <array>
#include <set>

#include "emulator/base/text.h"
#include "emulator/base/time_text.h"
#include "emulator/s3/xml_schema.h"

namespace emulator::s3 {
namespace {

constexpr std::string_view cold_classes =
    "GLACIER|STANDARD_IA|ONEZONE_IA|INTELLIGENT_TIERING|DEEP_ARCHIVE|GLACIER_IR";
constexpr std::size_t id_length_max = 255;

constexpr std::array lifecycle_schema{
    Field{"LifecycleConfiguration", "Rule", FieldKind::group, 1, 1000},
    Field{"Rule", "ID", FieldKind::text},
    Field{"Rule", "Prefix", FieldKind::text},
    Field{"Rule", "Status", FieldKind::choice, 1, 1, "Enabled|Disabled"},
    Field{"Rule", "Filter", FieldKind::group},
    Field{"Filter", "Prefix", FieldKind::text},
    Field{"Filter", "Tag", FieldKind::group},
    Field{"Filter", "ObjectSizeGreaterThan", FieldKind::number},
    Field{"Filter", "ObjectSizeLessThan", FieldKind::number},
    Field{"Filter", "And", FieldKind::group},
    Field{"And", "Prefix", FieldKind::text},
    Field{"And", "Tag", FieldKind::group, 0, 100},
    Field{"And", "ObjectSizeGreaterThan", FieldKind::number},
    Field{"And", "ObjectSizeLessThan", FieldKind::number},
    Field{"Tag", "Key", FieldKind::text, 1, 1},
    Field{"Tag", "Value", FieldKind::text, 1, 1},
    Field{"Rule", "Expiration", FieldKind::group},
    Field{"Expiration", "Date", FieldKind::text},
    Field{"Expiration", "Days", FieldKind::number},
    Field{"Expiration", "ExpiredObjectDeleteMarker", FieldKind::boolean},
    Field{"Rule", "Transition", FieldKind::group, 0, 10},
    Field{"Transition", "Date", FieldKind::text},
    Field{"Transition", "Days", FieldKind::number},
    Field{"Transition", "StorageClass", FieldKind::choice, 1, 1, cold_classes},
    Field{"Rule", "NoncurrentVersionTransition", FieldKind::group, 0, 10},
    Field{"NoncurrentVersionTransition", "NoncurrentDays", FieldKind::number, 1, 1},
    Field{"NoncurrentVersionTransition", "NewerNoncurrentVersions", FieldKind::number},
    Field{"NoncurrentVersionTransition", "StorageClass", FieldKind::choice, 1, 1, cold_classes},
    Field{"Rule", "NoncurrentVersionExpiration", FieldKind::group},
    Field{"NoncurrentVersionExpiration", "NoncurrentDays", FieldKind::number},
    Field{"NoncurrentVersionExpiration", "NewerNoncurrentVersions", FieldKind::number},
    Field{"Rule", "AbortIncompleteMultipartUpload", FieldKind::group},
    Field{"AbortIncompleteMultipartUpload", "DaysAfterInitiation", FieldKind::number, 1, 1},
};
constexpr std::array<std::string_view, 5> actions{
    "Expiration", "Transition", "NoncurrentVersionTransition", "NoncurrentVersionExpiration",
    "AbortIncompleteMultipartUpload"};

bool repeats_a_tag(const XmlElement& conditions) {
  std::set<std::string_view> keys;
  return std::any_of(conditions.children.begin(), conditions.children.end(),
                     [&](const XmlElement& child) {
                       return child.name == "Tag" && !keys.insert(child.child_text("Key")).second;
                     });
}

tl::unexpected<Error> bad_rule(std::string message) {
  return fail(ErrorCode::invalid_argument, std::move(message));
}

Result<void> check_action(const XmlElement& action) {
  const bool positive =
      action.name != "Transition";  // objects may change their class on the first day
  for (const XmlElement& child : action.children) {
    const auto number = base::parse_integer(base::trim(child.text));
    if (child.name.find("Days") != std::string::npos &&
        (*number < 0 || (positive && *number == 0))) {
      return bad_rule("'" + child.name + "' for " + action.name + " action must be a " +
                      (positive ? "positive" : "nonnegative") + " integer");
    }
    if (child.name != "Date") continue;
    const auto date = base::parse_instant(base::trim(child.text).size() == 10
                                              ? std::string(base::trim(child.text)) + "T00:00:00Z"
                                              : std::string(base::trim(child.text)));
    if (!date) return fail(ErrorCode::malformed_xml);
    if (*date != std::chrono::floor<std::chrono::days>(*date))
      return invalid_argument("'Date' must be at midnight GMT", "Date", child.text);
  }
  if (action.children.empty()) return fail(ErrorCode::malformed_xml);
  // One of Date, Days and ExpiredObjectDeleteMarker, whatever they say.
  if (action.name == "Expiration" && action.children.size() > 1)
    return fail(ErrorCode::malformed_xml);
  if (action.child("Date") != nullptr && action.child("Days") != nullptr)
    return fail(ErrorCode::malformed_xml);
  return {};
}

Result<void> check_rule(const XmlElement& rule) {
  if (rule.child_text("ID").size() > id_length_max)
    return bad_rule("ID length should not exceed allowed limit of 255");
  if ((rule.child("Filter") == nullptr) == (rule.child("Prefix") == nullptr))
    return fail(ErrorCode::malformed_xml);
  if (const XmlElement* filter = rule.child("Filter");
      filter != nullptr && filter->children.size() > 1) {
    return fail(ErrorCode::malformed_xml);  // several conditions stand in an And
  }
  if (const XmlElement* filter = rule.child("Filter"); filter != nullptr &&
                                                       filter->child("And") != nullptr &&
                                                       repeats_a_tag(*filter->child("And"))) {
    return fail(ErrorCode::invalid_request, "Duplicate Tag Keys are not allowed.");
  }
  bool acts = false;
  for (const XmlElement& child : rule.children) {
    if (std::find(actions.begin(), actions.end(), child.name) == actions.end()) continue;
    acts = true;
    if (auto checked = check_action(child); !checked) return checked;
  }
  if (!acts)
    return fail(ErrorCode::invalid_request, "At least one action needs to be specified in a rule");
  return {};
}

}  // namespace

Result<void> check_lifecycle(const XmlElement& configuration) {
  if (auto fits = check_schema(configuration, lifecycle_schema); !fits) return fits;
  std::set<std::string_view> ids;
  for (const XmlElement& rule : configuration.children) {
    if (auto checked = check_rule(rule); !checked) return checked;
    const std::string_view id = rule.child_text("ID");
    if (!id.empty() && !ids.insert(id).second) {
      return bad_rule("Rule ID must be unique. Found same ID for more than one rule");
    }
  }
  return {};
}

void name_lifecycle_rules(XmlElement& configuration, const std::function<std::string()>& new_id) {
  for (XmlElement& rule : configuration.children) {
    if (!rule.child_text("ID").empty()) continue;
    std::erase_if(rule.children, [](const XmlElement& child) { return child.name == "ID"; });
    rule.children.insert(rule.children.begin(), {.name = "ID", .text = new_id(), .children = {}});
  }
}

}  // namespace emulator::s3
