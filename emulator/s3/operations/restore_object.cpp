// RestoreObject: AWS takes its time and tells the end by ObjectRestore:Completed; here both events
// come with the request (archive.h). Restoring again moves the date.

#include <array>

#include "emulator/base/text.h"
#include "emulator/s3/archive.h"
#include "emulator/s3/object_headers.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"
#include "emulator/s3/xml_schema.h"

namespace emulator::s3 {

Result<Service::RestoredObject> Service::restore_object(const ObjectVersion& which,
                                                        std::int64_t days, const RequestIds& ids) {
  const auto bucket = find_bucket(which.bucket);
  if (!bucket) return tl::unexpected(bucket.error());
  auto object = head_object(which.bucket, which.key, which.version_id);
  if (!object) return tl::unexpected(std::move(object.error()));
  if (!is_in_archive_class(*object)) {
    Error error = is_in_archive(*object);
    error.message = "Restore is not allowed for the object's current storage class";
    return tl::unexpected(std::move(error));
  }
  const bool was_restored = !is_archived(*object, now());
  object->headers[restore_header] = restored_for(now(), days);
  std::vector<Announcement> announcements;
  std::vector<OutboxEvent> events;
  for (const char* event_name : {"ObjectRestore:Post", "ObjectRestore:Completed"}) {
    auto announcement = plan_events(*bucket, *object, event_name, ids);
    if (!announcement) return tl::unexpected(std::move(announcement.error()));
    events.insert(events.end(), announcement->events.begin(), announcement->events.end());
    announcements.push_back(std::move(*announcement));
  }
  if (auto described = store_.describe(*object, events); !described)
    return storage_failed(described.error());
  const auto cause = trace_.record("s3", "restore",
                                   {{"bucket", which.bucket},
                                    {"key", which.key},
                                    {"until", object->headers.at(restore_header)}});
  for (const Announcement& announcement : announcements) announce(cause, *object, announcement);
  return RestoredObject{std::move(*object), was_restored};
}

namespace {

constexpr std::array restore_schema{
    Field{"RestoreRequest", "Days", FieldKind::number, 1, 1},
    Field{"RestoreRequest", "GlacierJobParameters", FieldKind::group},
    Field{"RestoreRequest", "Tier", FieldKind::choice, 0, 1, "Standard|Bulk|Expedited"},
    Field{"RestoreRequest", "Description", FieldKind::text},
    Field{"GlacierJobParameters", "Tier", FieldKind::choice, 1, 1, "Standard|Bulk|Expedited"},
};
constexpr std::int64_t restore_days_max = 36500;

Result<std::int64_t> requested_days(const std::string& body) {
  const auto request = parse_checked(body, "RestoreRequest", restore_schema);
  if (!request) return tl::unexpected(request.error());
  const std::string text(base::trim(request->child_text("Days")));
  const auto days = base::parse_integer(text);
  if (days && *days >= 1 && *days <= restore_days_max) return *days;
  return invalid_argument("restoration days should be at least 1", "Days", text);
}

}  // namespace

Result<base::HttpResponse> rest_restore_object(Call& call, const std::string& body) {
  const auto version_id = requested_version(call);
  if (!version_id) return tl::unexpected(version_id.error());
  const auto days = requested_days(body);
  if (!days) return tl::unexpected(days.error());
  const auto restored =
      call.service.restore_object({call.bucket, call.key, *version_id}, *days, call.ids);
  if (!restored) return tl::unexpected(restored.error());
  base::HttpResponse response = empty_response(restored->was_restored ? 200 : 202);
  add_version_id(call.service.version_id(restored->object), response.headers);
  return response;
}

}  // namespace emulator::s3
