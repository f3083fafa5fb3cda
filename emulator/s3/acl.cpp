#include "emulator/s3/acl.h"

#include <algorithm>
#include <array>

namespace emulator::s3 {
namespace {

constexpr std::array<std::string_view, 8> canned_acls{
    "private",       "public-read",       "public-read-write",         "authenticated-read",
    "aws-exec-read", "bucket-owner-read", "bucket-owner-full-control", "log-delivery-write",
};

bool is_owners_alone(std::string_view canned) {
  return canned.empty() || canned == "private" || canned == "bucket-owner-full-control" ||
         canned == "bucket-owner-read";
}

}  // namespace

bool has_grant_headers(const Call& call) {
  const auto& all = call.request.headers.all();
  return std::any_of(all.begin(), all.end(),
                     [](const auto& header) { return header.first.starts_with("x-amz-grant-"); });
}

Result<void> check_canned_acl(std::string_view name) {
  if (name.empty() || std::find(canned_acls.begin(), canned_acls.end(), name) != canned_acls.end())
    return {};
  return invalid_argument({}, "x-amz-acl", std::string(name));
}

Result<void> check_acl_headers(const Call& call) {
  const std::string_view canned = call.header("x-amz-acl");
  if (auto known = check_canned_acl(canned); !known) return known;
  if (!has_grant_headers(call) && is_owners_alone(canned)) return {};
  return refuse_acl(call);
}

tl::unexpected<Error> refuse_acl(const Call& call) {
  const auto ownership = call.service.get_bucket_document(call.bucket, "ownershipControls");
  if (!ownership) return tl::unexpected(ownership.error());
  const bool lets_acls_in =
      !ownership->empty() && ownership->find(">BucketOwnerEnforced<") == std::string::npos;
  if (!lets_acls_in) return fail(ErrorCode::access_control_list_not_supported);
  return fail(ErrorCode::not_implemented,
              "ACLs that grant something to others than the owner are not implemented");
}

}  // namespace emulator::s3
