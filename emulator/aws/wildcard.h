#pragma once
// The wildcards of policies (AWS: "IAM JSON policy elements"): '*' for any text, '?' for any character.

#include <string_view>

namespace emulator::aws {

bool matches_wildcard(std::string_view pattern, std::string_view text);

}  // namespace emulator::aws
