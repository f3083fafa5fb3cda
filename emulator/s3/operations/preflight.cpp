// What a browser asks before a cross-origin request (AWS: "Testing CORS"), and the headers it wants
// on every answer.

#include "emulator/base/text.h"
#include "emulator/s3/cors.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/xml_document.h"

namespace emulator::s3 {
namespace {

Result<CorsRules> rules_of(Call& call) {
  const auto text = call.service.get_bucket_document(call.bucket, "cors");
  if (!text) return tl::unexpected(text.error());
  if (text->empty()) return CorsRules{};
  const auto document = parse_xml(*text, "CORSConfiguration");
  if (!document) return tl::unexpected(document.error());
  return parse_cors(*document);
}

std::vector<std::string> names(std::string_view list) {
  std::vector<std::string> out;
  for (std::string_view name : base::split(list, ',')) {
    if (!base::trim(name).empty()) out.emplace_back(base::trim(name));
  }
  return out;
}

tl::unexpected<Error> not_allowed(const Call& call, std::string why, std::string of = "BUCKET") {
  const std::string_view method = call.header("access-control-request-method");
  return tl::unexpected(
      Error{ErrorCode::access_forbidden,
            "CORSResponse: " + std::move(why),
            {{"Method", std::string(method.empty() ? call.request.method : method)},
             {"ResourceType", std::move(of)}}});
}

}  // namespace

Result<base::HttpResponse> rest_preflight(Call& call, const std::string&) {
  const CorsRequest request{.origin = call.header("origin"),
                            .method = call.header("access-control-request-method"),
                            .headers = names(call.header("access-control-request-headers"))};
  if (request.origin.empty())
    return fail(ErrorCode::bad_request, "Insufficient information. Origin request header needed.");
  if (!request.method.empty() && !is_cors_method(request.method)) {
    return fail(ErrorCode::bad_request,
                "Invalid Access-Control-Request-Method: " + std::string(request.method));
  }
  const auto rules = rules_of(call);
  if (!rules && rules.error().code == ErrorCode::no_such_bucket)
    return not_allowed(call, "Bucket not found");
  if (!rules) return tl::unexpected(rules.error());
  if (rules->empty()) return not_allowed(call, "CORS is not enabled for this bucket.");
  if (request.method.empty())
    return fail(ErrorCode::bad_request, "Invalid Access-Control-Request-Method: null");
  const CorsRule* rule = find_cors_rule(*rules, request);
  if (rule == nullptr) {
    return not_allowed(call,
                       "This CORS request is not allowed. This is usually because the evalution of "
                       "Origin, request method / "
                       "Access-Control-Request-Method or Access-Control-Request-Headers are not "
                       "whitelisted by the resource's "
                       "CORS spec.",
                       call.key.empty() ? "BUCKET" : "OBJECT");
  }
  base::HttpResponse response;
  add_cors_headers(*rule, request, response.headers);
  return response;
}

void add_cors_headers(Call& call, base::HttpResponse& response) {
  const auto origin = call.request.headers.find("origin");
  if (!origin || call.bucket.empty() || call.request.method == "OPTIONS") return;
  const auto rules = rules_of(call);
  if (!rules) return;  // no such bucket: the answer says so already
  // AWS takes the headers of a preflight at their word in any other request too.
  const std::string_view method = call.header("access-control-request-method");
  const CorsRequest request{.origin = *origin,
                            .method = method.empty() ? call.request.method : method,
                            .headers = names(call.header("access-control-request-headers"))};
  if (const CorsRule* rule = find_cors_rule(*rules, request))
    add_cors_headers(*rule, request, response.headers);
}

}  // namespace emulator::s3
