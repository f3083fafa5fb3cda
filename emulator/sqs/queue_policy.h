#pragma once
// Whether the policy of a queue lets S3 send a bucket's events to it (AWS: "Granting permissions to
// publish event notification messages to a destination"). Pure.

#include <string>
#include <string_view>

namespace emulator::sqs {

struct S3Sender {
  std::string bucket_arn;  // aws:SourceArn
  std::string account;     // aws:SourceAccount
};

// policy: JSON. Conditions on aws:SourceArn, aws:SourceAccount and aws:SecureTransport are
// evaluated; a statement with another one allows nothing, and denies as if it held.
bool lets_s3_send(std::string_view policy, const std::string& queue_arn, const S3Sender& sender);

}  // namespace emulator::sqs
