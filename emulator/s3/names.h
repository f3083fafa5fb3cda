#pragma once
// What a bucket and a key may be called (AWS: "General purpose bucket naming rules", "Naming Amazon
// S3 objects").

#include <string_view>

#include "emulator/s3/error.h"

namespace emulator::s3 {

bool is_bucket_name(std::string_view name);
Result<void> check_bucket_name(std::string_view name);
Result<void> check_key(std::string_view key);  // 1 to 1024 bytes of UTF-8

}  // namespace emulator::s3
