#include "emulator/base/xml.h"

#include <fmt/format.h>

#include <array>

#include "emulator/base/check.h"

namespace emulator::base {
namespace {

constexpr std::array<bool, 256> is_markup = [] {
  std::array<bool, 256> table{};
  for (std::size_t control = 0; control < 0x20; ++control) table[control] = true;
  table['\n'] = table['\t'] = false;
  table['&'] = table['<'] = table['>'] = table['"'] = true;
  return table;
}();

}  // namespace

void append_xml_text(std::string& out, std::string_view text) {
  std::size_t plain = 0;  // from here to i nothing needs an escape
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!is_markup[static_cast<unsigned char>(c)]) continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      // XML 1.0 holds no other control characters; S3 writes them as references all the same.
      default:
        out += fmt::format("&#x{:x};", static_cast<unsigned char>(c));
    }
  }
  out.append(text, plain);
}

XmlWriter::XmlWriter(std::string_view root, std::string_view xmlns)
    : out_("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") {
  out_ += '<';
  out_ += root;
  if (!xmlns.empty()) out_ += fmt::format(" xmlns=\"{}\"", xmlns);
  out_ += '>';
  open_.emplace_back(root);
}

XmlWriter& XmlWriter::open(std::string_view name) {
  out_.append("<").append(name).append(">");
  open_.emplace_back(name);
  return *this;
}

XmlWriter& XmlWriter::close() {
  CHECK(!open_.empty());
  out_.append("</").append(open_.back()).append(">");
  open_.pop_back();
  return *this;
}

XmlWriter& XmlWriter::leaf(std::string_view name, std::string_view text) {
  out_.append("<").append(name).append(">");
  append_xml_text(out_, text);
  out_.append("</").append(name).append(">");
  return *this;
}

XmlWriter& XmlWriter::plain_leaf(std::string_view name, std::string_view text) {
  out_.append("<").append(name).append(">").append(text);
  out_.append("</").append(name).append(">");
  return *this;
}

XmlWriter& XmlWriter::empty(std::string_view name) {
  out_ += fmt::format("<{}/>", name);
  return *this;
}

std::string XmlWriter::take() {
  while (!open_.empty()) close();
  return std::move(out_);
}

}  // namespace emulator::base
