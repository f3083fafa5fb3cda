// CREATE TABLE: columns, keys, constraints, options.
#include "pipeline/rds/sql/grammar.h"

namespace pipeline::rds::sql {
namespace {

enum class ValueKind { name, number, text, number_or_default };

struct OptionRow {
  Terminal word;
  ValueKind value;
};

// Those with an ordinary value (manual, "CREATE TABLE Statement"). The others are in
// table_option().
constexpr std::array plain_options = std::to_array<OptionRow>({
    {"ENGINE", ValueKind::name},
    {"AUTO_INCREMENT", ValueKind::number},
    {"COMMENT", ValueKind::text},
    {"AUTOEXTEND_SIZE", ValueKind::number},
    {"AVG_ROW_LENGTH", ValueKind::number},
    {"CHECKSUM", ValueKind::number},
    {"COMPRESSION", ValueKind::text},
    {"CONNECTION", ValueKind::text},
    {"DELAY_KEY_WRITE", ValueKind::number},
    {"ENCRYPTION", ValueKind::text},
    {"ENGINE_ATTRIBUTE", ValueKind::text},
    {"INSERT_METHOD", ValueKind::name},
    {"KEY_BLOCK_SIZE", ValueKind::number},
    {"MAX_ROWS", ValueKind::number},
    {"MIN_ROWS", ValueKind::number},
    {"PACK_KEYS", ValueKind::number_or_default},
    {"PASSWORD", ValueKind::text},
    {"ROW_FORMAT", ValueKind::name},
    {"SECONDARY_ENGINE", ValueKind::name},
    {"SECONDARY_ENGINE_ATTRIBUTE", ValueKind::text},
    {"STATS_AUTO_RECALC", ValueKind::number_or_default},
    {"STATS_PERSISTENT", ValueKind::number_or_default},
    {"STATS_SAMPLE_PAGES", ValueKind::number_or_default},
    {"TABLESPACE", ValueKind::name},
});

}  // namespace

StatementBody Grammar::create_table(bool temporary) {
  expect("TABLE");
  CreateTable out;
  out.temporary = temporary;
  out.if_not_exists = if_not_exists();
  out.table = table_name();
  if (accept("LIKE")) {
    out.like = table_name();
    return out;
  }
  if (accept("(", "LIKE")) {
    out.like = table_name();
    expect(")");
    return out;
  }
  if (at("(") && !query_ahead()) table_elements(out);
  table_tail(out);
  return out;
}

void Grammar::table_elements(CreateTable& table) {
  expect("(");
  do {
    table_element(table);
  } while (accept(","));
  expect(")");
}

void Grammar::table_element(CreateTable& table) {
  if (constraint_element(table.indexes, table.foreign_keys, table.checks)) return;
  table.columns.push_back(column_definition());
}

// Options, then perhaps AS SELECT.
void Grammar::table_tail(CreateTable& table) {
  for (bool comma = false; table_option(table.options); comma = accept(",")) {
    if (comma && at(TokenKind::end)) fail_here();
  }
  if (at("PARTITION")) unsupported("PARTITION BY");
  if (accept("IGNORE")) {
    table.on_duplicate = CreateTable::OnDuplicate::ignore;
  } else if (accept("REPLACE")) {
    table.on_duplicate = CreateTable::OnDuplicate::replace;
  }
  const bool as = accept("AS");
  if (as || at("(") || at_query()) {
    table.query = query();
  } else if (table.columns.empty() && !at(TokenKind::end)) {
    fail_here();
  } else if (table.columns.empty() && !failed()) {
    fail(sql_error(1113, "A table must have at least 1 column", table.table.offset));
  }
}

// ---- Constraints and indexes ----

// False, and nothing read, if a column stands here.
bool Grammar::constraint_element(std::vector<IndexDefinition>& indexes,
                                 std::vector<ForeignKey>& foreign_keys,
                                 std::vector<CheckConstraint>& checks) {
  std::string_view name;
  const bool named = accept("CONSTRAINT");
  if (named && at_identifier()) name = identifier_text();
  if (accept("PRIMARY")) {
    expect("KEY");
    indexes.push_back(index_definition(IndexKind::primary, name));
  } else if (accept("UNIQUE")) {
    if (!accept("KEY")) accept("INDEX");
    indexes.push_back(index_definition(IndexKind::unique, name));
  } else if (accept("FOREIGN")) {
    expect("KEY");
    foreign_keys.push_back(foreign_key(name));
  } else if (accept("CHECK")) {
    checks.push_back(check_constraint(name));
  } else if (named) {
    fail_here();
  } else if (at("KEY") || at("INDEX")) {
    advance();
    indexes.push_back(index_definition(IndexKind::plain, {}));
  } else if (at("FULLTEXT") || at("SPATIAL")) {
    const IndexKind kind = at("FULLTEXT") ? IndexKind::fulltext : IndexKind::spatial;
    advance();
    if (!accept("KEY")) accept("INDEX");
    indexes.push_back(index_definition(kind, {}));
  } else {
    return false;
  }
  return true;
}

IndexDefinition Grammar::index_definition(IndexKind kind, std::string_view constraint_name) {
  IndexDefinition out;
  out.kind = kind;
  out.offset = token_.offset;
  out.name = kind == IndexKind::primary ? std::string_view{} : constraint_name;
  if (at_identifier()) out.name = identifier_text();
  if (accept("USING")) out.algorithm = identifier_text();
  index_tail(out);
  return out;
}

void Grammar::index_tail(IndexDefinition& index) {
  expect("(");
  do {
    index.parts.push_back(key_part());
  } while (accept(","));
  expect(")");
  while (index_option(index)) {
  }
}

bool Grammar::index_option(IndexDefinition& index) {
  if (accept("USING")) {
    index.algorithm = identifier_text();
  } else if (accept("COMMENT")) {
    index.comment = string_literal();
  } else if (accept("INVISIBLE")) {
    index.invisible = true;
  } else if (accept("KEY_BLOCK_SIZE")) {
    accept("=");
    unsigned_number();
  } else if (accept("WITH")) {
    expect("PARSER");
    identifier();
  } else if (accept("ENGINE_ATTRIBUTE") || accept("SECONDARY_ENGINE_ATTRIBUTE")) {
    accept("=");
    string_literal();
  } else {
    return accept("VISIBLE");
  }
  return true;
}

KeyPart Grammar::key_part() {
  KeyPart out;
  if (accept("(")) {
    out.expr = expression();
    expect(")");
  } else {
    out.column = identifier();
    if (accept("(")) {
      out.length = unsigned_number();
      expect(")");
    }
  }
  out.descending = accept("DESC");
  if (!out.descending) accept("ASC");
  return out;
}

ForeignKey Grammar::foreign_key(std::string_view name) {
  ForeignKey out;
  out.offset = token_.offset;
  out.name = name;
  if (at_identifier()) {
    const std::string_view index_name = identifier_text();
    if (out.name.empty()) out.name = index_name;
  }
  out.columns = parenthesised_names();
  references(out);
  return out;
}

void Grammar::references(ForeignKey& key) {
  expect("REFERENCES");
  key.table = table_name();
  if (at("(")) key.referenced = parenthesised_names();
  if (accept("MATCH") && !accept("FULL") && !accept("PARTIAL")) expect("SIMPLE");
  while (at("ON") && !next_is("DUPLICATE")) {
    advance();
    if (accept("DELETE")) {
      key.on_delete = reference_action();
    } else {
      expect("UPDATE");
      key.on_update = reference_action();
    }
  }
}

ReferenceAction Grammar::reference_action() {
  if (accept("RESTRICT")) return ReferenceAction::restrict;
  if (accept("CASCADE")) return ReferenceAction::cascade;
  if (accept("NO", "ACTION")) return ReferenceAction::no_action;
  if (accept("SET", "NULL")) return ReferenceAction::set_null;
  if (accept("SET", "DEFAULT")) return ReferenceAction::set_default;
  fail_here();
  return ReferenceAction::unsaid;
}

CheckConstraint Grammar::check_constraint(std::string_view name) {
  CheckConstraint out;
  out.offset = token_.offset;
  out.name = name;
  expect("(");
  out.expr = expression();
  expect(")");
  if (accept("NOT", "ENFORCED")) {
    out.enforced = false;
  } else {
    accept("ENFORCED");
  }
  return out;
}

// ---- Columns ----

ColumnDefinition Grammar::column_definition() { return column_definition(identifier()); }

ColumnDefinition Grammar::column_definition(ColumnName name) {
  ColumnDefinition out;
  out.name = name;
  const bool serial = at("SERIAL");
  out.type = type();
  if (serial) {  // BIGINT UNSIGNED NOT NULL AUTO_INCREMENT UNIQUE
    out.nullable = false;
    out.auto_increment = out.unique = true;
  }
  while (column_attribute(out)) {
  }
  return out;
}

bool Grammar::column_attribute(ColumnDefinition& column) {
  if (accept("NULL")) {
    column.nullable = true;
  } else if (accept("NOT")) {
    expect("NULL");
    column.nullable = false;
  } else if (accept("DEFAULT")) {
    column_default(column.default_value, column.default_is_expression);
  } else if (accept("ON")) {
    expect("UPDATE");
    if (!at_clock()) fail_here();
    column.on_update = clock_call();
  } else if (accept("AUTO_INCREMENT")) {
    column.auto_increment = true;
  } else if (accept("COMMENT")) {
    column.comment = string_literal();
  } else if (accept("COLLATE")) {
    column.type.collation = charset_name();
  } else if (at("GENERATED") || at("AS")) {
    generated_column(column);
  } else if (accept("INVISIBLE")) {
    column.invisible = true;
  } else if (accept("SRID")) {
    column.type.srid = static_cast<std::uint32_t>(unsigned_number().value_or(0));
  } else if (accept("COLUMN_FORMAT") || accept("STORAGE")) {
    if (!accept("DEFAULT")) identifier();
  } else if (accept("ENGINE_ATTRIBUTE") || accept("SECONDARY_ENGINE_ATTRIBUTE")) {
    accept("=");
    string_literal();
  } else if (accept("SERIAL")) {
    expect("DEFAULT");
    expect("VALUE");
    column.nullable = false;
    column.auto_increment = column.unique = true;
  } else {
    return accept("VISIBLE") || column_key_attribute(column);
  }
  return true;
}

bool Grammar::column_key_attribute(ColumnDefinition& column) {
  if (at("PRIMARY") || at("KEY")) {
    accept("PRIMARY");
    expect("KEY");
    column.primary_key = true;
  } else if (accept("UNIQUE")) {
    accept("KEY");
    column.unique = true;
  } else if (at("CHECK") || at("CONSTRAINT")) {
    std::string_view name;
    if (accept("CONSTRAINT") && at_identifier()) name = identifier_text();
    expect("CHECK");
    column.checks.push_back(check_constraint(name));
  } else if (at("REFERENCES")) {
    column.references.emplace();
    column.references->offset = token_.offset;
    column.references->columns.push_back(column.name);
    references(*column.references);
  } else {
    return false;
  }
  return true;
}

void Grammar::column_default(ExprPtr& value, bool& is_expression) {
  is_expression = accept("(");
  if (is_expression) {
    value = expression();
    expect(")");
  } else {
    value = at_clock() ? clock_call() : signed_literal();
  }
}

void Grammar::generated_column(ColumnDefinition& column) {
  if (accept("GENERATED")) expect("ALWAYS");
  expect("AS");
  expect("(");
  column.generated = expression();
  expect(")");
  column.stored = accept("STORED");
  if (!column.stored) accept("VIRTUAL");
}

// ---- Table options ----

// False, and nothing read, if none stands here.
bool Grammar::table_option(std::vector<TableOption>& options) {
  TableOption out;
  out.offset = token_.offset;
  if (at("DEFAULT") &&
      (next_is("CHARSET") || next_is("CHARACTER") || next_is("CHAR") || next_is("COLLATE")))
    advance();
  if (accept("CHARSET") || accept("CHARACTER", "SET") || accept("CHAR", "SET")) {
    accept("=");
    out.name = "CHARACTER SET";
    out.value = charset_name();
  } else if (accept("COLLATE")) {
    accept("=");
    out.name = "COLLATE";
    out.value = charset_name();
  } else if (at("UNION")) {
    if (next_is("=") || next_is("(")) unsupported("UNION (MERGE tables)");
    return false;
  } else if (accept("DATA", "DIRECTORY") || accept("INDEX", "DIRECTORY")) {
    accept("=");
    out.name = "DIRECTORY";
    out.value = string_literal();
  } else {
    for (const OptionRow& row : plain_options) {
      if (!accept(row.word)) continue;
      accept("=");
      out.name = row.word.text();
      if (row.value == ValueKind::number_or_default && accept("DEFAULT")) break;
      if (row.value == ValueKind::text) {
        out.value = string_literal();
      } else if (row.value != ValueKind::name) {
        out.value = token_.text;
        unsigned_number();
      } else if (accept("DEFAULT") || accept("NULL")) {
        out.value = {};
      } else {
        out.value = identifier_or_string();
      }
      break;
    }
    if (out.name.empty()) return false;
  }
  options.push_back(out);
  return !failed();
}

}  // namespace pipeline::rds::sql
