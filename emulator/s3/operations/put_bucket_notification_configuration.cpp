#include "emulator/base/text.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {
namespace {

// A target in another region than the bucket's is refused, also where nobody asks whether it is
// there.
std::string_view region_of(std::string_view arn) {
  const std::vector<std::string_view> parts = base::split(arn, ':');
  return parts.size() > 3 ? parts[3] : std::string_view();
}

}  // namespace

Result<void> Service::put_bucket_notification_configuration(const std::string& bucket_name,
                                                            NotificationConfiguration configuration,
                                                            bool skip_destination_validation) {
  auto bucket = find_bucket(bucket_name);
  if (!bucket) return tl::unexpected(std::move(bucket.error()));
  if (configuration.event_bridge) {
    return fail(ErrorCode::not_implemented,
                "PutBucketNotificationConfiguration: EventBridgeConfiguration is not supported");
  }
  const auto refusal = [&](const Notification& notification) {
    if (skip_destination_validation || region_of(notification.arn) != bucket->region)
      return std::string();
    const EventDestination* destination = find_destination(notification.arn);
    return destination != nullptr ? destination->refusal(notification.arn, bucket_name)
                                  : std::string(missing_destination(notification.kind));
  };
  if (auto valid = validate(configuration, refusal); !valid) return valid;
  for (const Notification& notification : configuration.notifications) {
    if (region_of(notification.arn) == bucket->region) continue;
    return invalid_argument(
        "The notification destination service region is not valid for the bucket location "
        "constraint",
        "Arn", notification.arn);
  }
  for (Notification& notification : configuration.notifications) {
    if (notification.id.empty()) notification.id = base::to_base64(random_.uuid());
  }
  if (configuration.notifications.empty()) {
    bucket->configurations.erase("notification");
  } else {
    bucket->configurations["notification"] = render_notification_configuration(configuration);
  }
  if (auto put = store_.put_bucket(*bucket); !put) return storage_failed(put.error());
  notifications_.erase(bucket_name);
  trace_.record(
      "s3", "notification",
      {{"bucket", bucket_name}, {"rules", std::uint64_t{configuration.notifications.size()}}});
  send_test_events(*bucket, configuration);
  return {};
}

Result<base::HttpResponse> rest_put_bucket_notification_configuration(Call& call,
                                                                      const std::string& body) {
  if (body.empty()) return fail(ErrorCode::missing_request_body);
  auto configuration = parse_notification_configuration(body);
  if (!configuration) return tl::unexpected(std::move(configuration.error()));
  const bool skip =
      base::equals_ignoring_case(call.header("x-amz-skip-destination-validation"), "true");
  const auto put = call.service.put_bucket_notification_configuration(
      call.bucket, std::move(*configuration), skip);
  if (!put) return tl::unexpected(put.error());
  return empty_response(200);
}

}  // namespace emulator::s3
