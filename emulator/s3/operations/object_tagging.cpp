// The tags of an object: GetObjectTagging, PutObjectTagging, DeleteObjectTagging. They are kept as one of its headers, in the
// form of x-amz-tagging.

#include "emulator/s3/object_answer.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"
#include "emulator/s3/tags.h"
#include "emulator/s3/xml_document.h"

namespace emulator::s3 {
// The object stays as it was, its time and its body too.
Result<void> Service::put_object_tagging(const std::string& bucket_name, const std::string& key, const std::string& tags,
                                         const std::optional<RequestIds>& ids) {
  const auto bucket = find_bucket(bucket_name);
  if (!bucket) return tl::unexpected(bucket.error());
  auto found = head_object(bucket_name, key);
  if (!found) return tl::unexpected(std::move(found.error()));
  Object& object = *found;
  if (tags.empty()) object.headers.erase(tagging_header);
  else object.headers[tagging_header] = tags;
  auto announcement =
      plan_events(*bucket, object, tags.empty() ? "ObjectTagging:Delete" : "ObjectTagging:Put", ids ? *ids : new_request_ids());
  if (!announcement) return tl::unexpected(std::move(announcement.error()));
  if (auto described = store_.describe(object, announcement->events); !described) return storage_failed(described.error());
  announce(trace_.record("s3", "tag", {{"bucket", bucket_name}, {"key", key}, {"tags", tags}}), object, *announcement);
  return {};
}

Result<base::HttpResponse> rest_get_object_tagging(Call& call, const std::string&) {
  if (auto version = check_version_id(call.parameter("versionId")); !version) return tl::unexpected(std::move(version.error()));
  const auto object = call.service.head_object(call.bucket, call.key);
  if (!object) return tl::unexpected(object.error());
  const auto stored = object->headers.find(tagging_header);
  const auto tags = parse_tagging_header(stored == object->headers.end() ? std::string_view() : std::string_view(stored->second));
  if (!tags) return tl::unexpected(tags.error());
  return xml_response(render_tagging(*tags));
}

Result<base::HttpResponse> rest_put_object_tagging(Call& call, const std::string& body) {
  if (auto version = check_version_id(call.parameter("versionId")); !version) return tl::unexpected(std::move(version.error()));
  if (body.empty()) return fail(ErrorCode::missing_request_body);
  const auto document = parse_xml(body, "Tagging");
  if (!document) return tl::unexpected(document.error());
  const auto tags = parse_tagging(*document, object_tags_max);
  if (!tags) return tl::unexpected(tags.error());
  const auto put = call.service.put_object_tagging(call.bucket, call.key, render_tagging_header(*tags), call.ids);
  if (!put) return tl::unexpected(put.error());
  return empty_response(200);
}

Result<base::HttpResponse> rest_delete_object_tagging(Call& call, const std::string&) {
  if (auto version = check_version_id(call.parameter("versionId")); !version) return tl::unexpected(std::move(version.error()));
  const auto deleted = call.service.put_object_tagging(call.bucket, call.key, {}, call.ids);
  if (!deleted) return tl::unexpected(deleted.error());
  return empty_response(204);
}

}  // namespace emulator::s3
