#pragma once
// Writing XML as S3 does. Reading is pugixml's, inside .cpp files.

#include <string>
#include <string_view>
#include <vector>

namespace emulator::base {

void append_xml_text(std::string& out,
                     std::string_view text);  // escapes & < > " and control characters

// XmlWriter w("ListBucketResult", s3_namespace); w.leaf("Name", "b"); w.open("Contents"); ...
// w.close(); w.take()
class XmlWriter {
 public:
  explicit XmlWriter(std::string_view root, std::string_view xmlns = {});
  XmlWriter& open(std::string_view name);
  XmlWriter& close();
  XmlWriter& leaf(std::string_view name, std::string_view text);
  // Text that is XML already.
  XmlWriter& plain_leaf(std::string_view name, std::string_view text);
  void reserve(std::size_t bytes) { out_.reserve(bytes); }
  XmlWriter& empty(std::string_view name);
  std::string take();  // closes whatever is open

 private:
  std::string out_;
  std::vector<std::string> open_;
};

}  // namespace emulator::base
