#include <algorithm>

#include "emulator/base/text.h"
#include "emulator/base/xml.h"
#include "emulator/s3/conditions.h"
#include "emulator/s3/encryption.h"
#include "emulator/s3/object_headers.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"
#include "emulator/s3/upload_request.h"
#include "emulator/s3/xml_document.h"

namespace emulator::s3 {
namespace {

tl::unexpected<Error> not_that_part(const CompletedPart& part, const UploadAddress& upload) {
  return tl::unexpected(Error{ErrorCode::invalid_part,
                              {},
                              {{"UploadId", upload.upload_id},
                               {"PartNumber", std::to_string(part.number)},
                               {"ETag", std::string(unquoted(part.etag))}}});
}

Result<void> check_order(const CompleteMultipartUploadInput& input) {
  const std::vector<CompletedPart>& parts = input.parts;
  if (parts.empty()) return fail(ErrorCode::malformed_xml);
  const auto not_before = [](const CompletedPart& a, const CompletedPart& b) {
    return a.number >= b.number;
  };
  if (std::adjacent_find(parts.begin(), parts.end(), not_before) == parts.end()) return {};
  return tl::unexpected(
      Error{ErrorCode::invalid_part_order, {}, {{"UploadId", input.upload.upload_id}}});
}

// A checksum per part is needed where the whole's is one of theirs, and may be none where the
// upload was created without.
Result<void> check_part_checksum(const CompletedPart& listed, const Part& part,
                                 const MultipartUpload& upload, const UploadAddress& address) {
  const ChecksumKind& kind = checksum_kind(upload);
  const bool is_chosen = !upload.checksum_algorithm.empty();
  const auto given = listed.checksums.find(std::string(kind.header));
  if (is_chosen && given != listed.checksums.end()) {
    return given->second == part.checksum ? Result<void>{}
                                          : Result<void>(not_that_part(listed, address));
  }
  if (!is_chosen || checksum_type(upload) != composite)
    return listed.checksums.empty() ? Result<void>{} : Result<void>(not_that_part(listed, address));
  if (!listed.checksums.empty()) {  // by another algorithm
    const ChecksumKind* other = find_checksum_by_header(listed.checksums.begin()->first);
    return fail(ErrorCode::bad_digest,
                "The " + base::to_lower(other->name) + " you specified for part " +
                    std::to_string(listed.number) + " did not match what we received.");
  }
  return fail(ErrorCode::invalid_request, "The upload was created using a " +
                                              base::to_lower(kind.name) +
                                              " checksum. The complete request must include the "
                                              "checksum for each part. It was missing for part " +
                                              std::to_string(listed.number) + " in the request.");
}

Result<void> check_part_checksums(const CompleteMultipartUploadInput& input,
                                  const MultipartUpload& upload, const std::vector<Part>& parts) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (auto held = check_part_checksum(input.parts[i], parts[i], upload, input.upload); !held)
      return held;
  }
  return {};
}

// The uploaded parts that the client lists, in that order.
Result<std::vector<Part>> chosen_parts(const CompleteMultipartUploadInput& input,
                                       const std::vector<Part>& uploaded) {
  std::vector<Part> chosen;
  auto at = uploaded.begin();
  for (const CompletedPart& listed : input.parts) {
    at = std::find_if(at, uploaded.end(),
                      [&](const Part& part) { return part.number >= listed.number; });
    if (at == uploaded.end() || at->number != listed.number || at->etag != unquoted(listed.etag)) {
      return not_that_part(listed, input.upload);
    }
    chosen.push_back(*at);
  }
  return chosen;
}

Result<void> check_sizes(const std::vector<Part>& parts) {
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    if (parts[i].size >= part_bytes_min) continue;
    return tl::unexpected(Error{ErrorCode::entity_too_small,
                                {},
                                {{"ProposedSize", std::to_string(parts[i].size)},
                                 {"MinSizeAllowed", std::to_string(part_bytes_min)},
                                 {"PartNumber", std::to_string(parts[i].number)},
                                 {"ETag", parts[i].etag}}});
  }
  return {};
}

