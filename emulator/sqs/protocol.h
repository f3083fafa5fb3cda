#pragma once
// SQS over HTTP, in both of its protocols: JSON (X-Amz-Target: AmazonSQS.*, the SDKs since late
// 2023) and query (Action=..., the older ones). Either way an operation sees the same tree of
// values, in the names of the JSON protocol.

#include "emulator/aws/authentication.h"
#include "emulator/base/http_message.h"
#include "emulator/sqs/service.h"

namespace emulator::sqs {

base::Reply handle_http(Service& service, const base::HttpRequest& request,
                        aws::Authenticator& authenticator);

}  // namespace emulator::sqs
