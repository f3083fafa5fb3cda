#pragma once
// What happened, line by line: time, actor, kind, own id, id of the cause, payload. Lineage, `why`,
// the story and the reports are queries over it. Each line is hashed into a rolling hash as
// canonical JSON:
//   {"id":7,"at":"2026-01-01T00:01:00.003000Z","actor":"dms","kind":"file","cause":5,"key":"...","rows":3}
// Same scenario and seed: same lines, same hash. So a payload holds no path, pid, host name or real
// time.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/base/digest.h"
#include "emulator/sim/scheduler.h"

namespace emulator::sim {

// One entry of a payload: text, a number or a flag.
struct Field {
  Field(std::string_view n, std::string_view v);
  Field(std::string_view n, const std::string& v) : Field(n, std::string_view(v)) {}
  Field(std::string_view n, const char* v) : Field(n, std::string_view(v)) {}
  Field(std::string_view n, std::int64_t v);
  Field(std::string_view n, std::uint64_t v);
  Field(std::string_view n, int v) : Field(n, static_cast<std::int64_t>(v)) {}
  Field(std::string_view n, unsigned v) : Field(n, static_cast<std::uint64_t>(v)) {}
  Field(std::string_view n, bool v);

  std::string name;
  std::string value;    // as text, without quotes
  bool quoted = false;  // a string in JSON
};

struct TraceLine {
  EventId id = 0;
  Instant at{};
  std::string actor;  // s3, dms, rds, lambda, glue, scenario, link
  std::string kind;
  EventId cause = 0;
  std::vector<Field> fields;
  std::string text = {};  // json(), as it was hashed; of a line that was recorded

  std::string_view field(std::string_view name) const;  // "" if there is none
  std::string json() const;
};

class Trace {
 public:
  using Listener = std::function<void(const TraceLine&)>;

  explicit Trace(Scheduler& scheduler) : scheduler_(scheduler) {}
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  // Writes a line caused by the scheduler's current cause, and returns its id. It does not become
  // the cause: use Cause for what follows from it.
  EventId record(std::string_view actor, std::string_view kind,
                 std::initializer_list<Field> fields = {});
  EventId record(std::string_view actor, std::string_view kind, std::vector<Field> fields);

  void listen(Listener listener) { listeners_.push_back(std::move(listener)); }
  std::uint64_t hash() const { return hash_; }
  std::string hash_text() const;  // 16 hex digits
  EventId last_id() const { return next_id_ - 1; }

 private:
  Scheduler& scheduler_;
  std::vector<Listener> listeners_;
  EventId next_id_ = 1;
  std::uint64_t hash_ = base::fnv1a_start;
};

}  // namespace emulator::sim
