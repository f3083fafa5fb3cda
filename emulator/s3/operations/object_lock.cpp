// What holds a version: GetObjectRetention, PutObjectRetention, GetObjectLegalHold,
// PutObjectLegalHold.

#include "emulator/s3/object_lock.h"

#include "emulator/s3/object_headers.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {

// The version of an object, in a bucket that can hold one.
Result<Object> Service::head_lockable(const std::string& bucket_name, const std::string& key,
                                      const std::string& version_id) {
  const auto bucket = find_bucket(bucket_name);
  if (!bucket) return tl::unexpected(bucket.error());
  if (auto has = check_has_object_lock(*bucket); !has)
    return tl::unexpected(std::move(has.error()));
  return head_object(bucket_name, key, version_id);
}

Result<Object> Service::put_object_retention(const ObjectVersion& which,
                                             const std::optional<Retention>& retention,
                                             bool bypass_governance) {
  auto object = head_lockable(which.bucket, which.key, which.version_id);
  if (!object) return object;
  if (auto may = check_retention_change(*object, retention, now(), bypass_governance); !may) {
    return tl::unexpected(std::move(may.error()));
  }
  set_retention(*object, retention);
  if (auto described = store_.describe(*object, {}); !described)
    return storage_failed(described.error());
  trace_.record("s3", "retain",
                {{"bucket", which.bucket},
                 {"key", which.key},
                 {"version", version_id(*object)},
                 {"mode", retention ? retention->mode : ""}});
  return object;
}

Result<Object> Service::put_object_legal_hold(const ObjectVersion& which,
                                              const std::string& status) {
  auto object = head_lockable(which.bucket, which.key, which.version_id);
  if (!object) return object;
  object->headers[legal_hold_header] = status;
  if (auto described = store_.describe(*object, {}); !described)
    return storage_failed(described.error());
  trace_.record("s3", "hold",
                {{"bucket", which.bucket},
                 {"key", which.key},
                 {"version", version_id(*object)},
                 {"status", status}});
  return object;
}

namespace {

Result<ObjectVersion> version_of(const Call& call) {
  auto version_id = requested_version(call);
  if (!version_id) return tl::unexpected(std::move(version_id.error()));
  return ObjectVersion{call.bucket, call.key, std::move(*version_id)};
}

Result<base::HttpResponse> answer(Call& call, const Result<Object>& object) {
  if (!object) return tl::unexpected(object.error());
  base::HttpResponse response = empty_response(200);
  add_version_id(call.service.version_id(*object), response.headers);
  return response;
}

}  // namespace

Result<base::HttpResponse> rest_get_object_retention(Call& call, const std::string&) {
  const auto which = version_of(call);
  if (!which) return tl::unexpected(which.error());
  const auto object = call.service.head_lockable(which->bucket, which->key, which->version_id);
  if (!object) return tl::unexpected(object.error());
  const auto retention = retention_of(*object);
  if (!retention) return fail(ErrorCode::no_such_object_lock_configuration);
  return xml_response(render_retention(*retention));
}

Result<base::HttpResponse> rest_put_object_retention(Call& call, const std::string& body) {
  const auto which = version_of(call);
  if (!which) return tl::unexpected(which.error());
  if (const auto bucket = call.service.head_bucket(call.bucket); !bucket)
    return tl::unexpected(bucket.error());
  if (body.empty()) return fail(ErrorCode::missing_request_body);
  const auto retention = parse_retention(body, call.service.now());
  if (!retention) return tl::unexpected(retention.error());
  return answer(call,
                call.service.put_object_retention(*which, *retention, bypasses_governance(call)));
}

Result<base::HttpResponse> rest_get_object_legal_hold(Call& call, const std::string&) {
  const auto which = version_of(call);
  if (!which) return tl::unexpected(which.error());
  const auto object = call.service.head_lockable(which->bucket, which->key, which->version_id);
  if (!object) return tl::unexpected(object.error());
  const auto status = object->headers.find(legal_hold_header);
  if (status == object->headers.end()) return fail(ErrorCode::no_such_object_lock_configuration);
  return xml_response(render_legal_hold(status->second));
}

Result<base::HttpResponse> rest_put_object_legal_hold(Call& call, const std::string& body) {
  const auto which = version_of(call);
  if (!which) return tl::unexpected(which.error());
  if (const auto bucket = call.service.head_bucket(call.bucket); !bucket)
    return tl::unexpected(bucket.error());
  const auto status = parse_legal_hold(body);  // without a body MalformedXML, as AWS was recorded
  if (!status) return tl::unexpected(status.error());
  return answer(call, call.service.put_object_legal_hold(*which, *status));
}

}  // namespace emulator::s3
