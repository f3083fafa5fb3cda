// Any document of a bucket: CORS, lifecycle, website, tags, policy and their like. The first byte
// of the input says which. What is kept of one reads the same again, and is UTF-8.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "emulator/base/check.h"
#include "emulator/base/text.h"
#include "emulator/s3/bucket_documents.h"
#include "emulator/s3/bucket_policy.h"
#include "emulator/s3/cors.h"
#include "emulator/s3/xml_document.h"

namespace {

using namespace emulator;

constexpr std::array<std::string_view, 11> names{"accelerate",  "cors",
                                                 "encryption",  "lifecycle",
                                                 "object-lock", "ownershipControls",
                                                 "policy",      "publicAccessBlock",
                                                 "tagging",     "versioning",
                                                 "website"};

void use(std::string_view name, const std::string& kept) {
  if (name == "policy") {
    static_cast<void>(s3::is_public(kept));
    static_cast<void>(s3::allows_anyone(kept, "s3:GetObject", "arn:aws:s3:::one/a"));
  }
  if (name != "cors") return;
  const auto rules = s3::parse_cors(s3::parse_xml(kept, "CORSConfiguration").value());
  CHECK(rules.has_value());
  const s3::CorsRequest request{.origin = "https://a.test", .method = "GET", .headers = {"x-a"}};
  base::Headers headers;
  if (const s3::CorsRule* rule = s3::find_cors_rule(*rules, request))
    s3::add_cors_headers(*rule, request, headers);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view name = names[data[0] % names.size()];
  const s3::BucketDocument& document = *s3::find_bucket_document(name);
  const auto new_id = [] { return std::string("id"); };
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto kept = document.canonical(body, "one", new_id);
  if (!kept || kept->empty()) return 0;
  CHECK(base::is_utf8(*kept));
  const auto again = document.canonical(*kept, "one", new_id);
  CHECK(again.has_value() && *again == *kept);
  use(name, *kept);
  return 0;
}
