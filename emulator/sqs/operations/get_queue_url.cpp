#include "emulator/sqs/operations/table.h"

namespace emulator::sqs {

Result<aws::Value> get_queue_url(Call& call) {
  const auto name = required(call, "QueueName");
  if (!name) return tl::unexpected(name.error());
  const std::string owner = text(call, "QueueOwnerAWSAccountId");
  if (!owner.empty() && owner != call.service.options().account)
    return fail(ErrorCode::queue_does_not_exist);
  const auto queue = call.service.get_queue({call.region, *name});
  if (!queue) return tl::unexpected(queue.error());
  return aws::Value::object({{"QueueUrl", url_of(call, *queue)}});
}

}  // namespace emulator::sqs
