#pragma once
// Message attributes (AWS: "Amazon SQS message metadata"): their checks, their MD5 as clients
// compute it, and how a row keeps them.

#include <string>
#include <string_view>

#include "emulator/sqs/error.h"
#include "emulator/sqs/model.h"

namespace emulator::sqs {

Result<void> check_message_attributes(const MessageAttributes& attributes);
std::size_t bytes_of(const MessageAttributes& attributes);
std::string md5_of(const MessageAttributes& attributes);  // in hex; "" if there are none
std::string pack(const MessageAttributes& attributes);
MessageAttributes unpack_message_attributes(std::string_view packed);

// What a message may hold: the characters of XML 1.0.
bool is_message_text(std::string_view text);

}  // namespace emulator::sqs
