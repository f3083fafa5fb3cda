#include "emulator/sqs/queue_attributes.h"

#include <algorithm>
#include <array>

#include "emulator/aws/value.h"
#include "emulator/base/check.h"
#include "emulator/base/text.h"

namespace emulator::sqs {
namespace {

struct NumberRow {
  std::string_view name;
  std::uint64_t least, most, usual;
};
// The size limit is 1 MiB since August 2025 (AWS: "Amazon SQS message quotas").
constexpr std::array number_table{
    NumberRow{"DelaySeconds", 0, 900, 0},
    NumberRow{"KmsDataKeyReusePeriodSeconds", 60, 86400, 300},
    NumberRow{"MaximumMessageSize", 1024, 1048576, 1048576},
    NumberRow{"MessageRetentionPeriod", 60, 1209600, 345600},
    NumberRow{"ReceiveMessageWaitTimeSeconds", 0, 20, 0},
    NumberRow{"VisibilityTimeout", 0, 43200, 30},
};
constexpr std::array<std::string_view, 4> other_settings{
    "Policy", "RedrivePolicy", "RedriveAllowPolicy", "SqsManagedSseEnabled"};
constexpr std::array<std::string_view, 7> read_only{"All",
                                                    "ApproximateNumberOfMessages",
                                                    "ApproximateNumberOfMessagesDelayed",
                                                    "ApproximateNumberOfMessagesNotVisible",
                                                    "CreatedTimestamp",
                                                    "LastModifiedTimestamp",
                                                    "QueueArn"};
constexpr std::array<std::string_view, 5> not_here{"FifoQueue", "ContentBasedDeduplication",
                                                   "DeduplicationScope", "FifoThroughputLimit",
                                                   "KmsMasterKeyId"};

template <class Table>
bool holds(const Table& table, std::string_view name) {
  return std::find(table.begin(), table.end(), name) != table.end();
}

const NumberRow* find_number(std::string_view name) {
  const auto row = std::find_if(number_table.begin(), number_table.end(),
                                [&](const NumberRow& each) { return each.name == name; });
  return row == number_table.end() ? nullptr : &*row;
}

tl::unexpected<Error> bad_value(const std::string& name, std::string_view why = {}) {
  std::string message = "Invalid value for the parameter " + name + ".";
  if (!why.empty()) message.append(" Reason: ").append(why);
  return fail(ErrorCode::invalid_attribute_value, std::move(message));
}

// KMS's own setting is only told where a key is used, which is refused.
bool is_told(const NumberRow& row) { return row.name != "KmsDataKeyReusePeriodSeconds"; }

}  // namespace

Result<void> check_attribute(const std::string& name, const std::string& value) {
  if (const NumberRow* row = find_number(name)) {
    const auto number = base::parse_unsigned(value);
    if (!number || *number < row->least || *number > row->most) return bad_value(name);
    return {};
  }
  if (holds(not_here, name)) {
    if (value.empty() || value == "false") return {};
    return fail(ErrorCode::unsupported_operation,
                "sluice does not have " + name + ": queues are standard queues, encrypted by SQS");
  }
  if (!holds(other_settings, name))
    return fail(ErrorCode::invalid_attribute_name, "Unknown Attribute " + name + ".");
  if (value.empty()) return {};  // takes it away
  if (name == "SqsManagedSseEnabled")
    return value == "true" || value == "false" ? Result<void>() : bad_value(name);
  const auto json = aws::Value::parse_json(value);
  if (!json || !json->is(aws::Value::Kind::object)) return bad_value(name, "It is no JSON object");
  if (name == "RedrivePolicy" && !parse_redrive_policy(value)) {
    return bad_value(name, "It has no deadLetterTargetArn or no maxReceiveCount from 1 to 1000");
  }
  return {};
}

bool is_attribute_name(std::string_view name) {
  return find_number(name) != nullptr || holds(other_settings, name) || holds(read_only, name) ||
         holds(not_here, name);
}

std::uint64_t number_of(const Queue& queue, std::string_view attribute) {
  const NumberRow* row = find_number(attribute);
  CHECK(row != nullptr);
  const auto set = queue.attributes.find(std::string(attribute));
  if (set == queue.attributes.end()) return row->usual;
  return base::parse_unsigned(set->second).value_or(row->usual);
}

std::map<std::string, std::string> described(const Queue& queue) {
  std::map<std::string, std::string> all{{"QueueArn", queue.arn}, {"SqsManagedSseEnabled", "true"}};
  const auto seconds = [](Instant at) {
    return std::to_string(
        std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count());
  };
  all["CreatedTimestamp"] = seconds(queue.created);
  all["LastModifiedTimestamp"] = seconds(queue.modified);
  for (const NumberRow& row : number_table) {
    if (is_told(row)) all[std::string(row.name)] = std::to_string(row.usual);
  }
  for (const auto& [name, value] : queue.attributes) {
    if (!holds(not_here, name)) all[name] = value;
  }
  return all;
}

std::string differing_attribute(const Queue& queue,
                                const std::map<std::string, std::string>& wanted) {
  const auto there = described(queue);
  for (const auto& [name, value] : wanted) {
    if (holds(not_here, name) || name == "KmsDataKeyReusePeriodSeconds") continue;
    const auto found = there.find(name);
    if ((found == there.end() ? std::string() : found->second) != value) return name;
  }
  return {};
}

std::optional<RedrivePolicy> parse_redrive_policy(std::string_view json) {
  const auto policy = aws::Value::parse_json(json);
  const aws::Value* target = policy ? policy->find("deadLetterTargetArn") : nullptr;
  const aws::Value* count = policy ? policy->find("maxReceiveCount") : nullptr;
  if (target == nullptr || count == nullptr || target->text().empty()) return std::nullopt;
  const auto most = base::parse_unsigned(count->text());  // AWS takes a text, too
  if (!most || *most < 1 || *most > 1000) return std::nullopt;
  return RedrivePolicy{target->text(), *most};
}

}  // namespace emulator::sqs
