#pragma once
// Who may make a call: its signature is verified (emulator/aws), and what a presigned URL carries
// of headers in its query becomes headers.

#include "emulator/aws/authentication.h"
#include "emulator/s3/rest_call.h"

namespace emulator::s3 {

// The address of the call must be known. Fills its identity.
Result<void> authorize(Call& call, aws::Authenticator& authenticator);

// Strict, and nobody signed: only what the bucket's policy lets anyone do. The operation of the
// call must be known.
Result<void> check_anonymous(Call& call, const aws::Authenticator& authenticator);

// What an error of authentication is in S3's table.
Error s3_error(const aws::AuthError& error);

}  // namespace emulator::s3
