// Transactions, locks, FLUSH and PURGE.
#include "pipeline/rds/sql/grammar.h"

namespace pipeline::rds::sql {

StatementBody Grammar::begin() {
  advance();
  accept("WORK");
  return StartTransaction{};
}

StatementBody Grammar::start() {
  advance();
  if (at_any({"REPLICA", "SLAVE", "GROUP_REPLICATION"})) unsupported("START REPLICA");
  expect("TRANSACTION");
  StartTransaction out;
  while (at_any({"WITH", "READ"})) {
    if (accept("WITH")) {
      expect("CONSISTENT");
      expect("SNAPSHOT");
      out.consistent_snapshot = true;
    } else {
      advance();
      out.read_only = accept("ONLY");
      if (!*out.read_only) expect("WRITE");
    }
    if (!accept(",")) break;
  }
  return out;
}

// [WORK] [AND [NO] CHAIN] [[NO] RELEASE]
bool Grammar::chain() {
  bool out = false;
  if (accept("AND")) {
    out = !accept("NO");
    expect("CHAIN");
  }
  if (at("RELEASE")) unsupported("RELEASE at the end of a transaction");
  if (accept("NO")) expect("RELEASE");
  return out;
}

StatementBody Grammar::commit() {
  advance();
  accept("WORK");
  return Commit{chain()};
}

StatementBody Grammar::rollback() {
  advance();
  accept("WORK");
  if (!accept("TO")) return Rollback{chain()};
  accept("SAVEPOINT");
  return RollbackTo{identifier()};
}

StatementBody Grammar::savepoint() {
  advance();
  return Savepoint{identifier()};
}

StatementBody Grammar::release() {
  advance();
  expect("SAVEPOINT");
  return ReleaseSavepoint{identifier()};
}

StatementBody Grammar::lock() {
  advance();
  if (at("INSTANCE")) unsupported("LOCK INSTANCE");
  if (!accept("TABLES")) expect("TABLE");
  LockTables out;
  do {
    LockTables::Item item;
    item.table = table_name();
    item.alias = optional_table_alias();
    if (accept("READ")) {
      accept("LOCAL");
    } else {
      accept("LOW_PRIORITY");
      expect("WRITE");
      item.write = true;
    }
    out.items.push_back(item);
  } while (accept(","));
  return out;
}

StatementBody Grammar::unlock() {
  advance();
  if (at("INSTANCE")) unsupported("UNLOCK INSTANCE");
  if (!accept("TABLES")) expect("TABLE");
  return UnlockTables{};
}

StatementBody Grammar::flush() {
  advance();
  if (!accept("NO_WRITE_TO_BINLOG")) accept("LOCAL");
  Flush out;
  if (accept("TABLES") || accept("TABLE")) {
    std::string_view what = "TABLES";
    while (at_identifier()) {
      out.tables.push_back(table_name());
      if (!accept(",")) break;
    }
    if (accept("WITH")) {
      expect("READ");
      expect("LOCK");
      what = "TABLES WITH READ LOCK";
    } else if (accept("FOR")) {
      unsupported("FLUSH TABLES ... FOR EXPORT");
    }
    out.what.push_back(what);
    return out;
  }
  static constexpr std::array kinds =
      std::to_array<Terminal>({"BINARY", "ENGINE", "ERROR", "GENERAL", "SLOW", "RELAY"});
  static constexpr std::array<std::string_view, 6> log_names = {
      "BINARY LOGS", "ENGINE LOGS", "ERROR LOGS", "GENERAL LOGS", "SLOW LOGS", "RELAY LOGS"};
  do {
    std::string_view what;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      if (accept(kinds[i], "LOGS")) what = log_names[i];
    }
    if (what.empty() &&
        at_any({"LOGS", "PRIVILEGES", "STATUS", "HOSTS", "USER_RESOURCES", "OPTIMIZER_COSTS"})) {
      what = token_.terminal.text();
      advance();
    }
    if (what.empty()) fail_here();
    out.what.push_back(what);
  } while (accept(","));
  return out;
}

StatementBody Grammar::purge() {
  advance();
  if (!accept("BINARY")) expect("MASTER");
  expect("LOGS");
  PurgeBinaryLogs out;
  if (accept("TO")) {
    if (!at(TokenKind::string)) fail_here();
    out.to = literal();
  } else {
    expect("BEFORE");
    out.before = expression();
  }
  return out;
}

}  // namespace pipeline::rds::sql
