#include "emulator/s3/object_answer.h"

#include <array>

#include "emulator/s3/conditions.h"
#include "emulator/s3/object_headers.h"

namespace emulator::s3 {
namespace {

struct Override {
  std::string_view parameter;
  std::string_view header;
};
constexpr std::array overrides{
    Override{"response-cache-control", "cache-control"},
    Override{"response-content-disposition", "content-disposition"},
    Override{"response-content-encoding", "content-encoding"},
    Override{"response-content-language", "content-language"},
    Override{"response-content-type", "content-type"},
    Override{"response-expires", "expires"},
};

Result<void> override_headers(const Call& call, base::Headers& headers) {
  for (const Override& row : overrides) {
    const auto value = call.parameter(row.parameter);
    if (!value) continue;
    if (!is_signed(call)) {
      return fail(ErrorCode::invalid_request,
                  "Request specific response headers cannot be used for anonymous GET requests.");
    }
    headers.set(row.header, *value);
  }
  return {};
}

ObjectAnswer not_modified(const Object& object) {
  ObjectAnswer answer{.response = empty_response(304)};
  answer.response.headers.add("last-modified", base::rfc1123(object.last_modified));
  answer.response.headers.add("etag", quoted(object.etag));
  return answer;
}

ObjectAnswer not_satisfiable(const Call& call, const Object& object, Error error) {
  error.details = {{"RangeRequested", std::string(call.header("range"))}, {"ActualObjectSize", std::to_string(object.size)}};
  ObjectAnswer answer{.response = error_response(call, error)};
  answer.response.headers.add("content-range", "bytes */" + std::to_string(object.size));
  return answer;
}

std::string content_range(const ByteRange& range, std::uint64_t size) {
  return "bytes " + std::to_string(range.first) + "-" + std::to_string(range.first + range.size - 1) + "/" +
         std::to_string(size);
}

}  // namespace

Result<ObjectAnswer> answer_object(const Call& call, const Object& object) {
  if (auto checked = check_version_id(call.parameter("versionId")); !checked) return tl::unexpected(std::move(checked.error()));
  if (auto held = check_read(conditions_of(call), object, call.service.now()); !held) {
    if (held.error().code == ErrorCode::not_modified) return not_modified(object);
    return tl::unexpected(std::move(held.error()));
  }
  auto range = parse_range(call.header("range"), object.size);
  if (!range) return not_satisfiable(call, object, std::move(range.error()));
  ObjectAnswer answer{.response = {}, .range = {0, object.size}, .has_body = true};
  // A checksum of the whole would not fit the bytes of a part: clients that verify would fail.
  const bool with_checksum = call.header("x-amz-checksum-mode") == "ENABLED" && !*range;
  add_object_headers(object, with_checksum, answer.response.headers);
  if (auto done = override_headers(call, answer.response.headers); !done) return tl::unexpected(std::move(done.error()));
  if (*range) {
    answer.range = **range;
    answer.response.status = 206;
    answer.response.headers.add("content-range", content_range(answer.range, object.size));
  }
  return answer;
}

Result<void> check_version_id(const std::optional<std::string>& version_id) {
  if (!version_id || *version_id == "null") return {};
  return tl::unexpected(Error{ErrorCode::invalid_argument,
                              "Invalid version id specified",
                              {{"ArgumentName", "versionId"}, {"ArgumentValue", *version_id}}});
}

std::string whole_seconds(Instant at) {
  return base::iso_millis(std::chrono::floor<std::chrono::seconds>(at));
}

}  // namespace emulator::s3
