// A column's definition: name, type, attributes (MySQL manual, "CREATE TABLE Statement"; MariaDB's
// page of the same name).
#include <algorithm>
#include <array>

#include "emulator/base/text.h"
#include "pipeline/mysql/ddl/grammar.h"

namespace pipeline::mysql::ddl {

namespace {

using emulator::base::to_lower;
using Kind = SqlTokens::Kind;

// What may follow a type's name.
enum Shape : int { plain = 0, numbers = 1, labelled = 2 };

struct TypeRow {
  std::string_view word;
  std::string_view name;  // the one of types/type_name.cpp
  int shape;
};

constexpr std::array type_rows{
    TypeRow{"tinyint", "tinyint", numbers},
    TypeRow{"int1", "tinyint", numbers},
    TypeRow{"smallint", "smallint", numbers},
    TypeRow{"int2", "smallint", numbers},
    TypeRow{"mediumint", "mediumint", numbers},
    TypeRow{"int3", "mediumint", numbers},
    TypeRow{"middleint", "mediumint", numbers},
    TypeRow{"int", "int", numbers},
    TypeRow{"integer", "int", numbers},
    TypeRow{"int4", "int", numbers},
    TypeRow{"bigint", "bigint", numbers},
    TypeRow{"int8", "bigint", numbers},
    TypeRow{"bool", "tinyint", plain},
    TypeRow{"boolean", "tinyint", plain},
    TypeRow{"serial", "bigint", plain},
    TypeRow{"bit", "bit", numbers},
    TypeRow{"float", "float", numbers},
    TypeRow{"float4", "float", numbers},
    TypeRow{"double", "double", numbers},
    TypeRow{"float8", "double", numbers},
    TypeRow{"real", "double", numbers},
    TypeRow{"decimal", "decimal", numbers},
    TypeRow{"dec", "decimal", numbers},
    TypeRow{"numeric", "decimal", numbers},
    TypeRow{"fixed", "decimal", numbers},
    TypeRow{"date", "date", plain},
    TypeRow{"time", "time", numbers},
    TypeRow{"datetime", "datetime", numbers},
    TypeRow{"timestamp", "timestamp", numbers},
    TypeRow{"year", "year", numbers},
    TypeRow{"char", "char", numbers},
    TypeRow{"character", "char", numbers},
    TypeRow{"nchar", "char", numbers},
    TypeRow{"varchar", "varchar", numbers},
    TypeRow{"varcharacter", "varchar", numbers},
    TypeRow{"nvarchar", "varchar", numbers},
    TypeRow{"binary", "binary", numbers},
    TypeRow{"varbinary", "varbinary", numbers},
    TypeRow{"tinytext", "tinytext", plain},
    TypeRow{"text", "text", numbers},
    TypeRow{"mediumtext", "mediumtext", plain},
    TypeRow{"longtext", "longtext", plain},
    TypeRow{"tinyblob", "tinyblob", plain},
    TypeRow{"blob", "blob", numbers},
    TypeRow{"mediumblob", "mediumblob", plain},
    TypeRow{"longblob", "longblob", plain},
    TypeRow{"enum", "enum", labelled},
    TypeRow{"set", "set", labelled},
    TypeRow{"json", "json", plain},
    TypeRow{"vector", "vector", numbers},
    TypeRow{"geometry", "geometry", plain},
    TypeRow{"point", "point", plain},
    TypeRow{"linestring", "linestring", plain},
    TypeRow{"polygon", "polygon", plain},
    TypeRow{"multipoint", "multipoint", plain},
    TypeRow{"multilinestring", "multilinestring", plain},
    TypeRow{"multipolygon", "multipolygon", plain},
    TypeRow{"geometrycollection", "geomcollection", plain},
    TypeRow{"geomcollection", "geomcollection", plain},
    TypeRow{"uuid", "uuid", plain},
    TypeRow{"inet4", "inet4", plain},
    TypeRow{"inet6", "inet6", plain},
    // MariaDB's Oracle mode.
    TypeRow{"varchar2", "varchar", numbers},
    TypeRow{"number", "decimal", numbers},
    TypeRow{"raw", "varbinary", numbers},
    TypeRow{"clob", "longtext", plain},
};

}  // namespace

ColumnDefinition Grammar::column() { return column(name()); }

ColumnDefinition Grammar::column(std::string name) {
  ColumnDefinition out;
  out.name = std::move(name);
  type(out);
  while (type_attribute(out) || attribute(out)) {
  }
  if (!at_element_end() && !at("FIRST") && !at("AFTER") && !at("PARTITION") && !at("REMOVE"))
    fail_here();
  return out;
}

void Grammar::type(ColumnDefinition& column) {
  types::TypeDeclaration& type = column.type;
  std::string schema;  // MariaDB: mariadb_schema.date, oracle_schema.date
  if (in_.peek(1).is(".")) {
    schema = to_lower(name());
    expect(".");
  }
  if (take("LONG")) {  // LONG, LONG VARCHAR, LONG VARBINARY
    type.name = take("VARBINARY") || take("BYTE") ? "mediumblob" : "mediumtext";
    if (!take("VARCHAR") && !take("VARCHARACTER") && take("CHAR")) take("VARYING");
    return;
  }
  const bool national = take("NATIONAL");
  const std::string word = in_.peek().kind == Kind::word ? to_lower(in_.peek().text) : "";
  const auto row = std::find_if(type_rows.begin(), type_rows.end(),
                                [&](const TypeRow& r) { return r.word == word; });
  if (row == type_rows.end()) return fail_here();
  in_.next();
  type.name = row->name;
  if (national || word == "nchar" || word == "nvarchar") column.charset.name = "utf8mb3";
  if (word == "real" && dialect_.has(sql_mode::real_as_float)) type.name = "float";
  if (type.name == "double") take("PRECISION");
  if (type.name == "char" && (take("VARYING") || take("VARCHAR") || take("VARCHARACTER")))
    type.name = "varchar";
  if (word == "serial") {
    type.rest = " unsigned";
    column.nullable = false;
  }
  if (word == "bool" || word == "boolean") type.numbers = {1};
  if (row->shape == labelled) labels(type);
  if (row->shape == numbers) type_numbers(type);
  if (word == "number" && type.numbers.empty()) type.name = "double";
  if (schema == "oracle_schema" || (schema.empty() && dialect_.has(sql_mode::oracle)))
    oracle_type(column);
  if (schema.empty() && dialect_.has(sql_mode::maxdb) && type.name == "timestamp")
    type.name = "datetime";
}

void Grammar::oracle_type(ColumnDefinition& column) {
  if (column.type.name == "date") column.type.name = "datetime";
  if (column.type.name == "blob") column.type.name = "longblob";
}

void Grammar::type_numbers(types::TypeDeclaration& type) {
  if (!take("(")) return;
  do {
    const auto number = emulator::base::parse_unsigned(in_.peek().text);
    if (!number || in_.next().kind != Kind::number) return fail_here();
    type.numbers.push_back(*number);
  } while (take(","));
  take_any({"CHAR", "BYTE"});  // VARCHAR2(10 CHAR)
  expect(")");
}

void Grammar::labels(types::TypeDeclaration& type) {
  expect("(");
  do {
    const SqlTokens::Token token = in_.next();
    const std::string prefix = to_lower(token.text);
    if (token.kind == Kind::string) {
      type.labels.push_back(token.text);
    } else if (token.kind == Kind::word && prefix == "n" && in_.peek().kind == Kind::string) {
      type.labels.push_back(in_.next().text);
    } else {
      return fail_here();  // x'E9' and its like: bytes of the column's charset, which nobody writes
    }
  } while (take(","));
  expect(")");
}

bool Grammar::type_attribute(ColumnDefinition& column) {
  if (take("UNSIGNED")) return column.type.rest += " unsigned", true;
  if (take("ZEROFILL")) return column.type.rest += " zerofill", true;
  if (take("SIGNED")) return true;
  if (take("ASCII")) return column.charset.name = "latin1", true;
  if (take("UNICODE")) return column.charset.name = "ucs2", true;
  if (take("BYTE")) return column.charset.name = "binary", true;
  if (take("BINARY")) return true;  // the binary collation of the charset
  if (at("CHARACTER") || at("CHARSET") || at("CHAR") || at("COLLATE"))
    return charset_option(column.charset);
  if (take("COMPRESSED")) {
    column.compressed = true;
    if (take("=")) in_.next();
    return true;
  }
  return false;
}

bool Grammar::attribute(ColumnDefinition& column) {
  if (take("NOT")) {
    if (take("NULL")) return column.nullable = false, true;
    return take("ENFORCED") || take("SECONDARY");
  }
  if (take("NULL") || take("ENFORCED") || take("VISIBLE")) return true;
  if (take("INVISIBLE")) return column.visible = false, true;
  if (take("DEFAULT")) return skip_default(), true;
  if (take("ON", "UPDATE")) return skip_operand(), true;
  if (take("AUTO_INCREMENT")) return true;
  if (take("COMMENT")) return take("="), in_.next(), true;
  if (at("GENERATED") || at("AS")) return generated(column), true;
  if (take("WITH", "SYSTEM") || take("WITHOUT", "SYSTEM")) return expect("VERSIONING"), true;
  if (take("SRID")) return in_.next(), true;
  if (take_any({"COLUMN_FORMAT", "STORAGE"})) return in_.next(), true;
  if (take("SERIAL")) {
    expect("DEFAULT");
    expect("VALUE");
    return column.nullable = false, true;
  }
  if (key_attribute(column)) return true;
  // Engine attributes: ENGINE_ATTRIBUTE '{}', REF_SYSTEM_ID=4326, MariaDB's word=value.
  if (take("ENGINE_ATTRIBUTE") || take("SECONDARY_ENGINE_ATTRIBUTE"))
    return take("="), in_.next(), true;
  if (in_.peek().is_name() && in_.peek(1).is("=")) return in_.next(), in_.next(), in_.next(), true;
  return false;
}

bool Grammar::key_attribute(ColumnDefinition& column) {
  if (take("UNIQUE")) return take("KEY") || take("INDEX") || true;
  if (at("PRIMARY") || at("KEY")) {
    take("PRIMARY");
    expect("KEY");
    column.nullable = false;
    return column.primary_key = true;
  }
  if (take("CONSTRAINT") && !at("CHECK")) name();
  if (take("CHECK")) return skip_parenthesised(), true;
  if (take("REFERENCES")) return references(), true;
  return false;
}

// [GENERATED ALWAYS] AS (expression) [VIRTUAL|STORED|PERSISTENT], or, in MariaDB, AS ROW START.
void Grammar::generated(ColumnDefinition& column) {
  if (take("GENERATED")) expect("ALWAYS");
  expect("AS");
  if (take("ROW")) {
    if (!take("START")) expect("END");
    column.nullable = false;
    return;
  }
  column.generated = true;
  skip_parenthesised();
  take_any({"VIRTUAL", "STORED", "PERSISTENT"});
}

void Grammar::references() {
  table_name();
  if (at("(")) skip_parenthesised();
  if (take("MATCH")) in_.next();
  while (at("ON") && (in_.peek(1).is("DELETE") || in_.peek(1).is("UPDATE"))) {
    in_.next();
    in_.next();
    if (take("SET") || take("NO"))
      in_.next();  // NULL, DEFAULT, ACTION
    else if (!take("RESTRICT"))
      expect("CASCADE");
  }
}

void Grammar::skip_default() {
  skip_operand();
  constexpr std::string_view operators = "+-*/%|&";
  while (in_.peek().kind == Kind::sign &&
         operators.find(in_.peek().text) != std::string_view::npos) {
    in_.next();
    skip_operand();
  }
}

// A literal, a call, a name, or what stands in brackets.
void Grammar::skip_operand() {
  while (take_any({"+", "-"})) {
  }
  if (at("(")) return skip_parenthesised();
  if ((take("NEXT") || take("PREVIOUS")) && take("VALUE")) {  // of a sequence
    expect("FOR");
    table_name();
    return;
  }
  if (at_element_end()) return fail_here();
  take(".");  // .5
  in_.next();
  while (in_.peek().kind == Kind::string) in_.next();  // _utf8mb4'a', DATE '2020-01-01', 'a' 'b'
  while (take(".")) in_.next();                        // 1.5, s.f()
  if (at("(")) skip_parenthesised();
}

}  // namespace pipeline::mysql::ddl
