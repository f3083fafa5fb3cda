#include "emulator/base/xml.h"

#include <fmt/format.h>

#include <array>

#include "emulator/base/check.h"
#include "emulator/base/text.h"

namespace emulator::base {
namespace {

constexpr std::array<bool, 256> is_markup = [] {
  std::array<bool, 256> table{};
  for (std::size_t control = 0; control < 0x20; ++control) table[control] = true;
  table['\n'] = table['\t'] = false;
  table['&'] = table['<'] = table['>'] = table['"'] = true;
  for (std::size_t high = 0x80; high < table.size(); ++high) table[high] = true;
  return table;
}();

// Of the UTF-8 sequence of several bytes that the text begins with; 0: there is none.
std::size_t sequence_size(std::string_view text) {
  for (std::size_t size = 2; size <= 4 && size <= text.size(); ++size) {
    if (is_utf8(text.substr(0, size))) return size;
  }
  return 0;
}

}  // namespace

void append_xml_text(std::string& out, std::string_view text) {
  std::size_t plain = 0;      // from here to i nothing needs an escape
  bool rest_is_utf8 = false;  // from i on: mostly known at the first byte that is not ASCII
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!is_markup[static_cast<unsigned char>(c)]) continue;
    if (static_cast<unsigned char>(c) >= 0x80) {
      rest_is_utf8 = rest_is_utf8 || is_utf8(text.substr(i));
      if (rest_is_utf8) continue;
      if (const std::size_t size = sequence_size(text.substr(i)); size > 0) {
        i += size - 1;
        continue;
      }
    }
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
        out += static_cast<unsigned char>(c) < 0x80
                   ? fmt::format("&#x{:x};", static_cast<unsigned char>(c))
                   : "\xEF\xBF\xBD";  // U+FFFD
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
