#pragma once
// What GetObject and HeadObject have in common: conditions, range, response-* overrides, headers.

#include <optional>
#include <string>

#include "emulator/s3/range.h"
#include "emulator/s3/rest_call.h"

namespace emulator::s3 {

struct ObjectAnswer {
  base::HttpResponse response;  // status and headers: 200, 206, 304 or 416
  ByteRange range;              // what of the body is sent
  bool has_body = false;        // false: the response is complete (304, 416)
};
Result<ObjectAnswer> answer_object(const Call& call, const Object& object);

// What is wrong with ?partNumber whatever the object is: to be asked before it.
Result<void> check_part_parameter(const Call& call);

// "2026-01-02T03:04:05.000Z": S3 keeps whole seconds of Last-Modified.
std::string whole_seconds(Instant at);

}  // namespace emulator::s3
