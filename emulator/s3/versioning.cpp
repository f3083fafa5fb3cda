#include "emulator/s3/versioning.h"

#include "emulator/s3/xml_schema.h"

namespace emulator::s3 {

Versioning versioning_of(const Bucket& bucket) {
  const auto document = bucket.configurations.find("versioning");
  if (document == bucket.configurations.end()) return Versioning::never;
  const bool enabled = document->second.find("<Status>Enabled</Status>") != std::string::npos;
  return enabled ? Versioning::enabled : Versioning::suspended;
}

std::string versioning_document(std::string_view status) {
  return render_document(
      {.name = "VersioningConfiguration",
       .text = {},
       .children = {{.name = "Status", .text = std::string(status), .children = {}}}});
}

}  // namespace emulator::s3
