#pragma once
// The sub-resources of a bucket that are documents: put, answered and deleted whole. One row each
// in the table: what it may hold, what AWS answers where there is none. They are kept as canonical
// text in Bucket::configurations.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "emulator/s3/error.h"

namespace emulator::s3 {

// One that goes with a document, kept beside it under its own name.
struct DocumentHeader {
  std::string_view name = {};                     // "x-amz-transition-default-minimum-object-size"
  std::string_view field = {};                    // what AWS calls it where it refuses a value
  std::span<const std::string_view> values = {};  // the first is meant where it says nothing
};

struct BucketDocument {
  // The text to keep, of what the client sent; "" = as if there were none. new_id names what the
  // client left unnamed.
  using Canonical = Result<std::string> (*)(std::string_view body, const std::string& bucket,
                                            const std::function<std::string()>& new_id);

  std::string_view subresource;  // "cors"
  Canonical canonical;
  std::optional<ErrorCode> missing = {};  // what GET answers where there is none ...
  std::string_view standard = {};         // ... or this text, as AWS has it by default
  int put_status = 200;
  DocumentHeader header = {};  // without a name: there is none
};

// nullptr if there is none of that name.
const BucketDocument* find_bucket_document(std::string_view subresource);

}  // namespace emulator::s3
