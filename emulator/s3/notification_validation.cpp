// What AWS refuses in a notification configuration ("Enabling and configuring event
// notifications"), and which rules an event matches.

#include <array>
#include <set>

#include "emulator/base/text.h"
#include "emulator/s3/notification.h"

namespace emulator::s3 {
namespace {

// Names as in <Event>; "X:*" is the whole family X. There is no "s3:*".
constexpr std::array<std::string_view, 27> supported_events{
    "s3:ReducedRedundancyLostObject",
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationNotTracked",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:LifecycleTransition",
    "s3:IntelligentTiering",
    "s3:ObjectAcl:Put",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete",
};

// What the ARN of each kind of target looks like.
struct ArnForm {
  TargetKind kind;
  std::string_view argument;  // as AWS names it in the error
  std::string_view service;
  std::string_view resource_prefix;
  std::string_view missing;  // what AWS says of a target that it cannot reach
};
constexpr std::array arn_forms{
    ArnForm{TargetKind::topic, "Topic", "sns", "", "The destination topic does not exist"},
    ArnForm{TargetKind::queue, "Queue", "sqs", "", "The destination queue does not exist"},
    ArnForm{TargetKind::function, "CloudFunction", "lambda",
            "function:", "Not authorized to invoke function"},
};

const ArnForm& arn_form(TargetKind kind) {
  for (const ArnForm& form : arn_forms) {
    if (form.kind == kind) return form;
  }
  return arn_forms.back();
}

// arn:partition:service:region:account:resource
bool is_arn_of(std::string_view arn, const ArnForm& form) {
  const std::vector<std::string_view> parts = base::split(arn, ':');
  if (parts.size() < 6 || parts[0] != "arn" || parts[1].empty() || parts[3].empty() ||
      parts[4].size() != 12)
    return false;
  if (parts[2] != form.service || !base::parse_unsigned(parts[4])) return false;
  std::size_t resource_at = 0;
  for (std::size_t i = 0; i < 5; ++i) resource_at += parts[i].size() + 1;
  const std::string_view resource = arn.substr(resource_at);
  return resource.size() > form.resource_prefix.size() &&
         resource.starts_with(form.resource_prefix);
}

bool is_supported(std::string_view event) {
  for (std::string_view known : supported_events) {
    if (known == event) return true;
  }
  return false;
}

Result<void> check_one(const Notification& notification) {
  if (notification.events.empty() || notification.arn.empty())
    return fail(ErrorCode::malformed_xml);
  for (const std::string& event : notification.events) {
    if (!is_supported(event)) {
      return invalid_argument("The event '" + event + "' is not supported for notifications",
                              "Event", event);
    }
  }
  const ArnForm& form = arn_form(notification.kind);
  if (!is_arn_of(notification.arn, form)) {
    return invalid_argument("The ARN could not be parsed", form.argument, notification.arn);
  }
  if (notification.kind != TargetKind::function && notification.arn.ends_with(".fifo")) {
    return invalid_argument("FIFO destinations are not supported", form.argument, notification.arn);
  }
  if (notification.id.size() > 255) {
    return invalid_argument("The configuration id is longer than 255 characters", "Id",
                            notification.id);
  }
  return {};
}

// "s3:ObjectCreated:*" covers "s3:ObjectCreated:Put" and itself.
bool covers(std::string_view pattern, std::string_view event) {
  if (!pattern.ends_with(":*")) return pattern == event;
  return event.starts_with(pattern.substr(0, pattern.size() - 1));
}

bool share_an_event(const Notification& a, const Notification& b) {
  for (const std::string& left : a.events) {
    for (const std::string& right : b.events) {
      if (covers(left, right) || covers(right, left)) return true;
    }
  }
  return false;
}

// event_name without "s3:".
bool is_for(const Notification& notification, std::string_view event_name) {
  for (std::string_view event : notification.events) {
    if (event.starts_with("s3:")) event.remove_prefix(3);
    if (covers(event, event_name)) return true;
  }
  return false;
}

std::string joined_events(const Notification& a, const Notification& b) {
  std::string out;
  for (const Notification* notification : {&a, &b}) {
    for (const std::string& event : notification->events) {
      if (!out.empty()) out += ", ";
      out += event;
    }
  }
  return out;
}

Result<void> check_overlap(const Notification& a, const Notification& b) {
  const bool prefixes = a.prefix.starts_with(b.prefix) || b.prefix.starts_with(a.prefix);
  const bool suffixes = a.suffix.ends_with(b.suffix) || b.suffix.ends_with(a.suffix);
  if (!prefixes || !suffixes || !share_an_event(a, b)) return {};
  const bool filtered = !(a.prefix + b.prefix + a.suffix + b.suffix).empty();
  if (!filtered) {
    return invalid_argument(
        "Configurations overlap. Configurations on the same bucket cannot share a common event "
        "type.",
        "Event", joined_events(a, b));
  }
  return fail(ErrorCode::invalid_argument,
              "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules "
              "if the prefixes are "
              "overlapping for the same event type.");
}

}  // namespace

Result<void> validate(const NotificationConfiguration& configuration,
                      const std::function<std::string(const Notification& notification)>& refusal) {
  const std::vector<Notification>& all = configuration.notifications;
  if (all.size() > 100) {
    return fail(ErrorCode::invalid_argument,
                "A bucket has at most 100 notification configurations.");
  }
  std::set<std::string> ids;
  for (const Notification& notification : all) {
    if (auto checked = check_one(notification); !checked) return checked;
    if (!notification.id.empty() && !ids.insert(notification.id).second) {
      return invalid_argument("Same ID used for multiple configurations. IDs must be unique.", "Id",
                              notification.id);
    }
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = i + 1; j < all.size(); ++j) {
      if (auto checked = check_overlap(all[i], all[j]); !checked) return checked;
    }
  }
  for (const Notification& notification : all) {
    if (std::string why = refusal(notification); !why.empty()) {
      return invalid_argument("Unable to validate the following destination configurations",
                              notification.arn, std::move(why));
    }
  }
  return {};
}

std::string_view missing_destination(TargetKind kind) { return arn_form(kind).missing; }

bool matches(const Notification& notification, std::string_view event_name, std::string_view key) {
  return key.starts_with(notification.prefix) && key.ends_with(notification.suffix) &&
         is_for(notification, event_name);
}

std::string why_not(const Notification& notification, std::string_view event_name,
                    std::string_view key) {
  std::string why;
  const auto add = [&why](std::string_view text, std::string_view value) {
    if (!why.empty()) why += ", ";
    why.append(text).append(value).append("\"");
  };
  if (!is_for(notification, event_name)) {
    std::string events;
    for (const std::string& event : notification.events)
      events += (events.empty() ? "" : ", ") + event;
    why = "it is for " + events + " and this is s3:" + std::string(event_name);
  }
  if (!key.starts_with(notification.prefix))
    add("the key does not begin with \"", notification.prefix);
  if (!key.ends_with(notification.suffix)) add("the key does not end with \"", notification.suffix);
  return why;
}

}  // namespace emulator::s3
