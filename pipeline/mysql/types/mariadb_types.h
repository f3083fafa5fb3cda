#pragma once
// MariaDB's UUID, INET4 and INET6: BINARY in the log, text of their own on screen. Only a column
// whose declared type is known tells them from BINARY. Only this folder includes it.

#include <string>
#include <string_view>

#include "emulator/base/result.h"
#include "pipeline/mysql/schema.h"

namespace pipeline::mysql::types {

struct MariadbType {
  std::string_view name;
  std::uint32_t size;
  std::string (*text)(std::string_view bytes);
  emulator::base::Result<std::string> (*bytes)(std::string_view text);
};

const MariadbType* mariadb_type_of(const Column& column);  // null: none of them
const MariadbType* mariadb_type_named(std::string_view declared);

}  // namespace pipeline::mysql::types
