// The ACLs of buckets and objects (acl.h). Those of buckets are one of their documents, those of
// objects one of their headers.

#include "emulator/s3/acl.h"

#include "emulator/s3/object_headers.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {

// The object stays as it was, its time and its body too.
Result<Object> Service::put_object_acl(const ObjectVersion& which, const std::string& acl,
                                       const RequestIds& ids) {
  const auto bucket = find_bucket(which.bucket);
  if (!bucket) return tl::unexpected(bucket.error());
  auto object = head_object(which.bucket, which.key, which.version_id);
  if (!object) return object;
  const auto kept = object->headers.find(acl_header);
  // AWS: "An event is not generated when a request results in no change to an object's ACL".
  if (acl == (kept == object->headers.end() ? std::string() : kept->second)) return object;
  if (acl.empty())
    object->headers.erase(acl_header);
  else
    object->headers[acl_header] = acl;
  auto announcement = plan_events(*bucket, *object, "ObjectAcl:Put", ids);
  if (!announcement) return tl::unexpected(std::move(announcement.error()));
  if (auto described = store_.describe(*object, announcement->events); !described)
    return storage_failed(described.error());
  announce(trace_.record("s3", "acl", {{"bucket", which.bucket}, {"key", which.key}, {"acl", acl}}),
           *object, *announcement);
  return object;
}

namespace {

// A delete marker has no ACL that could be put: AWS then names it, where other calls find no key.
tl::unexpected<Error> no_acl_to_put(const Error& why) {
  if (why.code != ErrorCode::no_such_key || why.headers.empty()) return tl::unexpected(why);
  return tl::unexpected(Error{ErrorCode::method_not_allowed,
                              {},
                              {{"Method", "PUT"}, {"ResourceType", "DeleteMarker"}},
                              why.headers});
}

// As acl_text(); "" = the default.
Result<std::string> kept_acl(const Call& call) {
  if (call.key.empty()) return call.service.get_bucket_document(call.bucket, "acl");
  const auto version_id = requested_version(call);
  if (!version_id) return tl::unexpected(version_id.error());
  const auto object = call.service.head_object(call.bucket, call.key, *version_id);
  if (!object) return tl::unexpected(object.error());
  const auto kept = object->headers.find(acl_header);
  return kept == object->headers.end() ? std::string() : kept->second;
}

// From the headers or the document, one of them.
Result<Acl> requested_acl(const Call& call, const std::string& body) {
  auto named = acl_of_headers(call);
  if (!named) return tl::unexpected(std::move(named.error()));
  if (*named && !body.empty()) return fail(ErrorCode::unexpected_content);
  if (*named) return std::move(**named);
  if (body.empty()) {
    return tl::unexpected(
        Error{ErrorCode::missing_security_header, {}, {{"MissingHeaderName", "x-amz-acl"}}});
  }
  return parse_acl(body, owner_id(call.service.options()));
}

}  // namespace

Result<base::HttpResponse> rest_get_acl(Call& call, const std::string&) {
  const auto kept = kept_acl(call);
  if (!kept) return tl::unexpected(kept.error());
  const std::string owner = owner_id(call.service.options());
  return xml_response(render_acl(parse_acl_text(*kept, owner), owner));
}

Result<base::HttpResponse> rest_put_acl(Call& call, const std::string& body) {
  if (const auto there = kept_acl(call); !there) return no_acl_to_put(there.error());
  const auto acl = requested_acl(call, body);
  if (!acl) return tl::unexpected(acl.error());
  if (auto taken = check_acl_is_taken(call, *acl); !taken)
    return tl::unexpected(std::move(taken.error()));
  std::string text = acl_text(*acl);
  if (text == acl_text(default_acl(owner_id(call.service.options())))) text.clear();
  if (call.key.empty()) {
    if (auto put = call.service.put_bucket_document(call.bucket, "acl", std::move(text)); !put)
      return tl::unexpected(std::move(put.error()));
    return empty_response(200);
  }
  const auto object = call.service.put_object_acl(
      {call.bucket, call.key, call.parameter("versionId").value_or("")}, text, call.ids);
  if (!object) return tl::unexpected(object.error());
  base::HttpResponse response = empty_response(200);
  add_version_id(call.service.version_id(*object), response.headers);
  return response;
}

}  // namespace emulator::s3
