#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {

Result<Bucket> Service::head_bucket(const std::string& name) { return find_bucket(name); }

Result<base::HttpResponse> rest_head_bucket(Call& call, const std::string&) {
  const auto bucket = call.service.head_bucket(call.bucket);
  if (!bucket) return tl::unexpected(bucket.error());
  base::HttpResponse response = xml_response({});
  response.headers.add("x-amz-bucket-region", bucket->region);
  response.headers.add("x-amz-bucket-arn", "arn:aws:s3:::" + bucket->name);
  response.headers.add("x-amz-access-point-alias", "false");
  return response;
}

}  // namespace emulator::s3
