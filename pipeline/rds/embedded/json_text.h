#pragma once
// JSON as MySQL keeps and prints it: keys sorted by length, then bytes, the last of equal ones
// kept; ", " and ": " between; doubles with a point or an exponent.

#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace pipeline::rds::embedded {

struct JsonProblem {
  std::string what;  // "Invalid value."
  std::size_t position = 0;
};

tl::expected<std::string, JsonProblem> normalised_json(std::string_view text);
std::string json_quoted(std::string_view text);

}  // namespace pipeline::rds::embedded
