#pragma once
// The errors of SQS: one table of code, the shape of the JSON protocol, the code of the query
// protocol (which clients of both see: AWS's "awsQueryCompatible"), HTTP status and message.
// protocol.cpp renders them.

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "emulator/base/result.h"

namespace emulator::sqs {

enum class ErrorCode {
  access_denied,
  batch_entry_ids_not_distinct,
  batch_request_too_long,
  empty_batch_request,
  internal_error,
  invalid_access_key_id,
  invalid_action,
  invalid_attribute_name,
  invalid_attribute_value,
  invalid_batch_entry_id,
  invalid_message_contents,
  invalid_parameter_value,
  malformed_request,
  message_not_inflight,
  missing_parameter,
  not_implemented,
  queue_does_not_exist,
  queue_name_exists,
  receipt_handle_is_invalid,
  request_time_too_skewed,
  signature_does_not_match,
  too_many_entries,
  unsupported_operation,
};

struct ErrorRow {
  ErrorCode code;
  std::string_view shape;       // "__type" of the JSON protocol, without its namespace
  std::string_view query_code;  // <Code> of the query protocol
  int http_status;
  std::string_view message;
};

struct Error {
  ErrorCode code;
  std::string message = {};  // "" = the row's
};

const ErrorRow& error_row(ErrorCode code);
std::string message_of(const Error& error);

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string message = {}) {
  return tl::unexpected(Error{code, std::move(message)});
}
// The store failed: InternalError.
inline tl::unexpected<Error> storage_failed(const base::Error& error) {
  return fail(ErrorCode::internal_error, error.text());
}

}  // namespace emulator::sqs
