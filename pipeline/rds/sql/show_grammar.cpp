// SHOW and DESCRIBE.
#include "pipeline/rds/sql/grammar.h"

namespace pipeline::rds::sql {
namespace {

struct ShowRow {
  Terminal word;
  ShowKind kind;
};

// SHOW <word> [LIKE 'x' | WHERE e]
constexpr std::array plain_shows = std::to_array<ShowRow>({
    {"DATABASES", ShowKind::databases},
    {"SCHEMAS", ShowKind::databases},
    {"VARIABLES", ShowKind::variables},
    {"STATUS", ShowKind::status},
    {"ENGINES", ShowKind::engines},
    {"CHARSET", ShowKind::charsets},
    {"COLLATION", ShowKind::collations},
    {"PROCESSLIST", ShowKind::processlist},
});

constexpr std::array unsupported_shows = std::to_array<Terminal>(
    {"BINLOG", "EVENTS", "TRIGGERS", "PROCEDURE", "FUNCTION", "PLUGINS", "PRIVILEGES", "PROFILE",
     "PROFILES", "OPEN", "ENGINE", "REPLICAS", "RELAYLOG", "HOSTS"});

}  // namespace

StatementBody Grammar::show() {
  advance();
  Show out;
  out.full = accept("FULL");
  if (!out.full) accept("EXTENDED");
  if (!out.full) out.full = accept("FULL");
  out.scope = optional_scope();
  if (at("COUNT")) {
    advance();
    expect("(");
    expect("*");
    expect(")");
    out.count = true;
  }
  for (const ShowRow& row : plain_shows) {
    if (!accept(row.word)) continue;
    out.kind = row.kind;
    show_filter(out);
    return out;
  }
  for (const Terminal word : unsupported_shows) {
    if (at(word)) unsupported("SHOW " + std::string(word.text()));
  }
  if (accept("TABLES")) {
    out.kind = ShowKind::tables;
    show_from_schema(out);
  } else if (accept("TABLE", "STATUS")) {
    out.kind = ShowKind::table_status;
    show_from_schema(out);
  } else if (at_any({"COLUMNS", "FIELDS"})) {
    show_columns(out);
  } else if (at_any({"INDEX", "INDEXES", "KEYS"})) {
    show_indexes(out);
  } else if (accept("CREATE")) {
    show_create(out);
  } else if (accept("CHARACTER", "SET") || accept("CHAR", "SET")) {
    out.kind = ShowKind::charsets;
    show_filter(out);
  } else if (at_any({"WARNINGS", "ERRORS"})) {
    out.kind = at("WARNINGS") ? ShowKind::warnings : ShowKind::errors;
    advance();
    out.limit = optional_limit();
  } else if (accept("BINARY", "LOGS") || accept("MASTER", "LOGS")) {
    out.kind = ShowKind::binary_logs;
  } else if (accept("MASTER", "STATUS")) {
    out.kind = ShowKind::binary_log_status;
  } else if (accept("BINARY")) {
    expect("LOG");
    expect("STATUS");
    out.kind = ShowKind::binary_log_status;
  } else if (accept("REPLICA", "STATUS") || accept("SLAVE", "STATUS")) {
    out.kind = ShowKind::replica_status;
  } else if (accept("GRANTS")) {
    if (at("FOR")) unsupported("SHOW GRANTS FOR");
    out.kind = ShowKind::grants;
  } else {
    fail_here();
  }
  return out;
}

void Grammar::show_filter(Show& show) {
  if (accept("LIKE")) {
    show.like = string_literal();
  } else {
    show.where = optional_where();
  }
}

void Grammar::show_from_schema(Show& show) {
  if (accept("FROM") || accept("IN")) show.schema = identifier_text();
  show_filter(show);
}

// {FROM | IN} t [{FROM | IN} schema]
void Grammar::show_columns(Show& show) {
  advance();
  show.kind = ShowKind::columns;
  if (!accept("FROM")) expect("IN");
  show.table = table_name();
  if (accept("FROM") || accept("IN")) show.table.schema = identifier_text();
  show_filter(show);
}

void Grammar::show_indexes(Show& show) {
  show_columns(show);
  show.kind = ShowKind::indexes;
}

void Grammar::show_create(Show& show) {
  if (at_any({"VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "USER"})) {
    unsupported("SHOW CREATE " + std::string(token_.terminal.text()));
  }
  if (accept("DATABASE") || accept("SCHEMA")) {
    show.kind = ShowKind::create_database;
    show.if_not_exists = if_not_exists();
    show.schema = identifier_text();
    return;
  }
  expect("TABLE");
  show.kind = ShowKind::create_table;
  show.table = table_name();
}

// DESCRIBE t [column | 'pattern']; of a statement it is EXPLAIN.
StatementBody Grammar::describe() {
  advance();
  if (!at_identifier()) {
    if (at(TokenKind::end)) fail_here();
    unsupported("EXPLAIN");
  }
  Show out;
  out.kind = ShowKind::columns;
  out.table = table_name();
  if (at("=")) unsupported("EXPLAIN");  // EXPLAIN FORMAT = TREE SELECT ...
  if (at(TokenKind::string) || at_identifier()) out.like = identifier_or_string();
  return out;
}

}  // namespace pipeline::rds::sql
