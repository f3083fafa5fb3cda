// Any multipart/form-data body, cut anywhere. The first byte of the input says in how large pieces
// it arrives.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "emulator/s3/form_parser.h"
#include "emulator/s3/post_policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace emulator;
  if (size == 0) return 0;
  const std::size_t piece_bytes = data[0] + std::size_t{1};
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const s3::FormParser::Handlers handlers{
      [](const s3::FormFields& fields, const s3::FormParser::File&) -> s3::Result<void> {
        for (const auto& [name, value] : fields)
          static_cast<void>(s3::check_post_policy(value, fields, "one", base::Instant{}));
        return {};
      },
      [](std::string_view) -> s3::Result<void> { return {}; }};
  s3::FormParser parser = s3::FormParser::create("multipart/form-data; boundary=b").value();
  for (; !text.empty(); text.remove_prefix(std::min(piece_bytes, text.size()))) {
    if (!parser.parse(text.substr(0, piece_bytes), handlers)) return 0;
  }
  static_cast<void>(parser.finish());
  return 0;
}
