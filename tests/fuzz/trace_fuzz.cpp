// Any bytes as a saved trace: what is read back must be written and read the same again, and
// explaining it must end.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "emulator/base/check.h"
#include "pipeline/scenario/why.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pipeline::scenario;
  const auto runs = parse_trace({reinterpret_cast<const char*>(data), size}, "trace");
  if (!runs) return 0;
  std::string text;
  for (const auto& run : *runs) {
    for (const auto& line : run) {
      static_cast<void>(explain_object(run, line.field("bucket"), line.field("key")));
      text += line.json() + "\n";
      if (run.size() > 50) break;  // explaining is quadratic in what a key went through
    }
  }
  CHECK(parse_trace(text, "again").has_value());
  return 0;
}
