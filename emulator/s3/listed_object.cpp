#include "emulator/s3/listed_object.h"

#include "emulator/s3/checksums.h"

namespace emulator::s3 {

void take_listed_header(std::string_view name, std::string_view value, ListedObject& object) {
  if (!name.starts_with("x-amz-")) return;
  if (name == "x-amz-checksum-type") {
    object.checksum_type = value;
  } else if (name == "x-amz-storage-class") {
    object.storage_class = value;
  } else if (const ChecksumKind* kind = find_checksum_by_header(name)) {
    object.checksum_algorithm = kind->name;
  }
}

ListedObject listed(const Object& object) {
  ListedObject out{.key = object.key,
                   .size = object.size,
                   .etag = object.etag,
                   .last_modified = object.last_modified};
  for (const auto& [name, value] : object.headers) take_listed_header(name, value, out);
  return out;
}

}  // namespace emulator::s3
