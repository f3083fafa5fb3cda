#include "emulator/s3/operations/table.h"

#include <algorithm>
#include <array>
#include <vector>

#include "emulator/base/text.h"

namespace emulator::s3 {
namespace {

using enum Scope;
using Body = Operation::Body;

// Rows of one method and scope stand together; the one without a sub-resource comes last, since the
// first that fits is taken.
constexpr std::array table{
    Operation{"ListBuckets", "GET", service, "", "", Body::none, rest_list_buckets},

    Operation{"HeadBucket", "HEAD", bucket, "", "", Body::none, rest_head_bucket},

    Operation{"GetBucketLocation", "GET", bucket, "location", "", Body::none,
              rest_get_bucket_location},
    Operation{"GetBucketNotificationConfiguration", "GET", bucket, "notification", "", Body::none,
              rest_get_bucket_notification_configuration},
    Operation{"ListObjectVersions", "GET", bucket, "versions", "", Body::none,
              rest_list_object_versions},
    Operation{"ListMultipartUploads", "GET", bucket, "uploads", "", Body::none,
              rest_list_multipart_uploads},
    Operation{"GetBucketAccelerateConfiguration", "GET", bucket, "accelerate", "", Body::none,
              rest_get_bucket_document},
    Operation{"GetBucketAcl", "GET", bucket, "acl", "", Body::none, rest_get_acl},
    Operation{"GetBucketAnalyticsConfiguration", "GET", bucket, "analytics"},
    Operation{"GetBucketCors", "GET", bucket, "cors", "", Body::none, rest_get_bucket_document},
    Operation{"GetBucketEncryption", "GET", bucket, "encryption", "", Body::none,
              rest_get_bucket_document},
    Operation{"GetBucketIntelligentTieringConfiguration", "GET", bucket, "intelligent-tiering"},
    Operation{"GetBucketInventoryConfiguration", "GET", bucket, "inventory"},
    Operation{"GetBucketLifecycleConfiguration", "GET", bucket, "lifecycle", "", Body::none,
              rest_get_bucket_document},
    Operation{"GetBucketLogging", "GET", bucket, "logging", "", Body::none,
              rest_get_bucket_document},
    Operation{"GetBucketMetadataConfiguration", "GET", bucket, "metadataConfiguration"},
    Operation{"GetBucketMetadataTableConfiguration", "GET", bucket, "metadataTable"},
    Operation{"GetBucketMetricsConfiguration", "GET", bucket, "metrics"},
    Operation{"GetBucketOwnershipControls", "GET", bucket, "ownershipControls", "", Body::none,
              rest_get_bucket_document},
    Operation{"GetBucketPolicy", "GET", bucket, "policy", "", Body::none, rest_get_bucket_document},
    Operation{"GetBucketPolicyStatus", "GET", bucket, "policyStatus", "", Body::none,
              rest_get_bucket_policy_status},
    Operation{"GetBucketReplication", "GET", bucket, "replication", "", Body::none,
              rest_get_bucket_document},
    Operation{"GetBucketRequestPayment", "GET", bucket, "requestPayment", "", Body::none,
              rest_get_bucket_document},
    Operation{"GetBucketTagging", "GET", bucket, "tagging", "", Body::none,
              rest_get_bucket_document},
    Operation{"GetBucketVersioning", "GET", bucket, "versioning", "", Body::none,
              rest_get_bucket_document},
    Operation{"GetBucketWebsite", "GET", bucket, "website", "", Body::none,
              rest_get_bucket_document},
    Operation{"GetObjectLockConfiguration", "GET", bucket, "object-lock", "", Body::none,
              rest_get_bucket_document},
    Operation{"GetPublicAccessBlock", "GET", bucket, "publicAccessBlock", "", Body::none,
              rest_get_bucket_document},
    Operation{"CreateSession", "GET", bucket, "session"},
    Operation{"ListObjectsV2", "GET", bucket, "list-type=2", "", Body::none, rest_list_objects_v2},
    Operation{"ListObjects", "GET", bucket, "", "", Body::none, rest_list_objects},

    Operation{"PutBucketNotificationConfiguration", "PUT", bucket, "notification", "", Body::small,
              rest_put_bucket_notification_configuration},
    Operation{"PutBucketAccelerateConfiguration", "PUT", bucket, "accelerate", "", Body::small,
              rest_put_bucket_document},
    Operation{"PutBucketAcl", "PUT", bucket, "acl", "", Body::small, rest_put_acl},
    Operation{"PutBucketAnalyticsConfiguration", "PUT", bucket, "analytics"},
    Operation{"PutBucketCors", "PUT", bucket, "cors", "", Body::small, rest_put_bucket_document},
    Operation{"PutBucketEncryption", "PUT", bucket, "encryption", "", Body::small,
              rest_put_bucket_document},
    Operation{"PutBucketIntelligentTieringConfiguration", "PUT", bucket, "intelligent-tiering"},
    Operation{"PutBucketInventoryConfiguration", "PUT", bucket, "inventory"},
    Operation{"PutBucketLifecycleConfiguration", "PUT", bucket, "lifecycle", "", Body::small,
              rest_put_bucket_document},
    Operation{"PutBucketLogging", "PUT", bucket, "logging", "", Body::small,
              rest_put_bucket_document},
    Operation{"PutBucketMetricsConfiguration", "PUT", bucket, "metrics"},
    Operation{"PutBucketOwnershipControls", "PUT", bucket, "ownershipControls", "", Body::small,
              rest_put_bucket_document},
    Operation{"PutBucketPolicy", "PUT", bucket, "policy", "", Body::small,
              rest_put_bucket_document},
    Operation{"PutBucketReplication", "PUT", bucket, "replication"},
    Operation{"PutBucketRequestPayment", "PUT", bucket, "requestPayment", "", Body::small,
              rest_put_bucket_document},
    Operation{"PutBucketTagging", "PUT", bucket, "tagging", "", Body::small,
              rest_put_bucket_document},
    Operation{"PutBucketVersioning", "PUT", bucket, "versioning", "", Body::small,
              rest_put_bucket_document},
    Operation{"PutBucketWebsite", "PUT", bucket, "website", "", Body::small,
              rest_put_bucket_document},
    Operation{"PutObjectLockConfiguration", "PUT", bucket, "object-lock", "", Body::small,
              rest_put_bucket_document},
    Operation{"PutPublicAccessBlock", "PUT", bucket, "publicAccessBlock", "", Body::small,
              rest_put_bucket_document},
    Operation{"UpdateBucketMetadataInventoryTableConfiguration", "PUT", bucket,
              "metadataInventoryTable"},
    Operation{"UpdateBucketMetadataJournalTableConfiguration", "PUT", bucket,
              "metadataJournalTable"},
    Operation{"CreateBucket", "PUT", bucket, "", "", Body::small, rest_create_bucket},

    Operation{"DeleteObjects", "POST", bucket, "delete", "", Body::small, rest_delete_objects},
    Operation{"CreateBucketMetadataConfiguration", "POST", bucket, "metadataConfiguration"},
    Operation{"CreateBucketMetadataTableConfiguration", "POST", bucket, "metadataTable"},
    Operation{"PostObject", "POST", bucket, "", "", Body::streamed, nullptr, rest_post_object},

    Operation{"DeleteBucketAnalyticsConfiguration", "DELETE", bucket, "analytics"},
    Operation{"DeleteBucketCors", "DELETE", bucket, "cors", "", Body::none,
              rest_delete_bucket_document},
    Operation{"DeleteBucketEncryption", "DELETE", bucket, "encryption", "", Body::none,
              rest_delete_bucket_document},
    Operation{"DeleteBucketIntelligentTieringConfiguration", "DELETE", bucket,
              "intelligent-tiering"},
    Operation{"DeleteBucketInventoryConfiguration", "DELETE", bucket, "inventory"},
    Operation{"DeleteBucketLifecycle", "DELETE", bucket, "lifecycle", "", Body::none,
              rest_delete_bucket_document},
    Operation{"DeleteBucketMetadataConfiguration", "DELETE", bucket, "metadataConfiguration"},
    Operation{"DeleteBucketMetadataTableConfiguration", "DELETE", bucket, "metadataTable"},
    Operation{"DeleteBucketMetricsConfiguration", "DELETE", bucket, "metrics"},
    Operation{"DeleteBucketOwnershipControls", "DELETE", bucket, "ownershipControls", "",
              Body::none, rest_delete_bucket_document},
    Operation{"DeleteBucketPolicy", "DELETE", bucket, "policy", "", Body::none,
              rest_delete_bucket_document},
    Operation{"DeleteBucketReplication", "DELETE", bucket, "replication", "", Body::none,
              rest_delete_bucket_document},
    Operation{"DeleteBucketTagging", "DELETE", bucket, "tagging", "", Body::none,
              rest_delete_bucket_document},
    Operation{"DeleteBucketWebsite", "DELETE", bucket, "website", "", Body::none,
              rest_delete_bucket_document},
    Operation{"DeletePublicAccessBlock", "DELETE", bucket, "publicAccessBlock", "", Body::none,
              rest_delete_bucket_document},
    Operation{"DeleteBucket", "DELETE", bucket, "", "", Body::none, rest_delete_bucket},

    Operation{"Preflight", "OPTIONS", bucket, "", "", Body::none, rest_preflight},
    Operation{"Preflight", "OPTIONS", object, "", "", Body::none, rest_preflight},

    Operation{"HeadObject", "HEAD", object, "partNumber", "", Body::none, rest_head_object},
    Operation{"HeadObject", "HEAD", object, "", "", Body::none, rest_head_object},

    Operation{"ListParts", "GET", object, "uploadId", "", Body::none, rest_list_parts},
    Operation{"GetObject", "GET", object, "partNumber", "", Body::none, rest_get_object},
    Operation{"GetObjectAcl", "GET", object, "acl", "", Body::none, rest_get_acl},
    Operation{"GetObjectAttributes", "GET", object, "attributes", "", Body::none,
              rest_get_object_attributes},
    Operation{"GetObjectLegalHold", "GET", object, "legal-hold", "", Body::none,
              rest_get_object_legal_hold},
    Operation{"GetObjectRetention", "GET", object, "retention", "", Body::none,
              rest_get_object_retention},
    Operation{"GetObjectTagging", "GET", object, "tagging", "", Body::none,
              rest_get_object_tagging},
    Operation{"GetObjectTorrent", "GET", object, "torrent"},
    Operation{"GetObject", "GET", object, "", "", Body::none, rest_get_object},

    Operation{"UploadPartCopy", "PUT", object, "uploadId", "x-amz-copy-source", Body::none,
              rest_upload_part_copy},
    Operation{"UploadPart", "PUT", object, "uploadId", "", Body::streamed, nullptr,
              rest_upload_part},
    Operation{"UploadPart", "PUT", object, "partNumber", "", Body::streamed, nullptr,
              rest_upload_part},
    Operation{"PutObjectAcl", "PUT", object, "acl", "", Body::small, rest_put_acl},
    Operation{"PutObjectLegalHold", "PUT", object, "legal-hold", "", Body::small,
              rest_put_object_legal_hold},
    Operation{"PutObjectRetention", "PUT", object, "retention", "", Body::small,
              rest_put_object_retention},
    Operation{"PutObjectTagging", "PUT", object, "tagging", "", Body::small,
              rest_put_object_tagging},
    Operation{"RenameObject", "PUT", object, "renameObject"},
    Operation{"UpdateObjectEncryption", "PUT", object, "encryption"},
    Operation{"CopyObject", "PUT", object, "", "x-amz-copy-source", Body::none, rest_copy_object},
    Operation{"PutObject", "PUT", object, "", "", Body::streamed, nullptr, rest_put_object},

    Operation{"CreateMultipartUpload", "POST", object, "uploads", "", Body::none,
              rest_create_multipart_upload},
    Operation{"CompleteMultipartUpload", "POST", object, "uploadId", "", Body::small_about_object,
              rest_complete_multipart_upload},
    Operation{"RestoreObject", "POST", object, "restore", "", Body::small, rest_restore_object},
    Operation{"SelectObjectContent", "POST", object, "select"},

    Operation{"AbortMultipartUpload", "DELETE", object, "uploadId", "", Body::none,
              rest_abort_multipart_upload},
    Operation{"DeleteObjectTagging", "DELETE", object, "tagging", "", Body::none,
              rest_delete_object_tagging},
    Operation{"DeleteObject", "DELETE", object, "", "", Body::none, rest_delete_object},

    Operation{"ListTagsForResource", "GET", control, "", "", Body::none,
              rest_list_tags_for_resource},
    Operation{"TagResource", "POST", control, "", "", Body::small, rest_tag_resource},
    Operation{"UntagResource", "DELETE", control, "", "", Body::none, rest_untag_resource},
};

// Parameters that change an operation, or the client's bookkeeping, but select none.
constexpr std::array<std::string_view, 21> modifiers{
    "AWSAccessKeyId",
    "Expires",
    "Signature",
    "bucket-region",
    "continuation-token",
    "delimiter",
    "encoding-type",
    "fetch-owner",
    "key-marker",
    "list-type",
    "marker",
    "max-buckets",
    "max-keys",
    "metadata",
    "prefix",
    "start-after",
    "tagKeys",
    "versionId",
    "x-id",
    "upload-id-marker",
    "version-id-marker",
};

bool is_modifier(std::string_view name) {
  if (std::find(modifiers.begin(), modifiers.end(), name) != modifiers.end()) return true;
  return base::to_lower(name.substr(0, 6)) == "x-amz-" || name.starts_with("response-");
}

bool has_subresource(const Call& call, std::string_view subresource) {
  const std::size_t equals = subresource.find('=');
  const std::string* value = aws::find_parameter(call.parameters, subresource.substr(0, equals));
  if (value == nullptr) return false;
  return equals == std::string_view::npos || *value == subresource.substr(equals + 1);
}

bool is_known_subresource(std::string_view name) {
  return std::any_of(table.begin(), table.end(),
                     [&](const Operation& row) { return row.subresource == name; });
}

Scope scope_of(const Call& call) {
  if (call.is_control) return control;
  if (call.bucket.empty()) return service;
  return call.key.empty() ? bucket : object;
}

// One request is about one thing: of two sub-resources AWS names both and takes neither.
Result<void> check_one_subresource(const Call& call) {
  std::vector<std::string_view> names;
  for (const auto& [name, value] : call.parameters) {
    // Those of signatures, which most queries are made of, begin otherwise.
    if (name.empty() || name.front() < 'a' || name.front() > 'w') continue;
    if (is_known_subresource(name)) names.push_back(name);
  }
  if (names.size() < 2) return {};
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  const std::vector<std::string_view> of_a_part{"partNumber", "uploadId"};
  if (names.size() < 2 || names == of_a_part || call.request.method == "OPTIONS") return {};
  std::string all(names.front());
  for (std::size_t i = 1; i < names.size(); ++i) all.append(", ").append(names[i]);
  return invalid_argument("Conflicting query string parameters: " + all, "ResourceType",
                          std::string(names.front()));
}

tl::unexpected<Error> not_allowed(const Call& call, std::string_view resource_type) {
  return tl::unexpected(
      Error{ErrorCode::method_not_allowed,
            {},
            {{"Method", call.request.method}, {"ResourceType", std::string(resource_type)}}});
}

// A sub-resource must never fall through to the operation without one: a client's PUT ?foo would
// overwrite the object. What has a value and is no name of a sub-resource is ignored, as AWS
// ignores it.
Result<void> check_no_subresource(const Call& call) {
  for (const auto& [name, value] : call.parameters) {
    if (is_modifier(name)) continue;
    if (call.request.method == "HEAD" && is_known_subresource(name)) return not_allowed(call, name);
    if (value.empty() || is_known_subresource(name)) {
      return tl::unexpected(Error{ErrorCode::not_implemented,
                                  call.request.method + " ?" + name + " is not implemented",
                                  {{"ResourceType", name}}});
    }
  }
  return {};
}

// Sub-resources where they cannot be, in AWS's words.
Result<void> check_place(const Call& call, Scope scope) {
  if (scope == control && !call.key.starts_with("tags/")) {
    return fail(ErrorCode::not_implemented,
                "S3 Control: " + call.request.method + " " + call.key + " is not implemented");
  }
  if (call.request.method == "OPTIONS") return {};
  if (scope == bucket && has_subresource(call, "partNumber"))
    return fail(ErrorCode::invalid_request, "Object must have a valid key name.");
  if (scope == bucket && has_subresource(call, "uploadId"))
    return fail(ErrorCode::invalid_request, "A key must be specified");
  if (scope != object) return {};
  if (call.request.method == "GET" && has_subresource(call, "uploads")) {
    return fail(ErrorCode::invalid_request,
                "Key is not expected for the GET method ?uploads subresource");
  }
  if (call.request.method == "GET" && has_subresource(call, "versions")) {
    return fail(ErrorCode::invalid_request,
                "There is no such thing as the ?versions sub-resource for a key");
  }
  if (call.request.method == "PUT" && has_subresource(call, "partNumber") &&
      !has_subresource(call, "uploadId")) {
    return tl::unexpected(Error{ErrorCode::invalid_argument,
                                "This operation does not accept partNumber without uploadId",
                                {{"ArgumentName", "partNumber"},
                                 {"ArgumentValue", call.parameter("partNumber").value_or("")}}});
  }
  return {};
}

// A version is named of an object that is there, and not where one is written or a bucket is meant.
Result<void> check_version_place(const Call& call, const Operation& row) {
  constexpr std::array<std::string_view, 8> writes{"PutObject",
                                                   "CopyObject",
                                                   "CreateMultipartUpload",
                                                   "UploadPart",
                                                   "UploadPartCopy",
                                                   "CompleteMultipartUpload",
                                                   "AbortMultipartUpload",
                                                   "ListParts"};
  if (!has_subresource(call, "versionId") || row.method == "OPTIONS") return {};
  if (row.scope != bucket && std::find(writes.begin(), writes.end(), row.name) == writes.end())
    return {};
  return invalid_argument("This operation does not accept a version-id.", "versionId",
                          call.parameter("versionId").value_or(""));
}

std::string_view name_of(Scope scope) {
  switch (scope) {
    case service:
      return "SERVICE";
    case bucket:
      return "BUCKET";
    case object:
      return "OBJECT";
    case control:
      return "TAGS";
  }
  return {};
}

}  // namespace

std::span<const Operation> operations() { return table; }

Result<const Operation*> find_operation(const Call& call) {
  const Scope scope = scope_of(call);
  if (auto one = check_one_subresource(call); !one) return tl::unexpected(std::move(one.error()));
  if (auto fits = check_place(call, scope); !fits) return tl::unexpected(std::move(fits.error()));
  for (const Operation& row : table) {
    if (row.scope != scope || row.method != call.request.method) continue;
    if (!row.subresource.empty() && !has_subresource(call, row.subresource)) continue;
    if (!row.header.empty() && !call.request.headers.has(row.header)) continue;
    // A preflight is about the operation that is to come, whichever it is.
    if (row.subresource.empty() && row.method != "OPTIONS") {
      if (auto checked = check_no_subresource(call); !checked)
        return tl::unexpected(std::move(checked.error()));
    }
    if (auto checked = check_version_place(call, row); !checked)
      return tl::unexpected(std::move(checked.error()));
    return &row;
  }
  return not_allowed(call, name_of(scope));
}

}  // namespace emulator::s3
