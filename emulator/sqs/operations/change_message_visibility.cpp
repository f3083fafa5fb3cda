// ChangeMessageVisibility, ChangeMessageVisibilityBatch.

#include "emulator/sqs/operations/table.h"

namespace emulator::sqs {

Result<aws::Value> change_message_visibility(Call& call) {
  const auto queue = queue_of(call);
  if (!queue) return tl::unexpected(queue.error());
  const auto handle = required(call, "ReceiptHandle");
  if (!handle) return tl::unexpected(handle.error());
  const auto seconds = number(call, "VisibilityTimeout");
  if (!seconds) return tl::unexpected(seconds.error());
  if (!*seconds)
    return fail(ErrorCode::missing_parameter,
                "The request must contain the parameter VisibilityTimeout.");
  return call.service.change_message_visibility(*queue, *handle, **seconds).map([] {
    return aws::Value::object();
  });
}

Result<aws::Value> change_message_visibility_batch(Call& call) {
  return answer_batch(call, change_message_visibility);
}

}  // namespace emulator::sqs
