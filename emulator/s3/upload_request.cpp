#include "emulator/s3/upload_request.h"

#include "emulator/base/text.h"
#include "emulator/s3/object_headers.h"

namespace emulator::s3 {

Result<UploadAddress> upload_address(const Call& call) {
  const auto id = call.parameter("uploadId");
  if (id && !id->empty()) return UploadAddress{call.bucket, call.key, *id};
  return invalid_argument("This operation needs an uploadId", "uploadId", id.value_or(""));
}

tl::unexpected<Error> bad_part_number(const std::string& value) {
  return invalid_argument("Part number must be an integer between 1 and 10000, inclusive",
                          "partNumber", value);
}

Result<std::uint32_t> part_number(const Call& call) {
  const std::string text = call.parameter("partNumber").value_or("");
  const auto number = base::parse_unsigned(text);
  if (!number || *number < 1 || *number > parts_max) return bad_part_number(text);
  return static_cast<std::uint32_t>(*number);
}

std::string checksum_element(const ChecksumKind& kind) {
  return "Checksum" + std::string(kind.name);
}

void write_upload_properties(base::XmlWriter& xml, const MultipartUpload& upload,
                             const ServiceOptions& options) {
  for (const char* who : {"Initiator", "Owner"})
    xml.open(who).leaf("ID", owner_id(options)).leaf("DisplayName", owner_name).close();
  xml.leaf("StorageClass", storage_class_of(upload.headers));
  if (upload.checksum_algorithm.empty()) return;
  xml.leaf("ChecksumAlgorithm", upload.checksum_algorithm)
      .leaf("ChecksumType", upload.checksum_type);
}

}  // namespace emulator::s3
