#include "emulator/s3/service.h"

#include <utility>

#include "emulator/base/check.h"
#include "emulator/base/text.h"
#include "emulator/s3/names.h"
#include "emulator/s3/version_id.h"

namespace emulator::s3 {

Service::Service(ObjectStore& store, sim::Scheduler& scheduler, sim::Trace& trace,
                 sim::Faults& faults, sim::Random random, ServiceOptions options)
    : store_(store),
      scheduler_(scheduler),
      trace_(trace),
      random_(random),
      options_(std::move(options)),
      notification_link_("s3.notification", scheduler, faults, trace) {}

void Service::register_destination(const std::string& arn, EventDestination& destination) {
  destinations_[arn] = &destination;
}

void Service::register_service(const std::string& service, EventDestination& destination) {
  destinations_[service] = &destination;
}

EventDestination* Service::find_destination(const std::string& arn) const {
  auto found = destinations_.find(arn);
  const std::vector<std::string_view> parts = base::split(arn, ':');
  if (found == destinations_.end() && parts.size() > 2)
    found = destinations_.find(std::string(parts[2]));
  return found == destinations_.end() ? nullptr : found->second;
}

RequestIds Service::new_request_ids() {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  RequestIds ids;
  ids.request_id = random_.upper_hex(16);
  ids.host_id = random_.text(75, alphabet) + "=";  // AWS's is 76 characters of base64
  return ids;
}

Result<Bucket> Service::find_bucket(const std::string& name) {
  auto found = store_.find_bucket(name);
  if (!found) return storage_failed(found.error());
  if (*found) return std::move(**found);
  if (auto named = check_bucket_name(name); !named) return tl::unexpected(std::move(named.error()));
  return tl::unexpected(Error{ErrorCode::no_such_bucket, {}, {{"BucketName", name}}});
}

Result<std::optional<Object>> Service::find_object(const std::string& bucket,
                                                   const std::string& key) {
  auto found = store_.find(bucket, key);
  if (!found) return storage_failed(found.error());
  return std::move(*found);
}

Versioning Service::versioning(const std::string& bucket) {
  const auto known = versioning_.find(bucket);
  if (known != versioning_.end()) return known->second;
  const auto found = store_.find_bucket(bucket);
  if (!found || !*found) return Versioning::never;
  return versioning_[bucket] = versioning_of(**found);
}

const LifecycleRules& Service::lifecycle_rules(const std::string& bucket) {
  static const LifecycleRules none;
  const auto known = lifecycle_rules_.find(bucket);
  if (known != lifecycle_rules_.end()) return known->second;
  const auto found = store_.find_bucket(bucket);
  if (!found || !*found) return none;
  const auto document = (*found)->configurations.find("lifecycle");
  return lifecycle_rules_[bucket] = document == (*found)->configurations.end()
                                        ? LifecycleRules{}
                                        : enabled_rules(document->second);
}

std::string Service::version_id(const Object& object) {
  if (!object.version_id.empty()) return object.version_id;
  return versioning(object.bucket) == Versioning::never ? std::string() : std::string(null_version);
}

Result<std::string> Service::next_sequencer() {
  const auto next = store_.next_sequence();
  if (!next) return storage_failed(next.error());
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<char>(*next >> shift & 0xFF));
  return base::to_upper_hex(bytes);
}

Result<Object> Service::store_object(Object object, const BodyRef& body,
                                     const std::string& event_name, const RequestIds& ids,
                                     std::string_view line, std::vector<sim::Field> more) {
  object.size = body.size;
  const auto write = [&](const Object& stored, std::span<OutboxEvent> events) {
    return store_.put(stored, body, events);
  };
  return write_object(std::move(object), write, event_name, ids, line, std::move(more));
}

Result<Object> Service::write_object(Object object, const WriteObject& write,
                                     const std::string& event_name, const RequestIds& ids,
                                     std::string_view line, std::vector<sim::Field> more) {
  const auto bucket = find_bucket(object.bucket);
  if (!bucket) return tl::unexpected(bucket.error());
  auto sequencer = next_sequencer();
  if (!sequencer) return tl::unexpected(std::move(sequencer.error()));
  object.sequencer = std::move(*sequencer);
  if (versioning_of(*bucket) == Versioning::enabled)
    object.version_id = new_version_id(random_, object.sequencer);
  if (object.last_modified == Instant{}) object.last_modified = now();
  if (const auto retention = default_retention(*bucket, now()); retention && !retention_of(object))
    set_retention(object, retention);
  auto announcement = plan_events(*bucket, object, event_name, ids);
  if (!announcement) return tl::unexpected(std::move(announcement.error()));
  if (auto written = write(object, announcement->events); !written)
    return storage_failed(written.error());
  std::vector<sim::Field> fields;
  fields.reserve(5 + more.size());
  fields.emplace_back("bucket", object.bucket);
  fields.emplace_back("key", object.key);
  fields.emplace_back("size", object.size);
  fields.emplace_back("etag", object.etag);
  if (!object.version_id.empty()) fields.emplace_back("version", object.version_id);
  fields.insert(fields.end(), more.begin(), more.end());
  announce(trace_.record("s3", line, std::move(fields)), object, *announcement);
  return object;
}

bool Service::commit_gathered() {
  const auto committed = store_.commit_gathered();
  if (!committed)
    trace_.record("s3", "failed", {{"operation", "commit"}, {"why", committed.error().message}});
  return committed.has_value();
}

Result<std::string> ObjectBody::read() const {
  std::string out(static_cast<std::size_t>(object.size), '\0');
  std::size_t at = 0;
  while (at < out.size()) {
    const auto got = body->read(at, std::span<char>(out).subspan(at));
    if (!got) return storage_failed(got.error());
    if (*got == 0)
      return fail(ErrorCode::internal_error, "the stored body of " + object.key + " is too short");
    at += *got;
  }
  return out;
}

std::string ObjectBody::read_all() const {
  Result<std::string> out = read();
  CHECK(out.has_value());
  return std::move(*out);
}

}  // namespace emulator::s3
