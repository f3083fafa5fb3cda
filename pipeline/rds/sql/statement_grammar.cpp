// Which statement: by its first word.
#include "pipeline/rds/sql/grammar.h"

namespace pipeline::rds::sql {

struct Grammar::StatementRow {
  Terminal word;
  StatementBody (Grammar::*rule)();
};

namespace {

struct UnsupportedRow {
  Terminal word;
  std::string_view feature;
};

constexpr std::array unsupported_statements = std::to_array<UnsupportedRow>({
    {"ANALYZE", "ANALYZE TABLE"},
    {"BINLOG", "BINLOG"},
    {"CACHE", "CACHE INDEX"},
    {"CALL", "CALL"},
    {"CHANGE", "CHANGE REPLICATION SOURCE"},
    {"CHECK", "CHECK TABLE"},
    {"CHECKSUM", "CHECKSUM TABLE"},
    {"CLONE", "CLONE"},
    {"DEALLOCATE", "DEALLOCATE PREPARE"},
    {"EXECUTE", "EXECUTE"},
    {"GET", "GET DIAGNOSTICS"},
    {"GRANT", "GRANT"},
    {"HANDLER", "HANDLER"},
    {"HELP", "HELP"},
    {"IMPORT", "IMPORT TABLE"},
    {"INSTALL", "INSTALL PLUGIN"},
    {"KILL", "KILL"},
    {"LOAD", "LOAD DATA"},
    {"OPTIMIZE", "OPTIMIZE TABLE"},
    {"PREPARE", "PREPARE"},
    {"REPAIR", "REPAIR TABLE"},
    {"RESET", "RESET"},
    {"RESIGNAL", "RESIGNAL"},
    {"RESTART", "RESTART"},
    {"REVOKE", "REVOKE"},
    {"SHUTDOWN", "SHUTDOWN"},
    {"SIGNAL", "SIGNAL"},
    {"STOP", "STOP REPLICA"},
    {"TABLE", "TABLE as a query"},
    {"UNINSTALL", "UNINSTALL PLUGIN"},
    {"VALUES", "VALUES as a query"},
    {"WITH", "WITH (common table expressions)"},
    {"XA", "XA"},
});

}  // namespace

StatementBody Grammar::statement() {
  using G = Grammar;
  static constexpr std::array statements = std::to_array<StatementRow>({
      {"INSERT", &G::insert_or_replace},
      {"SELECT", &G::select_statement},
      {"(", &G::select_statement},
      {"UPDATE", &G::update},
      {"DELETE", &G::delete_},
      {"REPLACE", &G::insert_or_replace},
      {"SET", &G::set},
      {"BEGIN", &G::begin},
      {"START", &G::start},
      {"COMMIT", &G::commit},
      {"ROLLBACK", &G::rollback},
      {"SAVEPOINT", &G::savepoint},
      {"RELEASE", &G::release},
      {"CREATE", &G::create},
      {"DROP", &G::drop},
      {"ALTER", &G::alter},
      {"RENAME", &G::rename},
      {"TRUNCATE", &G::truncate},
      {"USE", &G::use},
      {"SHOW", &G::show},
      {"DESCRIBE", &G::describe},
      {"DESC", &G::describe},
      {"EXPLAIN", &G::describe},
      {"DO", &G::do_},
      {"LOCK", &G::lock},
      {"UNLOCK", &G::unlock},
      {"FLUSH", &G::flush},
      {"PURGE", &G::purge},
  });
  StatementBody out = Empty{};
  if (at(TokenKind::end) || at(";")) {
    finish_statement();
    return out;
  }
  for (const StatementRow& row : statements) {
    if (!at(row.word)) continue;
    out = (this->*row.rule)();
    finish_statement();
    return out;
  }
  for (const UnsupportedRow& row : unsupported_statements) {
    if (at(row.word) && peek().kind != TokenKind::end) unsupported(row.feature);
    if (at(row.word)) advance();
  }
  fail_here();
  return out;
}

StatementBody Grammar::lone_expression() {
  const ExprPtr expr = expression();
  if (!at(TokenKind::end)) fail_here();
  return Do{arena_.list(std::span<const ExprPtr>(&expr, 1))};
}

}  // namespace pipeline::rds::sql
