#include "emulator/s3/copy_source.h"

#include <algorithm>

#include "emulator/base/text.h"
#include "emulator/s3/object_headers.h"

namespace emulator::s3 {

Result<CopySource> parse_copy_source(std::string_view header) {
  const auto bad = [] {
    return tl::unexpected(
        Error{ErrorCode::invalid_argument,
              "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
              {{"ArgumentName", "x-amz-copy-source"}}});
  };
  constexpr std::string_view version = "?versionId=";
  const std::size_t version_at = header.rfind(version);
  std::string version_id;
  if (version_at != std::string_view::npos) {
    version_id =
        base::percent_decode(header.substr(version_at + version.size()), false).value_or("");
    if (auto checked = check_version_id(version_id); !checked)
      return tl::unexpected(std::move(checked.error()));
    header = header.substr(0, version_at);
  }
  const auto decoded =
      base::percent_decode(header, true);  // a blank may come as + here: Go writes it so
  if (!decoded) return bad();
  std::string_view path = *decoded;
  // AWS takes the URL of the object as well.
  if (path.starts_with("http://") || path.starts_with("https://")) {
    const std::size_t host = path.find("//") + 2;
    path.remove_prefix(std::min(path.find('/', host), path.size()));
  }
  if (path.starts_with('/')) path.remove_prefix(1);
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos && !path.empty()) {
    return tl::unexpected(
        Error{ErrorCode::invalid_argument,
              "Invalid copy source object key",
              {{"ArgumentName", "x-amz-copy-source"}, {"ArgumentValue", "x-amz-copy-source"}}});
  }
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == path.size()) return bad();
  return CopySource{std::string(path.substr(0, slash)), std::string(path.substr(slash + 1)),
                    std::move(version_id)};
}

Result<void> check_copied_size(std::uint64_t size) {
  constexpr std::uint64_t copied_bytes_max = std::uint64_t{5} << 30;
  if (size <= copied_bytes_max) return {};
  return fail(ErrorCode::invalid_request,
              "The specified copy source is larger than the maximum allowable size for a copy "
              "source: " +
                  std::to_string(copied_bytes_max));
}

}  // namespace emulator::s3
