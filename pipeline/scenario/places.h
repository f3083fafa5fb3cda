#pragma once
// Where a fault can be set, by name: the links between services and the crash points inside them.
// One row each; the services create links and crash points under these names.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pipeline::scenario {

struct Place {
  std::string_view name;
  std::string_view what;
};
std::span<const Place> link_places();
std::span<const Place> latency_places();  // the links whose latency a stack can set
std::span<const Place> crash_places();
std::vector<std::string> names_of(std::span<const Place> places);

}  // namespace pipeline::scenario
