#include "emulator/base/xml.h"
#include "emulator/s3/operations/table.h"

namespace emulator::s3 {

Result<base::HttpResponse> rest_get_bucket_location(Call& call, const std::string&) {
  const auto bucket = call.service.head_bucket(call.bucket);
  if (!bucket) return tl::unexpected(bucket.error());
  base::XmlWriter xml("LocationConstraint", s3_namespace);
  std::string text = xml.take();
  // The root itself holds the region as it was named; us-east-1 is an empty element (AWS:
  // GetBucketLocation).
  const auto named = bucket->configurations.find("location");
  if (named != bucket->configurations.end())
    text.insert(text.rfind("</"), named->second);
  else if (bucket->region != "us-east-1")
    text.insert(text.rfind("</"), bucket->region);
  else
    text.replace(text.rfind("></"), std::string::npos, "/>");  // as AWS spells it
  return xml_response(std::move(text));
}

}  // namespace emulator::s3
