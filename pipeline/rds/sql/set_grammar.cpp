// SET of variables, NAMES, CHARACTER SET, TRANSACTION.
#include "pipeline/rds/sql/grammar.h"

namespace pipeline::rds::sql {

StatementBody Grammar::set() {
  advance();
  if (at_any({"PASSWORD", "ROLE", "RESOURCE"}) && !next_is("="))
    unsupported("SET " + std::string(token_.terminal.text()));
  if (at("DEFAULT")) unsupported("SET DEFAULT ROLE");
  Set out;
  bool first = true;
  do {
    set_item(out, first);
    first = false;
  } while (accept(","));
  return out;
}

Scope Grammar::optional_scope() {
  struct Row {
    Terminal word;
    Scope scope;
  };
  static constexpr std::array scopes = std::to_array<Row>({
      {"GLOBAL", Scope::global},
      {"SESSION", Scope::session},
      {"LOCAL", Scope::session},
      {"PERSIST", Scope::persist},
      {"PERSIST_ONLY", Scope::persist_only},
  });
  for (const Row& row : scopes) {
    if (accept(row.word)) return row.scope;
  }
  return Scope::unsaid;
}

// x, or component.x
std::string_view Grammar::variable_name() {
  const std::string_view first = identifier_text();
  if (!accept(".")) return first;
  std::string name(first);
  name += '.';
  name += identifier_text();
  return arena_.text(name);
}

void Grammar::set_item(Set& out, bool first) {
  if (at(TokenKind::user_variable)) {
    SetVariable item;
    item.target = SetVariable::Target::user_variable;
    item.name = {value_of(token_), token_.offset};
    advance();
    if (!accept(":=")) expect("=");
    item.value = expression();
    out.items.emplace_back(item);
    return;
  }
  if (accept("@@")) {
    const Scope scope = optional_scope();
    if (scope != Scope::unsaid) expect(".");
    set_system_variable(out, scope);
    return;
  }
  if (at("NAMES") && !next_is("=")) {
    set_names(out);
    return;
  }
  if (at_any({"CHARACTER", "CHAR"}) || (at("CHARSET") && !next_is("="))) {
    set_charset(out);
    return;
  }
  const Scope scope = optional_scope();
  if (first && at("TRANSACTION")) {
    set_transaction(out, scope);
  } else {
    set_system_variable(out, scope);
  }
}

void Grammar::set_system_variable(Set& out, Scope scope) {
  SetVariable item;
  item.scope = scope;
  item.name.offset = token_.offset;
  item.name.name = variable_name();
  if (!accept(":=")) expect("=");
  item.value = accept("DEFAULT") ? nullptr : set_value();
  out.items.emplace_back(item);
}

// ON, ALL, BINARY, ROW, SYSTEM and bare words are strings here (SET sql_mode = ANSI).
ExprPtr Grammar::set_value() {
  if (at_any({"ON", "ALL", "BINARY", "ROW", "SYSTEM"})) {
    const Terminal next = peek().terminal;
    if (peek().kind == TokenKind::end || next == Terminal(",") || next == Terminal(";")) {
      return word_literal(ExprKind::string, token_.terminal.text());
    }
  }
  const ExprPtr value = expression();
  if (!value || value->kind != ExprKind::column || value->qualifier) return value;
  Expr* word = node(ExprKind::string, value->offset);
  word->text = value->text;
  return done(word);
}

void Grammar::set_names(Set& out) {
  advance();
  SetNames item;
  item.charset = charset_name();
  if (accept("COLLATE")) item.collation = charset_name();
  out.items.emplace_back(item);
}

void Grammar::set_charset(Set& out) {
  if (!accept("CHARSET")) {
    advance();
    expect("SET");
  }
  out.items.emplace_back(SetNames{charset_name(), {}});
}

void Grammar::set_transaction(Set& out, Scope scope) {
  advance();
  SetTransaction item;
  item.scope = scope;
  do {
    if (!transaction_characteristic(item)) fail_here();
  } while (accept(","));
  out.items.emplace_back(item);
}

bool Grammar::transaction_characteristic(SetTransaction& item) {
  if (accept("READ", "ONLY")) {
    item.read_only = true;
  } else if (accept("READ", "WRITE")) {
    item.read_only = false;
  } else if (accept("ISOLATION")) {
    expect("LEVEL");
    if (accept("READ", "COMMITTED")) {
      item.isolation = "READ-COMMITTED";
    } else if (accept("READ", "UNCOMMITTED")) {
      item.isolation = "READ-UNCOMMITTED";
    } else if (accept("REPEATABLE", "READ")) {
      item.isolation = "REPEATABLE-READ";
    } else {
      expect("SERIALIZABLE");
      item.isolation = "SERIALIZABLE";
    }
  } else {
    return false;
  }
  return true;
}

}  // namespace pipeline::rds::sql
