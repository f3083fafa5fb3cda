#include "emulator/s3/archive.h"

#include <algorithm>

#include "emulator/base/time_text.h"
#include "emulator/s3/expiration.h"
#include "emulator/s3/object_headers.h"

namespace emulator::s3 {
namespace {

constexpr std::string_view restored_prefix = "ongoing-request=\"false\", expiry-date=\"";

}  // namespace

bool is_in_archive_class(const Object& object) {
  const std::string_view storage_class = storage_class_of(object.headers);
  return storage_class == "GLACIER" || storage_class == "DEEP_ARCHIVE";
}

std::optional<Instant> restored_until(const Object& object) {
  const auto restored = object.headers.find(restore_header);
  if (restored == object.headers.end()) return std::nullopt;
  std::string_view until = restored->second;
  until.remove_prefix(std::min(restored_prefix.size(), until.size()));
  return base::parse_http_date(until.substr(0, until.find('"')));
}

bool is_archived(const Object& object, Instant now) {
  if (!is_in_archive_class(object)) return false;
  const auto until = restored_until(object);
  return !until || *until <= now;
}

Error is_in_archive(const Object& object) {
  return Error{ErrorCode::invalid_object_state,
               {},
               {{"StorageClass", std::string(storage_class_of(object.headers))}}};
}

std::string restored_for(Instant now, std::int64_t days) {
  return std::string(restored_prefix) + base::rfc1123(midnight_after(now, days)) + "\"";
}

}  // namespace emulator::s3
