#pragma once
// MySQL's collations as SQLite collations: "mysql_ai_ci" (utf8mb4_0900_ai_ci: case and accents do
// not count), "mysql_pad_ci" (the older
// ..._general_ci, ..._unicode_ci, latin1_swedish_ci: as above, and trailing blanks do not count),
// "mysql_as_cs", "mysql_pad_bin" (utf8mb4_bin), BINARY, and "mysql_decimal", which compares DECIMAL
// texts as numbers.

#include <cstdint>
#include <string_view>

#include "pipeline/rds/embedded/value.h"

struct sqlite3;

namespace pipeline::rds::embedded {

void register_collations(sqlite3* database);

// The name of the SQLite collation that orders values of this type; "" where BINARY does.
std::string_view sqlite_collation(const mysql::Column& type);
// As MySQL compares two UTF-8 strings under this collation id: below zero, zero, above.
int compare_texts(std::uint32_t collation, std::string_view a, std::string_view b);
// Two values of one type, as ORDER BY sorts them; NULL first.
int compare_values(const mysql::Column& type, const Value& a, const Value& b);
bool is_unicode_collation(std::uint32_t collation);  // the charset holds all of Unicode
bool pads_blanks(std::uint32_t collation);
std::uint32_t collation_of_name(std::string_view name);  // 0 = not known
std::string_view collation_name(std::uint32_t collation);

}  // namespace pipeline::rds::embedded
