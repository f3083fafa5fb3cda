#include "emulator/s3/archive.h"

#include <algorithm>
#include <chrono>

#include "emulator/base/time_text.h"

namespace emulator::s3 {
namespace {

constexpr std::string_view restored_prefix = "ongoing-request=\"false\", expiry-date=\"";

std::string_view storage_class_of(const Object& object) {
  const auto found = object.headers.find("x-amz-storage-class");
  return found == object.headers.end() ? std::string_view() : found->second;
}

}  // namespace

bool is_in_archive_class(const Object& object) {
  const std::string_view storage_class = storage_class_of(object);
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
               {{"StorageClass", std::string(storage_class_of(object))}}};
}

std::string restored_for(Instant now, std::int64_t days) {
  base::CivilTime day = base::civil(now);
  day.hour = day.minute = day.second = 0;
  const Instant midnight = base::from_civil(day) + std::chrono::hours(24) * (days + 1);
  return std::string(restored_prefix) + base::rfc1123(midnight) + "\"";
}

}  // namespace emulator::s3
