#pragma once
// When a bucket's lifecycle rules (lifecycle.h) will have an object expire or an upload in parts
// ended: dates to tell, which AWS does in headers. Nothing is removed by them. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/base/http_message.h"
#include "emulator/s3/model.h"
#include "emulator/s3/tags.h"

namespace emulator::s3 {

// What of an enabled rule decides that.
struct LifecycleRule {
  std::string id;
  std::string prefix;
  Tags tags;
  std::optional<std::uint64_t> larger_than;
  std::optional<std::uint64_t> smaller_than;
  std::optional<std::int64_t> days;  // Expiration: one of these two, or neither
  std::optional<Instant> date;
  std::optional<std::int64_t> abort_days;  // AbortIncompleteMultipartUpload
};
using LifecycleRules = std::vector<LifecycleRule>;

// `document` as check_lifecycle() let it in; "" = no rules.
LifecycleRules enabled_rules(const std::string& document);

// The value of x-amz-expiration; "" where no rule says so. Of several rules the earliest counts, of
// equal ones the first.
std::string expiration_of(const LifecycleRules& rules, const Object& object);

// x-amz-abort-date and x-amz-abort-rule-id, where a rule says so.
void add_abort_date(const LifecycleRules& rules, const MultipartUpload& upload, base::Headers& out);

// Days are counted to the next midnight (AWS: "Lifecycle rules: Based on an object's age").
Instant midnight_after(Instant at, std::int64_t days);

}  // namespace emulator::s3
