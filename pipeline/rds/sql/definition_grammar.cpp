// CREATE, DROP, ALTER of anything; RENAME, TRUNCATE, USE. Tables have files of their own.
#include <fmt/format.h>

#include <algorithm>

#include "pipeline/rds/sql/grammar.h"

namespace pipeline::rds::sql {

bool Grammar::if_not_exists() {
  if (!accept("IF")) return false;
  expect("NOT");
  expect("EXISTS");
  return true;
}

bool Grammar::if_exists() {
  if (!accept("IF")) return false;
  expect("EXISTS");
  return true;
}

// CREATE [OR REPLACE] [DEFINER = u] [SQL SECURITY s] TRIGGER ...: the noun that is missing here
// gives its name to the error.
void Grammar::unsupported_definition(std::string_view verb) {
  static constexpr std::array nouns =
      std::to_array<Terminal>({"TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "VIEW", "USER", "ROLE",
                               "SERVER", "TABLESPACE", "LOGFILE", "RESOURCE", "INSTANCE"});
  static constexpr std::array prefixes = std::to_array<Terminal>(
      {"OR", "DEFINER", "SQL", "ALGORITHM", "AGGREGATE", "SPATIAL", "UNDO"});
  const auto is = [](const auto& table, Terminal word) {
    return std::find(table.begin(), table.end(), word) != table.end();
  };
  const bool begins_one = is(nouns, token_.terminal) || is(prefixes, token_.terminal);
  if (begins_one && peek().kind == TokenKind::end) advance();
  Lexer ahead(text_.substr(std::min<std::size_t>(token_.offset, text_.size())), options_);
  for (Token token = ahead.next();
       begins_one && token.kind != TokenKind::end && token.kind != TokenKind::bad;
       token = ahead.next()) {
    if (!is(nouns, token.terminal)) continue;
    unsupported(fmt::format("{} {}", verb, token.terminal.text()));
    return;
  }
  fail_here();
}

// ---- CREATE ----

StatementBody Grammar::create() {
  advance();
  if (at_any({"DATABASE", "SCHEMA"})) return create_database();
  if (at("TABLE")) return create_table(false);
  if (accept("TEMPORARY")) return create_table(true);
  if (at("INDEX")) return create_index(IndexKind::plain);
  if (accept("UNIQUE")) return create_index(IndexKind::unique);
  if (accept("FULLTEXT")) return create_index(IndexKind::fulltext);
  if (accept("SPATIAL", "INDEX")) return create_index(IndexKind::spatial);
  unsupported_definition("CREATE");
  return Empty{};
}

StatementBody Grammar::create_database() {
  advance();
  CreateDatabase out;
  out.if_not_exists = if_not_exists();
  out.name = identifier();
  database_options(out.charset, out.collation);
  return out;
}

void Grammar::database_options(std::string_view& charset, std::string_view& collation) {
  for (;;) {
    if (at("DEFAULT") || at("READ")) {
      if (accept("READ")) {
        expect("ONLY");
        unsupported("READ ONLY databases");
      }
      advance();
    }
    if (accept("CHARSET") || accept("CHARACTER", "SET") || accept("CHAR", "SET")) {
      accept("=");
      charset = charset_name();
    } else if (accept("COLLATE")) {
      accept("=");
      collation = charset_name();
    } else if (accept("ENCRYPTION")) {
      accept("=");
      string_literal();
    } else {
      return;
    }
  }
}

StatementBody Grammar::create_index(IndexKind kind) {
  if (kind != IndexKind::spatial) expect("INDEX");
  CreateIndex out;
  out.index.kind = kind;
  out.index.offset = token_.offset;
  out.index.name = identifier_text();
  if (accept("USING")) out.index.algorithm = identifier_text();
  expect("ON");
  out.table = table_name();
  index_tail(out.index);
  while (at_any({"ALGORITHM", "LOCK"})) {
    advance();
    accept("=");
    if (!accept("DEFAULT")) identifier();
  }
  return out;
}

// ---- DROP ----

StatementBody Grammar::drop() {
  advance();
  if (at_any({"DATABASE", "SCHEMA"})) return drop_database();
  if (at_any({"TABLE", "TABLES"})) return drop_table(false);
  if (accept("TEMPORARY")) return drop_table(true);
  if (at("INDEX")) return drop_index();
  unsupported_definition("DROP");
  return Empty{};
}

StatementBody Grammar::drop_database() {
  advance();
  DropDatabase out;
  out.if_exists = if_exists();
  out.name = identifier();
  return out;
}

StatementBody Grammar::drop_table(bool temporary) {
  if (!accept("TABLES")) expect("TABLE");
  DropTable out;
  out.temporary = temporary;
  out.if_exists = if_exists();
  do {
    out.tables.push_back(table_name());
  } while (accept(","));
  if (!accept("RESTRICT")) accept("CASCADE");
  return out;
}

StatementBody Grammar::drop_index() {
  advance();
  DropIndex out;
  out.index = identifier();
  expect("ON");
  out.table = table_name();
  while (at_any({"ALGORITHM", "LOCK"})) {
    advance();
    accept("=");
    if (!accept("DEFAULT")) identifier();
  }
  return out;
}

// ---- The rest ----

StatementBody Grammar::alter() {
  advance();
  if (at_any({"DATABASE", "SCHEMA"})) return alter_database();
  if (at("TABLE")) return alter_table();
  unsupported_definition("ALTER");
  return Empty{};
}

StatementBody Grammar::alter_database() {
  advance();
  AlterDatabase out;
  if (at_identifier() && !at_any({"CHARSET", "ENCRYPTION"})) out.name = identifier();
  if (at(TokenKind::end)) fail_here();
  database_options(out.charset, out.collation);
  return out;
}

StatementBody Grammar::rename() {
  advance();
  if (at("USER")) unsupported("RENAME USER");
  if (!accept("TABLES")) expect("TABLE");
  RenameTable out;
  do {
    RenameTable::Pair pair;
    pair.from = table_name();
    expect("TO");
    pair.to = table_name();
    out.pairs.push_back(pair);
  } while (accept(","));
  return out;
}

StatementBody Grammar::truncate() {
  advance();
  accept("TABLE");
  return TruncateTable{table_name()};
}

StatementBody Grammar::use() {
  advance();
  return Use{identifier()};
}

}  // namespace pipeline::rds::sql
