#pragma once
// Bucket policies (AWS: "Policies and permissions in Amazon S3"): what PutBucketPolicy refuses,
// whether a policy opens the bucket to the public, and what it lets an anonymous caller do. Pure.

#include <string>
#include <string_view>

#include "emulator/s3/error.h"

namespace emulator::s3 {

// The policy's JSON without blanks, or MalformedPolicy.
Result<std::string> canonical_policy(std::string_view json, const std::string& bucket);

// Takes a canonical policy. Public: somebody unknown is allowed something without a condition.
bool is_public(const std::string& policy);

// action "s3:GetObject", resource "arn:aws:s3:::bucket/key". A denial beats what is allowed.
// Conditions are not evaluated: a statement that has some allows nothing, and denies as if they
// held.
bool allows_anyone(const std::string& policy, std::string_view action, std::string_view resource);

}  // namespace emulator::s3
