#include "emulator/s3/service.h"

namespace emulator::s3 {

Result<NotificationConfiguration> Service::get_bucket_notification_configuration(const std::string& name) {
  const auto bucket = find_bucket(name);
  if (!bucket) return tl::unexpected(bucket.error());
  const auto configuration = notifications_of(*bucket);
  if (!configuration) return tl::unexpected(configuration.error());
  return *configuration == nullptr ? NotificationConfiguration{} : **configuration;
}

}  // namespace emulator::s3
