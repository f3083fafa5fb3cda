#pragma once
// MySQL's LIKE, which compares by collation: SQLite's own folds ASCII only.

#include <cstdint>
#include <string_view>

namespace pipeline::rds::embedded {

// LIKE: % any run, _ one character; the escape character (0 = none) takes the meaning from both.
bool like_matches(std::uint32_t collation, std::string_view text, std::string_view pattern,
                  std::uint32_t escape);

}  // namespace pipeline::rds::embedded
