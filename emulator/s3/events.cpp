// Events of the Service: which are due, their rows in the outbox, and their way over the link
// "s3.notification".

#include <algorithm>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {
namespace {

std::string test_event(const Bucket& bucket, const RequestIds& ids, Instant at) {
  base::JsonWriter json;
  json.object();
  json.key("Service").string("Amazon S3");
  json.key("Event").string("s3:TestEvent");
  json.key("Time").string(base::iso_millis(at));
  json.key("Bucket").string(bucket.name);
  json.key("RequestId").string(ids.request_id);
  json.key("HostId").string(ids.host_id);
  json.end();
  return json.take();
}

}  // namespace

// The configuration as parsed; nullptr if the bucket has none. Parsed once: an object put is to
// cost microseconds.
Result<const NotificationConfiguration*> Service::notifications_of(const Bucket& bucket) {
  const auto stored = bucket.configurations.find("notification");
  if (stored == bucket.configurations.end()) return nullptr;
  const auto known = notifications_.find(bucket.name);
  if (known != notifications_.end()) return &known->second;
  auto parsed = parse_notification_configuration(stored->second);
  if (!parsed) return tl::unexpected(std::move(parsed.error()));
  return &notifications_.emplace(bucket.name, std::move(*parsed)).first->second;
}

Result<Service::Announcement> Service::plan_events(const Bucket& bucket, const Object& object,
                                                   const std::string& event_name,
                                                   const RequestIds& ids) {
  const auto configuration = notifications_of(bucket);
  if (!configuration) return tl::unexpected(configuration.error());
  Announcement announcement{.event_name = event_name};
  if (*configuration == nullptr || (*configuration)->notifications.empty()) return announcement;
  RecordInput input{.event_name = event_name,
                    .configuration_id = {},
                    .version_id = object.version_id,
                    .at = now(),
                    .region = bucket.region,
                    .account = options_.account,
                    .source_ip = ids.source_ip,
                    .request_id = ids.request_id,
                    .host_id = ids.host_id,
                    .version = options_.event_version};
  for (const Notification& notification : (*configuration)->notifications) {
    if (!matches(notification, event_name, object.key)) {
      announcement.misses.push_back(
          {notification.id, notification.arn, why_not(notification, event_name, object.key)});
      continue;
    }
    input.configuration_id = notification.id;
    announcement.events.push_back({.destination_arn = notification.arn,
                                   .bucket = object.bucket,
                                   .key = object.key,
                                   .event_name = event_name,
                                   .record_json = render_record(input, object),
                                   .rule = notification.id});
  }
  return announcement;
}

void Service::announce(sim::EventId cause, const Object& object, const Announcement& announcement) {
  const sim::Cause scope(scheduler_, cause);
  for (const Announcement::Miss& miss : announcement.misses) {
    trace_.record("s3", "no_event",
                  {{"bucket", object.bucket},
                   {"key", object.key},
                   {"event", announcement.event_name},
                   {"destination", miss.destination},
                   {"rule", miss.rule},
                   {"why", miss.why}});
  }
  for (const OutboxEvent& event : announcement.events) dispatch(event);
}

void Service::dispatch(const OutboxEvent& event) {
  std::vector<sim::Field> fields{{"bucket", event.bucket},
                                 {"key", event.key},
                                 {"event", event.event_name},
                                 {"destination", event.destination_arn}};
  if (!event.rule.empty()) fields.emplace_back("rule", event.rule);
  const sim::Cause scope(scheduler_, trace_.record("s3", "event", std::move(fields)));
  const auto deliver = [this, event] {
    EventDestination* destination = find_destination(event.destination_arn);
    const std::string refusal = destination == nullptr
                                    ? "there is no such destination"
                                    : destination->refusal(event.destination_arn, event.bucket);
    // AWS too drops what the target's policy no longer lets it deliver.
    if (!refusal.empty()) return lose(event, refusal);
    // An error leaves the row in the outbox: after a restart the event comes again, as S3's "at
    // least once" allows.
    destination->deliver(event, [this, id = event.id] { static_cast<void>(store_.delivered(id)); });
  };
  notification_link_.send(event.key, deliver, [this, event] { lose(event, "a fault dropped it"); });
}

void Service::lose(const OutboxEvent& event, std::string_view why) {
  trace_.record("s3", "lost",
                {{"bucket", event.bucket},
                 {"key", event.key},
                 {"destination", event.destination_arn},
                 {"why", why}});
  static_cast<void>(store_.delivered(event.id));  // as above: at worst it is tried again
}

void Service::redeliver() {
  auto events = store_.outbox();
  if (!events) {
    trace_.record("s3", "failed", {{"operation", "redeliver"}, {"why", events.error().message}});
    return;
  }
  for (OutboxEvent& event : *events) {
    event.rule = rule_of_record(event.record_json);
    dispatch(event);
  }
}

// Queues and topics get a test event when they are configured; functions are checked by their
// policy only.
void Service::send_test_events(const Bucket& bucket,
                               const NotificationConfiguration& configuration) {
  for (const Notification& notification : configuration.notifications) {
    if (notification.kind == TargetKind::function) continue;
    const OutboxEvent event{.destination_arn = notification.arn,
                            .bucket = bucket.name,
                            .event_name = "s3:TestEvent",
                            .record_json = test_event(bucket, new_request_ids(), now())};
    dispatch(event);
  }
}

}  // namespace emulator::s3
