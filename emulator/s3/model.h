#pragma once
// The nouns of S3.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/time_text.h"

namespace emulator::s3 {

using base::Duration;
using base::Instant;

struct Bucket {
  std::string name;
  std::string region = "us-east-1";
  Instant created{};
  // Stored documents by sub-resource ("notification" and, later, "cors", "policy"...): canonical
  // text.
  std::map<std::string, std::string> configurations = {};
};

class MemoryPages;

// Where a stored body is. Small bodies are in the row, large ones in a file of this id, or in
// pages.
struct BodyRef {
  std::string id;  // "" = in `inline_bytes` or `pages`
  std::shared_ptr<const std::string>
      inline_bytes;  // shared: the store in memory keeps these very bytes; null = none
  std::uint64_t size = 0;
  std::shared_ptr<const MemoryPages> pages = {};  // the same, of large bodies
};

struct Object {
  std::string bucket;
  std::string key;  // decoded, bytes as given
  std::uint64_t size = 0;
  std::string etag;  // without quotes
  Instant last_modified{};
  std::string sequencer;  // 16+ upper-case hex digits
  // Content-Type, Cache-Control, Content-Disposition, Content-Encoding, Content-Language, Expires,
  // x-amz-meta-*, x-amz-checksum-*, x-amz-storage-class...: names in lower case, values as given;
  // answered on GET and HEAD.
  std::map<std::string, std::string> headers = {};
  std::string upload_id = {};     // the multipart upload that became it: its body is then that
                                  // upload's parts; "" = one piece
  std::string version_id = {};    // "" = the null version: there is at most one under a key
  bool is_delete_marker = false;  // then it has neither body nor headers
};

// What is current, as a listing of objects has it: only what is told there, since a page has 1,000.
struct ListedObject {
  std::string key;
  std::uint64_t size = 0;
  std::string etag;
  Instant last_modified{};
  std::string checksum_algorithm = {};  // "CRC64NVME"; "" = it has no checksum
  std::string checksum_type = {};       // "" = FULL_OBJECT
  std::string storage_class = {};       // "" = STANDARD
};

// A version as a listing of versions has it.
struct ListedVersion {
  Object object;
  bool is_latest = false;
};

// A multipart upload in progress.
struct MultipartUpload {
  std::string bucket;
  std::string key;
  std::string id;  // of two uploads the later one has the greater
  Instant initiated{};
  std::map<std::string, std::string> headers = {};  // of the object to be
  std::string checksum_algorithm = {};              // "CRC32"; "" = the client asked for none
  std::string checksum_type = {};                   // "COMPOSITE", "FULL_OBJECT"; "" as above
};

// A part of a multipart upload; the object that the upload becomes keeps its parts.
struct Part {
  std::uint32_t number = 0;  // 1 to 10,000
  std::uint64_t size = 0;
  std::string etag;  // MD5 in hex
  Instant last_modified{};
  std::string checksum = {};  // by the upload's algorithm, in base64
};

// One row of the outbox: an event that is still to be delivered to one destination.
struct OutboxEvent {
  std::uint64_t id = 0;  // given by the store, increasing
  std::string destination_arn;
  std::string bucket;
  std::string key;          // decoded: the label of the link's crossing
  std::string event_name;   // "ObjectCreated:Put"
  std::string record_json;  // {"Records":[...]}
  std::string rule =
      {};  // the id of the notification that it is for; not stored: the record has it, too
};

}  // namespace emulator::s3
