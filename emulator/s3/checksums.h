#pragma once
// The additional checksums of S3 (AWS: "Checking object integrity"): one row an algorithm. Values
// on the wire are base64.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace emulator::s3 {

class RunningChecksum {
 public:
  virtual ~RunningChecksum() = default;
  virtual void update(std::string_view bytes) = 0;
  virtual std::string finish() = 0;  // raw bytes
};

struct ChecksumKind {
  std::string_view name;    // "CRC32"
  std::string_view header;  // "x-amz-checksum-crc32"
  std::size_t bytes;
  std::unique_ptr<RunningChecksum> (*start)();
  // Of a text, from those of its two parts (raw bytes); nullptr: there is no such way.
  std::string (*combine)(std::string_view first, std::string_view second,
                         std::uint64_t second_size);
};

const ChecksumKind* find_checksum_by_header(std::string_view header);
const ChecksumKind* find_checksum_by_name(std::string_view name);  // in any case
// What AWS computes where the client gives none.
const ChecksumKind& default_checksum();
// "CRC32, CRC32C, ...": all that there are, for an error.
std::string checksum_names();
// A header that carries a checksum by an algorithm we do not have.
bool is_unknown_checksum_header(std::string_view header);

}  // namespace emulator::s3
