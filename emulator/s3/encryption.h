#pragma once
// Server-side encryption as clients see it: the algorithm and the key that an object was put with
// are kept with it and answered. Nothing is encrypted, and no key is looked up: there is no KMS
// here. Keys that the client brings along (SSE-C) are refused by name (object_headers.cpp).
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html

#include <map>
#include <string>

#include "emulator/s3/model.h"
#include "emulator/s3/rest_call.h"

namespace emulator::s3 {

inline constexpr std::string_view encryption_header = "x-amz-server-side-encryption";

// What the request's headers ask for, as it is kept among those of the object; nothing where they
// ask for nothing. A key is kept by its ARN.
Result<std::map<std::string, std::string>> requested_encryption(const Call& call);

// Where `headers` name no encryption they get the bucket's default, if it is not AES256, which
// every object has that says nothing.
void apply_default_encryption(const Bucket& bucket, const std::string& account,
                              std::map<std::string, std::string>& headers);

void add_encryption(const std::map<std::string, std::string>& headers, base::Headers& out);

}  // namespace emulator::s3
