#include "emulator/s3/names.h"
#include "emulator/s3/object_answer.h"
#include "emulator/s3/object_headers.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"
#include "emulator/s3/version_id.h"

namespace emulator::s3 {

Result<Object> Service::head_object(const std::string& bucket, const std::string& key,
                                    const std::string& version_id) {
  if (auto named = check_key(key); !named) return tl::unexpected(std::move(named.error()));
  auto object =
      version_id.empty() ? find_object(bucket, key) : find_version(bucket, key, version_id);
  if (!object) return tl::unexpected(std::move(object.error()));
  if (*object && !(*object)->is_delete_marker) return std::move(**object);
  if (*object) return tl::unexpected(is_a_marker(**object));
  if (const auto found = find_bucket(bucket); !found) return tl::unexpected(found.error());
  return tl::unexpected(why_absent(bucket, key, version_id));
}

Result<std::optional<Object>> Service::find_version(const std::string& bucket,
                                                    const std::string& key,
                                                    const std::string& version_id) {
  if (version_id != null_version && versioning(bucket) == Versioning::never) {
    if (const auto there = find_bucket(bucket); !there) return tl::unexpected(there.error());
    return tl::unexpected(invalid_version_id(version_id));
  }
  auto found = store_.find_version(bucket, key, version_id == null_version ? "" : version_id);
  if (!found) return storage_failed(found.error());
  return std::move(*found);
}

// AWS: "Working with delete markers": what was asked for by its id is there, but there is nothing
// to read.
Error Service::is_a_marker(const Object& marker) {
  return Error{ErrorCode::method_not_allowed,
               {},
               {{"Method", "GET"}, {"ResourceType", "DeleteMarker"}},
               {{"allow", "DELETE"},
                {"last-modified", base::rfc1123(marker.last_modified)},
                {"x-amz-delete-marker", "true"},
                {"x-amz-version-id", version_id(marker)}}};
}

Error Service::why_absent(const std::string& bucket, const std::string& key,
                          const std::string& version_id) {
  if (!version_id.empty())
    return Error{ErrorCode::no_such_version, {}, {{"Key", key}, {"VersionId", version_id}}};
  Error error{ErrorCode::no_such_key, {}, {{"Key", key}}};
  if (versioning(bucket) == Versioning::never) return error;
  const auto latest = store_.list_versions(
      bucket, {.prefix = key, .from_key = key, .before_sequencer = {}, .limit = 1});
  if (!latest) return storage_failed(latest.error()).value();
  if (latest->empty() || latest->front().object.key != key) return error;
  error.headers = {{"x-amz-delete-marker", "true"},
                   {"x-amz-version-id", this->version_id(latest->front().object)}};
  return error;
}

Result<base::HttpResponse> rest_head_object(Call& call, const std::string&) {
  if (auto checked = check_part_parameter(call); !checked)
    return tl::unexpected(std::move(checked.error()));
  const auto version_id = requested_version(call);
  if (!version_id) return tl::unexpected(version_id.error());
  const auto object = call.service.head_object(call.bucket, call.key, *version_id);
  if (!object) return tl::unexpected(object.error());
  auto answer = answer_object(call, *object);
  if (!answer) return tl::unexpected(std::move(answer.error()));
  if (answer->has_body)
    answer->response.headers.set("content-length", std::to_string(answer->range.size));
  return std::move(answer->response);
}

}  // namespace emulator::s3