std::uint64_t size_of(const std::vector<Part>& parts) {
  std::uint64_t size = 0;
  for (const Part& part : parts) size += part.size;
  return size;
}

// What the client says of the whole, against what it is.
Result<void> check_whole(const CompleteMultipartUploadInput& input, const MultipartUpload& upload,
                         std::uint64_t size, const std::string& checksum) {
  if (input.size && *input.size != size) {
    return fail(ErrorCode::invalid_request,
                "The provided 'x-amz-mp-object-size' header value " + std::to_string(*input.size) +
                    " does not match what was computed: " + std::to_string(size));
  }
  const std::string_view type = checksum_type(upload);
  if (!input.checksum_type.empty() && input.checksum_type != composite &&
      input.checksum_type != full_object)
    return fail(ErrorCode::invalid_request, "Value for x-amz-checksum-type header is invalid.");
  if (!input.checksum_type.empty() && input.checksum_type != upload.checksum_type) {
    return fail(ErrorCode::invalid_request,
                "The upload was created using the " +
                    (upload.checksum_type.empty() ? "null" : upload.checksum_type) +
                    " checksum mode. The complete request must use the same checksum mode.");
  }
  const ChecksumKind& kind = checksum_kind(upload);
  if (input.checksum_header.empty()) return {};
  const bool is_that_kind = input.checksum_header == kind.header;
  if (is_that_kind && input.checksum == checksum) return {};
  // The number of parts behind a composite checksum may be left out: minio-go does.
  if (is_that_kind && type == composite && input.checksum == checksum.substr(0, checksum.find('-')))
    return {};
  return fail(ErrorCode::bad_digest, "The " + base::to_lower(kind.name) +
                                         " you specified did not match the calculated checksum.");
}

// A condition is held against the object that there was when the upload began: who wrote or deleted
// it since then comes first, and the upload has to begin anew (AWS: CompleteMultipartUpload,
// ConditionalRequestConflict).
Result<void> check_no_conflict(const Conditions& conditions, const MultipartUpload& upload,
                               const std::optional<Object>& current) {
  if (!conditions.if_match && !conditions.if_none_match) return {};
  const bool is_written = current && current->sequencer > begun_at(upload);
  if (!is_written && upload.headers.count(std::string(overtaken_header)) == 0) return {};
  return tl::unexpected(Error{
      ErrorCode::conditional_request_conflict,
      {},
      {{"Condition", conditions.if_match ? "If-Match" : "If-None-Match"}, {"Key", upload.key}}});
}

}  // namespace

// The version that the upload became, if it is there.
Result<std::optional<Object>> Service::find_made_of(const UploadAddress& upload) {
  auto current = find_object(upload.bucket, upload.key);
  if (!current || (*current && (*current)->upload_id == upload.upload_id)) return current;
  ObjectStore::VersionRange range{
      .prefix = upload.key, .from_key = upload.key, .before_sequencer = {}};
  while (true) {
    auto versions = store_.list_versions(upload.bucket, range);
    if (!versions) return storage_failed(versions.error());
    for (ListedVersion& version : *versions) {
      Object& object = version.object;
      if (object.key != upload.key) return std::nullopt;
      if (object.upload_id == upload.upload_id) return std::move(object);
      range.before_sequencer = object.sequencer;
    }
    if (versions->size() < range.limit) return std::nullopt;
  }
}

// A client that heard no answer asks again: the object is there, and made of these parts.
Result<Object> Service::completed_before(const CompleteMultipartUploadInput& input) {
  const UploadAddress& address = input.upload;
  auto object = find_made_of(address);
  if (!object) return tl::unexpected(std::move(object.error()));
  const Error gone{ErrorCode::no_such_upload, {}, {{"UploadId", address.upload_id}}};
  if (!*object) return tl::unexpected(gone);
  const auto parts = object_parts(**object);
  if (!parts) return tl::unexpected(parts.error());
  const auto is_listed = [](const Part& part, const CompletedPart& listed) {
    return part.number == listed.number && part.etag == unquoted(listed.etag);
  };
  const bool same =
      std::equal(parts->begin(), parts->end(), input.parts.begin(), input.parts.end(), is_listed);
  if (!same) return tl::unexpected(gone);
  return std::move(**object);
}

