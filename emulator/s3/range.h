#pragma once
// The Range header of GetObject and HeadObject (RFC 9110 section 14; S3 serves one range of bytes).

#include <cstdint>
#include <optional>
#include <string_view>

#include "emulator/s3/error.h"

namespace emulator::s3 {

struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t size = 0;
};

// nullopt: the whole object, because the header is none that S3 understands (bad syntax, several
// ranges). invalid_range: it begins behind the end.
Result<std::optional<ByteRange>> parse_range(std::string_view header, std::uint64_t object_size);

}  // namespace emulator::s3
