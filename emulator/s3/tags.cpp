#include "emulator/s3/tags.h"

#include <algorithm>
#include <array>
#include <set>

#include "emulator/base/text.h"
#include "emulator/base/xml.h"
#include "emulator/s3/rest_call.h"
#include "emulator/s3/xml_schema.h"

namespace emulator::s3 {
namespace {

constexpr std::size_t key_length_max = 128;
constexpr std::size_t value_length_max = 256;

constexpr std::array tagging_schema{
    Field{"Tagging", "TagSet", FieldKind::group, 0, 1},
    Field{"TagSet", "Tag", FieldKind::group, 0, 1000},
    Field{"Tag", "Key", FieldKind::text, 1, 1},
    Field{"Tag", "Value", FieldKind::text, 1, 1},
};

tl::unexpected<Error> bad_key(std::string message, const Tag& tag) {
  return tl::unexpected(Error{ErrorCode::invalid_tag, std::move(message), {{"TagKey", tag.key}}});
}

tl::unexpected<Error> bad_value(std::string message, const Tag& tag) {
  return tl::unexpected(Error{
      ErrorCode::invalid_tag, std::move(message), {{"TagKey", tag.key}, {"TagValue", tag.value}}});
}

// Letters and digits of any language, blanks, and + - = . _ : / @ (AWS: "Tag restrictions").
bool has_only_tag_characters(std::string_view text) {
  if (!base::is_utf8(text)) return false;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                           (byte >= '0' && byte <= '9');
    if (byte < 0x80 && !is_letter &&
        std::string_view(" +-=._:/@").find(c) == std::string_view::npos)
      return false;
  }
  return true;
}

Result<void> check_tags(const Tags& tags, std::size_t tags_max) {
  if (tags.size() > tags_max) {
    if (tags_max == object_tags_max)
      return fail(ErrorCode::bad_request, "Object tags cannot be greater than 10");
    return fail(ErrorCode::bad_request, "Bucket tag count cannot be greater than 50");
  }
  std::set<std::string_view> seen;
  for (const Tag& tag : tags) {
    if (tag.key.empty() || base::utf8_length(tag.key) > key_length_max ||
        !has_only_tag_characters(tag.key)) {
      return bad_key("The TagKey you have provided is invalid", tag);
    }
    if (base::utf8_length(tag.value) > value_length_max || !has_only_tag_characters(tag.value)) {
      return bad_value("The TagValue you have provided is invalid", tag);
    }
    if (base::to_lower(tag.key).starts_with("aws:")) {
      return bad_key(tags_max == object_tags_max
                         ? "Your TagKey cannot be prefixed with aws:"
                         : "System tags cannot be added/updated by requester",
                     tag);
    }
    if (!seen.insert(tag.key).second)
      return bad_key("Cannot provide multiple Tags with the same key", tag);
  }
  return {};
}

// A set of tags has no order; kept by key, so that one set has one form.
Tags sorted(Tags tags) {
  std::sort(tags.begin(), tags.end(), [](const Tag& a, const Tag& b) { return a.key < b.key; });
  return tags;
}

}  // namespace

Result<Tags> parse_tagging(const XmlElement& tagging, std::size_t tags_max) {
  if (auto fits = check_schema(tagging, tagging_schema); !fits)
    return tl::unexpected(std::move(fits.error()));
  Tags tags;
  if (const XmlElement* set = tagging.child("TagSet")) {
    for (const XmlElement& tag : set->children)
      tags.push_back({std::string(tag.child_text("Key")), std::string(tag.child_text("Value"))});
  }
  if (auto checked = check_tags(tags, tags_max); !checked)
    return tl::unexpected(std::move(checked.error()));
  return sorted(std::move(tags));
}

Result<Tags> parse_tag_set(XmlElement set, std::size_t tags_max) {
  set.name = "TagSet";
  return parse_tagging({.name = "Tagging", .text = {}, .children = {std::move(set)}}, tags_max);
}

Result<Tags> parse_tagging_header(std::string_view header) {
  const auto bad = [&] {
    return invalid_argument(
        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters "
        "without tag name duplicates.",
        tagging_header, std::string(header));
  };
  Tags tags;
  for (std::string_view pair : base::split(header, '&')) {
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    auto key = base::percent_decode(pair.substr(0, equals), true);
    auto value = base::percent_decode(
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
    if (!key || key->empty() || !value || !has_only_tag_characters(*key) ||
        !has_only_tag_characters(*value))
      return bad();
    for (const Tag& known : tags) {
      if (known.key == *key) return bad();
    }
    tags.push_back({std::move(*key), std::move(*value)});
    if (tags.size() > object_tags_max) break;
  }
  if (auto checked = check_tags(tags, object_tags_max); !checked)
    return tl::unexpected(std::move(checked.error()));
  return sorted(std::move(tags));
}

std::string render_tagging(const Tags& tags) {
  base::XmlWriter xml("Tagging", s3_namespace);
  xml.open("TagSet");
  for (const Tag& tag : tags) xml.open("Tag").leaf("Key", tag.key).leaf("Value", tag.value).close();
  return xml.take();
}

std::string render_tagging_header(const Tags& tags) {
  std::string out;
  for (const Tag& tag : tags) {
    if (!out.empty()) out += '&';
    out += base::percent_encode(tag.key) + "=" + base::percent_encode(tag.value);
  }
  return out;
}

}  // namespace emulator::s3
