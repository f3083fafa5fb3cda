#pragma once
// S3's REST protocol: finds the operation in the table (operations/table.cpp), runs it, renders XML and errors. What is not in
// the table answers 501 NotImplemented by name. Path style and virtual-host style.

#include "emulator/aws/authentication.h"
#include "emulator/base/http_message.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {

// Any key works: only what AWS refuses whatever the key is refused.
base::Reply handle_rest(Service& service, base::HttpRequest request);
base::Reply handle_rest(Service& service, base::HttpRequest request, aws::Authenticator& authenticator);

}  // namespace emulator::s3
