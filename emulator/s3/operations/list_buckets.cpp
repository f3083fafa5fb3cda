#include "emulator/base/text.h"
#include "emulator/base/xml.h"
#include "emulator/s3/object_answer.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {

Result<std::vector<Bucket>> Service::list_buckets() {
  auto buckets = store_.buckets();
  if (!buckets) return storage_failed(buckets.error());
  return std::move(*buckets);
}

namespace {

struct BucketPage {
  std::string prefix;
  std::string region;
  std::string after;  // the continuation token's content
  std::size_t max = 10000;
};

Result<BucketPage> requested_page(const Call& call) {
  BucketPage page;
  page.prefix = call.parameter("prefix").value_or("");
  page.region = call.parameter("bucket-region").value_or("");
  if (!page.region.empty() && !is_region_name(page.region)) {
    return tl::unexpected(Error{ErrorCode::invalid_argument,
                                "Argument value " + page.region + " is not a valid AWS Region",
                                {{"ArgumentName", "bucket-region"}}});
  }
  if (const auto max = call.parameter("max-buckets")) {
    const auto number = base::parse_unsigned(*max);
    if (!number || *number < 1 || *number > 10000) {
      return invalid_argument("Argument max-buckets must be an integer between 1 and 10000",
                              "max-buckets", *max);
    }
    page.max = static_cast<std::size_t>(*number);
  }
  if (const auto token = call.parameter("continuation-token"); token && !token->empty()) {
    const auto after = base::from_base64(*token);
    if (!after || after->empty())
      return fail(ErrorCode::invalid_argument, "The continuation token provided is incorrect");
    page.after = *after;
  }
  return page;
}

bool belongs(const Bucket& bucket, const BucketPage& page) {
  return bucket.name > page.after && bucket.name.starts_with(page.prefix) &&
         (page.region.empty() || bucket.region == page.region);
}

}  // namespace

Result<base::HttpResponse> rest_list_buckets(Call& call, const std::string&) {
  const auto page = requested_page(call);
  if (!page) return tl::unexpected(page.error());
  const auto buckets = call.service.list_buckets();
  if (!buckets) return tl::unexpected(buckets.error());
  base::XmlWriter xml("ListAllMyBucketsResult", s3_namespace);
  xml.open("Owner")
      .leaf("ID", owner_id(call.service.options()))
      .leaf("DisplayName", owner_name)
      .close();
  xml.open("Buckets");
  std::size_t count = 0;
  std::string last, token;
  for (const Bucket& bucket : *buckets) {
    if (!belongs(bucket, *page)) continue;
    if (count++ == page->max) {
      token = base::to_base64(last);
      break;
    }
    last = bucket.name;
    xml.open("Bucket")
        .leaf("Name", bucket.name)
        .leaf("CreationDate", whole_seconds(bucket.created));
    xml.leaf("BucketRegion", bucket.region)
        .leaf("BucketArn", "arn:aws:s3:::" + bucket.name)
        .close();
  }
  xml.close();
  if (!token.empty()) xml.leaf("ContinuationToken", token);
  if (!page->prefix.empty()) xml.leaf("Prefix", page->prefix);
  return xml_response(xml.take());
}

}  // namespace emulator::s3
