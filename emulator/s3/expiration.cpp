#include "emulator/s3/expiration.h"

#include <algorithm>
#include <chrono>

#include "emulator/base/text.h"
#include "emulator/base/time_text.h"
#include "emulator/s3/xml_document.h"

namespace emulator::s3 {
namespace {

std::optional<std::int64_t> number_of(const XmlElement* parent, std::string_view child) {
  if (parent == nullptr) return std::nullopt;
  return base::parse_integer(base::trim(parent->child_text(child)));
}

std::optional<Instant> date_of(const XmlElement* parent) {
  if (parent == nullptr) return std::nullopt;
  std::string text(base::trim(parent->child_text("Date")));
  if (text.size() == 10) text += "T00:00:00Z";
  return base::parse_instant(text);
}

// The conditions are the filter's children, or those of its And.
void read_filter(const XmlElement& filter, LifecycleRule& rule) {
  for (const XmlElement& child : filter.children) {
    const auto size = base::parse_unsigned(base::trim(child.text));
    if (child.name == "And") read_filter(child, rule);
    if (child.name == "Prefix") rule.prefix = child.text;
    if (child.name == "Tag")
      rule.tags.push_back(
          {std::string(child.child_text("Key")), std::string(child.child_text("Value"))});
    if (child.name == "ObjectSizeGreaterThan") rule.larger_than = size;
    if (child.name == "ObjectSizeLessThan") rule.smaller_than = size;
  }
}

LifecycleRule read_rule(const XmlElement& element) {
  const XmlElement* expiration = element.child("Expiration");
  LifecycleRule rule{.id = std::string(element.child_text("ID")),
                     .prefix = std::string(element.child_text("Prefix")),
                     .tags = {},
                     .larger_than = {},
                     .smaller_than = {},
                     .days = number_of(expiration, "Days"),
                     .date = date_of(expiration),
                     .abort_days = number_of(element.child("AbortIncompleteMultipartUpload"),
                                             "DaysAfterInitiation")};
  if (const XmlElement* filter = element.child("Filter")) read_filter(*filter, rule);
  return rule;
}

bool has_tags(const Object& object, const Tags& wanted) {
  if (wanted.empty()) return true;
  const auto header = object.headers.find(tagging_header);
  if (header == object.headers.end()) return false;
  const auto tags = parse_tagging_header(header->second);
  return tags && std::all_of(wanted.begin(), wanted.end(), [&](const Tag& tag) {
           return std::any_of(tags->begin(), tags->end(), [&](const Tag& own) {
             return own.key == tag.key && own.value == tag.value;
           });
         });
}

bool matches(const LifecycleRule& rule, const Object& object) {
  return object.key.starts_with(rule.prefix) &&
         (!rule.larger_than || object.size > *rule.larger_than) &&
         (!rule.smaller_than || object.size < *rule.smaller_than) && has_tags(object, rule.tags);
}

struct Due {
  Instant date;
  const LifecycleRule* rule;
};
void take_earlier(std::optional<Due>& earliest, Due due) {
  if (!earliest || due.date < earliest->date) earliest = due;
}

}  // namespace

LifecycleRules enabled_rules(const std::string& document) {
  LifecycleRules rules;
  const auto root = parse_xml(document, "LifecycleConfiguration");
  if (!root) return rules;
  for (const XmlElement& element : root->children) {
    if (element.child_text("Status") == "Enabled") rules.push_back(read_rule(element));
  }
  return rules;
}

Instant midnight_after(Instant at, std::int64_t days) {
  return std::chrono::floor<std::chrono::days>(at) + std::chrono::days(days + 1);
}

std::string expiration_of(const LifecycleRules& rules, const Object& object) {
  std::optional<Due> earliest;
  for (const LifecycleRule& rule : rules) {
    if ((!rule.days && !rule.date) || !matches(rule, object)) continue;
    take_earlier(
        earliest,
        {rule.days ? midnight_after(object.last_modified, *rule.days) : *rule.date, &rule});
  }
  if (!earliest) return {};
  return "expiry-date=\"" + base::rfc1123(earliest->date) + "\", rule-id=\"" +
         base::percent_encode(earliest->rule->id) + "\"";
}

void add_abort_date(const LifecycleRules& rules, const MultipartUpload& upload,
                    base::Headers& out) {
  std::optional<Due> earliest;
  for (const LifecycleRule& rule : rules) {
    if (!rule.abort_days || !upload.key.starts_with(rule.prefix)) continue;
    take_earlier(earliest, {midnight_after(upload.initiated, *rule.abort_days), &rule});
  }
  if (!earliest) return;
  out.add("x-amz-abort-date", base::rfc1123(earliest->date));
  out.add("x-amz-abort-rule-id", base::percent_encode(earliest->rule->id));
}

}  // namespace emulator::s3
