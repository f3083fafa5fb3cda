#pragma once
// Common prefixes, as every listing with a delimiter has them.

#include <string>
#include <string_view>

namespace emulator::s3 {

// "dir/" of "dir/a/b" under prefix "" and delimiter "/"; "" if the key is not rolled up.
std::string_view common_prefix(std::string_view key, std::string_view prefix,
                               std::string_view delimiter);
// The least key that is greater than every key beginning with prefix; "" if there is none.
std::string after_all_with(std::string prefix);

}  // namespace emulator::s3
