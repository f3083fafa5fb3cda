#include "emulator/sqs/operations/table.h"

namespace emulator::sqs {

Result<aws::Value> purge_queue(Call& call) {
  return queue_of(call)
      .and_then([&](const QueueName& name) { return call.service.purge_queue(name); })
      .map([] { return aws::Value::object(); });
}

}  // namespace emulator::sqs
