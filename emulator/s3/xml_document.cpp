#include "emulator/s3/xml_document.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
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

// What stands behind an ampersand: a name that XML has by itself, or the number of a character.
bool is_reference(std::string_view text) {
  text = text.substr(0, text.substr(0, 12).find(';'));
  constexpr std::array<std::string_view, 5> known{"amp", "lt", "gt", "quot", "apos"};
  if (std::find(known.begin(), known.end(), text) != known.end()) return true;
  if (!text.starts_with('#')) return false;
  text.remove_prefix(1);
  const bool hex = text.starts_with('x');
  if (hex) text.remove_prefix(1);
  std::uint32_t code = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, code, hex ? 16 : 10);
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  return error == std::errc() && at == end && code > 0 && code <= 0x10FFFF && !is_surrogate;
}

bool has_references_only(std::string_view text) {
  for (std::size_t at = text.find('&'); at != std::string_view::npos; at = text.find('&', at + 1)) {
    if (!is_reference(text.substr(at + 1))) return false;
  }
  return true;
}

// Behind the '>' of the tag that the text begins with; 0: there is none.
std::size_t tag_size(std::string_view text) {
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      return i + 1;
    }
  }
  return 0;
}

// Comment, instruction or CDATA that the text begins with; 0: it is none, or has no end.
std::size_t passage_size(std::string_view text, bool inside_root) {
  struct Passage {
    std::string_view begin;
    std::string_view end;
    bool may_be_outside;
  };
  for (const Passage& each : {Passage{"<!--", "-->", true}, Passage{"<?", "?>", true},
                              Passage{"<![CDATA[", "]]>", false}}) {
    if (!text.starts_with(each.begin) || (!each.may_be_outside && !inside_root)) continue;
    const std::size_t end = text.find(each.end, each.begin.size());
    return end == std::string_view::npos ? 0 : end + each.end.size();
  }
  return 0;
}

// pugixml forgives what S3's parser does not: a second root, text outside it, DOCTYPE, an ampersand
// that begins no reference, and the number of no character, behind which it would drop the rest.
bool is_well_formed(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  int depth = 0;
  int roots = 0;
  while (!text.empty()) {
    const std::string_view between = text.substr(0, text.find('<'));
    if (!has_references_only(between) || (depth == 0 && !base::trim(between).empty())) return false;
    text.remove_prefix(between.size());
    if (text.empty()) break;
    if (const std::size_t size = passage_size(text, depth > 0); size > 0) {
      text.remove_prefix(size);
      continue;
    }
    const std::string_view tag = text.substr(0, tag_size(text));
    if (tag.empty() || tag.starts_with("<!") || tag.starts_with("<?") || !has_references_only(tag))
      return false;
    if (depth == 0) ++roots;
    if (tag.starts_with("</"))
      --depth;
    else if (!tag.ends_with("/>"))
      ++depth;
    text.remove_prefix(tag.size());
  }
  return depth == 0 && roots == 1;
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
  if (!base::is_utf8(text) || !is_well_formed(text)) return fail(ErrorCode::malformed_xml);
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
