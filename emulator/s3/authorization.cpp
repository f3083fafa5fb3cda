#include "emulator/s3/authorization.h"

#include <array>

#include "emulator/base/check.h"
#include "emulator/base/text.h"
#include "emulator/s3/acl.h"
#include "emulator/s3/bucket_policy.h"
#include "emulator/s3/checksums.h"
#include "emulator/s3/operations/table.h"

namespace emulator::s3 {
namespace {

struct CodeRow {
  aws::AuthCode from;
  ErrorCode to;
};
constexpr std::array code_table{
    CodeRow{aws::AuthCode::access_denied, ErrorCode::access_denied},
    CodeRow{aws::AuthCode::authorization_header_malformed,
            ErrorCode::authorization_header_malformed},
    CodeRow{aws::AuthCode::authorization_query_parameters_error,
            ErrorCode::authorization_query_parameters_error},
    CodeRow{aws::AuthCode::invalid_access_key_id, ErrorCode::invalid_access_key_id},
    CodeRow{aws::AuthCode::invalid_argument, ErrorCode::invalid_argument},
    CodeRow{aws::AuthCode::invalid_request, ErrorCode::invalid_request},
    CodeRow{aws::AuthCode::not_implemented, ErrorCode::not_implemented},
    CodeRow{aws::AuthCode::request_time_too_skewed, ErrorCode::request_time_too_skewed},
    CodeRow{aws::AuthCode::signature_does_not_match, ErrorCode::signature_does_not_match},
};

// Parameters of the signature itself, and of the SDK's bookkeeping.
bool is_about_the_request(std::string_view name) {
  for (std::string_view own : {"x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires",
                               "x-amz-signedheaders", "x-amz-signature", "x-amz-content-sha256",
                               "x-amz-user-agent", "x-amz-sdk-checksum-algorithm"}) {
    if (name == own) return true;
  }
  return false;
}

// SDKs move headers of a presigned request into its query, where they count as headers (AWS:
// "Authenticating requests: using query parameters"). A header that came as one stays. A checksum
// there is ignored, as AWS does: the SDK for JavaScript puts that of an empty body into each link
// for an upload (aws-sdk-go-v2 issue 2610 has an exchange with AWS).
void take_headers_of_query(Call& call) {
  for (const auto& [parameter, value] : call.parameters) {
    const std::string name = base::to_lower(parameter);
    const bool is_condition = name == "if-match" || name == "if-none-match";
    if ((!name.starts_with("x-amz-") && !is_condition) || is_about_the_request(name) ||
        call.request.headers.has(name))
      continue;
    if (find_checksum_by_header(name) != nullptr || is_unknown_checksum_header(name)) continue;
    call.request.headers.add(name, value);
  }
}

// Where a bucket is may be asked from anywhere; one that is made says its region itself.
bool is_for_any_region(const Call& call) {
  return call.parameter("location") ||
         (call.request.method == "PUT" && call.key.empty() && call.request.query.empty());
}

// A bucket answers only those who signed for its region; the error tells them which it is, and SDKs
// sign again.
Result<void> check_region(Call& call) {
  if (call.identity.region.empty() || call.bucket.empty() || is_for_any_region(call)) return {};
  const auto bucket = call.service.head_bucket(call.bucket);
  if (!bucket || bucket->region == call.identity.region) return {};
  const bool in_query = call.identity.form == aws::SignatureForm::v4_query;
  const std::string where = in_query ? "Error parsing the X-Amz-Credential parameter"
                                     : "The authorization header is malformed";
  return tl::unexpected(Error{in_query ? ErrorCode::authorization_query_parameters_error
                                       : ErrorCode::authorization_header_malformed,
                              where + "; the region '" + call.identity.region +
                                  "' is wrong; expecting '" + bucket->region + "'",
                              {{"Region", bucket->region}}});
}

// A browser's form bears its own signature, which comes with the body.
bool is_form(const Call& call) {
  return call.request.method == "POST" && call.key.empty() &&
         base::to_lower(call.header("content-type")).starts_with("multipart/form-data");
}

// Where the permission is named otherwise than the operation (AWS: "Actions, resources, and
// condition keys for Amazon S3").
struct ActionRow {
  std::string_view operation;
  std::string_view action;
};
constexpr std::array action_table{
    ActionRow{"HeadBucket", "s3:ListBucket"},
    ActionRow{"ListObjects", "s3:ListBucket"},
    ActionRow{"ListObjectsV2", "s3:ListBucket"},
    ActionRow{"HeadObject", "s3:GetObject"},
    ActionRow{"UploadPart", "s3:PutObject"},
    ActionRow{"CreateMultipartUpload", "s3:PutObject"},
    ActionRow{"CompleteMultipartUpload", "s3:PutObject"},
    ActionRow{"UploadPartCopy", "s3:PutObject"},
    ActionRow{"ListParts", "s3:ListMultipartUploadParts"},
    ActionRow{"ListMultipartUploads", "s3:ListBucketMultipartUploads"},
    ActionRow{"ListObjectVersions", "s3:ListBucketVersions"},
};

// A named version wants a permission of its own: s3:GetObjectVersion, s3:GetObjectVersionTagging.
// Locks do not.
std::string with_version(std::string action) {
  constexpr std::string_view object = "Object";
  const std::size_t at = action.find(object);
  if (at == std::string::npos || action.ends_with("Retention") || action.ends_with("LegalHold"))
    return action;
  return action.insert(at + object.size(), "Version");
}

std::string action_of(const Call& call) {
  std::string action = "s3:" + std::string(call.operation->name);
  for (const ActionRow& row : action_table) {
    if (row.operation == call.operation->name) action = row.action;
  }
  return call.parameter("versionId") ? with_version(std::move(action)) : action;
}

}  // namespace

Error s3_error(const aws::AuthError& error) {
  for (const CodeRow& row : code_table) {
    if (row.from == error.code) return {row.to, error.message, error.details};
  }
  CHECK(false);
}

Result<void> authorize(Call& call, aws::Authenticator& authenticator) {
  if (call.request.method == "OPTIONS") return {};  // a preflight is never signed
  const std::string bucket_of_host_name =
      bucket_of_host(call.header("host"), call.service.options().virtual_host_base);
  auto identity = authenticator.authenticate(
      call.request, call.parameters,
      {.now = call.service.now(), .bucket_of_host = bucket_of_host_name});
  if (!identity) return tl::unexpected(s3_error(identity.error()));
  call.identity = std::move(*identity);
  using aws::SignatureForm;
  if (call.identity.form == SignatureForm::v4_query ||
      call.identity.form == SignatureForm::v2_query)
    take_headers_of_query(call);
  return authenticator.is_strict() ? check_region(call) : Result<void>{};
}

Result<void> check_anonymous(Call& call, const aws::Authenticator& authenticator) {
  if (!authenticator.is_strict() || call.identity.form != aws::SignatureForm::none) return {};
  if (call.request.method == "OPTIONS" || is_form(call)) return {};
  if (call.request.headers.has("x-amz-copy-source"))
    return fail(ErrorCode::access_denied);  // it would need leave to read, too
  if (call.bucket.empty()) return fail(ErrorCode::access_denied);
  const auto policy = call.service.get_bucket_document(call.bucket, "policy");
  if (!policy) return tl::unexpected(policy.error());  // that there is no such bucket is no secret
  const auto block = call.service.get_bucket_document(call.bucket, "publicAccessBlock");
  const bool restricted = block && block->find("<RestrictPublicBuckets>true<") != std::string::npos;
  std::string resource = "arn:aws:s3:::" + call.bucket;
  if (!call.key.empty()) resource += "/" + call.key;
  const std::string action = action_of(call);
  if (!restricted && allows_anyone(*policy, action, resource)) return {};
  if (acl_allows_anyone(call, action)) return {};
  return fail(ErrorCode::access_denied);
}

}  // namespace emulator::s3
