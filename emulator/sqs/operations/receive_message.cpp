#include <algorithm>

#include "emulator/base/digest.h"
#include "emulator/base/text.h"
#include "emulator/sqs/message_attributes.h"
#include "emulator/sqs/operations/table.h"

namespace emulator::sqs {
namespace {

using aws::Value;

std::string milliseconds(Instant at) {
  return std::to_string(
      std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count());
}

bool is_wanted(const std::vector<std::string>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view wanted) {
    if (wanted == "All" || wanted == ".*" || wanted == name) return true;
    return wanted.ends_with(".*") && name.starts_with(wanted.substr(0, wanted.size() - 1));
  });
}

Value system_attributes(const std::vector<std::string>& names, const Message& message) {
  Value attributes = Value::object();
  const auto add = [&](std::string name, std::string value) {
    if (is_wanted(names, name)) attributes.set(std::move(name), std::move(value));
  };
  add("SenderId", message.sender);
  add("ApproximateFirstReceiveTimestamp", milliseconds(*message.first_received));
  add("ApproximateReceiveCount", std::to_string(message.receive_count));
  add("SentTimestamp", milliseconds(message.sent));
  return attributes;
}

Value value_of(const MessageAttribute& attribute) {
  Value value = Value::object();
  if (attribute.is_binary())
    value.set("BinaryValue", base::to_base64(attribute.value));
  else
    value.set("StringValue", attribute.value);
  value.set("DataType", attribute.type);
  return value;
}

Value render(const ReceiveRequest& request, const Message& message) {
  Value out =
      Value::object({{"MessageId", message.id},
                     {"ReceiptHandle", message.receipt_handle},
                     {"MD5OfBody", base::to_hex(base::hash(base::HashKind::md5, message.body))},
                     {"Body", message.body}});
  Value system = system_attributes(request.system_attributes, message);
  if (!system.members().empty()) out.set("Attributes", std::move(system));
  MessageAttributes wanted;
  for (const auto& [name, attribute] : message.attributes) {
    if (is_wanted(request.message_attributes, name)) wanted.emplace(name, attribute);
  }
  if (wanted.empty()) return out;
  Value attributes = Value::object();
  for (const auto& [name, attribute] : wanted) attributes.set(name, value_of(attribute));
  return out.set("MD5OfMessageAttributes", md5_of(wanted))
      .set("MessageAttributes", std::move(attributes));
}

}  // namespace

Result<ReceiveRequest> read_receive_message(const Call& call) {
  const auto queue = queue_of(call);
  if (!queue) return tl::unexpected(queue.error());
  const auto most = number(call, "MaxNumberOfMessages");
  const auto visibility = number(call, "VisibilityTimeout");
  const auto wait = number(call, "WaitTimeSeconds");
  for (const auto* each : {&most, &visibility, &wait}) {
    if (!*each) return tl::unexpected(each->error());
  }
  ReceiveRequest request{.queue = *queue,
                         .input = {.messages_max = most->value_or(1),
                                   .visibility_timeout = *visibility,
                                   .wait_seconds = *wait},
                         .system_attributes = list(call, "MessageSystemAttributeNames"),
                         .message_attributes = list(call, "MessageAttributeNames")};
  for (std::string& name : list(call, "AttributeNames"))
    request.system_attributes.push_back(std::move(name));  // its older name
  return request;
}

Value render_received(const ReceiveRequest& request, const std::vector<Message>& messages) {
  Value output = Value::object();
  if (messages.empty()) return output;
  Value rows = Value::list();
  for (const Message& message : messages) rows.add(render(request, message));
  output.set("Messages", std::move(rows));
  return output;
}

}  // namespace emulator::sqs
