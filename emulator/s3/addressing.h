#pragma once
// Which bucket and key a request speaks of: path style (/bucket/key) or virtual-host style (Host:
// bucket.s3.example). AWS: "Virtual hosting of general purpose buckets".

#include <string>
#include <string_view>

#include "emulator/base/http_message.h"
#include "emulator/s3/error.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {

struct Address {
  std::string bucket;       // "" = the service itself
  std::string key;          // "" = the bucket itself; decoded once, `//` and `..` as they came
  bool is_control = false;  // S3 Control: no bucket, and the key is the path behind its version
};

Result<Address> find_address(const base::HttpRequest& request, const ServiceOptions& options);

// The bucket that a Host header names; "" = path style.
std::string bucket_of_host(std::string_view host, std::string_view virtual_host_base);

}  // namespace emulator::s3
