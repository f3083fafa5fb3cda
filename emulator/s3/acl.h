#pragma once
// Access control lists. There is one account, so the one ACL that is kept is AWS's default: the
// owner may do everything. Those that say no more than that are taken; what would open a bucket or
// an object to others is refused: with AWS's code where the bucket enforces its owner (the default
// since 2023), by name where its ownership controls let ACLs in.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html

#include "emulator/s3/rest_call.h"

namespace emulator::s3 {

// Of a request: x-amz-acl, x-amz-grant-*.
Result<void> check_acl_headers(const Call& call);
// One of AWS's names; any other is an InvalidArgument.
Result<void> check_canned_acl(std::string_view name);
bool has_grant_headers(const Call& call);
// For an ACL that grants something to others.
tl::unexpected<Error> refuse_acl(const Call& call);

}  // namespace emulator::s3
