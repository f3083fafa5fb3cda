#pragma once
// Ids of versions, as a client sees them: 32 characters that say nothing. Inside is the sequencer
// of the version, so that a place in a listing of versions can be found again after the version is
// gone, and a version without an index of ids.

#include <optional>
#include <string>
#include <string_view>

#include "emulator/sim/random.h"

namespace emulator::s3 {

inline constexpr std::string_view null_version =
    "null";  // what the wire calls the version without an id

// sequencer: 16 upper-case hex digits.
std::string new_version_id(sim::Random& random, std::string_view sequencer);
// nullopt: no id of ours.
std::optional<std::string> sequencer_of(std::string_view version_id);

}  // namespace emulator::s3
