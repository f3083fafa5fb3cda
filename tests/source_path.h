#pragma once
// Where the checkout is: tests read its fixtures and its source. One file knows the folder, so that
// the others compile to the same objects wherever the checkout stands.

#include <string>
#include <string_view>

namespace tests {

// "fixtures/sql" -> the path of that folder; "" = the checkout itself.
std::string source_path(std::string_view relative);

}  // namespace tests
