// Types of columns and of CAST (manual, chapter "Data Types").
#include "pipeline/rds/sql/grammar.h"

namespace pipeline::rds::sql {
namespace {

// What may follow a type's name.
enum Shape : int {
  length = 1,           // (5)
  length_required = 2,  // VARCHAR
  scale = 4,            // (10,2)
  numeric = 8,          // UNSIGNED, ZEROFILL
  character = 16,       // CHARACTER SET, COLLATE, BINARY
  labelled = 32,        // ('a','b')
  spatial = 64,         // SRID
};

struct TypeRow {
  Terminal word;
  TypeName name;
  int shape;
};

constexpr std::array types = std::to_array<TypeRow>({
    {"TINYINT", TypeName::tinyint, length | numeric},
    {"INT1", TypeName::tinyint, length | numeric},
    {"SMALLINT", TypeName::smallint, length | numeric},
    {"INT2", TypeName::smallint, length | numeric},
    {"MEDIUMINT", TypeName::mediumint, length | numeric},
    {"INT3", TypeName::mediumint, length | numeric},
    {"MIDDLEINT", TypeName::mediumint, length | numeric},
    {"INT", TypeName::integer, length | numeric},
    {"INT4", TypeName::integer, length | numeric},
    {"INTEGER", TypeName::integer, length | numeric},
    {"BIGINT", TypeName::bigint, length | numeric},
    {"INT8", TypeName::bigint, length | numeric},
    {"DECIMAL", TypeName::decimal, length | scale | numeric},
    {"DEC", TypeName::decimal, length | scale | numeric},
    {"NUMERIC", TypeName::decimal, length | scale | numeric},
    {"FIXED", TypeName::decimal, length | scale | numeric},
    {"FLOAT", TypeName::float32, length | scale | numeric},
    {"FLOAT4", TypeName::float32, length | scale | numeric},
    {"DOUBLE", TypeName::float64, length | scale | numeric},
    {"FLOAT8", TypeName::float64, length | scale | numeric},
    {"REAL", TypeName::float64, length | scale | numeric},
    {"BIT", TypeName::bit, length},
    {"DATE", TypeName::date, 0},
    {"TIME", TypeName::time, length},
    {"DATETIME", TypeName::datetime, length},
    {"TIMESTAMP", TypeName::timestamp, length},
    {"YEAR", TypeName::year, length | numeric},
    {"CHAR", TypeName::character, length | character},
    {"CHARACTER", TypeName::character, length | character},
    {"NCHAR", TypeName::character, length | character},
    {"VARCHAR", TypeName::varchar, length_required | character},
    {"VARCHARACTER", TypeName::varchar, length_required | character},
    {"NVARCHAR", TypeName::varchar, length_required | character},
    {"BINARY", TypeName::binary, length},
    {"VARBINARY", TypeName::varbinary, length_required},
    {"TINYTEXT", TypeName::tinytext, character},
    {"TEXT", TypeName::text, length | character},
    {"MEDIUMTEXT", TypeName::mediumtext, character},
    {"LONGTEXT", TypeName::longtext, character},
    {"TINYBLOB", TypeName::tinyblob, 0},
    {"BLOB", TypeName::blob, length},
    {"MEDIUMBLOB", TypeName::mediumblob, 0},
    {"LONGBLOB", TypeName::longblob, 0},
    {"ENUM", TypeName::enumeration, labelled | character},
    {"SET", TypeName::set, labelled | character},
    {"JSON", TypeName::json, 0},
    {"VECTOR", TypeName::vector, length},
    {"GEOMETRY", TypeName::geometry, spatial},
    {"POINT", TypeName::point, spatial},
    {"LINESTRING", TypeName::linestring, spatial},
    {"POLYGON", TypeName::polygon, spatial},
    {"MULTIPOINT", TypeName::multipoint, spatial},
    {"MULTILINESTRING", TypeName::multilinestring, spatial},
    {"MULTIPOLYGON", TypeName::multipolygon, spatial},
    {"GEOMETRYCOLLECTION", TypeName::geometrycollection, spatial},
    {"GEOMCOLLECTION", TypeName::geometrycollection, spatial},
});

const TypeRow* find(Terminal word) {
  for (const TypeRow& row : types) {
    if (row.word == word) return &row;
  }
  return nullptr;
}

}  // namespace

TypeSpec Grammar::type() {
  TypeSpec out;
  out.offset = token_.offset;
  if (accept("BOOL") || accept("BOOLEAN")) {
    out.name = TypeName::tinyint;
    out.length = 1;
    return out;
  }
  if (accept("SERIAL")) {  // the column's other attributes come in column_definition()
    out.name = TypeName::bigint;
    out.is_unsigned = true;
    return out;
  }
  if (accept("LONG")) {  // LONG, LONG VARCHAR, LONG VARBINARY
    out.name = accept("VARBINARY") ? TypeName::mediumblob : TypeName::mediumtext;
    if (out.name == TypeName::mediumtext) {
      accept("VARCHAR");
      charset_attributes(out);
    }
    return out;
  }
  const bool national = at_any({"NATIONAL", "NCHAR", "NVARCHAR"});
  accept("NATIONAL");
  const Terminal word = token_.terminal;
  const TypeRow* row = find(word);
  const bool is_text = row && (row->name == TypeName::character || row->name == TypeName::varchar);
  if (!row || (national && !is_text)) {
    fail_here();
    return out;
  }
  advance();
  out.name = row->name;
  if (national) out.charset = "utf8mb3";
  if (word == Terminal("REAL") && options_.real_as_float) out.name = TypeName::float32;
  if (out.name == TypeName::float64) accept("PRECISION");
  int shape = row->shape;
  if (out.name == TypeName::character &&
      (accept("VARYING") || accept("VARCHAR") || accept("VARCHARACTER"))) {
    out.name = TypeName::varchar;
    shape |= length_required;
  }
  if (shape & labelled) out.labels = labels();
  type_length(out, shape);
  if (shape & numeric) type_attributes(out);
  if (shape & character) charset_attributes(out);
  return out;
}

void Grammar::type_length(TypeSpec& type, int shape) {
  if (!(shape & (length | length_required))) return;
  if (!at("(")) {
    if (shape & length_required) fail_here();
    return;
  }
  advance();
  type.length = unsigned_number();
  const bool is_float = type.name == TypeName::float32 || type.name == TypeName::float64;
  if ((shape & scale) && accept(",")) {
    type.scale = static_cast<std::uint32_t>(unsigned_number().value_or(0));
  } else if (type.name == TypeName::float64) {
    fail_here();  // DOUBLE(5) is no type, DOUBLE(5,2) is
  } else if (is_float && type.length && *type.length <= 53) {
    // FLOAT(p) only chooses between the two floating types (manual, "Floating-Point Types").
    if (*type.length > 24) type.name = TypeName::float64;
    type.length.reset();
  }
  expect(")");
}

void Grammar::type_attributes(TypeSpec& type) {
  for (;;) {
    if (accept("UNSIGNED")) {
      type.is_unsigned = true;
    } else if (accept("ZEROFILL")) {
      type.zerofill = type.is_unsigned = true;
    } else if (!accept("SIGNED")) {
      return;
    }
  }
}

// [CHARACTER SET x] [BINARY], ASCII, UNICODE, BYTE; COLLATE is an attribute of the column.
void Grammar::charset_attributes(TypeSpec& type) {
  for (;;) {
    if (accept("BINARY")) {
      type.binary_collation = true;
    } else if (accept("CHARSET") || accept("CHARACTER", "SET") || accept("CHAR", "SET")) {
      type.charset = charset_name();
    } else if (accept("ASCII")) {
      type.charset = "latin1";
    } else if (accept("UNICODE")) {
      type.charset = "ucs2";
    } else if (at("BYTE") && type.name != TypeName::enumeration && type.name != TypeName::set) {
      advance();
      if (type.name == TypeName::character) type.name = TypeName::binary;
      if (type.name == TypeName::varchar) type.name = TypeName::varbinary;
      if (type.name == TypeName::text) type.name = TypeName::blob;
    } else {
      return;
    }
  }
}

Names Grammar::labels() {
  std::vector<std::string_view> out;
  expect("(");
  do {
    if (at(TokenKind::string)) {
      out.push_back(string_literal());
    } else {
      const ExprPtr bytes = at(TokenKind::hex) || at(TokenKind::bit) ? bytes_literal() : nullptr;
      if (!bytes) fail_here();
      if (bytes) out.push_back(bytes->text);
    }
  } while (accept(","));
  expect(")");
  return arena_.list(std::span<const std::string_view>(out));
}

const TypeSpec* Grammar::cast_type() {
  auto* out = arena_.make<TypeSpec>();
  out->offset = token_.offset;
  if (at("SIGNED") || at("UNSIGNED")) {
    out->is_unsigned = at("UNSIGNED");
    out->name = out->is_unsigned ? TypeName::unsigned_integer : TypeName::signed_integer;
    advance();
    if (!accept("INT")) accept("INTEGER");
  } else if (at_any({"BINARY",       "CHAR",
                     "CHARACTER",    "NCHAR",
                     "NATIONAL",     "DATE",
                     "TIME",         "DATETIME",
                     "DECIMAL",      "DEC",
                     "JSON",         "YEAR",
                     "FLOAT",        "DOUBLE",
                     "REAL",         "POINT",
                     "LINESTRING",   "POLYGON",
                     "MULTIPOINT",   "MULTILINESTRING",
                     "MULTIPOLYGON", "GEOMETRYCOLLECTION"})) {
    *out = type();
  } else {
    fail_here();
  }
  out->is_array = accept("ARRAY");
  return out;
}

}  // namespace pipeline::rds::sql
