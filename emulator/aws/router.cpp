#include "emulator/aws/router.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/text.h"
#include "emulator/base/xml.h"

namespace emulator::aws {
namespace {

using base::HttpHandler;
using base::HttpRequest;
using base::HttpResponse;
using base::Reply;

constexpr std::string_view internal_prefix = "/_sluice";

HttpResponse failure(int status, std::string_view message) {
  base::JsonWriter json;
  json.object().key("error").object().key("message").string(message).end().end();
  return json_response(status, json.take());
}

// The shape of JSON services if the client speaks to one, else that of query services.
HttpResponse no_such_service(const HttpRequest& request, std::string_view scope) {
  const std::string message =
      fmt::format("NotImplemented: sluice does not have the service '{}'", scope);
  if (request.headers.has("x-amz-target")) {
    base::JsonWriter json;
    json.object().key("__type").string("NotImplemented").key("message").string(message).end();
    return json_response(501, json.take());
  }
  HttpResponse response;
  response.status = 501;
  response.headers.add("content-type", "text/xml");
  response.body = "<ErrorResponse><Error><Type>Receiver</Type><Code>NotImplemented</Code><Message>";
  base::append_xml_text(response.body, message);
  response.body += "</Message></Error></ErrorResponse>";
  return response;
}

bool covers(std::string_view pattern, std::string_view path) {
  return pattern.ends_with('/') ? path.starts_with(pattern) : path == pattern;
}

// The service in date/region/service/aws4_request, behind the access key.
std::string scope_of_credential(std::string_view credential) {
  constexpr std::string_view end = "/aws4_request";
  if (!credential.ends_with(end) || std::count(credential.begin(), credential.end(), '/') < 4)
    return {};
  credential.remove_suffix(end.size());
  return std::string(credential.substr(credential.rfind('/') + 1));
}

}  // namespace

HttpResponse json_response(int status, std::string json) {
  HttpResponse response;
  response.status = status;
  response.headers.add("content-type", "application/json");
  response.body = std::move(json);
  return response;
}

std::string service_scope(const HttpRequest& request) {
  constexpr std::string_view name = "Credential=";
  const std::string_view authorization = request.headers.get("authorization");
  const std::size_t at = authorization.find(name);
  if (at == std::string_view::npos)
    return scope_of_credential(request.parameter("X-Amz-Credential").value_or(""));
  const std::string_view credential = authorization.substr(at + name.size());
  return scope_of_credential(base::trim(credential.substr(0, credential.find(','))));
}

void Router::add_service(std::string scope, HttpHandler handler, std::string target_prefix) {
  services_.push_back({std::move(scope), std::move(handler), std::move(target_prefix)});
}

// Without a signature the target says it; else it is S3, the only service that people call without
// either.
const Router::Service* Router::find_service(const HttpRequest& request,
                                            const std::string& scope) const {
  const std::string_view target = request.headers.get("x-amz-target");
  const auto found = std::find_if(services_.begin(), services_.end(), [&](const Service& service) {
    if (!scope.empty()) return service.scope == scope;
    if (!target.empty())
      return !service.target_prefix.empty() && target.starts_with(service.target_prefix);
    return service.scope == "s3";
  });
  return found == services_.end() ? nullptr : &*found;
}

void Router::add_internal(std::string method, std::string path, HttpHandler handler) {
  internals_.push_back({std::move(method), std::move(path), std::move(handler)});
}

Reply Router::handle(HttpRequest request) const {
  const std::string_view path = request.path;
  if (path == internal_prefix || path.starts_with("/_sluice/"))
    return handle_internal(std::move(request));
  const std::string scope = service_scope(request);
  const Service* service = find_service(request, scope);
  if (service != nullptr) return service->handler(std::move(request));
  return Reply::now(no_such_service(
      request, scope.empty() ? request.headers.get("x-amz-target") : std::string_view(scope)));
}

Reply Router::handle_internal(HttpRequest request) const {
  const std::string_view path = std::string_view(request.path).substr(internal_prefix.size());
  bool known = false;
  for (const Internal& internal : internals_) {
    if (!covers(internal.path, path)) continue;
    if (internal.method == request.method) return internal.handler(std::move(request));
    known = true;
  }
  if (known)
    return Reply::now(failure(405, fmt::format("{} is not for {}", request.path, request.method)));
  return Reply::now(failure(404, fmt::format("sluice has no {}", request.path)));
}

}  // namespace emulator::aws
