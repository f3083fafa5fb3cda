#include "emulator/sqs/message_attributes.h"

#include <algorithm>

#include "emulator/base/bytes.h"
#include "emulator/base/digest.h"
#include "emulator/base/text.h"

namespace emulator::sqs {
namespace {

constexpr std::size_t attributes_max = 10;
constexpr std::size_t name_bytes_max = 256;

void append_sized(std::string& out, std::string_view text) {
  base::append_be(out, text.size(), 4);
  out += text;
}

bool is_type(std::string_view type) {
  const std::string_view kind = type.substr(0, type.find('.'));
  return kind == "String" || kind == "Number" || kind == "Binary";
}

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > name_bytes_max || name.front() == '.' || name.back() == '.')
    return false;
  const std::string lower = base::to_lower(name);
  if (lower.starts_with("aws.") || lower.starts_with("amazon.") ||
      lower.find("..") != std::string::npos)
    return false;
  return std::all_of(lower.begin(), lower.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

tl::unexpected<Error> bad(std::string message) {
  return fail(ErrorCode::invalid_parameter_value, std::move(message));
}

}  // namespace

Result<void> check_message_attributes(const MessageAttributes& attributes) {
  if (attributes.size() > attributes_max) {
    return bad("Number of message attributes [" + std::to_string(attributes.size()) +
               "] exceeds the allowed maximum [10].");
  }
  for (const auto& [name, attribute] : attributes) {
    if (!is_name(name)) return bad("The message attribute name '" + name + "' is invalid.");
    if (!is_type(attribute.type)) {
      return bad("The message attribute '" + name +
                 "' has an invalid message attribute type, the set of supported type prefixes is "
                 "Binary, Number, and String.");
    }
    if (attribute.value.empty()) {
      return bad("The message attribute '" + name +
                 "' must contain a non-empty message attribute value for message attribute type '" +
                 attribute.type + "'.");
    }
    if (!attribute.is_binary() && !is_message_text(attribute.value))
      return fail(ErrorCode::invalid_message_contents);
  }
  return {};
}

std::size_t bytes_of(const MessageAttributes& attributes) {
  std::size_t bytes = 0;
  for (const auto& [name, attribute] : attributes)
    bytes += name.size() + attribute.type.size() + attribute.value.size();
  return bytes;
}

// AWS: "Calculating the MD5 message digest for message attributes".
std::string md5_of(const MessageAttributes& attributes) {
  if (attributes.empty()) return {};
  std::string text;
  for (const auto& [name, attribute] : attributes) {
    append_sized(text, name);
    append_sized(text, attribute.type);
    text += attribute.is_binary() ? '\x02' : '\x01';
    append_sized(text, attribute.value);
  }
  return base::to_hex(base::hash(base::HashKind::md5, text));
}

std::string pack(const MessageAttributes& attributes) {
  std::string out;
  for (const auto& [name, attribute] : attributes) {
    append_sized(out, name);
    append_sized(out, attribute.type);
    append_sized(out, attribute.value);
  }
  return out;
}

MessageAttributes unpack_message_attributes(std::string_view packed) {
  MessageAttributes attributes;
  base::ByteReader reader(packed);
  const auto take = [&reader] { return std::string(reader.take(reader.be(4))); };
  while (reader.left() > 0 && !reader.failed()) {
    std::string name = take(), type = take(), value = take();
    attributes.emplace(std::move(name), MessageAttribute{std::move(type), std::move(value)});
  }
  return attributes;
}

bool is_message_text(std::string_view text) {
  if (!base::is_utf8(text)) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 && c != 0x09 && c != 0x0A && c != 0x0D) return false;
    // U+FFFE and U+FFFF are EF BF BE and EF BF BF.
    if (c == 0xEF && text.substr(i, 2) == "\xEF\xBF" &&
        static_cast<unsigned char>(text[i + 2]) >= 0xBE)
      return false;
  }
  return true;
}

}  // namespace emulator::sqs
