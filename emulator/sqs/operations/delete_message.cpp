// DeleteMessage, DeleteMessageBatch.

#include "emulator/sqs/operations/table.h"

namespace emulator::sqs {

Result<aws::Value> delete_message(Call& call) {
  const auto queue = queue_of(call);
  if (!queue) return tl::unexpected(queue.error());
  const auto handle = required(call, "ReceiptHandle");
  if (!handle) return tl::unexpected(handle.error());
  return call.service.delete_message(*queue, *handle).map([] { return aws::Value::object(); });
}

Result<aws::Value> delete_message_batch(Call& call) { return answer_batch(call, delete_message); }

}  // namespace emulator::sqs
