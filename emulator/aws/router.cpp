#include "emulator/aws/router.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

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
  const std::string message = fmt::format("NotImplemented: sluice does not have the service '{}'", scope);
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

// date/region/service/aws4_request, behind the access key.
std::string scope_of_credential(std::string_view credential) {
  const auto parts = base::split(credential, '/');
  const bool complete = parts.size() >= 5 && parts.back() == "aws4_request";
  return complete ? std::string(parts[parts.size() - 2]) : std::string();
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
  if (at == std::string_view::npos) return scope_of_credential(request.parameter("X-Amz-Credential").value_or(""));
  const std::string_view credential = authorization.substr(at + name.size());
  return scope_of_credential(base::trim(credential.substr(0, credential.find(','))));
}

void Router::add_service(std::string scope, HttpHandler handler, std::string target_prefix) {
  services_.push_back({std::move(scope), std::move(handler), std::move(target_prefix)});
}

// Without a signature the target says it; else it is S3, the only service that people call without either.
const Router::Service* Router::find_service(const HttpRequest& request, const std::string& scope) const {
  const std::string_view target = request.headers.get("x-amz-target");
  const auto found = std::find_if(services_.begin(), services_.end(), [&](const Service& service) {
    if (!scope.empty()) return service.scope == scope;
    if (!target.empty()) return !service.target_prefix.empty() && target.starts_with(service.target_prefix);
    return service.scope == "s3";
  });
  return found == services_.end() ? nullptr : &*found;
}

void Router::add_internal(std::string method, std::string path, HttpHandler handler) {
  internals_.push_back({std::move(method), std::move(path), std::move(handler)});
}

Reply Router::handle(const HttpRequest& request) const {
  const std::string_view path = request.path;
  if (path == internal_prefix || path.starts_with("/_sluice/")) return handle_internal(request, path.substr(internal_prefix.size()));
  const std::string scope = service_scope(request);
  const Service* service = find_service(request, scope);
  if (service != nullptr) return service->handler(request);
  return Reply::now(no_such_service(request, scope.empty() ? request.headers.get("x-amz-target") : std::string_view(scope)));
}

Reply Router::handle_internal(const HttpRequest& request, std::string_view path) const {
  bool known = false;
  for (const Internal& internal : internals_) {
    if (!covers(internal.path, path)) continue;
    if (internal.method == request.method) return internal.handler(request);
    known = true;
  }
  if (known) return Reply::now(failure(405, fmt::format("{} is not for {}", request.path, request.method)));
  return Reply::now(failure(404, fmt::format("sluice has no {}", request.path)));
}

}  // namespace emulator::aws
