#include "emulator/base/text.h"
#include "emulator/s3/listing_xml.h"
#include "emulator/s3/operations/table.h"

namespace emulator::s3 {
namespace {

// Tokens are opaque to clients: what was listed last, in base64.
Result<std::string> after_token(const std::string& token) {
  const auto after = base::from_base64(token);
  if (after && !after->empty()) return *after;
  return tl::unexpected(Error{ErrorCode::invalid_argument,
                              "The continuation token provided is incorrect",
                              {{"ArgumentName", "continuation-token"}}});
}

}  // namespace

Result<base::HttpResponse> rest_list_objects_v2(Call& call, const std::string&) {
  auto request = listing_request(call);
  if (!request) return tl::unexpected(std::move(request.error()));
  const auto start_after = call.parameter("start-after");
  const auto token = call.parameter("continuation-token");
  request->input.start_after = start_after.value_or("");
  if (token) {
    auto after = after_token(*token);
    if (!after) return tl::unexpected(std::move(after.error()));
    request->input.start_after = std::move(*after);
  }
  const auto output = call.service.list_objects(request->input);
  if (!output) return tl::unexpected(output.error());
  ListingWriter xml(call, *request);
  xml.heading(*output);
  xml.leaf("KeyCount", std::to_string(output->objects.size() + output->common_prefixes.size()));
  if (start_after) xml.name("StartAfter", *start_after);
  if (token) xml.leaf("ContinuationToken", *token);
  if (output->truncated)
    xml.leaf("NextContinuationToken", base::to_base64(output->next_start_after));
  xml.entries(*output, call.parameter("fetch-owner") == "true");
  base::HttpResponse response = xml_response(xml.take());
  response.headers.add("x-amz-bucket-region", output->region);
  return response;
}

}  // namespace emulator::s3
