#pragma once
// The source of CopyObject and UploadPartCopy, as x-amz-copy-source names it.

#include <cstdint>
#include <string>

#include "emulator/s3/rest_call.h"

namespace emulator::s3 {

struct CopySource {
  std::string bucket;
  std::string key;
  std::string version_id = {};  // "" = what is current
};
// [/]bucket/key[?versionId=...], percent-encoded; a plus that is not is a blank, as Go writes it.
Result<CopySource> parse_copy_source(std::string_view header);
// One call copies at most as much as one PUT brings (AWS: CopyObject, UploadPartCopy).
Result<void> check_copied_size(std::uint64_t size);

}  // namespace emulator::s3
