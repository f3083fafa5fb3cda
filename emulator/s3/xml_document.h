#pragma once
// The XML of a request as plain values: elements by local name, whatever the namespace prefix, with
// their text. Documents that are deeper or larger than any of S3's are refused.

#include <string>
#include <string_view>
#include <vector>

#include "emulator/s3/error.h"

namespace emulator::s3 {

inline constexpr std::string_view s3_namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

struct XmlElement {
  std::string name;
  std::string text;  // its own, without that of its children
  std::vector<XmlElement> children;

  const XmlElement* child(std::string_view child_name) const;  // the first of that name, or nullptr
  std::string_view child_text(std::string_view child_name) const;  // its text, "" if there is none
};

// MalformedXML unless the text is well-formed UTF-8 and its root bears that name.
Result<XmlElement> parse_xml(std::string_view text, std::string_view root);

}  // namespace emulator::s3
