// A manifest that anybody may have put in the output bucket: read, and if it is one, rendered and
// read again to the same.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "pipeline/glue/native/manifest.h"

using pipeline::glue::native::parse_manifest;
using pipeline::glue::native::render;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto manifest = parse_manifest(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!manifest) return 0;
  const std::string text = render(*manifest);
  auto again = parse_manifest(text);
  if (!again || render(*again) != text) std::abort();
  return 0;
}
