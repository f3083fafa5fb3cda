#include "emulator/base/xml.h"

#include <fmt/format.h>

#include "emulator/base/check.h"

namespace emulator::base {

void append_xml_text(std::string& out, std::string_view text) {
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default:
        // XML 1.0 holds no other control characters; S3 writes them as references all the same.
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t')
          out += fmt::format("&#x{:x};", static_cast<unsigned char>(c));
        else
          out.push_back(c);
    }
  }
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
  out_ += fmt::format("<{}>", name);
  open_.emplace_back(name);
  return *this;
}

XmlWriter& XmlWriter::close() {
  CHECK(!open_.empty());
  out_ += fmt::format("</{}>", open_.back());
  open_.pop_back();
  return *this;
}

XmlWriter& XmlWriter::leaf(std::string_view name, std::string_view text) {
  out_ += fmt::format("<{}>", name);
  append_xml_text(out_, text);
  out_ += fmt::format("</{}>", name);
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
