#include "emulator/s3/listing_xml.h"
#include "emulator/s3/operations/table.h"

namespace emulator::s3 {

Result<base::HttpResponse> rest_list_objects(Call& call, const std::string&) {
  auto request = listing_request(call);
  if (!request) return tl::unexpected(std::move(request.error()));
  request->input.start_after = call.parameter("marker").value_or("");
  const auto output = call.service.list_objects(request->input);
  if (!output) return tl::unexpected(output.error());
  ListingWriter xml(call, *request);
  xml.heading(*output);
  xml.name("Marker", request->input.start_after);
  // Only with a delimiter; else clients go on from the last key (AWS: ListObjects, NextMarker).
  if (output->truncated && !request->input.delimiter.empty())
    xml.name("NextMarker", output->next_start_after);
  xml.entries(*output, true);
  base::HttpResponse response = xml_response(xml.take());
  response.headers.add("x-amz-bucket-region", output->region);
  return response;
}

}  // namespace emulator::s3
