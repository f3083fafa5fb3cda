#include "pipeline/mysql/types/mariadb_types.h"

#include <arpa/inet.h>

#include <array>

#include "emulator/base/text.h"
#include "pipeline/mysql/types/codecs.h"

namespace pipeline::mysql::types {

namespace {

std::string uuid_to_text(std::string_view bytes) {
  std::string text = emulator::base::to_hex(bytes);
  for (const std::size_t dash : {8u, 13u, 18u, 23u}) text.insert(dash, 1, '-');
  return text;
}

Result<std::string> uuid_to_bytes(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (c != '-') digits.push_back(c);
  auto bytes = emulator::base::from_hex(digits);
  if (!bytes || bytes->size() != 16) return not_a("UUID", text);
  return *bytes;
}

template <int family>
std::string address_to_text(std::string_view bytes) {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(family, bytes.data(), text, sizeof text);
  return text;
}

template <int family>
Result<std::string> address_to_bytes(std::string_view text) {
  std::string bytes(family == AF_INET ? 4 : 16, '\0');
  if (inet_pton(family, std::string(text).c_str(), bytes.data()) != 1)
    return not_a(family == AF_INET ? "INET4" : "INET6", text);
  return bytes;
}

constexpr std::array mariadb_types{
    MariadbType{"uuid", 16, uuid_to_text, uuid_to_bytes},
    MariadbType{"inet4", 4, address_to_text<AF_INET>, address_to_bytes<AF_INET>},
    MariadbType{"inet6", 16, address_to_text<AF_INET6>, address_to_bytes<AF_INET6>},
};

}  // namespace

const MariadbType* mariadb_type_named(std::string_view declared) {
  for (const MariadbType& type : mariadb_types)
    if (type.name == declared) return &type;
  return nullptr;
}

const MariadbType* mariadb_type_of(const Column& column) {
  const MariadbType* type = mariadb_type_named(column.declared);
  return type && column.type == ColumnType::string && column.length == type->size ? type : nullptr;
}

}  // namespace pipeline::mysql::types
