#pragma once
// Why the notifications of an object fired or did not: a query over the trace, which has a line for
// each rule of the bucket at each change of the object (emulator/s3/service.h). Pure. It knows no
// more than the trace it is given.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/result.h"
#include "emulator/sim/trace.h"

namespace pipeline::scenario {

// What one rule made of one change.
struct RuleOutcome {
  std::string rule;  // "" = its id is not known
  std::string destination;
  bool fired = false;
  std::string why;      // not fired: why not
  std::string outcome;  // fired: what became of the event
  struct Step {
    std::string at, text;
  };
  std::vector<Step> steps;  // fired: the event's way, in order
};

struct ObjectChange {
  std::string at;
  emulator::sim::EventId line = 0;
  std::string what;   // "put", "copy", "complete_upload", "delete", "tag"; "sent again": of an
                      // earlier life of the server
  std::string event;  // "ObjectCreated:Put"; "" = the bucket had no rules
  std::string size;
  std::vector<RuleOutcome> rules;
};

struct Why {
  std::vector<ObjectChange> changes;  // the latest, oldest first
  std::size_t earlier = 0;            // changes before those
  bool bucket_known = false;
  std::vector<std::string> keys;     // of the bucket, that the trace names; sorted
  std::vector<std::string> buckets;  // sorted
};

// Lines of one run. At most changes_max changes are followed.
inline constexpr std::size_t changes_max = 20;
Why explain_object(const std::vector<emulator::sim::TraceLine>& lines, std::string_view bucket,
                   std::string_view key);

// JSON lines as `sluice run --trace` and /_sluice/trace write them. One run after the other: each
// begins its ids anew.
emulator::base::Result<std::vector<std::vector<emulator::sim::TraceLine>>> parse_trace(
    std::string_view json_lines, const std::string& file);

}  // namespace pipeline::scenario
