#include "emulator/s3/xml_schema.h"

#include <algorithm>

#include "emulator/base/text.h"
#include "emulator/base/xml.h"
#include "emulator/s3/rest_call.h"

namespace emulator::s3 {
namespace {

bool is_one_of(std::string_view value, std::string_view choices) {
  const auto all = base::split(choices, '|');
  return std::find(all.begin(), all.end(), value) != all.end();
}

bool is_of_kind(const XmlElement& element, const Field& field) {
  const std::string_view text = base::trim(element.text);
  if (field.kind == FieldKind::group) return text.empty();
  if (!element.children.empty()) return false;
  switch (field.kind) {
    case FieldKind::number:
      return base::parse_integer(text).has_value();
    case FieldKind::boolean:
      return base::equals_ignoring_case(text, "true") || base::equals_ignoring_case(text, "false");
    case FieldKind::choice:
      return is_one_of(text, field.choices);
    default:
      return true;
  }
}

const Field* find_field(Schema schema, std::string_view parent, std::string_view name) {
  const auto found = std::find_if(schema.begin(), schema.end(), [&](const Field& field) {
    return field.parent == parent && field.name == name;
  });
  return found == schema.end() ? nullptr : &*found;
}

bool has_right_counts(const XmlElement& element, Schema schema) {
  return std::all_of(schema.begin(), schema.end(), [&](const Field& field) {
    if (field.parent != element.name) return true;
    const auto count =
        std::count_if(element.children.begin(), element.children.end(),
                      [&](const XmlElement& child) { return child.name == field.name; });
    return static_cast<std::size_t>(count) >= field.min &&
           static_cast<std::size_t>(count) <= field.max;
  });
}

bool fits(const XmlElement& element, Schema schema) {
  for (const XmlElement& child : element.children) {
    const Field* field = find_field(schema, element.name, child.name);
    if (field == nullptr || !is_of_kind(child, *field) || !fits(child, schema)) return false;
  }
  return has_right_counts(element, schema);
}

void write(base::XmlWriter& xml, const XmlElement& element) {
  for (const XmlElement& child : element.children) {
    if (child.children.empty()) {
      xml.leaf(child.name, child.text);
      continue;
    }
    xml.open(child.name);
    write(xml, child);
    xml.close();
  }
}

}  // namespace

Result<void> check_schema(const XmlElement& root, Schema schema) {
  if (!base::trim(root.text).empty() || !fits(root, schema)) return fail(ErrorCode::malformed_xml);
  return {};
}

Result<XmlElement> parse_checked(std::string_view body, std::string_view root, Schema schema) {
  auto document = parse_xml(body, root);
  if (!document) return document;
  if (auto fits = check_schema(*document, schema); !fits)
    return tl::unexpected(std::move(fits.error()));
  return document;
}

std::string render_document(const XmlElement& root) {
  base::XmlWriter xml(root.name, s3_namespace);
  write(xml, root);
  return xml.take();
}

}  // namespace emulator::s3
