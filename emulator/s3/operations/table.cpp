#include "emulator/s3/operations/table.h"

#include <algorithm>
#include <array>

#include "emulator/base/text.h"

namespace emulator::s3 {
namespace {

using enum Scope;
using Body = Operation::Body;

// Rows of one method and scope stand together; the one without a sub-resource comes last, since the first that fits is taken.
constexpr std::array table{
    Operation{"ListBuckets", "GET", service, "", "", Body::none, rest_list_buckets},

    Operation{"HeadBucket", "HEAD", bucket, "", "", Body::none, rest_head_bucket},

    Operation{"GetBucketLocation", "GET", bucket, "location", "", Body::none, rest_get_bucket_location},
    Operation{"GetBucketNotificationConfiguration", "GET", bucket, "notification", "", Body::none,
              rest_get_bucket_notification_configuration},
    Operation{"ListObjectVersions", "GET", bucket, "versions"},
    Operation{"ListMultipartUploads", "GET", bucket, "uploads"},
    Operation{"GetBucketAccelerateConfiguration", "GET", bucket, "accelerate"},
    Operation{"GetBucketAcl", "GET", bucket, "acl"},
    Operation{"GetBucketAnalyticsConfiguration", "GET", bucket, "analytics"},
    Operation{"GetBucketCors", "GET", bucket, "cors"},
    Operation{"GetBucketEncryption", "GET", bucket, "encryption"},
    Operation{"GetBucketIntelligentTieringConfiguration", "GET", bucket, "intelligent-tiering"},
    Operation{"GetBucketInventoryConfiguration", "GET", bucket, "inventory"},
    Operation{"GetBucketLifecycleConfiguration", "GET", bucket, "lifecycle"},
    Operation{"GetBucketLogging", "GET", bucket, "logging"},
    Operation{"GetBucketMetadataConfiguration", "GET", bucket, "metadataConfiguration"},
    Operation{"GetBucketMetadataTableConfiguration", "GET", bucket, "metadataTable"},
    Operation{"GetBucketMetricsConfiguration", "GET", bucket, "metrics"},
    Operation{"GetBucketOwnershipControls", "GET", bucket, "ownershipControls"},
    Operation{"GetBucketPolicy", "GET", bucket, "policy"},
    Operation{"GetBucketPolicyStatus", "GET", bucket, "policyStatus"},
    Operation{"GetBucketReplication", "GET", bucket, "replication"},
    Operation{"GetBucketRequestPayment", "GET", bucket, "requestPayment"},
    Operation{"GetBucketTagging", "GET", bucket, "tagging"},
    Operation{"GetBucketVersioning", "GET", bucket, "versioning"},
    Operation{"GetBucketWebsite", "GET", bucket, "website"},
    Operation{"GetObjectLockConfiguration", "GET", bucket, "object-lock"},
    Operation{"GetPublicAccessBlock", "GET", bucket, "publicAccessBlock"},
    Operation{"CreateSession", "GET", bucket, "session"},
    Operation{"ListObjectsV2", "GET", bucket, "list-type=2", "", Body::none, rest_list_objects_v2},
    Operation{"ListObjects", "GET", bucket, "", "", Body::none, rest_list_objects},

    Operation{"PutBucketNotificationConfiguration", "PUT", bucket, "notification", "", Body::small,
              rest_put_bucket_notification_configuration},
    Operation{"PutBucketAccelerateConfiguration", "PUT", bucket, "accelerate"},
    Operation{"PutBucketAcl", "PUT", bucket, "acl"},
    Operation{"PutBucketAnalyticsConfiguration", "PUT", bucket, "analytics"},
    Operation{"PutBucketCors", "PUT", bucket, "cors"},
    Operation{"PutBucketEncryption", "PUT", bucket, "encryption"},
    Operation{"PutBucketIntelligentTieringConfiguration", "PUT", bucket, "intelligent-tiering"},
    Operation{"PutBucketInventoryConfiguration", "PUT", bucket, "inventory"},
    Operation{"PutBucketLifecycleConfiguration", "PUT", bucket, "lifecycle"},
    Operation{"PutBucketLogging", "PUT", bucket, "logging"},
    Operation{"PutBucketMetricsConfiguration", "PUT", bucket, "metrics"},
    Operation{"PutBucketOwnershipControls", "PUT", bucket, "ownershipControls"},
    Operation{"PutBucketPolicy", "PUT", bucket, "policy"},
    Operation{"PutBucketReplication", "PUT", bucket, "replication"},
    Operation{"PutBucketRequestPayment", "PUT", bucket, "requestPayment"},
    Operation{"PutBucketTagging", "PUT", bucket, "tagging"},
    Operation{"PutBucketVersioning", "PUT", bucket, "versioning"},
    Operation{"PutBucketWebsite", "PUT", bucket, "website"},
    Operation{"PutObjectLockConfiguration", "PUT", bucket, "object-lock"},
    Operation{"PutPublicAccessBlock", "PUT", bucket, "publicAccessBlock"},
    Operation{"UpdateBucketMetadataInventoryTableConfiguration", "PUT", bucket, "metadataInventoryTable"},
    Operation{"UpdateBucketMetadataJournalTableConfiguration", "PUT", bucket, "metadataJournalTable"},
    Operation{"CreateBucket", "PUT", bucket, "", "", Body::small, rest_create_bucket},

    Operation{"DeleteObjects", "POST", bucket, "delete", "", Body::small, rest_delete_objects},
    Operation{"CreateBucketMetadataConfiguration", "POST", bucket, "metadataConfiguration"},
    Operation{"CreateBucketMetadataTableConfiguration", "POST", bucket, "metadataTable"},
    Operation{"PostObject", "POST", bucket},

    Operation{"DeleteBucketAnalyticsConfiguration", "DELETE", bucket, "analytics"},
    Operation{"DeleteBucketCors", "DELETE", bucket, "cors"},
    Operation{"DeleteBucketEncryption", "DELETE", bucket, "encryption"},
    Operation{"DeleteBucketIntelligentTieringConfiguration", "DELETE", bucket, "intelligent-tiering"},
    Operation{"DeleteBucketInventoryConfiguration", "DELETE", bucket, "inventory"},
    Operation{"DeleteBucketLifecycle", "DELETE", bucket, "lifecycle"},
    Operation{"DeleteBucketMetadataConfiguration", "DELETE", bucket, "metadataConfiguration"},
    Operation{"DeleteBucketMetadataTableConfiguration", "DELETE", bucket, "metadataTable"},
    Operation{"DeleteBucketMetricsConfiguration", "DELETE", bucket, "metrics"},
    Operation{"DeleteBucketOwnershipControls", "DELETE", bucket, "ownershipControls"},
    Operation{"DeleteBucketPolicy", "DELETE", bucket, "policy"},
    Operation{"DeleteBucketReplication", "DELETE", bucket, "replication"},
    Operation{"DeleteBucketTagging", "DELETE", bucket, "tagging"},
    Operation{"DeleteBucketWebsite", "DELETE", bucket, "website"},
    Operation{"DeletePublicAccessBlock", "DELETE", bucket, "publicAccessBlock"},
    Operation{"DeleteBucket", "DELETE", bucket, "", "", Body::none, rest_delete_bucket},

    Operation{"HeadObject (partNumber)", "HEAD", object, "partNumber"},
    Operation{"HeadObject", "HEAD", object, "", "", Body::none, rest_head_object},

    Operation{"ListParts", "GET", object, "uploadId"},
    Operation{"GetObject (partNumber)", "GET", object, "partNumber"},
    Operation{"GetObjectAcl", "GET", object, "acl"},
    Operation{"GetObjectAttributes", "GET", object, "attributes"},
    Operation{"GetObjectLegalHold", "GET", object, "legal-hold"},
    Operation{"GetObjectRetention", "GET", object, "retention"},
    Operation{"GetObjectTagging", "GET", object, "tagging"},
    Operation{"GetObjectTorrent", "GET", object, "torrent"},
    Operation{"GetObject", "GET", object, "", "", Body::none, rest_get_object},

    Operation{"UploadPartCopy", "PUT", object, "partNumber", "x-amz-copy-source"},
    Operation{"UploadPart", "PUT", object, "partNumber"},
    Operation{"UploadPart", "PUT", object, "uploadId"},
    Operation{"PutObjectAcl", "PUT", object, "acl"},
    Operation{"PutObjectLegalHold", "PUT", object, "legal-hold"},
    Operation{"PutObjectRetention", "PUT", object, "retention"},
    Operation{"PutObjectTagging", "PUT", object, "tagging"},
    Operation{"RenameObject", "PUT", object, "renameObject"},
    Operation{"UpdateObjectEncryption", "PUT", object, "encryption"},
    Operation{"CopyObject", "PUT", object, "", "x-amz-copy-source", Body::none, rest_copy_object},
    Operation{"PutObject", "PUT", object, "", "", Body::streamed, nullptr, rest_put_object},

    Operation{"CreateMultipartUpload", "POST", object, "uploads"},
    Operation{"CompleteMultipartUpload", "POST", object, "uploadId"},
    Operation{"RestoreObject", "POST", object, "restore"},
    Operation{"SelectObjectContent", "POST", object, "select"},

    Operation{"AbortMultipartUpload", "DELETE", object, "uploadId"},
    Operation{"DeleteObjectTagging", "DELETE", object, "tagging"},
    Operation{"DeleteObject", "DELETE", object, "", "", Body::none, rest_delete_object},
};

// Parameters that change an operation, or the client's bookkeeping, but select none.
constexpr std::array<std::string_view, 19> modifiers{
    "AWSAccessKeyId", "Expires",      "Signature",  "bucket-region", "continuation-token", "delimiter", "encoding-type",
    "fetch-owner",    "key-marker",   "list-type",  "marker",        "max-buckets",        "max-keys",  "metadata",
    "prefix",         "start-after",  "versionId",  "x-id",          "upload-id-marker",
};

bool is_modifier(std::string_view name) {
  if (std::find(modifiers.begin(), modifiers.end(), name) != modifiers.end()) return true;
  return base::to_lower(name.substr(0, 6)) == "x-amz-" || name.starts_with("response-");
}

bool has_subresource(const Call& call, std::string_view subresource) {
  const std::size_t equals = subresource.find('=');
  const auto value = call.parameter(subresource.substr(0, equals));
  if (!value) return false;
  return equals == std::string_view::npos || *value == subresource.substr(equals + 1);
}

bool is_known_subresource(std::string_view name) {
  return std::any_of(table.begin(), table.end(), [&](const Operation& row) { return row.subresource == name; });
}

Scope scope_of(const Call& call) {
  if (call.bucket.empty()) return service;
  return call.key.empty() ? bucket : object;
}

// A sub-resource must never fall through to the operation without one: a client's PUT ?foo would overwrite the object. What
// has a value and is no name of a sub-resource is ignored, as AWS ignores it.
Result<void> check_no_subresource(const Call& call) {
  for (const auto& [name, value] : call.parameters) {
    if (is_modifier(name)) continue;
    if (value.empty() || is_known_subresource(name)) {
      return tl::unexpected(Error{ErrorCode::not_implemented,
                                  call.request.method + " ?" + name + " is not implemented",
                                  {{"ResourceType", name}}});
    }
  }
  return {};
}

}  // namespace

std::span<const Operation> operations() { return table; }

Result<const Operation*> find_operation(const Call& call) {
  const Scope scope = scope_of(call);
  for (const Operation& row : table) {
    if (row.method != call.request.method || row.scope != scope) continue;
    if (!row.subresource.empty() && !has_subresource(call, row.subresource)) continue;
    if (!row.header.empty() && !call.request.headers.has(row.header)) continue;
    if (row.subresource.empty()) {
      if (auto checked = check_no_subresource(call); !checked) return tl::unexpected(std::move(checked.error()));
    }
    return &row;
  }
  return tl::unexpected(Error{ErrorCode::method_not_allowed, {}, {{"Method", call.request.method}}});
}

}  // namespace emulator::s3
