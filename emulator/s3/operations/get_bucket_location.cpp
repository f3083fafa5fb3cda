#include "emulator/base/xml.h"
#include "emulator/s3/operations/table.h"

namespace emulator::s3 {

Result<base::HttpResponse> rest_get_bucket_location(Call& call, const std::string&) {
  const auto bucket = call.service.head_bucket(call.bucket);
  if (!bucket) return tl::unexpected(bucket.error());
  base::XmlWriter xml("LocationConstraint", s3_namespace);
  std::string text = xml.take();
  // The root itself holds the region; us-east-1 is an empty element (AWS: GetBucketLocation).
  if (bucket->region != "us-east-1") text.insert(text.rfind("</"), bucket->region);
  return xml_response(std::move(text));
}

}  // namespace emulator::s3
