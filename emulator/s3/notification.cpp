#include "emulator/s3/notification.h"

#include <array>

#include "emulator/base/text.h"
#include "emulator/base/xml.h"
#include "emulator/s3/xml_document.h"

namespace emulator::s3 {
namespace {

// The XML of each kind of target: what is written, and the names that hand-written documents (after
// the JSON ones) have.
struct TargetForm {
  TargetKind kind;
  std::string_view element;
  std::string_view other_element;
  std::array<std::string_view, 3> arn_elements;
};
constexpr std::array target_forms{
    TargetForm{TargetKind::topic,
               "TopicConfiguration",
               "TopicConfiguration",
               {"Topic", "TopicArn", "TopicARN"}},
    TargetForm{TargetKind::queue,
               "QueueConfiguration",
               "QueueConfiguration",
               {"Queue", "QueueArn", "QueueARN"}},
    TargetForm{TargetKind::function,
               "CloudFunctionConfiguration",
               "LambdaFunctionConfiguration",
               {"CloudFunction", "LambdaFunctionArn", "LambdaFunctionARN"}},
};

const TargetForm* find_form(std::string_view element) {
  for (const TargetForm& form : target_forms) {
    if (element == form.element || element == form.other_element) return &form;
  }
  return nullptr;
}

const TargetForm& target_form(TargetKind kind) {
  for (const TargetForm& form : target_forms) {
    if (form.kind == kind) return form;
  }
  return target_forms.back();
}

struct FilterSeen {
  bool prefix = false;
  bool suffix = false;
};

Result<void> parse_filter_rule(const XmlElement& rule, Notification& notification,
                               FilterSeen& seen) {
  if (rule.child("Name") == nullptr || rule.child("Value") == nullptr)
    return fail(ErrorCode::malformed_xml);
  const std::string_view name = rule.child_text("Name");
  const bool is_prefix = base::equals_ignoring_case(name, "prefix");
  if (!is_prefix && !base::equals_ignoring_case(name, "suffix")) {
    return invalid_argument("filter rule name must be either prefix or suffix", "FilterRule.Name",
                            std::string(name));
  }
  const std::string_view value = rule.child_text("Value");
  if (value.size() > 1024) {
    return invalid_argument(
        "Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation",
        "filter-value", std::string(value));
  }
  bool& already = is_prefix ? seen.prefix : seen.suffix;
  if (already) {
    return invalid_argument(std::string("Cannot specify more than one ") +
                                (is_prefix ? "prefix" : "suffix") + " rule in a filter.",
                            "FilterRule.Name", std::string(name));
  }
  already = true;
  (is_prefix ? notification.prefix : notification.suffix) = std::string(value);
  (is_prefix ? notification.names_empty_prefix : notification.names_empty_suffix) = value.empty();
  return {};
}

Result<void> parse_filter(const XmlElement& filter, Notification& notification) {
  FilterSeen seen;
  for (const XmlElement& key : filter.children) {
    if (key.name != "S3Key" && key.name != "Key") return fail(ErrorCode::malformed_xml);
    for (const XmlElement& rule : key.children) {
      if (rule.name != "FilterRule") return fail(ErrorCode::malformed_xml);
      if (auto parsed = parse_filter_rule(rule, notification, seen); !parsed) return parsed;
    }
  }
  return {};
}

bool is_arn_element(const TargetForm& form, std::string_view name) {
  for (std::string_view candidate : form.arn_elements) {
    if (name == candidate) return true;
  }
  return false;
}

Result<Notification> parse_notification(const XmlElement& node, const TargetForm& form) {
  Notification notification;
  notification.kind = form.kind;
  for (const XmlElement& part : node.children) {
    const std::string_view name = part.name;
    const std::string_view text = base::trim(part.text);
    if (name == "Id") {
      notification.id = std::string(text);
    } else if (name == "Event") {
      notification.events.emplace_back(text);
    } else if (is_arn_element(form, name)) {
      notification.arn = std::string(text);
    } else if (name == "Filter") {
      if (auto parsed = parse_filter(part, notification); !parsed)
        return tl::unexpected(std::move(parsed.error()));
    } else {
      return fail(ErrorCode::malformed_xml);
    }
  }
  if (notification.events.empty() || notification.arn.empty())
    return fail(ErrorCode::malformed_xml);
  return notification;
}

void render_filter_rule(base::XmlWriter& xml, std::string_view name, const std::string& value,
                        bool names_empty) {
  if (value.empty() && !names_empty) return;
  xml.open("FilterRule").leaf("Name", name).leaf("Value", value).close();
}

void render_notification(base::XmlWriter& xml, const Notification& notification) {
  const TargetForm& form = target_form(notification.kind);
  xml.open(form.element)
      .leaf("Id", notification.id)
      .leaf(form.arn_elements.front(), notification.arn);
  for (const std::string& event : notification.events) xml.leaf("Event", event);
  if (!notification.prefix.empty() || !notification.suffix.empty() ||
      notification.names_empty_prefix || notification.names_empty_suffix) {
    xml.open("Filter").open("S3Key");
    // AWS answers the names with a capital, whatever was sent.
    render_filter_rule(xml, "Prefix", notification.prefix, notification.names_empty_prefix);
    render_filter_rule(xml, "Suffix", notification.suffix, notification.names_empty_suffix);
    xml.close().close();
  }
  xml.close();
}

}  // namespace

Result<NotificationConfiguration> parse_notification_configuration(std::string_view xml) {
  const auto root = parse_xml(xml, "NotificationConfiguration");
  if (!root) return tl::unexpected(root.error());
  NotificationConfiguration configuration;
  for (const XmlElement& node : root->children) {
    const std::string_view name = node.name;
    if (name == "EventBridgeConfiguration") {
      configuration.event_bridge = true;
      continue;
    }
    const TargetForm* form = find_form(name);
    if (form == nullptr) return fail(ErrorCode::malformed_xml);
    auto notification = parse_notification(node, *form);
    if (!notification) return tl::unexpected(std::move(notification.error()));
    configuration.notifications.push_back(std::move(*notification));
  }
  return configuration;
}

std::string render_notification_configuration(const NotificationConfiguration& configuration) {
  base::XmlWriter xml("NotificationConfiguration", s3_namespace);
  for (const Notification& notification : configuration.notifications)
    render_notification(xml, notification);
  if (configuration.event_bridge) xml.empty("EventBridgeConfiguration");
  return xml.take();
}

}  // namespace emulator::s3
