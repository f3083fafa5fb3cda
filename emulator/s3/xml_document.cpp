#include "emulator/s3/xml_document.h"

#include "emulator/base/text.h"

namespace emulator::s3 {

Result<pugi::xml_node> parse_xml(pugi::xml_document& document, std::string_view text, std::string_view root) {
  const unsigned options = pugi::parse_default | pugi::parse_ws_pcdata_single;  // a prefix may be one blank
  if (!base::is_utf8(text)) return fail(ErrorCode::malformed_xml);
  if (!document.load_buffer(text.data(), text.size(), options, pugi::encoding_utf8)) return fail(ErrorCode::malformed_xml);
  const pugi::xml_node node = document.document_element();
  if (local_name(node) != root) return fail(ErrorCode::malformed_xml);
  return node;
}

std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

pugi::xml_node child(const pugi::xml_node& parent, std::string_view name) {
  for (const pugi::xml_node node : parent.children()) {
    if (node.type() == pugi::node_element && local_name(node) == name) return node;
  }
  return {};
}

std::string_view child_text(const pugi::xml_node& parent, std::string_view name) {
  return child(parent, name).child_value();
}

}  // namespace emulator::s3
