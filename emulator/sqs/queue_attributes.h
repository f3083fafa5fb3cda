#pragma once
// The attributes of a queue: one table of names, defaults and bounds (AWS: SetQueueAttributes).
// Pure.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "emulator/sqs/error.h"
#include "emulator/sqs/model.h"

namespace emulator::sqs {

// An error for what AWS refuses, and by name for what is not here: FIFO, KMS keys.
Result<void> check_attribute(const std::string& name, const std::string& value);
bool is_attribute_name(
    std::string_view name);  // that GetQueueAttributes may be asked for, "All" too

std::uint64_t number_of(const Queue& queue,
                        std::string_view attribute);  // its default if it is not set
// What GetQueueAttributes answers for "All", but for the counts.
std::map<std::string, std::string> described(const Queue& queue);
// Whether a queue that is there has what CreateQueue asks for; the name of the first attribute that
// differs, or "".
std::string differing_attribute(const Queue& queue,
                                const std::map<std::string, std::string>& wanted);

struct RedrivePolicy {
  std::string target_arn;
  std::uint64_t receive_count_max = 0;
};
std::optional<RedrivePolicy> parse_redrive_policy(std::string_view json);

}  // namespace emulator::sqs
