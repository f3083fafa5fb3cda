#include "emulator/sim/fault.h"

#include <fmt/format.h>

#include "emulator/base/text.h"
#include "emulator/sim/faults/faults.h"

namespace emulator::sim {
namespace {

// One row a kind. "crash" is for crash points, which have no delivery to change.
constexpr FaultKind kinds[] = {
    {"drop", "the message is lost; the sender never knows (count, skip, match, probability)",
     faults::drop},
    {"delay", "it arrives later, by = \"2m\"", faults::delay},
    {"duplicate", "it arrives again, places = further copies, by = how long after",
     faults::duplicate},
    {"reorder", "it arrives after the next `places` messages of the link", faults::reorder},
    {"fail_before", "the caller gets an error and nothing has happened", faults::fail_before},
    {"fail_after", "the caller gets an error although it has happened", faults::fail_after},
    {"crash", "the service dies at a crash point", faults::crash},
};

}  // namespace

std::span<const FaultKind> fault_kinds() { return kinds; }

base::Result<void> Faults::set(Fault fault) {
  for (const FaultKind& kind : kinds) {
    if (kind.name != fault.kind) continue;
    armed_.push_back({std::move(fault), 0, 0});
    return {};
  }
  std::vector<std::string> names;
  for (const FaultKind& kind : kinds) names.emplace_back(kind.name);
  auto near = base::nearest(fault.kind, names);
  return base::fail(fmt::format("there is no fault \"{}\"", fault.kind),
                    near ? fmt::format("did you mean \"{}\"?", *near)
                         : fmt::format("the kinds are {}", fmt::join(names, ", ")));
}

bool Faults::due(Armed& armed, std::string_view place, std::string_view label) {
  if (armed.fault.link != place) return false;
  if (!armed.fault.match.empty() && !glob_matches(armed.fault.match, label)) return false;
  if (armed.seen++ < armed.fault.skip) return false;
  if (armed.fault.count && armed.hits >= *armed.fault.count) return false;
  if (armed.fault.probability < 1.0 && !random_.chance(armed.fault.probability)) return false;
  ++armed.hits;
  trace_.record("link", "fault", {{"link", place}, {"label", label}, {"fault", armed.fault.kind}});
  return true;
}

void Faults::apply(std::string_view link, std::string_view label, Delivery& delivery) {
  for (Armed& armed : armed_) {
    if (!due(armed, link, label)) continue;
    for (const FaultKind& kind : kinds)
      if (kind.name == armed.fault.kind) kind.apply(armed.fault, delivery);
  }
}

bool Faults::crash_here(std::string_view point, std::string_view label) {
  bool crash = false;
  for (Armed& armed : armed_) crash = due(armed, point, label) || crash;
  return crash;
}

std::vector<std::pair<Fault, std::int64_t>> Faults::hits() const {
  std::vector<std::pair<Fault, std::int64_t>> out;
  for (const Armed& armed : armed_) out.emplace_back(armed.fault, armed.hits);
  return out;
}

// The usual two-pointer match: at a mismatch, let the last * swallow one more character.
bool glob_matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace emulator::sim
