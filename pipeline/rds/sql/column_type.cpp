#include <fmt/format.h>

#include "pipeline/rds/sql/expression.h"

namespace pipeline::rds::sql {
namespace {

struct NameRow {
  TypeName type;
  std::string_view name;
  int default_length = -1;  // printed where none was said; -1: nothing printed
};

constexpr std::array names = std::to_array<NameRow>({
    {TypeName::tinyint, "tinyint"},
    {TypeName::smallint, "smallint"},
    {TypeName::mediumint, "mediumint"},
    {TypeName::integer, "int"},
    {TypeName::bigint, "bigint"},
    {TypeName::decimal, "decimal", 10},
    {TypeName::float32, "float"},
    {TypeName::float64, "double"},
    {TypeName::bit, "bit", 1},
    {TypeName::date, "date"},
    {TypeName::time, "time"},
    {TypeName::datetime, "datetime"},
    {TypeName::timestamp, "timestamp"},
    {TypeName::year, "year"},
    {TypeName::character, "char", 1},
    {TypeName::varchar, "varchar"},
    {TypeName::binary, "binary", 1},
    {TypeName::varbinary, "varbinary"},
    {TypeName::tinytext, "tinytext"},
    {TypeName::text, "text"},
    {TypeName::mediumtext, "mediumtext"},
    {TypeName::longtext, "longtext"},
    {TypeName::tinyblob, "tinyblob"},
    {TypeName::blob, "blob"},
    {TypeName::mediumblob, "mediumblob"},
    {TypeName::longblob, "longblob"},
    {TypeName::enumeration, "enum"},
    {TypeName::set, "set"},
    {TypeName::json, "json"},
    {TypeName::vector, "vector", 2048},
    {TypeName::geometry, "geometry"},
    {TypeName::point, "point"},
    {TypeName::linestring, "linestring"},
    {TypeName::polygon, "polygon"},
    {TypeName::multipoint, "multipoint"},
    {TypeName::multilinestring, "multilinestring"},
    {TypeName::multipolygon, "multipolygon"},
    {TypeName::geometrycollection, "geomcollection"},
    {TypeName::signed_integer, "bigint"},
    {TypeName::unsigned_integer, "bigint"},
});

bool is_integer(TypeName type) { return type <= TypeName::bigint; }

// Display widths of zero-filled integers without one: the digits of the largest value.
int zerofill_width(TypeName type) {
  constexpr std::array widths = {3, 5, 8, 10, 20};
  return widths[static_cast<std::size_t>(type)];
}

// BLOB(n) and TEXT(n) become the smallest of their family that holds n (manual, "The BLOB and TEXT
// Types"; TEXT counts characters).
std::string_view sized_family(const TypeSpec& type) {
  const bool text = type.name == TypeName::text;
  const std::uint64_t bytes = *type.length * (text ? 4 : 1);
  if (bytes < 1u << 8) return text ? "tinytext" : "tinyblob";
  if (bytes < 1u << 16) return text ? "text" : "blob";
  if (bytes < 1u << 24) return text ? "mediumtext" : "mediumblob";
  return text ? "longtext" : "longblob";
}

std::string labels(const TypeSpec& type) {
  std::string out = "(";
  for (std::string_view label : type.labels) {
    if (out.size() > 1) out += ',';
    out += '\'';
    for (char c : label) {
      if (c == '\'') out += '\'';
      out += c;
    }
    out += '\'';
  }
  return out + ')';
}

// The part in parentheses.
std::string size(const TypeSpec& type, int default_length) {
  if (!type.labels.empty()) return labels(type);
  if (is_integer(type.name)) {
    // Widths are gone but for tinyint(1) and ZEROFILL (manual, "Numeric Type Attributes").
    if (type.zerofill)
      return fmt::format(
          "({})", type.length.value_or(static_cast<std::uint64_t>(zerofill_width(type.name))));
    const bool boolean = type.name == TypeName::tinyint && type.length == 1 && !type.is_unsigned;
    return boolean ? "(1)" : "";
  }
  if (type.name == TypeName::year) return "";
  const bool temporal = type.name == TypeName::time || type.name == TypeName::datetime ||
                        type.name == TypeName::timestamp;
  if (temporal && type.length.value_or(0) == 0) return "";
  if (type.name == TypeName::decimal) {
    const auto precision =
        type.length.value_or(0) == 0 ? static_cast<std::uint64_t>(default_length) : *type.length;
    return fmt::format("({},{})", precision, type.scale.value_or(0));
  }
  if (type.scale) return fmt::format("({},{})", type.length.value_or(0), *type.scale);
  if (type.length) return fmt::format("({})", *type.length);
  return default_length < 0 ? "" : fmt::format("({})", default_length);
}

}  // namespace

std::string column_type(const TypeSpec& type) {
  std::string out;
  const bool sized =
      (type.name == TypeName::text || type.name == TypeName::blob) && type.length.value_or(0) != 0;
  for (const NameRow& row : names) {
    if (row.type != type.name) continue;
    out = sized ? std::string(sized_family(type))
                : std::string(row.name) + size(type, row.default_length);
  }
  if (type.is_unsigned) out += " unsigned";
  if (type.zerofill) out += " zerofill";
  return out;
}

std::string_view spelling(Operator op) {
  struct Row {
    Operator op;
    std::string_view text;
  };
  static constexpr std::array spellings = std::to_array<Row>({
      {Operator::plus_sign, "+"},
      {Operator::minus_sign, "-"},
      {Operator::bit_invert, "~"},
      {Operator::logical_not, "NOT"},
      {Operator::equal, "="},
      {Operator::null_safe_equal, "<=>"},
      {Operator::not_equal, "<>"},
      {Operator::less, "<"},
      {Operator::less_equal, "<="},
      {Operator::greater, ">"},
      {Operator::greater_equal, ">="},
      {Operator::add, "+"},
      {Operator::subtract, "-"},
      {Operator::multiply, "*"},
      {Operator::divide, "/"},
      {Operator::integer_divide, "DIV"},
      {Operator::modulo, "%"},
      {Operator::bit_or, "|"},
      {Operator::bit_and, "&"},
      {Operator::bit_xor, "^"},
      {Operator::shift_left, "<<"},
      {Operator::shift_right, ">>"},
      {Operator::logical_xor, "XOR"},
      {Operator::concat, "||"},
      {Operator::sounds_like, "SOUNDS LIKE"},
      {Operator::member_of, "MEMBER OF"},
  });
  for (const Row& row : spellings) {
    if (row.op == op) return row.text;
  }
  return {};
}

}  // namespace pipeline::rds::sql
