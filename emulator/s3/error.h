#pragma once
// The errors of S3: one table of code, AWS name, HTTP status and message; one function (rest.cpp)
// renders them. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "emulator/base/result.h"

namespace emulator::s3 {

enum class ErrorCode {
  access_control_list_not_supported,
  access_denied,
  access_forbidden,
  authorization_header_malformed,
  authorization_query_parameters_error,
  bad_digest,
  bad_request,
  bucket_already_exists,
  bucket_already_owned_by_you,
  bucket_not_empty,
  conditional_request_conflict,
  entity_too_large,
  entity_too_small,
  illegal_location_constraint,
  illegal_versioning_configuration,
  incomplete_body,
  incorrect_number_of_files,
  internal_error,
  invalid_access_key_id,
  invalid_argument,
  invalid_bucket_acl_with_object_ownership,
  invalid_bucket_name,
  invalid_bucket_owner,
  invalid_bucket_state,
  invalid_chunk_size,
  invalid_digest,
  invalid_location_constraint,
  invalid_object_state,
  invalid_namespace_header,
  invalid_part,
  invalid_part_number,
  invalid_part_order,
  invalid_policy_document,
  invalid_range,
  invalid_redirect_location,
  invalid_request,
  invalid_retention_period,
  invalid_storage_class,
  invalid_tag,
  invalid_uri,
  key_too_long,
  malformed_acl,
  malformed_policy,
  malformed_post_request,
  malformed_trailer,
  malformed_xml,
  max_post_pre_data_length,
  metadata_too_large,
  method_not_allowed,
  missing_content_length,
  missing_request_body,
  missing_security_header,
  no_such_bucket,
  no_such_bucket_policy,
  no_such_cors_configuration,
  no_such_key,
  no_such_lifecycle_configuration,
  no_such_object_lock_configuration,
  no_such_public_access_block,
  no_such_resource,
  no_such_tag_set,
  no_such_upload,
  no_such_version,
  no_such_website_configuration,
  not_implemented,
  not_modified,
  object_lock_configuration_not_found,
  object_not_in_active_tier,
  ownership_controls_not_found,
  precondition_failed,
  replication_configuration_not_found,
  request_time_too_skewed,
  service_unavailable,
  sha256_mismatch,
  signature_does_not_match,
  slow_down,
  unexpected_content,
  user_key_must_be_specified,
};

struct ErrorRow {
  ErrorCode code;
  std::string_view name;
  int http_status;
  std::string_view message;
};
const ErrorRow& error_row(ErrorCode code);

struct Error {
  ErrorCode code;
  std::string message = {};  // "" = the table's
  std::vector<std::pair<std::string, std::string>> details =
      {};  // further children: Key, BucketName, ArgumentName...
  std::vector<std::pair<std::string, std::string>> headers = {};  // of the answer

  std::string text() const;  // "NoSuchKey: The specified key does not exist."
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string message = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

// An InvalidArgument that names the parameter or header and what it was.
inline tl::unexpected<Error> invalid_argument(std::string message, std::string_view name,
                                              std::string_view value) {
  return tl::unexpected<Error>(
      Error{ErrorCode::invalid_argument,
            std::move(message),
            {{"ArgumentName", std::string(name)}, {"ArgumentValue", std::string(value)}}});
}

// What the store could not do, as the InternalError that a client sees.
inline tl::unexpected<Error> storage_failed(const base::Error& error) {
  return fail(ErrorCode::internal_error, error.text());
}

}  // namespace emulator::s3
