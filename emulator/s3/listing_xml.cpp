#include "emulator/s3/listing_xml.h"

#include <algorithm>

#include "emulator/base/text.h"
#include "emulator/s3/multipart.h"
#include "emulator/s3/object_answer.h"
#include "emulator/s3/object_headers.h"

namespace emulator::s3 {
namespace {

constexpr std::size_t page_size_max = 1000;

}  // namespace

Result<std::size_t> listing_number(const Call& call, const std::string& parameter,
                                   std::size_t otherwise) {
  const auto text = call.parameter(parameter);
  if (!text || text->empty()) return otherwise;
  const auto number = base::parse_integer(*text);
  if (!number || *number > 2147483647 || *number < -2147483648) {
    return invalid_argument("Provided " + parameter + " not an integer or within integer range",
                            parameter, *text);
  }
  if (*number < 0) {
    const std::string name =
        parameter == "max-keys" ? "maxKeys" : parameter;  // as AWS calls it here, and only here
    return invalid_argument("Argument " + name + " must be an integer between 0 and 2147483647",
                            name, *text);
  }
  return static_cast<std::size_t>(*number);
}

Result<std::size_t> page_size(const Call& call, const std::string& parameter) {
  return listing_number(call, parameter, page_size_max).map([](std::size_t number) {
    return std::min(number, page_size_max);
  });
}

Result<bool> wants_url_encoding(const Call& call) {
  const auto encoding = call.parameter("encoding-type");
  if (!encoding) return false;
  if (!base::equals_ignoring_case(*encoding, "url"))
    return invalid_argument("Invalid Encoding Method specified in Request", "encoding-type",
                            *encoding);
  return true;
}

Result<ListingRequest> listing_request(const Call& call) {
  ListingRequest request;
  const auto count = page_size(call, "max-keys");
  if (!count) return tl::unexpected(count.error());
  request.input.bucket = call.bucket;
  request.input.prefix = call.parameter("prefix").value_or("");
  request.input.delimiter = call.parameter("delimiter").value_or("");
  request.input.max_keys = *count;
  const auto url_encoded = wants_url_encoding(call);
  if (!url_encoded) return tl::unexpected(url_encoded.error());
  request.url_encoded = *url_encoded;
  return request;
}

EntryWriter::EntryWriter(base::XmlWriter& xml, bool url_encoded, const ServiceOptions& options)
    : xml_(xml), url_encoded_(url_encoded), owner_(owner_id(options)) {}

void EntryWriter::name(std::string_view element, std::string_view text) {
  if (url_encoded_) {
    xml_.leaf(element, base::percent_encode(text, "/"));
  } else {
    xml_.leaf(element, text);
  }
}

void EntryWriter::owner() {
  xml_.open("Owner").leaf("ID", owner_).leaf("DisplayName", owner_name).close();
}

// Neighbours are often of one second.
const std::string& EntryWriter::whole_second(Instant at) {
  const Instant second = std::chrono::floor<std::chrono::seconds>(at);
  if (second != second_ || second_text_.empty()) second_text_ = whole_seconds(second_ = second);
  return second_text_;
}

void EntryWriter::properties(const ListedObject& object, bool with_owner) {
  xml_.plain_leaf("LastModified", whole_second(object.last_modified));
  xml_.plain_leaf("ETag", "&quot;" + object.etag + "&quot;");
  if (!object.checksum_algorithm.empty()) {
    xml_.plain_leaf("ChecksumAlgorithm", object.checksum_algorithm);
    xml_.leaf("ChecksumType", object.checksum_type.empty() ? full_object : object.checksum_type);
  }
  xml_.plain_leaf("Size", std::to_string(object.size));
  if (with_owner) owner();
  xml_.leaf("StorageClass",
            object.storage_class.empty() ? std::string_view("STANDARD") : object.storage_class);
}

void EntryWriter::prefixes(const std::vector<std::string>& common_prefixes) {
  for (const std::string& prefix : common_prefixes) {
    xml_.open("CommonPrefixes");
    name("Prefix", prefix);
    xml_.close();
  }
}

ListingWriter::ListingWriter(const Call& call, const ListingRequest& request)
    : call_(call),
      request_(request),
      xml_("ListBucketResult", s3_namespace),
      entries_(xml_, request.url_encoded, call.service.options()) {}

void ListingWriter::heading(const ListObjectsOutput& output) {
  xml_.leaf("Name", call_.bucket);
  name("Prefix", request_.input.prefix);
  if (!request_.input.delimiter.empty()) name("Delimiter", request_.input.delimiter);
  xml_.leaf("MaxKeys", std::to_string(request_.input.max_keys));
  if (request_.url_encoded) xml_.leaf("EncodingType", "url");
  xml_.leaf("IsTruncated", output.truncated ? "true" : "false");
}

void ListingWriter::entries(const ListObjectsOutput& output, bool with_owner) {
  constexpr std::size_t entry_bytes = 400;  // a guess; more may come
  xml_.reserve(output.objects.size() * entry_bytes);
  for (const ListedObject& object : output.objects) {
    xml_.open("Contents");
    name("Key", object.key);
    entries_.properties(object, with_owner);
    xml_.close();
  }
  entries_.prefixes(output.common_prefixes);
}

}  // namespace emulator::s3
