#pragma once
// The query protocol's names for what the JSON protocol says: forms in, XML out. Pure.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/aws/value.h"
#include "emulator/sqs/error.h"

namespace emulator::sqs {

// "Attribute.1.Name=DelaySeconds&Attribute.1.Value=5" is {"Attributes":{"DelaySeconds":"5"}}.
Result<aws::Value> input_of_form(
    const std::vector<std::pair<std::string, std::string>>& parameters);
// <SendMessageResponse><SendMessageResult>...</SendMessageResult><ResponseMetadata>...
std::string render_xml(std::string_view action, const aws::Value& output,
                       const std::string& request_id);
std::string render_xml_error(const Error& error, const std::string& request_id);

}  // namespace emulator::sqs