Result<Object> Service::complete_multipart_upload(const CompleteMultipartUploadInput& input,
                                                  const Conditions& conditions,
                                                  const std::optional<RequestIds>& ids) {
  if (auto ordered = check_order(input); !ordered)
    return tl::unexpected(std::move(ordered.error()));
  const auto upload = find_upload(input.upload);
  if (!upload && upload.error().code == ErrorCode::no_such_upload) return completed_before(input);
  if (!upload) return tl::unexpected(upload.error());
  const auto uploaded = store_.parts(upload->id);
  if (!uploaded) return storage_failed(uploaded.error());
  const auto parts = chosen_parts(input, *uploaded);
  if (!parts) return tl::unexpected(parts.error());
  if (auto held = check_sizes(*parts); !held) return tl::unexpected(std::move(held.error()));
  Object object{.bucket = upload->bucket,
                .key = upload->key,
                .size = size_of(*parts),
                .etag = etag_of(*parts)};
  const std::string checksum = checksum_of(*upload, *parts);
  if (auto held = check_whole(input, *upload, object.size, checksum); !held)
    return tl::unexpected(std::move(held.error()));
  if (auto held = check_part_checksums(input, *upload, *parts); !held)
    return tl::unexpected(std::move(held.error()));
  const auto current = find_object(upload->bucket, upload->key);
  if (!current) return tl::unexpected(current.error());
  if (auto held = check_write(conditions, upload->key, *current); !held)
    return tl::unexpected(std::move(held.error()));
  if (auto held = check_no_conflict(conditions, *upload, *current); !held)
    return tl::unexpected(std::move(held.error()));
  object.last_modified =
      upload->initiated;  // AWS: "Object metadata", Last-Modified of a multipart upload
  object.headers = upload->headers;
  object.headers.erase(std::string(overtaken_header));
  object.headers[std::string(checksum_kind(*upload).header)] = checksum;
  object.headers["x-amz-checksum-type"] = checksum_type(*upload);
  object.upload_id = upload->id;
  std::vector<std::uint32_t> numbers;
  for (const Part& part : *parts) numbers.push_back(part.number);
  const auto write = [&](const Object& stored, std::span<OutboxEvent> events) {
    return store_.complete(stored, numbers, events);
  };
  return write_object(std::move(object), write, "ObjectCreated:CompleteMultipartUpload",
                      ids ? *ids : new_request_ids(), "complete_upload",
                      {{"parts", std::uint64_t{numbers.size()}}});
}

