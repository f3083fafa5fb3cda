#pragma once
// Event notifications: the configuration of a bucket, its validation, and the records (s3.md
// section 9; AWS: "Event message structure", "Configuring event notifications using object key name
// filtering"). Pure: no store, no clock.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/s3/error.h"
#include "emulator/s3/model.h"

namespace emulator::s3 {

enum class TargetKind { topic, queue, function };

struct Notification {
  std::string id;
  TargetKind kind = TargetKind::function;
  std::string arn;
  std::vector<std::string> events;  // "s3:ObjectCreated:*"
  std::string prefix;
  std::string suffix;
  bool names_empty_prefix = false;  // a rule without a value: it filters nothing, and is told
  bool names_empty_suffix = false;
};

struct NotificationConfiguration {
  std::vector<Notification> notifications;
  bool event_bridge = false;
};

Result<NotificationConfiguration> parse_notification_configuration(std::string_view xml);
std::string render_notification_configuration(
    const NotificationConfiguration& configuration);  // the XML of GET
// Everything AWS refuses: unknown events, ARNs, doubled ids, overlaps, destinations. refusal says
// why S3 may not send to the ARN of the notification; "" = it may.
Result<void> validate(const NotificationConfiguration& configuration,
                      const std::function<std::string(const Notification& notification)>& refusal);
std::string_view missing_destination(TargetKind kind);  // the refusal of an ARN that names nothing

// event_name without "s3:": "ObjectCreated:Put".
bool matches(const Notification& notification, std::string_view event_name, std::string_view key);
// Why it does not match: 'the key does not begin with "in/"'; "" if it matches.
std::string why_not(const Notification& notification, std::string_view event_name,
                    std::string_view key);

struct RecordInput {
  std::string event_name;
  std::string configuration_id;
  std::string version_id;  // "" = it has none: AWS does not tell of the null version
  Instant at{};
  std::string region;
  std::string account = "000000000000";
  std::string source_ip = "127.0.0.1";
  std::string request_id;
  std::string host_id;
  std::string version = {};  // "" = AWS's own
};
// {"Records":[{...}]}; size and eTag only where AWS has them.
std::string render_record(const RecordInput& input, const Object& object);
std::string rule_of_record(std::string_view record_json);  // its configurationId; "" if it has none

}  // namespace emulator::s3
