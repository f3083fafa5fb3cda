#include "emulator/s3/object_answer.h"

#include <algorithm>
#include <array>

#include "emulator/base/text.h"
#include "emulator/s3/conditions.h"
#include "emulator/s3/object_headers.h"
#include "emulator/s3/upload_request.h"

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
    // UTF-8 of what is behind U+00FF begins so.
    if (std::any_of(value->begin(), value->end(),
                    [](char c) { return static_cast<unsigned char>(c) >= 0xC4; })) {
      return invalid_argument("Header value cannot be represented using ISO-8859-1.",
                              std::string(row.parameter), *value);
    }
    headers.set(row.header, *value);
  }
  return {};
}

ObjectAnswer not_modified_answer(const Call& call, const Object& object) {
  ObjectAnswer answer{.response = empty_response(304)};
  answer.response.headers.add("last-modified", base::rfc1123(object.last_modified));
  answer.response.headers.add("etag", quoted(object.etag));
  add_version_id(call.service.version_id(object), answer.response.headers);
  return answer;
}

ObjectAnswer not_satisfiable(const Call& call, const Object& object, Error error) {
  error.details = {{"RangeRequested", std::string(call.header("range"))},
                   {"ActualObjectSize", std::to_string(object.size)}};
  ObjectAnswer answer{.response = error_response(call, error)};
  answer.response.headers.add("content-range", "bytes */" + std::to_string(object.size));
  return answer;
}

std::string content_range(const ByteRange& range, std::uint64_t size) {
  return "bytes " + std::to_string(range.first) + "-" +
         std::to_string(range.first + range.size - 1) + "/" + std::to_string(size);
}

// ?partNumber=N: a range too.
struct AnsweredPart {
  ByteRange range;
  std::size_t count = 0;  // of the object's parts; 0: it came in one piece
  std::string checksum;   // "" = none of its own
};

tl::unexpected<Error> no_such_part(std::uint32_t number, std::size_t parts) {
  return tl::unexpected(Error{ErrorCode::invalid_part_number,
                              {},
                              {{"PartNumberRequested", std::to_string(number)},
                               {"ActualPartCount", std::to_string(parts)}}});
}

Result<AnsweredPart> find_part(const Call& call, const Object& object) {
  if (call.request.headers.has("range")) {
    return fail(ErrorCode::invalid_request,
                "Cannot specify both Range header and partNumber query parameter");
  }
  const auto number = part_number(call);
  if (!number) return tl::unexpected(number.error());
  if (object.upload_id.empty()) {
    if (*number != 1) return no_such_part(*number, 1);
    return AnsweredPart{{0, object.size}, 0, {}};
  }
  const auto parts = call.service.object_parts(object);
  if (!parts) return tl::unexpected(parts.error());
  AnsweredPart found{{}, parts->size(), {}};
  for (const Part& part : *parts) {
    if (part.number == *number) {
      found.range.size = part.size;
      found.checksum = part.checksum;
      return found;
    }
    found.range.first += part.size;
  }
  return no_such_part(*number, parts->size());
}

// Each part has a checksum by the object's algorithm, which fits the bytes of the answer. AWS tells
// it only where the checksum of the whole is one of the parts', or the part is the whole; Ceph's
// suite wants it always.
void add_part_headers(const Object& object, const AnsweredPart& part, bool with_checksum,
                      base::Headers& headers) {
  if (part.count > 0) headers.add("x-amz-mp-parts-count", std::to_string(part.count));
  const auto type = object.headers.find("x-amz-checksum-type");
  const ChecksumKind* kind = stored_checksum(object);
  if (!with_checksum || part.checksum.empty() || kind == nullptr || type == object.headers.end())
    return;
  headers.add(std::string(kind->header), part.checksum);
  headers.add("x-amz-checksum-type", type->second);
}

// What of the object is asked for: by part number, by range, or all of it (nullopt).
Result<std::optional<ByteRange>> requested_range(const Call& call, const Object& object,
                                                 const std::optional<AnsweredPart>& part) {
  if (!part) return parse_range(call.header("range"), object.size);
  return part->range.size == 0 ? std::nullopt : std::optional(part->range);
}

}  // namespace

Result<void> check_part_parameter(const Call& call) {
  if (!call.parameter("partNumber")) return {};
  if (const auto number = part_number(call); !number) return tl::unexpected(number.error());
  return {};
}

Result<ObjectAnswer> answer_object(const Call& call, const Object& object) {
  if (auto held = check_read(conditions_of(call), object, call.service.now()); !held) {
    if (held.error().code == ErrorCode::not_modified) return not_modified_answer(call, object);
    return tl::unexpected(std::move(held.error()));
  }
  std::optional<AnsweredPart> part;
  if (call.parameter("partNumber")) {
    auto found = find_part(call, object);
    if (!found) return tl::unexpected(std::move(found.error()));
    part = std::move(*found);
  }
  auto range = requested_range(call, object, part);
  if (!range) return not_satisfiable(call, object, std::move(range.error()));
  ObjectAnswer answer{.response = {}, .range = {0, object.size}, .has_body = true};
  // A checksum of the whole would not fit the bytes of a part: clients that verify would fail. A
  // range may be the whole, and an object in one piece is its own part 1.
  const bool with_checksum =
      base::equals_ignoring_case(call.header("x-amz-checksum-mode"), "ENABLED");
  const bool is_whole = part ? part->count == 0 : !*range || (*range)->size == object.size;
  add_object_headers(object, with_checksum && is_whole, answer.response.headers);
  add_version_id(call.service.version_id(object), answer.response.headers);
  if (!call.parameter("versionId"))  // AWS tells it of what is current only, asked for without id
    add_expiration(expiration_of(call.service.lifecycle_rules(object.bucket), object),
                   answer.response.headers);
  if (part) add_part_headers(object, *part, with_checksum, answer.response.headers);
  if (auto done = override_headers(call, answer.response.headers); !done)
    return tl::unexpected(std::move(done.error()));
  if (*range) {
    answer.range = **range;
    answer.response.status = 206;
    answer.response.headers.add("content-range", content_range(answer.range, object.size));
  }
  return answer;
}

std::string whole_seconds(Instant at) {
  return base::iso_millis(std::chrono::floor<std::chrono::seconds>(at));
}

}  // namespace emulator::s3
