#include "emulator/s3/xml_document.h"

#include <pugixml.hpp>

#include "emulator/base/text.h"

namespace emulator::s3 {
namespace {

constexpr int depth_max = 16;
constexpr std::size_t elements_max =
    60000;  // CompleteMultipartUpload of 10,000 parts has two thirds of it

std::string_view local_name(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

// Copies a tree out of pugixml; false if it is too deep or too large.
bool copy(const pugi::xml_node& from, XmlElement& to, int depth, std::size_t& elements) {
  if (depth > depth_max || ++elements > elements_max) return false;
  to.name = std::string(local_name(from.name()));
  for (const pugi::xml_node node : from.children()) {
    if (node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata)
      to.text += node.value();
    if (node.type() != pugi::node_element) continue;
    if (!copy(node, to.children.emplace_back(), depth + 1, elements)) return false;
  }
  return true;
}

}  // namespace

const XmlElement* XmlElement::child(std::string_view child_name) const {
  for (const XmlElement& element : children) {
    if (element.name == child_name) return &element;
  }
  return nullptr;
}

std::string_view XmlElement::child_text(std::string_view child_name) const {
  const XmlElement* found = child(child_name);
  return found == nullptr ? std::string_view() : found->text;
}

Result<XmlElement> parse_xml(std::string_view text, std::string_view root) {
  const unsigned options =
      pugi::parse_default | pugi::parse_ws_pcdata_single;  // a prefix may be one blank
  pugi::xml_document document;
  if (!base::is_utf8(text)) return fail(ErrorCode::malformed_xml);
  if (!document.load_buffer(text.data(), text.size(), options, pugi::encoding_utf8))
    return fail(ErrorCode::malformed_xml);
  XmlElement element;
  std::size_t elements = 0;
  if (!copy(document.document_element(), element, 1, elements) || element.name != root) {
    return fail(ErrorCode::malformed_xml);
  }
  return element;
}

}  // namespace emulator::s3
