// The tags of an object: GetObjectTagging, PutObjectTagging, DeleteObjectTagging. They are kept as
// one of its headers, in the form of x-amz-tagging.

#include "emulator/s3/object_headers.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"
#include "emulator/s3/tags.h"
#include "emulator/s3/xml_document.h"

namespace emulator::s3 {

// The object stays as it was, its time and its body too.
Result<Object> Service::put_object_tagging(const std::string& bucket_name, const std::string& key,
                                           const std::string& tags,
                                           const std::optional<RequestIds>& ids,
                                           const std::string& version_id) {
  const auto bucket = find_bucket(bucket_name);
  if (!bucket) return tl::unexpected(bucket.error());
  auto found = head_object(bucket_name, key, version_id);
  if (!found) return tl::unexpected(std::move(found.error()));
  Object& object = *found;
  if (tags.empty())
    object.headers.erase(tagging_header);
  else
    object.headers[tagging_header] = tags;
  auto announcement =
      plan_events(*bucket, object, tags.empty() ? "ObjectTagging:Delete" : "ObjectTagging:Put",
                  ids ? *ids : new_request_ids());
  if (!announcement) return tl::unexpected(std::move(announcement.error()));
  if (auto described = store_.describe(object, announcement->events); !described)
    return storage_failed(described.error());
  announce(trace_.record("s3", "tag", {{"bucket", bucket_name}, {"key", key}, {"tags", tags}}),
           object, *announcement);
  return std::move(object);
}

namespace {

// A delete marker has no tags, whether it is named or just what is current. Of a key that is not
// there a GET names the bucket, too (AWS, recorded).
Error of_no_tags(const Call& call, const Error& error) {
  if (error.code == ErrorCode::no_such_key && error.headers.empty() && call.request.method == "GET")
    return Error{error.code, error.message, {{"Key", call.bucket + "/" + call.key}}};
  if (error.code != ErrorCode::no_such_key || error.headers.empty()) return error;
  return Error{ErrorCode::method_not_allowed,
               {},
               {{"Method", call.request.method}, {"ResourceType", "DeleteMarker"}},
               error.headers};
}

Result<base::HttpResponse> put_tags(Call& call, const std::string& tags, int status) {
  const auto version_id = requested_version(call);
  if (!version_id) return tl::unexpected(version_id.error());
  const auto object =
      call.service.put_object_tagging(call.bucket, call.key, tags, call.ids, *version_id);
  if (!object) return tl::unexpected(of_no_tags(call, object.error()));
  base::HttpResponse response = empty_response(status);
  add_version_id(call.service.version_id(*object), response.headers);
  return response;
}

}  // namespace

Result<base::HttpResponse> rest_get_object_tagging(Call& call, const std::string&) {
  const auto version_id = requested_version(call);
  if (!version_id) return tl::unexpected(version_id.error());
  const auto object = call.service.head_object(call.bucket, call.key, *version_id);
  if (!object) return tl::unexpected(of_no_tags(call, object.error()));
  const auto stored = object->headers.find(tagging_header);
  const auto tags = parse_tagging_header(
      stored == object->headers.end() ? std::string_view() : std::string_view(stored->second));
  if (!tags) return tl::unexpected(tags.error());
  base::HttpResponse response = xml_response(render_tagging(*tags));
  add_version_id(call.service.version_id(*object), response.headers);
  return response;
}

Result<base::HttpResponse> rest_put_object_tagging(Call& call, const std::string& body) {
  if (body.empty()) return fail(ErrorCode::missing_request_body);
  const auto document = parse_xml(body, "Tagging");
  if (!document) return tl::unexpected(document.error());
  const auto tags = parse_tagging(*document, object_tags_max);
  if (!tags) return tl::unexpected(tags.error());
  return put_tags(call, render_tagging_header(*tags), 200);
}

Result<base::HttpResponse> rest_delete_object_tagging(Call& call, const std::string&) {
  return put_tags(call, {}, 204);
}

}  // namespace emulator::s3
