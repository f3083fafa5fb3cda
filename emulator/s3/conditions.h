#pragma once
// Conditional requests (RFC 9110 section 13; AWS: "Conditional reads", "Conditional writes"). Pure:
// an object or its absence in, a verdict out.

#include <optional>
#include <string_view>

#include "emulator/s3/error.h"
#include "emulator/s3/model.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {

// An ETag without the quotes that it may have; AWS forgives it one of the two.
std::string_view unquoted(std::string_view etag);

// `header` is an If-Match or If-None-Match value: "*", or one or more ETags, in quotes or not.
bool etag_matches(std::string_view header, std::string_view etag);

// PutObject and CopyObject's destination. An If-None-Match other than "*" is not implemented (as on
// AWS).
Result<void> check_write(const Conditions& conditions, const std::string& key,
                         const std::optional<Object>& current);
Result<void> check_delete(const Conditions& conditions, const std::string& key,
                          const std::optional<Object>& current);
// GetObject and HeadObject: not_modified or precondition_failed.
Result<void> check_read(const Conditions& conditions, const Object& object, Instant now);
// CopyObject's source: everything that does not hold is precondition_failed.
Result<void> check_copy_source(const Conditions& conditions, const Object& object, Instant now);

using base::parse_http_date;

}  // namespace emulator::s3
