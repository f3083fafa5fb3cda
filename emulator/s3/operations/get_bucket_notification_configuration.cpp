#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {

Result<NotificationConfiguration> Service::get_bucket_notification_configuration(
    const std::string& name) {
  const auto bucket = find_bucket(name);
  if (!bucket) return tl::unexpected(bucket.error());
  const auto configuration = notifications_of(*bucket);
  if (!configuration) return tl::unexpected(configuration.error());
  return *configuration == nullptr ? NotificationConfiguration{} : **configuration;
}

Result<base::HttpResponse> rest_get_bucket_notification_configuration(Call& call,
                                                                      const std::string&) {
  const auto configuration = call.service.get_bucket_notification_configuration(call.bucket);
  if (!configuration) return tl::unexpected(configuration.error());
  return xml_response(render_notification_configuration(*configuration));
}

}  // namespace emulator::s3
