#include "emulator/base/text.h"
#include "emulator/sqs/operations/table.h"

namespace emulator::sqs {

// The token is the name of the last queue of the page before.
Result<aws::Value> list_queues(Call& call) {
  const auto asked = number(call, "MaxResults");
  if (!asked) return tl::unexpected(asked.error());
  const std::uint64_t most = asked->value_or(1000);
  if (most < 1 || most > 1000) {
    return fail(ErrorCode::invalid_parameter_value,
                "Value " + std::to_string(most) +
                    " for parameter MaxResults is invalid. Reason: "
                    "Must be an integer from 1 to 1000.");
  }
  const auto after = base::from_base64(text(call, "NextToken"));
  if (!after) return fail(ErrorCode::invalid_parameter_value, "Invalid NextToken.");
  auto queues =
      call.service.list_queues(call.region, text(call, "QueueNamePrefix"), *after, most + 1);
  const bool more = queues.size() > most;
  if (more) queues.pop_back();
  aws::Value output = aws::Value::object();
  if (queues.empty()) return output;
  aws::Value urls = aws::Value::list();
  for (const Queue& queue : queues) urls.add(url_of(call, queue));
  output.set("QueueUrls", std::move(urls));
  // AWS pages only who has asked for pages.
  if (more && *asked) output.set("NextToken", base::to_base64(queues.back().name));
  return output;
}

}  // namespace emulator::sqs
