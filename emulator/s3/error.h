#pragma once
// The errors of S3: one table of code, AWS name, HTTP status and message; one function (rest.cpp) renders them.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html

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
  bad_digest,
  bucket_already_exists,
  bucket_already_owned_by_you,
  bucket_not_empty,
  conditional_request_conflict,
  entity_too_large,
  illegal_location_constraint,
  incomplete_body,
  internal_error,
  invalid_argument,
  invalid_bucket_name,
  invalid_chunk_size,
  invalid_digest,
  invalid_range,
  invalid_request,
  invalid_storage_class,
  invalid_uri,
  key_too_long,
  malformed_trailer,
  malformed_xml,
  metadata_too_large,
  method_not_allowed,
  missing_content_length,
  missing_request_body,
  no_such_bucket,
  no_such_key,
  not_implemented,
  not_modified,
  precondition_failed,
  service_unavailable,
  slow_down,
  sha256_mismatch,
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
  std::vector<std::pair<std::string, std::string>> details = {};  // further children: Key, BucketName, ArgumentName...

  std::string text() const;  // "NoSuchKey: The specified key does not exist."
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string message = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), {}});
}

// What the store could not do, as the InternalError that a client sees.
inline tl::unexpected<Error> storage_failed(const base::Error& error) {
  return fail(ErrorCode::internal_error, error.text());
}

}  // namespace emulator::s3
