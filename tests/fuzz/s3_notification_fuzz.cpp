// Any bytes as the XML of a notification configuration: what is accepted must survive being written
// and read again.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "emulator/base/check.h"
#include "emulator/s3/notification.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace emulator::s3;
  const auto parsed = parse_notification_configuration({reinterpret_cast<const char*>(data), size});
  if (!parsed) return 0;
  const std::string xml = render_notification_configuration(*parsed);
  const auto valid = validate(*parsed, [](const Notification&) { return std::string(); });
  if (!valid) return 0;
  const auto again = parse_notification_configuration(xml);
  CHECK(again.has_value());
  CHECK(render_notification_configuration(*again) == xml);
  static_cast<void>(
      matches(parsed->notifications.empty() ? Notification{} : parsed->notifications[0],
              "ObjectCreated:Put", "k"));
  return 0;
}
