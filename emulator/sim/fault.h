#pragma once
// What can go wrong, by name. A fault belongs to a link between two services (`s3.notification`) or
// to a crash point inside one (`dms.after_put`); the services know neither. A kind of fault is one
// file in faults/ and one row of fault_kinds(). With no fault set nothing is drawn and nothing is
// traced.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/result.h"
#include "emulator/sim/random.h"
#include "emulator/sim/trace.h"

namespace emulator::sim {

// One crossing of a link, before it is scheduled. Faults change it.
struct Delivery {
  Duration delay{};
  std::vector<Duration> copies;  // further deliveries, each this much after the first
  bool dropped = false;          // nobody will ever know
  bool fail_before = false;      // the caller is told of an error, the effect did not happen
  bool fail_after = false;       // the caller is told of an error, the effect did happen
  int hold_behind = 0;           // reorder: delivered after this many later crossings of the link
};

// What a user sets. Times and counts are of crossings that match.
struct Fault {
  std::string link;                       // link name, or the crash point for kind "crash"
  std::string kind;                       // a name of fault_kinds()
  std::optional<std::int64_t> count = 1;  // how many crossings it hits; nullopt = all
  std::int64_t skip = 0;                  // crossings to let pass first
  double probability = 1.0;
  std::string match;        // glob (* and ?) on the crossing's label, e.g. the object key; "" = any
  Duration by{};            // delay: how much; duplicate: how long after the first
  std::int64_t places = 1;  // reorder: how many places back; duplicate: how many further copies
};

struct FaultKind {
  std::string_view name;
  std::string_view what;  // one line for `sluice list faults`
  void (*apply)(const Fault& fault, Delivery& delivery);
};
std::span<const FaultKind> fault_kinds();

// The faults that are set, and the count of what each has hit.
class Faults {
 public:
  Faults(Random random, Trace& trace) : random_(random), trace_(trace) {}

  // An unknown kind is an Error. Links and crash points are named by the services: see
  // known_names().
  base::Result<void> set(Fault fault);
  void clear() { armed_.clear(); }

  // Called by Link for each crossing. No draw and no cost if nothing is set.
  void apply(std::string_view link, std::string_view label, Delivery& delivery);
  // Called at a crash point: true = die here now. Counts and traces it.
  bool crash_here(std::string_view point, std::string_view label = {});
  // How often each set fault has hit, in the order they were set.
  std::vector<std::pair<Fault, std::int64_t>> hits() const;

 private:
  struct Armed {
    Fault fault;
    std::int64_t seen = 0;
    std::int64_t hits = 0;
  };
  bool due(Armed& armed, std::string_view place, std::string_view label);
  std::vector<Armed> armed_;
  Random random_;
  Trace& trace_;
};

bool glob_matches(std::string_view pattern, std::string_view text);  // * and ?

}  // namespace emulator::sim
