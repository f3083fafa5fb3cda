#include "emulator/sqs/queue_attributes.h"

#include <algorithm>

#include "emulator/sqs/operations/table.h"

namespace emulator::sqs {

Result<aws::Value> get_queue_attributes(Call& call) {
  const auto queue = queue_of(call);
  if (!queue) return tl::unexpected(queue.error());
  const std::vector<std::string> names = list(call, "AttributeNames");
  for (const std::string& name : names) {
    if (!is_attribute_name(name))
      return fail(ErrorCode::invalid_attribute_name, "Unknown Attribute " + name + ".");
  }
  const auto all = call.service.get_queue_attributes(*queue);
  if (!all) return tl::unexpected(all.error());
  const bool everything = std::find(names.begin(), names.end(), "All") != names.end();
  aws::Value attributes = aws::Value::object();
  for (const auto& [name, value] : *all) {
    if (everything || std::find(names.begin(), names.end(), name) != names.end())
      attributes.set(name, value);
  }
  aws::Value output = aws::Value::object();
  if (!attributes.members().empty()) output.set("Attributes", std::move(attributes));
  return output;
}

Result<aws::Value> set_queue_attributes(Call& call) {
  const auto queue = queue_of(call);
  if (!queue) return tl::unexpected(queue.error());
  const auto attributes = texts(call, "Attributes");
  if (attributes.empty())
    return fail(ErrorCode::missing_parameter, "The request must contain the parameter Attributes.");
  return call.service.set_queue_attributes(*queue, attributes).map([] {
    return aws::Value::object();
  });
}

}  // namespace emulator::sqs
