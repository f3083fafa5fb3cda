// TagQueue, UntagQueue, ListQueueTags.

#include "emulator/sqs/operations/table.h"

namespace emulator::sqs {
namespace {

constexpr std::size_t tags_max = 50;

Result<Queue> found(const Call& call) {
  return queue_of(call).and_then(
      [&](const QueueName& name) { return call.service.get_queue(name); });
}

Result<aws::Value> put(Call& call, const Queue& queue, std::map<std::string, std::string> tags) {
  if (tags.size() > tags_max)
    return fail(ErrorCode::invalid_parameter_value,
                "Too many tags added for queue " + queue.name + ".");
  return call.service.set_queue_tags({queue.region, queue.name}, std::move(tags)).map([] {
    return aws::Value::object();
  });
}

}  // namespace

Result<aws::Value> tag_queue(Call& call) {
  const auto queue = found(call);
  if (!queue) return tl::unexpected(queue.error());
  auto tags = texts(call, "Tags");
  if (tags.empty())
    return fail(ErrorCode::missing_parameter, "The request must contain the parameter Tags.");
  tags.insert(queue->tags.begin(), queue->tags.end());  // what is new stays
  return put(call, *queue, std::move(tags));
}

Result<aws::Value> untag_queue(Call& call) {
  const auto queue = found(call);
  if (!queue) return tl::unexpected(queue.error());
  auto tags = queue->tags;
  for (const std::string& key : list(call, "TagKeys")) tags.erase(key);
  return put(call, *queue, std::move(tags));
}

Result<aws::Value> list_queue_tags(Call& call) {
  const auto queue = found(call);
  if (!queue) return tl::unexpected(queue.error());
  aws::Value output = aws::Value::object();
  if (queue->tags.empty()) return output;
  aws::Value tags = aws::Value::object();
  for (const auto& [key, value] : queue->tags) tags.set(key, value);
  output.set("Tags", std::move(tags));
  return output;
}

}  // namespace emulator::sqs
