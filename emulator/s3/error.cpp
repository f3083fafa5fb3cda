#include "emulator/s3/error.h"

#include <array>

#include "emulator/base/check.h"

namespace emulator::s3 {
namespace {

constexpr auto error_table = [] {
  using enum ErrorCode;
  return std::array{
      ErrorRow{access_control_list_not_supported, "AccessControlListNotSupported", 400,
               "The bucket does not allow ACLs"},
      ErrorRow{access_denied, "AccessDenied", 403, "Access Denied"},
      ErrorRow{access_forbidden, "AccessForbidden", 403,
               "CORSResponse: This CORS request is not allowed."},
      ErrorRow{authorization_header_malformed, "AuthorizationHeaderMalformed", 400,
               "The authorization header that you provided is not valid."},
      ErrorRow{authorization_query_parameters_error, "AuthorizationQueryParametersError", 400,
               "The authorization query parameters that you provided are not valid."},
      ErrorRow{bad_digest, "BadDigest", 400,
               "The Content-MD5 you specified did not match what we received."},
      ErrorRow{bad_request, "BadRequest", 400, "An error occurred when parsing the HTTP request."},
      ErrorRow{bucket_already_exists, "BucketAlreadyExists", 409,
               "The requested bucket name is not available. The bucket namespace is shared by all "
               "users of the system. "
               "Please select a different name and try again."},
      ErrorRow{
          bucket_already_owned_by_you, "BucketAlreadyOwnedByYou", 409,
          "Your previous request to create the named bucket succeeded and you already own it."},
      ErrorRow{bucket_not_empty, "BucketNotEmpty", 409,
               "The bucket you tried to delete is not empty"},
      ErrorRow{conditional_request_conflict, "ConditionalRequestConflict", 409,
               "The conditional request cannot succeed due to a conflicting operation against this "
               "resource."},
      ErrorRow{entity_too_large, "EntityTooLarge", 400,
               "Your proposed upload exceeds the maximum allowed size"},
      ErrorRow{entity_too_small, "EntityTooSmall", 400,
               "Your proposed upload is smaller than the minimum allowed size"},
      ErrorRow{illegal_location_constraint, "IllegalLocationConstraintException", 400,
               "The location constraint is incompatible for the region specific endpoint this "
               "request was sent to."},
      ErrorRow{illegal_versioning_configuration, "IllegalVersioningConfigurationException", 400,
               "The Versioning element must be specified"},
      ErrorRow{
          incomplete_body, "IncompleteBody", 400,
          "You did not provide the number of bytes specified by the Content-Length HTTP header"},
      ErrorRow{incorrect_number_of_files, "IncorrectNumberOfFilesInPostRequest", 400,
               "POST requires exactly one file upload per request."},
      ErrorRow{internal_error, "InternalError", 500,
               "We encountered an internal error. Please try again."},
      ErrorRow{invalid_access_key_id, "InvalidAccessKeyId", 403,
               "The AWS Access Key Id you provided does not exist in our records."},
      ErrorRow{invalid_argument, "InvalidArgument", 400, "Invalid Argument"},
      ErrorRow{invalid_bucket_acl_with_object_ownership, "InvalidBucketAclWithObjectOwnership", 400,
               "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"},
      ErrorRow{invalid_bucket_name, "InvalidBucketName", 400, "The specified bucket is not valid."},
      ErrorRow{invalid_bucket_owner, "InvalidBucketOwnerAWSAccountID", 400,
               "The value of the expected bucket owner parameter must be an AWS Account ID"},
      ErrorRow{invalid_bucket_state, "InvalidBucketState", 409,
               "The request is not valid for the current state of the bucket."},
      ErrorRow{invalid_chunk_size, "InvalidChunkSizeError", 400,
               "Only the last chunk is allowed to have a size less than 8192 bytes"},
      ErrorRow{invalid_digest, "InvalidDigest", 400, "The Content-MD5 you specified was invalid."},
      ErrorRow{invalid_location_constraint, "InvalidLocationConstraint", 400,
               "The specified location-constraint is not valid"},
      ErrorRow{invalid_object_state, "InvalidObjectState", 403,
               "The operation is not valid for the object's storage class"},
      ErrorRow{invalid_namespace_header, "InvalidNamespaceHeader", 400,
               "The x-amz-bucket-namespace header does not fit the name of the bucket"},
      ErrorRow{invalid_part, "InvalidPart", 400,
               "One or more of the specified parts could not be found.  The part may not have been "
               "uploaded, or the specified "
               "entity tag may not match the part's entity tag."},
      ErrorRow{invalid_part_number, "InvalidPartNumber", 416,
               "The requested partnumber is not satisfiable"},
      ErrorRow{
          invalid_part_order, "InvalidPartOrder", 400,
          "The list of parts was not in ascending order. Parts must be ordered by part number."},
      ErrorRow{
          invalid_policy_document, "InvalidPolicyDocument", 400,
          "The content of the form does not meet the conditions specified in the policy document."},
      ErrorRow{invalid_range, "InvalidRange", 416, "The requested range is not satisfiable"},
      ErrorRow{
          invalid_redirect_location, "InvalidRedirectLocation", 400,
          "The website redirect location must have a prefix of 'http://' or 'https://' or '/'."},
      ErrorRow{invalid_request, "InvalidRequest", 400, "Invalid Request"},
      ErrorRow{invalid_retention_period, "InvalidRetentionPeriod", 400,
               "Default retention period must be a positive integer value."},
      ErrorRow{invalid_storage_class, "InvalidStorageClass", 400,
               "The storage class you specified is not valid"},
      ErrorRow{invalid_tag, "InvalidTag", 400, "The tag provided was not a valid tag."},
      ErrorRow{invalid_uri, "InvalidURI", 400, "Couldn't parse the specified URI."},
      ErrorRow{key_too_long, "KeyTooLongError", 400, "Your key is too long"},
      ErrorRow{malformed_acl, "MalformedACLError", 400,
               "The XML you provided was not well-formed or did not validate against our published "
               "schema"},
      ErrorRow{malformed_policy, "MalformedPolicy", 400,
               "Policies must be valid JSON and the first byte must be '{'"},
      ErrorRow{malformed_post_request, "MalformedPOSTRequest", 400,
               "The body of your POST request is not well-formed multipart/form-data."},
      ErrorRow{malformed_trailer, "MalformedTrailerError", 400,
               "The request contained trailing data that was not well-formed or did not conform to "
               "our published schema."},
      ErrorRow{malformed_xml, "MalformedXML", 400,
               "The XML you provided was not well-formed or did not validate against our published "
               "schema"},
      ErrorRow{max_post_pre_data_length, "MaxPostPreDataLengthExceededError", 400,
               "Your POST request fields preceding the upload file were too large."},
      ErrorRow{metadata_too_large, "MetadataTooLarge", 400,
               "Your metadata headers exceed the maximum allowed metadata size"},
      ErrorRow{method_not_allowed, "MethodNotAllowed", 405,
               "The specified method is not allowed against this resource."},
      ErrorRow{missing_content_length, "MissingContentLength", 411,
               "You must provide the Content-Length HTTP header."},
      ErrorRow{missing_request_body, "MissingRequestBodyError", 400, "Request Body is empty"},
      ErrorRow{missing_security_header, "MissingSecurityHeader", 400,
               "Your request was missing a required header"},
      ErrorRow{no_such_bucket, "NoSuchBucket", 404, "The specified bucket does not exist"},
      ErrorRow{no_such_bucket_policy, "NoSuchBucketPolicy", 404,
               "The bucket policy does not exist"},
      ErrorRow{no_such_cors_configuration, "NoSuchCORSConfiguration", 404,
               "The CORS configuration does not exist"},
      ErrorRow{no_such_key, "NoSuchKey", 404, "The specified key does not exist."},
      ErrorRow{no_such_lifecycle_configuration, "NoSuchLifecycleConfiguration", 404,
               "The lifecycle configuration does not exist"},
      ErrorRow{no_such_object_lock_configuration, "NoSuchObjectLockConfiguration", 404,
               "The specified object does not have a ObjectLock configuration"},
      ErrorRow{no_such_public_access_block, "NoSuchPublicAccessBlockConfiguration", 404,
               "The public access block configuration was not found"},
      ErrorRow{no_such_resource, "NoSuchResource", 404, "The specified resource doesn't exist."},
      ErrorRow{no_such_tag_set, "NoSuchTagSet", 404, "The TagSet does not exist"},
      ErrorRow{no_such_upload, "NoSuchUpload", 404,
               "The specified upload does not exist. The upload ID may be invalid, or the upload "
               "may have been aborted or "
               "completed."},
      ErrorRow{no_such_version, "NoSuchVersion", 404, "The specified version does not exist."},
      ErrorRow{no_such_website_configuration, "NoSuchWebsiteConfiguration", 404,
               "The specified bucket does not have a website configuration"},
      ErrorRow{not_implemented, "NotImplemented", 501,
               "A header you provided implies functionality that is not implemented"},
      ErrorRow{not_modified, "NotModified", 304, "Not Modified"},
      ErrorRow{object_lock_configuration_not_found, "ObjectLockConfigurationNotFoundError", 404,
               "Object Lock configuration does not exist for this bucket"},
      ErrorRow{object_not_in_active_tier, "ObjectNotInActiveTierError", 403,
               "The source object of the COPY action is not in the active tier and is only stored "
               "in Amazon S3 Glacier."},
      ErrorRow{ownership_controls_not_found, "OwnershipControlsNotFoundError", 404,
               "The bucket ownership controls were not found"},
      ErrorRow{precondition_failed, "PreconditionFailed", 412,
               "At least one of the pre-conditions you specified did not hold"},
      ErrorRow{replication_configuration_not_found, "ReplicationConfigurationNotFoundError", 404,
               "The replication configuration was not found"},
      ErrorRow{request_time_too_skewed, "RequestTimeTooSkewed", 403,
               "The difference between the request time and the current time is too large."},
      ErrorRow{service_unavailable, "ServiceUnavailable", 503, "Reduce your request rate."},
      ErrorRow{sha256_mismatch, "XAmzContentSHA256Mismatch", 400,
               "The provided 'x-amz-content-sha256' header does not match what was computed."},
      ErrorRow{signature_does_not_match, "SignatureDoesNotMatch", 403,
               "The request signature we calculated does not match the signature you provided. "
               "Check your key and signing method."},
      ErrorRow{slow_down, "SlowDown", 503, "Please reduce your request rate."},
      ErrorRow{unexpected_content, "UnexpectedContent", 400,
               "This request does not support content"},
      ErrorRow{user_key_must_be_specified, "UserKeyMustBeSpecified", 400,
               "The bucket POST must contain the specified field name. If it is specified, check "
               "the order of the fields."},
  };
}();

constexpr bool in_order_of_codes() {
  for (std::size_t i = 0; i < error_table.size(); ++i) {
    if (static_cast<std::size_t>(error_table[i].code) != i) return false;
  }
  return true;
}
static_assert(in_order_of_codes(), "error_row() indexes the table by code");

}  // namespace

const ErrorRow& error_row(ErrorCode code) {
  const auto index = static_cast<std::size_t>(code);
  CHECK(index < error_table.size());
  return error_table[index];
}

std::string Error::text() const {
  const ErrorRow& row = error_row(code);
  std::string out(row.name);
  out += ": ";
  out += message.empty() ? row.message : std::string_view(message);
  return out;
}

}  // namespace emulator::s3