namespace {

// One checksum at most, and its text that of one.
Result<void> check_listed_checksums(const CompletedPart& part) {
  bool held = part.checksums.size() <= 1;
  std::string cited;
  for (const auto& [header, value] : part.checksums) {
    const ChecksumKind* kind = find_checksum_by_header(header);
    const auto bytes = base::from_base64(value);
    held = held && bytes && bytes->size() == kind->bytes;
    cited += std::string(kind->name) + ":" + value + ";";
  }
  if (held) return {};
  return invalid_argument("Invalid Base64 or multiple checksums present in request", "Checksum",
                          cited);
}

bool is_below_one(std::string_view number) {
  const bool is_negative = number.starts_with('-');
  const auto value = base::parse_unsigned(number.substr(is_negative ? 1 : 0));
  return value && (is_negative || *value == 0);
}

Result<CompletedPart> parse_part(const XmlElement& node) {
  CompletedPart part;
  const std::string_view number_text = base::trim(node.child_text("PartNumber"));
  const auto number = base::parse_unsigned(number_text);
  if (is_below_one(number_text))
    return invalid_argument("PartNumber must be >= 1", "PartNumber", std::string(number_text));
  part.etag = std::string(base::trim(node.child_text("ETag")));
  if (!number || *number < 1 || *number > parts_max || part.etag.empty())
    return fail(ErrorCode::malformed_xml);
  part.number = static_cast<std::uint32_t>(*number);
  constexpr std::string_view checksum = "Checksum";
  for (const XmlElement& child : node.children) {
    if (!child.name.starts_with(checksum)) continue;
    const ChecksumKind* kind =
        find_checksum_by_name(std::string_view(child.name).substr(checksum.size()));
    if (kind == nullptr) {
      return fail(ErrorCode::not_implemented,
                  "CompleteMultipartUpload: " + child.name + " is not implemented");
    }
    part.checksums.emplace(kind->header, base::trim(child.text));
  }
  if (auto checked = check_listed_checksums(part); !checked)
    return tl::unexpected(std::move(checked.error()));
  return part;
}

Result<std::vector<CompletedPart>> parse_parts(const std::string& body) {
  const auto root = parse_xml(body, "CompleteMultipartUpload");
  if (!root) return tl::unexpected(root.error());
  std::vector<CompletedPart> parts;
  for (const XmlElement& node : root->children) {
    if (node.name != "Part") continue;
    auto part = parse_part(node);
    if (!part) return tl::unexpected(std::move(part.error()));
    parts.push_back(std::move(*part));
  }
  if (parts.size() > parts_max) return fail(ErrorCode::malformed_xml);
  return parts;
}

Result<void> read_headers(const Call& call, CompleteMultipartUploadInput& input) {
  for (const auto& [name, value] : call.request.headers.all()) {
    if (is_unknown_checksum_header(name))
      return fail(ErrorCode::not_implemented, name + " is not implemented");
    if (find_checksum_by_header(name) == nullptr) continue;
    if (!input.checksum_header.empty()) {
      return fail(
          ErrorCode::invalid_request,
          "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
    }
    input.checksum_header = name;
    input.checksum = value;
  }
  input.checksum_type = std::string(call.header("x-amz-checksum-type"));
  const auto size = call.request.headers.find("x-amz-mp-object-size");
  if (!size) return {};
  input.size = base::parse_unsigned(*size);
  if (!input.size)
    return fail(ErrorCode::invalid_request, "Value for x-amz-mp-object-size header is invalid.");
  return {};
}

}  // namespace

Result<base::HttpResponse> rest_complete_multipart_upload(Call& call, const std::string& body) {
  auto address = upload_address(call);
  if (!address) return tl::unexpected(std::move(address.error()));
  auto parts = parse_parts(body);
  if (!parts) {
    if (const auto there = call.service.list_parts({.upload = *address, .max_parts = 1}); !there)
      return tl::unexpected(there.error());
    return tl::unexpected(std::move(parts.error()));
  }
  CompleteMultipartUploadInput input{.upload = std::move(*address), .parts = std::move(*parts)};
  if (auto read = read_headers(call, input); !read) return tl::unexpected(std::move(read.error()));
  const auto object = call.service.complete_multipart_upload(input, conditions_of(call), call.ids);
  if (!object) return tl::unexpected(object.error());
  base::XmlWriter xml("CompleteMultipartUploadResult", s3_namespace);
  xml.leaf("Location", "http://" + std::string(call.header("host")) + call.request.path);
  xml.leaf("Bucket", call.bucket).leaf("Key", call.key).leaf("ETag", quoted(object->etag));
  if (const ChecksumKind* kind = stored_checksum(*object)) {
    xml.leaf(checksum_element(*kind), object->headers.at(std::string(kind->header)));
    xml.leaf("ChecksumType", object->headers.at("x-amz-checksum-type"));
  }
  base::HttpResponse response = xml_response(xml.take());
  add_encryption(object->headers, response.headers);
  add_version_id(object->version_id, response.headers);
  add_expiration(expiration_of(call.service.lifecycle_rules(object->bucket), *object),
                 response.headers);
  return response;
}

}  // namespace emulator::s3
