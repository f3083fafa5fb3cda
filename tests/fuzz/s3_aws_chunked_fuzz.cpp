// Any body in aws-chunked frames, signed or not. However it is cut, it gives the same bytes, the
// same trailers and the same verdict as in one piece. The first byte of the input says in how large
// pieces it arrives, its highest bit whether the chunks are signed.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "emulator/base/check.h"
#include "emulator/s3/aws_chunked.h"

namespace {

using namespace emulator;

struct Outcome {
  std::string bytes;
  std::string verdict;
  std::map<std::string, std::string> trailers;
  bool operator==(const Outcome&) const = default;
};

Outcome decoded(std::string_view text, std::size_t piece_bytes, bool is_signed) {
  s3::AwsChunkedDecoder decoder(is_signed, false);
  Outcome out;
  for (; !text.empty(); text.remove_prefix(std::min(piece_bytes, text.size()))) {
    const auto done = decoder.decode(text.substr(0, piece_bytes),
                                     [&](std::string_view bytes) -> s3::Result<void> {
                                       out.bytes += bytes;
                                       return {};
                                     });
    if (!done) return {{}, done.error().text(), {}};
  }
  out.verdict = decoder.complete() ? "complete" : "cut short";
  out.trailers = decoder.trailers();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool is_signed = (data[0] & 0x80) != 0;
  const std::size_t piece_bytes = (data[0] & 0x7F) + std::size_t{1};
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = decoded(text, std::max<std::size_t>(1, text.size()), is_signed);
  CHECK(decoded(text, piece_bytes, is_signed) == whole);
  CHECK(whole.bytes.size() <= text.size());
  return 0;
}
