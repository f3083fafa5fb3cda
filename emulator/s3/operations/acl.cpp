// ACLs of buckets and objects: there is one (acl.h). Putting that one is fine, any other is
// refused.

#include "emulator/s3/acl.h"

#include "emulator/base/xml.h"
#include "emulator/s3/object_headers.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/xml_document.h"

namespace emulator::s3 {
namespace {

std::string owners_acl(const std::string& owner) {
  const std::string who =
      "<ID>" + owner + "</ID><DisplayName>" + std::string(owner_name) + "</DisplayName>";
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<AccessControlPolicy xmlns=\"";
  out += s3_namespace;
  out += "\"><Owner>" + who + "</Owner><AccessControlList><Grant>";
  out +=
      "<Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
      "xsi:type=\"CanonicalUser\">" +
      who + "</Grantee>";
  out += "<Permission>FULL_CONTROL</Permission></Grant></AccessControlList></AccessControlPolicy>";
  return out;
}

Result<void> check_body(const Call& call, const std::string& body) {
  const auto policy = parse_xml(body, "AccessControlPolicy");
  if (!policy) return tl::unexpected(policy.error());
  const XmlElement* list = policy->child("AccessControlList");
  if (list == nullptr) return fail(ErrorCode::malformed_xml);
  const std::string owner = owner_id(call.service.options());
  for (const XmlElement& grant : list->children) {
    const XmlElement* grantee = grant.child("Grantee");
    if (grantee == nullptr) return fail(ErrorCode::malformed_xml);
    if (grantee->child_text("ID") != owner || grant.child_text("Permission") != "FULL_CONTROL") {
      return refuse_acl(call);
    }
  }
  return {};
}

Result<void> find(const Call& call) {
  if (call.key.empty()) {
    if (const auto bucket = call.service.head_bucket(call.bucket); !bucket)
      return tl::unexpected(bucket.error());
    return {};
  }
  const auto version_id = requested_version(call);
  if (!version_id) return tl::unexpected(version_id.error());
  const auto object = call.service.head_object(call.bucket, call.key, *version_id);
  if (!object) return tl::unexpected(object.error());
  return {};
}

}  // namespace

Result<base::HttpResponse> rest_get_acl(Call& call, const std::string&) {
  if (auto found = find(call); !found) return tl::unexpected(std::move(found.error()));
  return xml_response(owners_acl(owner_id(call.service.options())));
}

Result<base::HttpResponse> rest_put_acl(Call& call, const std::string& body) {
  if (auto found = find(call); !found) return tl::unexpected(std::move(found.error()));
  if (auto checked = check_acl_headers(call); !checked)
    return tl::unexpected(std::move(checked.error()));
  if (body.empty() && !call.request.headers.has("x-amz-acl"))
    return fail(ErrorCode::missing_security_header);
  if (!body.empty()) {
    if (auto checked = check_body(call, body); !checked)
      return tl::unexpected(std::move(checked.error()));
  }
  return empty_response(200);
}

}  // namespace emulator::s3
