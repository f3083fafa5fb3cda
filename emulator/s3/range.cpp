#include "emulator/s3/range.h"

#include <algorithm>

#include "emulator/base/text.h"

namespace emulator::s3 {

Result<std::optional<ByteRange>> parse_range(std::string_view header, std::uint64_t object_size) {
  constexpr std::string_view unit = "bytes=";
  const std::optional<ByteRange> whole;
  if (!header.starts_with(unit)) return whole;
  header = header.substr(unit.size());
  const std::size_t dash = header.find('-');
  if (dash == std::string_view::npos) return whole;
  const std::string_view left = header.substr(0, dash), right = header.substr(dash + 1);
  const std::optional<std::uint64_t> from = base::parse_unsigned(left),
                                     to = base::parse_unsigned(right);
  if (left.empty()) {  // the last n bytes
    if (!to) return whole;
    if (*to == 0 || object_size == 0) return fail(ErrorCode::invalid_range);
    const std::uint64_t size = std::min(*to, object_size);
    return std::optional(ByteRange{object_size - size, size});
  }
  if (!from || (!right.empty() && (!to || *to < *from))) return whole;
  if (*from >= object_size) return fail(ErrorCode::invalid_range);
  const std::uint64_t last = right.empty() ? object_size - 1 : std::min(*to, object_size - 1);
  return std::optional(ByteRange{*from, last - *from + 1});
}

}  // namespace emulator::s3
