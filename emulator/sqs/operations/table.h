#pragma once
// The operations of SQS over the wire: one row each. A file here has the functions of one or of a
// family; what they do is Service's.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/aws/value.h"
#include "emulator/sqs/service.h"

namespace emulator::sqs {

// A request on its way through an operation.
struct Call {
  Service& service;
  aws::Value input;
  std::string region;
  std::string
      base_url;  // "http://127.0.0.1:4566": where the client reached us, so where its queues are
  std::string path = {};  // that it was sent to: older SDKs send to the queue's URL
};

struct Operation {
  std::string_view name;
  Result<aws::Value> (*answer)(Call& call) =
      nullptr;  // nullptr: not implemented, or ReceiveMessage, which may wait
};
const Operation* find_operation(std::string_view name);

// Parameters. required: MissingParameter if there is none.
std::string text(const Call& call, std::string_view name);
Result<std::string> required(const Call& call, std::string_view name);
Result<std::optional<std::uint64_t>> number(const Call& call, std::string_view name);
std::map<std::string, std::string> texts(const Call& call,
                                         std::string_view name);  // a map of texts
std::vector<std::string> list(const Call& call, std::string_view name);
Result<QueueName> queue_of(const Call& call);  // of QueueUrl, or of the path
std::string url_of(const Call& call, const Queue& queue);

// Calls `answer` for each of Entries, and says how each went (AWS: "Amazon SQS batch actions").
Result<aws::Value> answer_batch(Call& call, Result<aws::Value> (*answer)(Call& entry));

// ReceiveMessage, apart from its waiting.
struct ReceiveRequest {
  QueueName queue;
  ReceiveMessageInput input;
  std::vector<std::string> system_attributes;   // "All", or names
  std::vector<std::string> message_attributes;  // "All", names, "prefix.*"
};
Result<ReceiveRequest> read_receive_message(const Call& call);
aws::Value render_received(const ReceiveRequest& request, const std::vector<Message>& messages);

Result<aws::Value> create_queue(Call& call);
Result<aws::Value> delete_queue(Call& call);
Result<aws::Value> get_queue_url(Call& call);
Result<aws::Value> list_queues(Call& call);
Result<aws::Value> get_queue_attributes(Call& call);
Result<aws::Value> set_queue_attributes(Call& call);
Result<aws::Value> purge_queue(Call& call);
Result<aws::Value> tag_queue(Call& call);
Result<aws::Value> untag_queue(Call& call);
Result<aws::Value> list_queue_tags(Call& call);
Result<aws::Value> send_message(Call& call);
Result<aws::Value> send_message_batch(Call& call);
Result<aws::Value> delete_message(Call& call);
Result<aws::Value> delete_message_batch(Call& call);
Result<aws::Value> change_message_visibility(Call& call);
Result<aws::Value> change_message_visibility_batch(Call& call);

}  // namespace emulator::sqs
