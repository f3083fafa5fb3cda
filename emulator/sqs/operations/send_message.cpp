// SendMessage, SendMessageBatch.

#include "emulator/base/digest.h"
#include "emulator/base/text.h"
#include "emulator/sqs/message_attributes.h"
#include "emulator/sqs/operations/table.h"

namespace emulator::sqs {
namespace {

Result<MessageAttributes> read_attributes(const Call& call) {
  MessageAttributes attributes;
  const aws::Value* given = call.input.find("MessageAttributes");
  if (given == nullptr) return attributes;
  for (const auto& [name, value] : given->members()) {
    const auto member = [&value = value](std::string_view of) {
      const aws::Value* found = value.find(of);
      return found == nullptr ? std::string() : found->text();
    };
    MessageAttribute attribute{member("DataType"), member("StringValue")};
    if (attribute.is_binary()) {
      const auto bytes = base::from_base64(member("BinaryValue"));
      if (!bytes)
        return fail(ErrorCode::invalid_parameter_value,
                    "The binary value of the message attribute '" + name + "' is no base64.");
      attribute.value = *bytes;
    }
    attributes.emplace(name, std::move(attribute));
  }
  return attributes;
}

}  // namespace

Result<aws::Value> send_message(Call& call) {
  const auto queue = queue_of(call);
  if (!queue) return tl::unexpected(queue.error());
  if (call.input.find("MessageDeduplicationId") != nullptr) {
    return fail(ErrorCode::invalid_parameter_value,
                "The request includes the parameter MessageDeduplicationId, which is not valid for "
                "this queue type.");
  }
  const auto delay = number(call, "DelaySeconds");
  if (!delay) return tl::unexpected(delay.error());
  auto attributes = read_attributes(call);
  if (!attributes) return tl::unexpected(attributes.error());
  const auto sent = call.service.send_message(*queue, {.body = text(call, "MessageBody"),
                                                       .delay_seconds = *delay,
                                                       .attributes = std::move(*attributes)});
  if (!sent) return tl::unexpected(sent.error());
  aws::Value output = aws::Value::object(
      {{"MessageId", sent->id},
       {"MD5OfMessageBody", base::to_hex(base::hash(base::HashKind::md5, sent->body))}});
  if (!sent->attributes.empty()) output.set("MD5OfMessageAttributes", md5_of(sent->attributes));
  return output;
}

Result<aws::Value> send_message_batch(Call& call) { return answer_batch(call, send_message); }

}  // namespace emulator::sqs
