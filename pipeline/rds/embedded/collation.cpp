#include "pipeline/rds/embedded/collation.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>

#include "emulator/base/text.h"
#include "pipeline/rds/embedded/decimal.h"
#include "pipeline/rds/embedded/fold.h"

namespace pipeline::rds::embedded {
namespace {

enum class Style : std::uint8_t { ai_ci, pad_ci, as_cs, pad_bin, binary };

struct Known {
  std::uint32_t id;
  std::string_view name;
  Style style;
};
// Ids and names as SHOW COLLATION gives them.
constexpr Known known[] = {
    {255, "utf8mb4_0900_ai_ci", Style::ai_ci},
    {45, "utf8mb4_general_ci", Style::pad_ci},
    {46, "utf8mb4_bin", Style::pad_bin},
    {224, "utf8mb4_unicode_ci", Style::pad_ci},
    {246, "utf8mb4_unicode_520_ci", Style::pad_ci},
    {278, "utf8mb4_0900_as_cs", Style::as_cs},
    {305, "utf8mb4_0900_as_ci", Style::ai_ci},
    {309, "utf8mb4_0900_bin", Style::binary},
    {33, "utf8mb3_general_ci", Style::pad_ci},
    {83, "utf8mb3_bin", Style::pad_bin},
    {192, "utf8mb3_unicode_ci", Style::pad_ci},
    {8, "latin1_swedish_ci", Style::pad_ci},
    {47, "latin1_bin", Style::pad_bin},
    {48, "latin1_general_ci", Style::pad_ci},
    {11, "ascii_general_ci", Style::pad_ci},
    {65, "ascii_bin", Style::pad_bin},
    {63, "binary", Style::binary},
    {35, "ucs2_general_ci", Style::pad_ci},
    {54, "utf16_general_ci", Style::pad_ci},
    {60, "utf32_general_ci", Style::pad_ci},
    {28, "gbk_chinese_ci", Style::pad_ci},
    {13, "sjis_japanese_ci", Style::pad_ci},
    {7, "koi8r_general_ci", Style::pad_ci},
    {51, "cp1251_general_ci", Style::pad_ci},
    {9, "latin2_general_ci", Style::pad_ci},
};

const Known* find(std::uint32_t id) {
  for (const Known& entry : known) {
    if (entry.id == id) return &entry;
  }
  return nullptr;
}

Style style_of(std::uint32_t collation) {
  const Known* entry = find(collation);
  return entry ? entry->style : Style::ai_ci;
}

int sign(int order) { return order < 0 ? -1 : order > 0; }

std::string_view without_trailing_blanks(std::string_view text) {
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

int compare_styled(Style style, std::string_view a, std::string_view b) {
  switch (style) {
    case Style::ai_ci:
      return compare_folded(a, b);
    case Style::pad_ci:
      return compare_folded(without_trailing_blanks(a), without_trailing_blanks(b));
    case Style::as_cs: {
      const int order = compare_folded(a, b);
      return order != 0 ? order : sign(a.compare(b));
    }
    case Style::pad_bin:
      return sign(without_trailing_blanks(a).compare(without_trailing_blanks(b)));
    case Style::binary:
      return sign(a.compare(b));
  }
  return 0;
}

template <Style style>
int collate(void*, int a_size, const void* a, int b_size, const void* b) {
  return compare_styled(style, {static_cast<const char*>(a), static_cast<std::size_t>(a_size)},
                        {static_cast<const char*>(b), static_cast<std::size_t>(b_size)});
}

int collate_decimal(void*, int a_size, const void* a, int b_size, const void* b) {
  return compare_decimal_texts({static_cast<const char*>(a), static_cast<std::size_t>(a_size)},
                               {static_cast<const char*>(b), static_cast<std::size_t>(b_size)});
}

}  // namespace

void register_collations(sqlite3* database) {
  sqlite3_create_collation(database, "mysql_ai_ci", SQLITE_UTF8, nullptr, collate<Style::ai_ci>);
  sqlite3_create_collation(database, "mysql_pad_ci", SQLITE_UTF8, nullptr, collate<Style::pad_ci>);
  sqlite3_create_collation(database, "mysql_as_cs", SQLITE_UTF8, nullptr, collate<Style::as_cs>);
  sqlite3_create_collation(database, "mysql_pad_bin", SQLITE_UTF8, nullptr,
                           collate<Style::pad_bin>);
  sqlite3_create_collation(database, "mysql_decimal", SQLITE_UTF8, nullptr, collate_decimal);
}

std::string_view sqlite_collation(const mysql::Column& type) {
  if (type.type == mysql::ColumnType::decimal) return "mysql_decimal";
  const bool is_text =
      type.type == mysql::ColumnType::varchar || type.type == mysql::ColumnType::string ||
      type.type == mysql::ColumnType::blob || type.type == mysql::ColumnType::enumeration ||
      type.type == mysql::ColumnType::set;
  if (!is_text) return "";
  switch (style_of(type.collation)) {
    case Style::ai_ci:
      return "mysql_ai_ci";
    case Style::pad_ci:
      return "mysql_pad_ci";
    case Style::as_cs:
      return "mysql_as_cs";
    case Style::pad_bin:
      return "mysql_pad_bin";
    case Style::binary:
      return "";
  }
  return "";
}

int compare_texts(std::uint32_t collation, std::string_view a, std::string_view b) {
  return compare_styled(style_of(collation), a, b);
}

int compare_values(const mysql::Column& type, const Value& a, const Value& b) {
  if (a.store != b.store)
    return a.store < b.store ? -1 : 1;  // NULL, integers, reals, texts: SQLite's order
  switch (a.store) {
    case Value::Store::null:
      return 0;
    case Value::Store::integer:
      return a.integer < b.integer ? -1 : a.integer > b.integer;
    case Value::Store::real:
      return a.real < b.real ? -1 : a.real > b.real;
    default:
      break;
  }
  if (kind_of(type) == Kind::decimal) return compare_decimal_texts(a.bytes, b.bytes);
  return kind_of(type) == Kind::text ? compare_texts(type.collation, a.bytes, b.bytes)
                                     : sign(a.bytes.compare(b.bytes));
}

bool is_unicode_collation(std::uint32_t collation) {
  const std::string_view name = collation_name(collation);
  return name.starts_with("utf8mb4") || name.starts_with("utf16") || name.starts_with("utf32");
}

bool pads_blanks(std::uint32_t collation) {
  const Style style = style_of(collation);
  return style == Style::pad_ci || style == Style::pad_bin;
}

std::uint32_t collation_of_name(std::string_view name) {
  for (const Known& entry : known) {
    if (emulator::base::equals_ignoring_case(entry.name, name)) return entry.id;
  }
  return 0;
}

std::string_view collation_name(std::uint32_t collation) {
  const Known* entry = find(collation);
  return entry ? entry->name : std::string_view();
}

}  // namespace pipeline::rds::embedded
