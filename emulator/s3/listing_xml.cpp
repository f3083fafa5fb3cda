#include "emulator/s3/listing_xml.h"

#include <algorithm>

#include "emulator/base/text.h"
#include "emulator/s3/checksums.h"
#include "emulator/s3/object_answer.h"

namespace emulator::s3 {
namespace {

constexpr std::size_t max_keys_max = 1000;

tl::unexpected<Error> bad_argument(std::string message, std::string name, std::string value) {
  return tl::unexpected(Error{ErrorCode::invalid_argument,
                              std::move(message),
                              {{"ArgumentName", std::move(name)}, {"ArgumentValue", std::move(value)}}});
}

Result<std::size_t> max_keys(const Call& call) {
  const auto text = call.parameter("max-keys");
  if (!text || text->empty()) return max_keys_max;
  const auto number = base::parse_integer(*text);
  if (!number || *number > 2147483647 || *number < -2147483648) {
    return bad_argument("Provided max-keys not an integer or within integer range", "max-keys", *text);
  }
  if (*number < 0) return bad_argument("Argument maxKeys must be an integer between 0 and 2147483647", "maxKeys", *text);
  return std::min(static_cast<std::size_t>(*number), max_keys_max);
}

const ChecksumKind* checksum_of(const Object& object) {
  for (const auto& [name, value] : object.headers) {
    if (const ChecksumKind* kind = find_checksum_by_header(name)) return kind;
  }
  return nullptr;
}

}  // namespace

Result<ListingRequest> listing_request(const Call& call) {
  ListingRequest request;
  const auto count = max_keys(call);
  if (!count) return tl::unexpected(count.error());
  request.input.bucket = call.bucket;
  request.input.prefix = call.parameter("prefix").value_or("");
  request.input.delimiter = call.parameter("delimiter").value_or("");
  request.input.max_keys = *count;
  if (const auto encoding = call.parameter("encoding-type")) {
    if (*encoding != "url") return bad_argument("Invalid Encoding Method specified in Request", "encoding-type", *encoding);
    request.url_encoded = true;
  }
  return request;
}

ListingWriter::ListingWriter(const Call& call, const ListingRequest& request)
    : call_(call), request_(request), xml_("ListBucketResult", s3_namespace) {}

void ListingWriter::name(std::string_view element, std::string_view text) {
  xml_.leaf(element, request_.url_encoded ? base::percent_encode(text, "/") : std::string(text));
}

void ListingWriter::heading(const ListObjectsOutput& output) {
  xml_.leaf("Name", call_.bucket);
  name("Prefix", request_.input.prefix);
  if (!request_.input.delimiter.empty()) name("Delimiter", request_.input.delimiter);
  xml_.leaf("MaxKeys", std::to_string(request_.input.max_keys));
  if (request_.url_encoded) xml_.leaf("EncodingType", "url");
  xml_.leaf("IsTruncated", output.truncated ? "true" : "false");
}

void ListingWriter::entries(const ListObjectsOutput& output, bool with_owner) {
  for (const Object& entry : output.objects) object(entry, with_owner);
  for (const std::string& prefix : output.common_prefixes) {
    xml_.open("CommonPrefixes");
    name("Prefix", prefix);
    xml_.close();
  }
}

void ListingWriter::object(const Object& object, bool with_owner) {
  xml_.open("Contents");
  name("Key", object.key);
  xml_.leaf("LastModified", whole_seconds(object.last_modified));
  xml_.leaf("ETag", quoted(object.etag));
  if (const ChecksumKind* checksum = checksum_of(object)) {
    xml_.leaf("ChecksumAlgorithm", checksum->name).leaf("ChecksumType", "FULL_OBJECT");
  }
  xml_.leaf("Size", std::to_string(object.size));
  if (with_owner) xml_.open("Owner").leaf("ID", owner_id(call_.service.options())).close();
  const auto storage_class = object.headers.find("x-amz-storage-class");
  xml_.leaf("StorageClass", storage_class == object.headers.end() ? "STANDARD" : storage_class->second);
  xml_.close();
}

}  // namespace emulator::s3
