#pragma once
// Whether a bucket keeps versions (AWS: "Using versioning in S3 buckets"), as its document says.

#include <string>
#include <string_view>

#include "emulator/s3/model.h"

namespace emulator::s3 {

// Before it is enabled, and while it is suspended, objects are null versions; versions that are
// there stay.
enum class Versioning { never, enabled, suspended };
Versioning versioning_of(const Bucket& bucket);
std::string versioning_document(std::string_view status);

}  // namespace emulator::s3
