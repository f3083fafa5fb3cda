#include "emulator/sqs/error.h"

#include <array>

#include "emulator/base/check.h"

namespace emulator::sqs {
namespace {

#define OLD "AWS.SimpleQueueService."
constexpr std::array error_table{
    ErrorRow{ErrorCode::access_denied, "AccessDeniedException", "AccessDenied", 403,
             "Access to the resource is denied."},
    ErrorRow{ErrorCode::batch_entry_ids_not_distinct, "BatchEntryIdsNotDistinct",
             OLD "BatchEntryIdsNotDistinct", 400,
             "Two or more batch entries in the request have the same Id."},
    ErrorRow{ErrorCode::batch_request_too_long, "BatchRequestTooLong", OLD "BatchRequestTooLong",
             400, "The length of all the messages put together is more than the limit."},
    ErrorRow{ErrorCode::empty_batch_request, "EmptyBatchRequest", OLD "EmptyBatchRequest", 400,
             "There should be at least one entry in the request."},
    ErrorRow{ErrorCode::internal_error, "InternalError", "InternalError", 500,
             "An internal error occurred."},
    ErrorRow{ErrorCode::invalid_access_key_id, "InvalidClientTokenId", "InvalidClientTokenId", 403,
             "The security token included in the request is invalid."},
    ErrorRow{ErrorCode::invalid_action, "InvalidAction", "InvalidAction", 400,
             "The action is not valid for this endpoint."},
    ErrorRow{ErrorCode::invalid_attribute_name, "InvalidAttributeName", "InvalidAttributeName", 400,
             "Unknown Attribute."},
    ErrorRow{ErrorCode::invalid_attribute_value, "InvalidAttributeValue", "InvalidAttributeValue",
             400, "Invalid value for an attribute."},
    ErrorRow{ErrorCode::invalid_batch_entry_id, "InvalidBatchEntryId", OLD "InvalidBatchEntryId",
             400,
             "A batch entry id can only contain alphanumeric characters, hyphens and underscores. "
             "It can be at most 80 letters long."},
    ErrorRow{ErrorCode::invalid_message_contents, "InvalidMessageContents",
             "InvalidMessageContents", 400,
             "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to "
             "#xD7FF | #xE000 to #xFFFD | "
             "#x10000 to #x10FFFF"},
    ErrorRow{ErrorCode::invalid_parameter_value, "InvalidParameterValueException",
             "InvalidParameterValue", 400, "A parameter has a value that is not valid."},
    ErrorRow{ErrorCode::malformed_request, "SerializationException", "MalformedInput", 400,
             "The body of the request cannot be read."},
    ErrorRow{ErrorCode::message_not_inflight, "MessageNotInflight", OLD "MessageNotInflight", 400,
             "The message referred to is not in flight."},
    ErrorRow{ErrorCode::missing_parameter, "MissingRequiredParameterException", "MissingParameter",
             400, "The request lacks a parameter."},
    ErrorRow{ErrorCode::not_implemented, "NotImplemented", "NotImplemented", 501,
             "Not implemented."},
    ErrorRow{ErrorCode::queue_does_not_exist, "QueueDoesNotExist", OLD "NonExistentQueue", 400,
             "The specified queue does not exist."},
    ErrorRow{ErrorCode::queue_name_exists, "QueueNameExists", "QueueAlreadyExists", 400,
             "A queue already exists with the same name and a different value for an attribute."},
    ErrorRow{ErrorCode::receipt_handle_is_invalid, "ReceiptHandleIsInvalid",
             "ReceiptHandleIsInvalid", 400, "The input receipt handle is invalid."},
    ErrorRow{ErrorCode::request_time_too_skewed, "SignatureDoesNotMatch", "SignatureDoesNotMatch",
             403,
             "Signature expired: the difference between the request time and the current time is "
             "too large."},
    ErrorRow{ErrorCode::signature_does_not_match, "SignatureDoesNotMatch", "SignatureDoesNotMatch",
             403,
             "The request signature we calculated does not match the signature you provided. Check "
             "your AWS Secret Access Key and "
             "signing method."},
    ErrorRow{ErrorCode::too_many_entries, "TooManyEntriesInBatchRequest",
             OLD "TooManyEntriesInBatchRequest", 400,
             "Maximum number of entries per request are 10."},
    ErrorRow{ErrorCode::unsupported_operation, "UnsupportedOperation", OLD "UnsupportedOperation",
             400, "Unsupported operation."},
};
#undef OLD

}  // namespace

const ErrorRow& error_row(ErrorCode code) {
  for (const ErrorRow& row : error_table) {
    if (row.code == code) return row;
  }
  CHECK(false);
}

std::string message_of(const Error& error) {
  return error.message.empty() ? std::string(error_row(error.code).message) : error.message;
}

}  // namespace emulator::sqs
