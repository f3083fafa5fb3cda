#pragma once
// One request to S3's REST protocol, as the operations see it, and how they answer. Internal to
// this folder.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/aws/authentication.h"
#include "emulator/base/http_message.h"
#include "emulator/s3/addressing.h"
#include "emulator/s3/incoming_body.h"
#include "emulator/s3/service.h"
#include "emulator/s3/xml_document.h"

namespace emulator::s3 {

struct Operation;

struct Call {
  Service& service;
  base::HttpRequest request;
  RequestIds ids;
  std::vector<std::pair<std::string, std::string>> parameters;  // of the query, decoded
  std::string bucket;
  std::string key;
  bool is_control = false;  // of S3 Control; the key is then the path behind its version
  aws::Identity identity = {};
  aws::Authenticator* authenticator = nullptr;  // nullptr: any key works
  const Operation* operation = nullptr;         // the row of the table, once it is found

  std::optional<std::string> parameter(std::string_view name) const;
  std::string_view header(std::string_view name) const { return request.headers.get(name); }
};

// Where the body of a streamed operation goes. Dropped without finish(): nothing is left of it.
class BodySink {
 public:
  virtual ~BodySink() = default;
  virtual Result<void> append(std::string_view bytes) = 0;
  virtual Result<base::HttpResponse> finish(const VerifiedChecksum& checksum) = 0;
};

base::HttpResponse xml_response(std::string xml);
base::HttpResponse empty_response(int status);
// The error as AWS renders it: XML with the ids, no body where there cannot be one.
base::HttpResponse error_response(const Call& call, const Error& error);

// What a browser wants to read on an answer to another origin: by the bucket's CORS rules, if there
// are any.
void add_cors_headers(Call& call, base::HttpResponse& response);

std::string quoted(std::string_view etag);
// The canonical user id of the account: 64 hex digits.
std::string owner_id(const ServiceOptions& options);
// Its display name. AWS left it out of its answers at the end of 2025; clients and suites that are
// older read it.
inline constexpr std::string_view owner_name = "sluice";
// The region that the client signed for; the service's own if it did not sign, or for no region.
std::string signing_region(const Call& call);
// "eu-west-1", "us-gov-east-1". Clients made for every S3 sign for "US" (s3cmd) or "auto", which
// are no regions.
bool is_region_name(std::string_view text);
bool is_signed(const Call& call);

}  // namespace emulator::s3
