#pragma once
// What ListObjects and ListObjectsV2 share on the wire: their parameters and the XML of entries.

#include <string>
#include <string_view>

#include "emulator/base/xml.h"
#include "emulator/s3/rest_call.h"

namespace emulator::s3 {

// Of max-keys, max-uploads, max-parts: 1000 unless less is asked for.
Result<std::size_t> page_size(const Call& call, const std::string& parameter);
// encoding-type=url
Result<bool> wants_url_encoding(const Call& call);

struct ListingRequest {
  ListObjectsInput input;
  bool url_encoded = false;  // encoding-type=url
};
Result<ListingRequest> listing_request(const Call& call);

class ListingWriter {
 public:
  ListingWriter(const Call& call, const ListingRequest& request);

  // A name that encoding-type=url encodes.
  void name(std::string_view element, std::string_view text);
  void leaf(std::string_view element, std::string_view text) { xml_.leaf(element, text); }
  // Name, Prefix, Delimiter, MaxKeys, EncodingType, IsTruncated.
  void heading(const ListObjectsOutput& output);
  void entries(const ListObjectsOutput& output, bool with_owner);
  std::string take() { return xml_.take(); }

 private:
  void object(const Object& object, bool with_owner);

  const Call& call_;
  const ListingRequest& request_;
  base::XmlWriter xml_;
};

}  // namespace emulator::s3
