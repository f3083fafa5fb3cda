#include "emulator/s3/rest_call.h"

#include "emulator/base/digest.h"
#include "emulator/base/text.h"
#include "emulator/base/xml.h"

namespace emulator::s3 {
namespace {

// Names that a client sent may hold any bytes; XML holds UTF-8.
std::string printable(const std::string& text) {
  return base::is_utf8(text) ? text : base::percent_encode(text, "/");
}

// "AK/20260102/eu-west-1/s3/aws4_request", from the header or the query.
std::string credential(const Call& call) {
  constexpr std::string_view name = "Credential=";
  const std::string_view authorization = call.header("authorization");
  const std::size_t at = authorization.find(name);
  if (at == std::string_view::npos) return call.parameter("X-Amz-Credential").value_or("");
  const std::string_view rest = authorization.substr(at + name.size());
  return std::string(rest.substr(0, rest.find_first_of(", ")));
}

}  // namespace

bool is_region_name(std::string_view text) {
  const std::size_t dash = text.rfind('-');
  if (dash == std::string_view::npos || text.find('-') == dash) return false;
  const std::string_view number = text.substr(dash + 1);
  return !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos &&
         text.substr(0, dash).find_first_not_of("abcdefghijklmnopqrstuvwxyz-") ==
             std::string_view::npos;
}

std::optional<std::string> Call::parameter(std::string_view name) const {
  for (const auto& [parameter_name, value] : parameters) {
    if (parameter_name == name) return value;
  }
  return std::nullopt;
}

base::HttpResponse xml_response(std::string xml) {
  base::HttpResponse response;
  response.headers.add("content-type", "application/xml");
  response.body = std::move(xml);
  return response;
}

base::HttpResponse empty_response(int status) {
  base::HttpResponse response;
  response.status = status;
  return response;
}

base::HttpResponse error_response(const Call& call, const Error& error) {
  const ErrorRow& row = error_row(error.code);
  if (row.http_status == 304) return empty_response(304);
  base::XmlWriter xml(call.is_control ? "ErrorResponse" : "Error");
  if (call.is_control) xml.open("Error");  // SDKs for Go look for it there
  xml.leaf("Code", row.name);
  xml.leaf("Message",
           error.message.empty() ? row.message : std::string_view(printable(error.message)));
  const bool names_method = error.code == ErrorCode::method_not_allowed;
  for (const auto& [name, value] : error.details)
    xml.leaf(name, names_method && name == "Method" ? call.request.method : printable(value));
  xml.leaf("Resource", call.request.path);
  if (call.is_control) xml.close();
  xml.leaf("RequestId", call.ids.request_id);
  xml.leaf("HostId", call.ids.host_id);
  base::HttpResponse response = xml_response(xml.take());
  response.status = row.http_status;
  for (const auto& [name, value] : error.headers) response.headers.add(name, value);
  // The server sends no body to a HEAD, and no length of one either.
  if (call.request.method == "HEAD") response.body.clear();
  return response;
}

std::string quoted(std::string_view etag) {
  std::string out = "\"";
  out += etag;
  out += '"';
  return out;
}

std::string owner_id(const ServiceOptions& options) {
  return base::to_hex(base::hash(base::HashKind::sha256, options.account));
}

std::string signing_region(const Call& call) {
  const std::string scope = credential(call);
  const std::vector<std::string_view> parts = base::split(scope, '/');
  return parts.size() == 5 && is_region_name(parts[2]) ? std::string(parts[2])
                                                       : call.service.options().region;
}

bool is_signed(const Call& call) {
  return call.request.headers.has("authorization") || call.parameter("X-Amz-Signature") ||
         call.parameter("Signature");
}

}  // namespace emulator::s3
