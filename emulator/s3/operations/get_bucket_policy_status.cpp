#include "emulator/base/xml.h"
#include "emulator/s3/bucket_policy.h"
#include "emulator/s3/operations/table.h"

namespace emulator::s3 {

Result<base::HttpResponse> rest_get_bucket_policy_status(Call& call, const std::string&) {
  const auto policy = call.service.get_bucket_document(call.bucket, "policy");
  if (!policy) return tl::unexpected(policy.error());
  if (policy->empty())
    return tl::unexpected(
        Error{ErrorCode::no_such_bucket_policy, {}, {{"BucketName", call.bucket}}});
  base::XmlWriter xml("PolicyStatus", s3_namespace);
  xml.leaf("IsPublic", is_public(*policy) ? "true" : "false");
  return xml_response(xml.take());
}

}  // namespace emulator::s3
