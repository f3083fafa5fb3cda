#include <algorithm>
#include <array>

#include "emulator/base/text.h"
#include "emulator/base/xml.h"
#include "emulator/s3/object_answer.h"
#include "emulator/s3/object_headers.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"
#include "emulator/s3/upload_request.h"

namespace emulator::s3 {
namespace {

struct Wanted {
  bool etag = false, checksum = false, parts = false, storage_class = false, size = false;
  std::uint64_t parts_after = 0;
  std::uint64_t parts_max = 1000;
};

struct AttributeName {
  std::string_view name;
  bool Wanted::*wanted;
};
constexpr std::array attribute_names{
    AttributeName{"ETag", &Wanted::etag},
    AttributeName{"Checksum", &Wanted::checksum},
    AttributeName{"ObjectParts", &Wanted::parts},
    AttributeName{"StorageClass", &Wanted::storage_class},
    AttributeName{"ObjectSize", &Wanted::size},
};

// The header names several, with commas or by being there several times.
Result<void> read_names(const Call& call, Wanted& wanted) {
  bool any = false;
  for (const auto& [header, value] : call.request.headers.all()) {
    if (header != "x-amz-object-attributes") continue;
    for (std::string_view name : base::split(value, ',')) {
      name = base::trim(name);
      if (name.empty()) continue;
      const auto row = std::find_if(attribute_names.begin(), attribute_names.end(),
                                    [&](const AttributeName& known) { return known.name == name; });
      if (row == attribute_names.end())
        return invalid_argument("Invalid attribute name specified.", header, std::string(name));
      wanted.*row->wanted = any = true;
    }
  }
  if (any) return {};
  return fail(ErrorCode::invalid_request,
              "The x-amz-object-attributes header specifying the attributes to be retrieved is "
              "either missing or empty");
}

Result<void> read_number(const Call& call, const std::string& header, std::uint64_t most,
                         std::uint64_t& into) {
  const auto text = call.request.headers.find(header);
  if (!text) return {};
  const auto number = base::parse_unsigned(*text);
  if (!number)
    return invalid_argument("Argument " + header + " must be a positive integer", header,
                            std::string(*text));
  into = std::min(*number, most);
  return {};
}

Result<Wanted> read_wanted(const Call& call) {
  Wanted wanted;
  const auto read =
      read_names(call, wanted)
          .and_then([&] { return read_number(call, "x-amz-max-parts", 1000, wanted.parts_max); })
          .and_then([&] {
            return read_number(call, "x-amz-part-number-marker", parts_max, wanted.parts_after);
          });
  if (!read) return tl::unexpected(read.error());
  return wanted;
}

// With the number of parts behind a COMPOSITE one, as Ceph's suite wants it and HEAD tells it; AWS
// leaves the number out here, and only here.
void write_checksum(base::XmlWriter& xml, const Object& object) {
  const ChecksumKind* kind = stored_checksum(object);
  if (kind == nullptr) return;
  xml.open("Checksum").leaf(checksum_element(*kind), object.headers.at(std::string(kind->header)));
  const auto type = object.headers.find("x-amz-checksum-type");
  if (type != object.headers.end()) xml.leaf("ChecksumType", type->second);
  xml.close();
}

// AWS lists the parts one by one only where the client chose their checksum; here they are listed
// always, which other servers do too, and with the checksum only where it is COMPOSITE (of a whole,
// a part's says nothing).
void write_parts(base::XmlWriter& xml, const Object& object, const std::vector<Part>& parts,
                 const Wanted& wanted) {
  xml.open("ObjectParts").leaf("PartsCount", std::to_string(parts.size()));
  const auto type = object.headers.find("x-amz-checksum-type");
  const ChecksumKind* kind = stored_checksum(object);
  const bool with_checksums =
      kind != nullptr && type != object.headers.end() && type->second == composite;
  auto at = std::find_if(parts.begin(), parts.end(),
                         [&](const Part& part) { return part.number > wanted.parts_after; });
  const auto end = at + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(
                            wanted.parts_max, static_cast<std::uint64_t>(parts.end() - at)));
  xml.leaf("PartNumberMarker", std::to_string(wanted.parts_after));
  xml.leaf("NextPartNumberMarker", std::to_string(end == at ? 0 : (end - 1)->number));
  xml.leaf("MaxParts", std::to_string(wanted.parts_max))
      .leaf("IsTruncated", end == parts.end() ? "false" : "true");
  for (; at != end; ++at) {
    xml.open("Part")
        .leaf("PartNumber", std::to_string(at->number))
        .leaf("Size", std::to_string(at->size));
    if (with_checksums) xml.leaf(checksum_element(*kind), at->checksum);
    xml.close();
  }
  xml.close();
}

}  // namespace

Result<std::vector<Part>> Service::object_parts(const Object& object) {
  if (object.upload_id.empty()) return std::vector<Part>{};
  auto parts = store_.parts(object.upload_id);
  if (!parts) return storage_failed(parts.error());
  return std::move(*parts);
}

Result<base::HttpResponse> rest_get_object_attributes(Call& call, const std::string&) {
  if (const auto bucket = call.service.head_bucket(call.bucket); !bucket)
    return tl::unexpected(bucket.error());
  const auto version_id = requested_version(call);
  if (!version_id) return tl::unexpected(version_id.error());
  const auto wanted = read_wanted(call);
  if (!wanted) return tl::unexpected(wanted.error());
  const auto object = call.service.head_object(call.bucket, call.key, *version_id);
  if (!object) return tl::unexpected(object.error());
  const auto parts = call.service.object_parts(*object);
  if (!parts) return tl::unexpected(parts.error());
  base::XmlWriter xml("GetObjectAttributesResponse", s3_namespace);
  if (wanted->etag) xml.leaf("ETag", object->etag);
  if (wanted->checksum) write_checksum(xml, *object);
  if (wanted->parts && !parts->empty()) write_parts(xml, *object, *parts, *wanted);
  if (wanted->storage_class) xml.leaf("StorageClass", storage_class_of(object->headers));
  if (wanted->size) xml.leaf("ObjectSize", std::to_string(object->size));
  base::HttpResponse response = xml_response(xml.take());
  response.headers.add("last-modified", base::rfc1123(object->last_modified));
  add_version_id(call.service.version_id(*object), response.headers);
  return response;
}

}  // namespace emulator::s3
