#pragma once
// The source of CopyObject and UploadPartCopy, as x-amz-copy-source names it.

#include <string>

#include "emulator/s3/rest_call.h"

namespace emulator::s3 {

struct CopySource {
  std::string bucket;
  std::string key;
  std::string version_id = {};  // "" = what is current
};
// [/]bucket/key[?versionId=...], percent-encoded; a plus is a plus.
Result<CopySource> parse_copy_source(std::string_view header);

}  // namespace emulator::s3
