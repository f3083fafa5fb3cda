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
  std::string_view header = {};  // one that goes with the document, where there is one; kept beside
                                 // it under its own name
  std::span<const std::string_view> header_values = {};  // what it may say; the first is meant
                                                         // where it says nothing
};

// nullptr if there is none of that name.
const BucketDocument* find_bucket_document(std::string_view subresource);

}  // namespace emulator::s3
