#pragma once
// What ListObjects and ListObjectsV2 share on the wire: their parameters and the XML of entries.

#include <string>
#include <string_view>

#include "emulator/base/xml.h"
#include "emulator/s3/rest_call.h"

namespace emulator::s3 {

// A number of the query, in AWS's words where it is none.
Result<std::size_t> listing_number(const Call& call, const std::string& parameter,
                                   std::size_t otherwise);
// Of max-keys, max-uploads, max-parts: 1000 unless less is asked for.
Result<std::size_t> page_size(const Call& call, const std::string& parameter);
// encoding-type=url
Result<bool> wants_url_encoding(const Call& call);

struct ListingRequest {
  ListObjectsInput input;
  bool url_encoded = false;  // encoding-type=url
};
Result<ListingRequest> listing_request(const Call& call);

// What the entries of all listings of objects have in common.
class EntryWriter {
 public:
  EntryWriter(base::XmlWriter& xml, bool url_encoded, const ServiceOptions& options);

  // A name that encoding-type=url encodes.
  void name(std::string_view element, std::string_view text);
  void owner();
  // LastModified, ETag, Size...
  void properties(const ListedObject& object, bool with_owner);
  void prefixes(const std::vector<std::string>& common_prefixes);

 private:
  const std::string& whole_second(Instant at);

  base::XmlWriter& xml_;
  bool url_encoded_;
  std::string owner_;
  Instant second_{};  // of the object before
  std::string second_text_;
};

class ListingWriter {
 public:
  ListingWriter(const Call& call, const ListingRequest& request);

  void name(std::string_view element, std::string_view text) { entries_.name(element, text); }
  void leaf(std::string_view element, std::string_view text) { xml_.leaf(element, text); }
  // Name, Prefix, Delimiter, MaxKeys, EncodingType, IsTruncated.
  void heading(const ListObjectsOutput& output);
  void entries(const ListObjectsOutput& output, bool with_owner);
  std::string take() { return xml_.take(); }

 private:
  const Call& call_;
  const ListingRequest& request_;
  base::XmlWriter xml_;
  EntryWriter entries_;
};

}  // namespace emulator::s3
