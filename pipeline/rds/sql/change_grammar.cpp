// INSERT, REPLACE, UPDATE, DELETE.
#include "pipeline/rds/sql/grammar.h"

namespace pipeline::rds::sql {

StatementBody Grammar::insert_or_replace() {
  Insert out;
  out.replace = at("REPLACE");
  advance();
  while (at_any({"LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY"})) advance();
  out.ignore = !out.replace && accept("IGNORE");
  accept("INTO");
  out.table = table_name();
  if (at("PARTITION")) unsupported("PARTITION");
  insert_source(out);
  insert_tail(out);
  return out;
}

void Grammar::insert_source(Insert& insert) {
  if (at("SET")) {
    insert_set(insert);
    return;
  }
  if (at("(") && !query_ahead()) {
    insert.has_columns = true;
    expect("(");
    while (!at(")")) {
      insert.columns.push_back(column_in_table());
      if (!accept(",")) break;
      if (at(")")) fail_here();
    }
    expect(")");
  }
  if (accept("VALUES") || accept("VALUE")) {
    insert_rows(insert);
  } else if (at("(") || at_query()) {
    insert.query = query();
  } else {
    fail_here();
  }
}

void Grammar::insert_rows(Insert& insert) {
  if (at("ROW")) unsupported("VALUES ROW()");
  do {
    insert.rows.push_back(value_row());
  } while (accept(","));
}

ExprList Grammar::value_row() {
  const std::size_t mark = scratch_.size();
  expect("(");
  if (!at(")")) {
    do {
      const ExprPtr value = value_or_default();
      scratch_.push_back(value);
    } while (accept(","));
  }
  expect(")");
  const ExprList out = arena_.list(std::span<const ExprPtr>(scratch_).subspan(mark));
  scratch_.resize(mark);
  return out;
}

// Most values of a big INSERT are literals with a comma or a parenthesis behind: those skip the
// levels of operators.
ExprPtr Grammar::value_or_default() {
  const Token& next = peek();
  if (next.terminal == Terminal(",") || next.terminal == Terminal(")")) {
    if (at("DEFAULT")) return word_literal(ExprKind::default_keyword, "DEFAULT");
    if (const ExprPtr value = literal()) return value;
  }
  if (at("DEFAULT") && next.terminal != Terminal("("))
    return word_literal(ExprKind::default_keyword, "DEFAULT");
  return expression();
}

void Grammar::insert_set(Insert& insert) {
  advance();
  insert.has_columns = true;
  std::vector<ExprPtr> values;
  do {
    insert.columns.push_back(column_in_table());
    if (!accept(":=")) expect("=");
    values.push_back(value_or_default());
  } while (accept(","));
  insert.rows.push_back(arena_.list(std::span<const ExprPtr>(values)));
}

void Grammar::insert_tail(Insert& insert) {
  if (!insert.query && !insert.replace && accept("AS")) {
    insert.row_alias = identifier_text();
    if (at("(")) insert.column_aliases = parenthesised_names();
  }
  if (insert.replace || !accept("ON")) return;
  expect("DUPLICATE");
  expect("KEY");
  expect("UPDATE");
  insert.on_duplicate = assignments();
}

std::vector<Assignment> Grammar::assignments() {
  std::vector<Assignment> out;
  do {
    out.push_back(assignment());
  } while (accept(","));
  return out;
}

Assignment Grammar::assignment() {
  Assignment out;
  out.column = column_reference();
  if (!accept(":=")) expect("=");
  out.value = value_or_default();
  return out;
}

StatementBody Grammar::update() {
  Update out;
  advance();
  accept("LOW_PRIORITY");
  out.ignore = accept("IGNORE");
  if (at("(")) unsupported("UPDATE of several tables");
  out.table = table_name();
  if (at("PARTITION")) unsupported("PARTITION");
  out.alias = optional_table_alias();
  index_hints();
  if (at(",") || at_join()) unsupported("UPDATE of several tables");
  expect("SET");
  out.assignments = assignments();
  out.where = optional_where();
  out.order_by = optional_order_by();
  if (accept("LIMIT")) out.limit.count = limit_value();
  return out;
}

StatementBody Grammar::delete_() {
  Delete out;
  advance();
  while (at_any({"LOW_PRIORITY", "QUICK"})) advance();
  out.ignore = accept("IGNORE");
  if (!accept("FROM")) {  // DELETE a, b FROM ...
    do {
      table_name();
      if (accept(".")) expect("*");
    } while (accept(","));
    if (at("FROM")) unsupported("DELETE from several tables");
    fail_here();
  }
  out.table = table_name();
  if (at("PARTITION")) unsupported("PARTITION");
  out.alias = optional_table_alias();
  if (at_any({",", "USING", "."})) unsupported("DELETE from several tables");
  out.where = optional_where();
  out.order_by = optional_order_by();
  if (accept("LIMIT")) out.limit.count = limit_value();
  return out;
}

}  // namespace pipeline::rds::sql
