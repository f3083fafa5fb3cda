#pragma once
// Multipart uploads: what their operations take and give, and how parts make an object: its ETag
// and its checksum. https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "emulator/s3/checksums.h"
#include "emulator/s3/error.h"
#include "emulator/s3/model.h"

namespace emulator::s3 {

inline constexpr std::uint64_t part_bytes_min = 5 * 1024 * 1024;  // of every part but the last
inline constexpr std::string_view composite = "COMPOSITE";
inline constexpr std::string_view full_object = "FULL_OBJECT";

struct UploadAddress {
  std::string bucket;
  std::string key;
  std::string upload_id;
};

struct CreateMultipartUploadInput {
  std::string bucket;
  std::string key;
  std::map<std::string, std::string> headers = {};  // of the object to be
  std::string checksum_algorithm = {};              // as in MultipartUpload
  std::string checksum_type = {};
};

struct UploadPartInput {
  UploadAddress upload;
  std::uint32_t number = 0;
  std::uint64_t size = 0;            // of the body, where it is known before
  std::string expected_md5 = {};     // hex; "" = not given
  std::string checksum_header = {};  // of the checksum that finish() will get, "" = none
  bool checksum_is_given = false;    // by the client: then it has to be by the upload's algorithm
};

struct UploadPartCopyInput {
  std::string source_bucket;
  std::string source_key;
  std::string source_version_id = {};  // "" = what is current
  std::string source_range = {};       // "bytes=0-9"; "" = all of it
  UploadAddress upload;
  std::uint32_t number = 0;
};

struct UploadPartCopyOutput {
  MultipartUpload upload;
  Part part;
  std::string source_version_id;  // as Service::version_id()
};

// A part as the client lists it when it completes the upload.
struct CompletedPart {
  std::uint32_t number = 0;
  std::string etag;                                   // quotes or not
  std::map<std::string, std::string> checksums = {};  // by header
};

struct CompleteMultipartUploadInput {
  UploadAddress upload;
  std::vector<CompletedPart> parts;
  // What the client holds the whole to be; checked where it is given.
  std::optional<std::uint64_t> size = {};
  std::string checksum_header = {};
  std::string checksum = {};
  std::string checksum_type = {};
};

struct ListPartsInput {
  UploadAddress upload;
  std::uint32_t after = 0;
  std::size_t max_parts = 1000;
};
struct ListPartsOutput {
  MultipartUpload upload;
  std::vector<Part> parts;
  bool truncated = false;
};

struct ListMultipartUploadsInput {
  std::string bucket;
  std::string prefix = {};
  std::string delimiter = {};
  std::string key_marker = {};
  std::string upload_id_marker = {};  // of uploads of the key key_marker
  std::size_t max_uploads = 1000;
};
struct ListMultipartUploadsOutput {
  std::vector<MultipartUpload> uploads;
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string next_key_marker;
  std::string next_upload_id_marker;
};

// The place of its beginning in the order of writes: ids begin with it.
inline std::string_view begun_at(const MultipartUpload& upload) {
  return std::string_view(upload.id).substr(0, 16);
}
// Among an upload's headers: the object was deleted since it began. Never sent.
inline constexpr std::string_view overtaken_header = "overtaken";

// How the whole is checked: by the algorithm the client asked for, else by AWS's own.
const ChecksumKind& checksum_kind(const MultipartUpload& upload);
std::string_view checksum_type(const MultipartUpload& upload);

// MD5 of the MD5s of the parts, and their number.
std::string etag_of(std::span<const Part> parts);
// COMPOSITE: the checksum of the parts' checksums, and their number. FULL_OBJECT: that of the
// whole, without reading it.
std::string checksum_of(const MultipartUpload& upload, std::span<const Part> parts);

}  // namespace emulator::s3
