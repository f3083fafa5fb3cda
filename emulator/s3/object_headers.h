#pragma once
// Headers of objects: which of a request are stored, which imply what we do not have, and what GET
// and HEAD answer.

#include <map>
#include <string>

#include "emulator/s3/rest_call.h"

namespace emulator::s3 {

// Content-Type and its like, x-amz-meta-*, x-amz-storage-class...: names in lower case. Refused by
// name: encryption other than AES256, ACLs; too much metadata; an unknown storage class.
Result<std::map<std::string, std::string>> stored_headers(const Call& call);

// What of the request's headers is not implemented, or wrong: for operations that store none.
Result<void> check_headers(const Call& call);

// What they name, or STANDARD.
std::string_view storage_class_of(const std::map<std::string, std::string>& headers);

// The algorithm of the checksum that the object has; nullptr: none.
const ChecksumKind* stored_checksum(const Object& object);

// If-Match, If-None-Match, and the two dates; `prefix` is "" or "x-amz-copy-source-".
Conditions conditions_of(const Call& call, const std::string& prefix = {});

// x-amz-version-id, unless it is "".
void add_version_id(const std::string& version_id, base::Headers& out);
// x-amz-copy-source-version-id, unless it is "" or the null version, which AWS does not tell.
void add_source_version_id(const std::string& version_id, base::Headers& out);
// x-amz-expiration, unless it is "".
void add_expiration(const std::string& expiration, base::Headers& out);
// The versionId of the query: "" = none. InvalidArgument if it cannot be an id.
Result<std::string> requested_version(const Call& call);
Error invalid_version_id(const std::string& version_id);
Result<void> check_version_id(const std::string& version_id);

// x-amz-bypass-governance-retention
bool bypasses_governance(const Call& call);

// All of an object's headers but its length. Checksums only if with_checksum.
void add_object_headers(const Object& object, bool with_checksum, base::Headers& out);

}  // namespace emulator::s3
