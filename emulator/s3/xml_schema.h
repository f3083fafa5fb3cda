#pragma once
// What a document of XML may hold, as a table: one row an element, under the name of its parent.
// What is not in the table, too often there, missing or of the wrong kind is MalformedXML, as at
// AWS. And the document written out again, canonical.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "emulator/s3/error.h"
#include "emulator/s3/xml_document.h"

namespace emulator::s3 {

enum class FieldKind { group, text, number, boolean, choice };

struct Field {
  std::string_view parent;
  std::string_view name;
  FieldKind kind = FieldKind::text;
  std::size_t min = 0;
  std::size_t max = 1;
  std::string_view choices = {};  // "Enabled|Disabled"
};
using Schema = std::span<const Field>;

Result<void> check_schema(const XmlElement& root, Schema schema);
Result<XmlElement> parse_checked(std::string_view body, std::string_view root, Schema schema);

// With S3's namespace; blanks between elements are gone.
std::string render_document(const XmlElement& root);

}  // namespace emulator::s3
