#include "emulator/sqs/operations/table.h"

namespace emulator::sqs {

// The JSON protocol has "tags" here, and "Tags" in TagQueue.
Result<aws::Value> create_queue(Call& call) {
  const auto name = required(call, "QueueName");
  if (!name) return tl::unexpected(name.error());
  auto tags = texts(call, "tags");
  tags.merge(texts(call, "Tags"));
  const auto queue =
      call.service.create_queue({call.region, *name}, texts(call, "Attributes"), tags);
  if (!queue) return tl::unexpected(queue.error());
  return aws::Value::object({{"QueueUrl", url_of(call, *queue)}});
}

}  // namespace emulator::sqs
