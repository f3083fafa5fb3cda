#include "emulator/aws/sigv2.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "emulator/base/digest.h"
#include "emulator/base/text.h"

namespace emulator::aws {
namespace {

// The parameters that are part of the resource (AWS: "Constructing the CanonicalizedResource
// element"), sorted.
constexpr std::array<std::string_view, 33> resource_parameters{
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "defaultObjectAcl",
    "delete",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "partNumber",
    "policy",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "select",
    "select-type",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
};

// botocore moves these headers of a presigned request into its query.
std::string header_or_parameter(const base::HttpRequest& request, Parameters parameters,
                                std::string_view name) {
  if (const auto header = request.headers.find(name)) return std::string(base::trim(*header));
  const std::string* parameter = find_parameter(parameters, name);
  return parameter == nullptr ? std::string() : *parameter;
}

std::string amz_headers(const base::HttpRequest& request, Parameters parameters) {
  std::map<std::string, std::string> headers;
  const auto add = [&](const std::string& name, std::string_view value) {
    std::string& known = headers[name];
    if (!known.empty()) known += ',';
    known += base::trim(value);
  };
  for (const auto& [name, value] : request.headers.all()) {
    if (name.starts_with("x-amz-")) add(name, value);
  }
  for (const auto& [name, value] : parameters) {
    if (name.starts_with("x-amz-") && !request.headers.has(name)) add(name, value);
  }
  std::string out;
  for (const auto& [name, value] : headers) out += name + ":" + value + "\n";
  return out;
}

std::string resource(const base::HttpRequest& request, Parameters parameters,
                     std::string_view bucket_of_host) {
  std::string out;
  if (!bucket_of_host.empty()) out += "/" + std::string(bucket_of_host);
  out += request.path;
  char separator = '?';
  std::vector<const std::pair<std::string, std::string>*> parts;
  for (const auto& parameter : parameters) {
    if (std::binary_search(resource_parameters.begin(), resource_parameters.end(),
                           std::string_view(parameter.first))) {
      parts.push_back(&parameter);
    }
  }
  std::sort(parts.begin(), parts.end(), [](const auto* a, const auto* b) { return *a < *b; });
  for (const auto* part : parts) {
    out += separator;
    out += part->first;
    if (!part->second.empty()) out += "=" + part->second;
    separator = '&';
  }
  return out;
}

}  // namespace

std::string string_to_sign_v2(const base::HttpRequest& request, Parameters parameters,
                              std::string_view date_line, std::string_view bucket_of_host) {
  std::string out = request.method + "\n";
  out += header_or_parameter(request, parameters, "content-md5") + "\n";
  out += header_or_parameter(request, parameters, "content-type") + "\n";
  out += date_line;
  out += '\n';
  out += amz_headers(request, parameters);
  out += resource(request, parameters, bucket_of_host);
  return out;
}

std::string base64_signature(std::string_view secret, std::string_view text) {
  return base::to_base64(base::hmac(base::HashKind::sha1, secret, text));
}

}  // namespace emulator::aws
