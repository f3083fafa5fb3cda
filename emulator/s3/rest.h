#pragma once
// S3's REST protocol: finds the operation in the table (operations/table.cpp), runs it, renders XML and errors. What is not in
// the table answers 501 NotImplemented by name. Path style and virtual-host style.

#include "emulator/base/http_message.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {

base::Reply handle_rest(Service& service, const base::HttpRequest& request);

}  // namespace emulator::s3
