#pragma once
// Sets of tags, of buckets and of objects (AWS: "Categorizing your objects using tags"): read from
// XML or from the header x-amz-tagging, held to AWS's limits. An object keeps its own as one of its
// headers, in the header's form.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/s3/error.h"
#include "emulator/s3/xml_document.h"

namespace emulator::s3 {

struct Tag {
  std::string key;
  std::string value;
};
using Tags = std::vector<Tag>;

inline constexpr std::size_t bucket_tags_max = 50;
inline constexpr std::size_t object_tags_max = 10;
inline constexpr const char* tagging_header = "x-amz-tagging";

Result<Tags> parse_tagging(const XmlElement& tagging, std::size_t tags_max);
// Of an element that is a TagSet under another name.
Result<Tags> parse_tag_set(XmlElement set, std::size_t tags_max);
Result<Tags> parse_tagging_header(std::string_view header);  // "a=1&b=2", percent-encoded
std::string render_tagging(const Tags& tags);                // XML
std::string render_tagging_header(const Tags& tags);

}  // namespace emulator::s3
