#pragma once
// What requests about multipart uploads share: the parameters uploadId and partNumber, and elements
// of their answers.

#include <cstdint>
#include <string>

#include "emulator/base/xml.h"
#include "emulator/s3/rest_call.h"

namespace emulator::s3 {

Result<UploadAddress> upload_address(const Call& call);
// 1 to 10,000.
Result<std::uint32_t> part_number(const Call& call);
tl::unexpected<Error> bad_part_number(const std::string& value);

// "ChecksumCRC32"
std::string checksum_element(const ChecksumKind& kind);
// Initiator, Owner, StorageClass, ChecksumAlgorithm, ChecksumType.
void write_upload_properties(base::XmlWriter& xml, const MultipartUpload& upload,
                             const ServiceOptions& options);

}  // namespace emulator::s3
