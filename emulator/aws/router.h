#pragma once
// One port, many services. A request goes to the service that its signature names (SigV4's
// credential scope); unsigned ones go to S3. A service that is not here is refused by name. Paths
// under /_sluice/ are Sluice's own, no AWS service's.

#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/http_message.h"

namespace emulator::aws {

class Router {
 public:
  // A row of the table of services: "s3", and what answers it; target_prefix: of X-Amz-Target, for
  // requests without a signature.
  void add_service(std::string scope, base::HttpHandler handler, std::string target_prefix = {});
  // An endpoint of ours: path below /_sluice ("/health"). One that ends in '/' has everything under
  // it.
  void add_internal(std::string method, std::string path, base::HttpHandler handler);

  base::Reply handle(base::HttpRequest request) const;

 private:
  struct Service {
    std::string scope;
    base::HttpHandler handler;
    std::string target_prefix;
  };
  struct Internal {
    std::string method;
    std::string path;
    base::HttpHandler handler;
  };
  const Service* find_service(const base::HttpRequest& request, const std::string& scope) const;
  base::Reply handle_internal(base::HttpRequest request) const;

  std::vector<Service> services_;
  std::vector<Internal> internals_;
};

// The service of the signature, from the Authorization header or the presigned query: "s3",
// "dms"... "" = unsigned, or signed in the old manner, which has no scope.
std::string service_scope(const base::HttpRequest& request);

base::HttpResponse json_response(int status, std::string json);

}  // namespace emulator::aws
