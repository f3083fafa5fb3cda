#include "emulator/s3/multipart.h"

#include "emulator/base/check.h"
#include "emulator/base/digest.h"
#include "emulator/base/text.h"

namespace emulator::s3 {
namespace {

// Of a value that was stored by us.
std::string bytes_of(const std::string& checksum) {
  const auto bytes = base::from_base64(checksum);
  CHECK(bytes);
  return *bytes;
}

std::string number_of(std::span<const Part> parts) { return "-" + std::to_string(parts.size()); }

std::string composite_checksum(const ChecksumKind& kind, std::span<const Part> parts) {
  const auto running = kind.start();
  for (const Part& part : parts) running->update(bytes_of(part.checksum));
  return base::to_base64(running->finish()) + number_of(parts);
}

std::string combined_checksum(const ChecksumKind& kind, std::span<const Part> parts) {
  std::string combined = kind.start()->finish();  // of nothing
  for (const Part& part : parts)
    combined = kind.combine(combined, bytes_of(part.checksum), part.size);
  return base::to_base64(combined);
}

}  // namespace

const ChecksumKind& checksum_kind(const MultipartUpload& upload) {
  const ChecksumKind* kind = find_checksum_by_name(upload.checksum_algorithm);
  return kind == nullptr ? default_checksum() : *kind;
}

std::string_view checksum_type(const MultipartUpload& upload) {
  return upload.checksum_type.empty() ? full_object : std::string_view(upload.checksum_type);
}

std::string etag_of(std::span<const Part> parts) {
  base::Hash md5(base::HashKind::md5);
  for (const Part& part : parts) {
    const auto digest = base::from_hex(part.etag);
    CHECK(digest);
    md5.update(*digest);
  }
  return base::to_hex(md5.finish()) + number_of(parts);
}

std::string checksum_of(const MultipartUpload& upload, std::span<const Part> parts) {
  const ChecksumKind& kind = checksum_kind(upload);
  return checksum_type(upload) == composite ? composite_checksum(kind, parts)
                                            : combined_checksum(kind, parts);
}

}  // namespace emulator::s3
