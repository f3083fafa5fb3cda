#include "emulator/base/text.h"
#include "emulator/base/xml.h"
#include "emulator/s3/listing_xml.h"
#include "emulator/s3/object_answer.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"
#include "emulator/s3/upload_request.h"

namespace emulator::s3 {

Result<ListPartsOutput> Service::list_parts(const ListPartsInput& input) {
  auto upload = find_upload(input.upload);
  if (!upload) return tl::unexpected(std::move(upload.error()));
  auto parts = store_.parts(upload->id, input.after, input.max_parts + 1);
  if (!parts) return storage_failed(parts.error());
  ListPartsOutput output{.upload = std::move(*upload), .parts = std::move(*parts)};
  output.truncated = input.max_parts > 0 && output.parts.size() > input.max_parts;
  if (output.parts.size() > input.max_parts) output.parts.resize(input.max_parts);
  return output;
}

namespace {

Result<ListPartsInput> list_parts_input(const Call& call) {
  auto address = upload_address(call);
  if (!address) return tl::unexpected(std::move(address.error()));
  const auto max_parts = page_size(call, "max-parts");
  if (!max_parts) return tl::unexpected(max_parts.error());
  const auto after = listing_number(call, "part-number-marker", 0);
  if (!after) return tl::unexpected(after.error());
  return ListPartsInput{std::move(*address), static_cast<std::uint32_t>(*after), *max_parts};
}

void write_part(base::XmlWriter& xml, const MultipartUpload& upload, const Part& part) {
  xml.open("Part").leaf("PartNumber", std::to_string(part.number));
  xml.leaf("LastModified", whole_seconds(part.last_modified)).leaf("ETag", quoted(part.etag));
  xml.leaf("Size", std::to_string(part.size));
  if (!upload.checksum_algorithm.empty())
    xml.leaf(checksum_element(checksum_kind(upload)), part.checksum);
  xml.close();
}

}  // namespace

Result<base::HttpResponse> rest_list_parts(Call& call, const std::string&) {
  const auto input = list_parts_input(call);
  if (!input) return tl::unexpected(input.error());
  const auto output = call.service.list_parts(*input);
  if (!output) return tl::unexpected(output.error());
  base::XmlWriter xml("ListPartsResult", s3_namespace);
  xml.leaf("Bucket", call.bucket).leaf("Key", call.key).leaf("UploadId", output->upload.id);
  write_upload_properties(xml, output->upload, call.service.options());
  xml.leaf("PartNumberMarker", std::to_string(input->after));
  xml.leaf("NextPartNumberMarker",
           std::to_string(output->parts.empty() ? 0 : output->parts.back().number));
  xml.leaf("MaxParts", std::to_string(input->max_parts))
      .leaf("IsTruncated", output->truncated ? "true" : "false");
  for (const Part& part : output->parts) write_part(xml, output->upload, part);
  base::HttpResponse response = xml_response(xml.take());
  add_abort_date(call.service.lifecycle_rules(call.bucket), output->upload, response.headers);
  return response;
}

}  // namespace emulator::s3
