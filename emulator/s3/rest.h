#pragma once
// S3's REST protocol: finds the operation in the table (operations/table.cpp), runs it, renders XML
// and errors. What is not in the table answers 501 NotImplemented by name. Path style and
// virtual-host style.

#include "emulator/aws/authentication.h"
#include "emulator/base/http_message.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {

// Any key works: only what AWS refuses whatever the key is refused.
base::Reply handle_rest(Service& service, base::HttpRequest request);
base::Reply handle_rest(Service& service, base::HttpRequest request,
                        aws::Authenticator& authenticator);

// What is no request, or one whose body was cut short (in_body), as S3 answers it.
base::HttpResponse refuse_request(Service& service, int http_status, const std::string& reason,
                                  bool in_body);

}  // namespace emulator::s3
