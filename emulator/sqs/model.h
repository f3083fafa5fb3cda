#pragma once
// The nouns of SQS.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/time_text.h"

namespace emulator::sqs {

using base::Duration;
using base::Instant;

struct Queue {
  std::string region;
  std::string name;
  std::string arn;
  Instant created{};
  Instant modified{};
  std::map<std::string, std::string> attributes =
      {};  // as set; what is not there has its default (attributes.h)
  std::map<std::string, std::string> tags = {};
};

// AWS: "Amazon SQS message metadata". type: "String", "Number", "Binary", each with an optional
// ".label".
struct MessageAttribute {
  std::string type;
  std::string value;  // bytes, if binary
  bool is_binary() const { return type.starts_with("Binary"); }
};
using MessageAttributes = std::map<std::string, MessageAttribute>;

struct Message {
  std::int64_t number = 0;  // its row
  std::string id;
  std::string body;
  MessageAttributes attributes = {};
  std::string sender;
  Instant sent{};
  Instant visible_at{};
  std::uint32_t receive_count = 0;
  std::optional<Instant> first_received = {};
  std::string receipt_handle = {};  // of its latest receipt
};

struct MessageCounts {
  std::uint64_t visible = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t delayed = 0;
};

}  // namespace emulator::sqs
