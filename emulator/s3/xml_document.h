#pragma once
// Reading the XML of a request with pugixml: by local name, whatever the namespace prefix. For .cpp files only.

#include <pugixml.hpp>
#include <string_view>

#include "emulator/s3/error.h"

namespace emulator::s3 {

// Parses text; MalformedXML unless it is well-formed and its root bears that name.
Result<pugi::xml_node> parse_xml(pugi::xml_document& document, std::string_view text, std::string_view root);

std::string_view local_name(const pugi::xml_node& node);
// The first child element of that local name; an empty node if there is none.
pugi::xml_node child(const pugi::xml_node& parent, std::string_view name);
// The text of that child, "" if there is none.
std::string_view child_text(const pugi::xml_node& parent, std::string_view name);

}  // namespace emulator::s3
