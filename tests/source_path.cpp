#include "tests/source_path.h"

namespace tests {

std::string source_path(std::string_view relative) {
  std::string path = SOURCE_DIR;
  if (!relative.empty()) path.append("/").append(relative);
  return path;
}

}  // namespace tests
