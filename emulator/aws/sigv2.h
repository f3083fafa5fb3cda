#pragma once
// Signature Version 2, which S3 still takes: old Hadoop and s3cmd sign so, and boto3 presigns so
// for a custom endpoint (AWS: "Signing and authenticating REST requests", "... query string
// authentication").

#include <string>
#include <string_view>

#include "emulator/aws/credential.h"
#include "emulator/base/http_message.h"

namespace emulator::aws {

// date_line: the Date header's value, or the Expires of a presigned URL. bucket_of_host: the bucket
// that the Host header names, "" = none. What a presigned URL carries of headers in its query
// counts as headers.
std::string string_to_sign_v2(const base::HttpRequest& request, Parameters parameters,
                              std::string_view date_line, std::string_view bucket_of_host);
std::string base64_signature(std::string_view secret, std::string_view text);

}  // namespace emulator::aws
