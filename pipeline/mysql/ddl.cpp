#include "pipeline/mysql/ddl.h"

#include <array>

#include "emulator/base/text.h"

namespace pipeline::mysql {

namespace {

using Kind = SqlTokens::Kind;

// Scans one statement; every function reads on from where the last one stopped.
class Scanner {
 public:
  Scanner(std::string_view sql, std::string_view default_schema, const Dialect& dialect)
      : in_(sql, dialect), default_schema_(default_schema) {}

  Statement scan() {
    pass_set_statement(in_);
    const std::string verb = emulator::base::to_upper(in_.next().text);
    out_.verb = verb;
    for (const auto& row : verbs)
      if (row.verb == verb) {
        (this->*row.scan)();
        break;
      }
    return std::move(out_);
  }

 private:
  struct Verb {
    std::string_view verb;
    void (Scanner::*scan)();
  };
  static const std::array<Verb, 20> verbs;

  void begin() { out_.kind = Statement::Kind::begin; }
  void start() {
    if (in_.take("TRANSACTION")) out_.kind = Statement::Kind::begin;
  }
  void commit() { out_.kind = Statement::Kind::commit; }
  void rollback() {
    out_.kind = Statement::Kind::rollback;
    in_.take("WORK");
    if (!in_.take("TO")) return;
    in_.take("SAVEPOINT");
    out_.kind = Statement::Kind::rollback_to;
    out_.name = savepoint_name();
  }
  void savepoint() {
    out_.kind = Statement::Kind::savepoint;
    out_.name = savepoint_name();
  }
  std::string savepoint_name() {
    return emulator::base::to_lower(in_.next().text);
  }  // servers compare them in any case
  void release() {
    if (in_.take("SAVEPOINT")) out_.kind = Statement::Kind::release_savepoint;
  }
  void row_change() { out_.kind = Statement::Kind::row_change; }
  // MariaDB's ANALYZE [FORMAT=JSON] UPDATE ... does the update. ANALYZE [LOCAL] TABLE does not.
  void analyze() {
    if (in_.take("FORMAT", "=")) in_.next();
    for (const char* verb : {"INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"})
      if (in_.peek().is(verb)) row_change();
  }

  void xa() {
    struct Row {
      std::string_view word;
      Statement::Kind kind;
    };
    constexpr std::array rows{
        Row{"START", Statement::Kind::xa_start},   Row{"BEGIN", Statement::Kind::xa_start},
        Row{"END", Statement::Kind::xa_end},       Row{"PREPARE", Statement::Kind::xa_prepare},
        Row{"COMMIT", Statement::Kind::xa_commit}, Row{"ROLLBACK", Statement::Kind::xa_rollback}};
    for (const Row& row : rows) {
      if (!in_.take(row.word)) continue;
      out_.kind = row.kind;
      out_.verb = "XA " + std::string(row.word);
      read_xid();
      return;
    }
  }
  // X'7831',X'',1 [ONE PHASE]
  void read_xid() {
    while (!in_.at_end()) {
      if (in_.take("ONE")) {
        out_.one_phase = true;
        return;
      }
      const SqlTokens::Token token = in_.next();
      if (token.kind == Kind::string)
        out_.name += "'" + emulator::base::to_lower(token.text) + "'";
      else
        out_.name += emulator::base::to_upper(token.text);
    }
  }

  void create() {
    if (in_.take("OR")) in_.take("REPLACE");
    out_.temporary = in_.take("TEMPORARY");
    if (!in_.take("TABLE")) return;
    if (in_.take("IF")) {
      in_.take("NOT");
      in_.take("EXISTS");
    }
    read_table();
    out_.change = SchemaChange::Kind::create_table;
  }

  void drop() {
    out_.temporary = in_.take("TEMPORARY");
    if (in_.take("DATABASE") || in_.take("SCHEMA")) {
      take_if_exists();
      out_.dropped_schema = in_.next().text;
      return;
    }
    if (!in_.take("TABLE") && !in_.take("TABLES")) return;
    take_if_exists();
    do read_table();
    while (in_.take(","));
    out_.change = SchemaChange::Kind::drop_table;
  }

  void truncate() {
    in_.take("TABLE");
    read_table();
    out_.change = SchemaChange::Kind::truncate_table;
  }

  void rename() {
    if (!in_.take("TABLE") && !in_.take("TABLES")) return;
    take_if_exists();
    do {
      read_table();
      if (in_.take("WAIT")) in_.next();
      in_.take("NOWAIT");
      in_.take("TO");
      read_table();
    } while (in_.take(","));
    out_.change = SchemaChange::Kind::rename_table;
  }

  void alter() {
    in_.take("ONLINE");
    in_.take("IGNORE");
    if (!in_.take("TABLE")) return;
    take_if_exists();
    read_table();
    out_.change = SchemaChange::Kind::alter_table;
    find_rename();
  }

  // ALTER TABLE a ..., RENAME [TO|AS|=] b: a clause of its own, outside brackets. RENAME COLUMN,
  // INDEX and KEY are something else.
  void find_rename() {
    int depth = 0;
    bool clause_starts = true;
    while (!in_.at_end()) {
      const SqlTokens::Token token = in_.next();
      if (token.is("(")) ++depth;
      if (token.is(")")) --depth;
      const bool here = clause_starts && token.is("RENAME");
      clause_starts = depth == 0 && token.is(",");
      if (!here || in_.peek().is("COLUMN") || in_.peek().is("INDEX") || in_.peek().is("KEY"))
        continue;
      if (!in_.take("TO") && !in_.take("AS")) in_.take("=");
      read_table();
      out_.change = SchemaChange::Kind::rename_table;
      return;
    }
  }

  void take_if_exists() {
    if (in_.take("IF")) in_.take("EXISTS");
  }

  void read_table() {
    if (!in_.peek().is_name()) return;
    std::string first = in_.next().text;
    if (in_.take(".") && in_.peek().is_name()) {
      out_.tables.emplace_back(std::move(first), in_.next().text);
    } else {
      out_.tables.emplace_back(default_schema_, std::move(first));
    }
  }

  SqlTokens in_;
  std::string default_schema_;
  Statement out_;
};

const std::array<Scanner::Verb, 20> Scanner::verbs{{
    {"BEGIN", &Scanner::begin},
    {"START", &Scanner::start},
    {"COMMIT", &Scanner::commit},
    {"ROLLBACK", &Scanner::rollback},
    {"SAVEPOINT", &Scanner::savepoint},
    {"RELEASE", &Scanner::release},
    {"XA", &Scanner::xa},
    {"CREATE", &Scanner::create},
    {"DROP", &Scanner::drop},
    {"TRUNCATE", &Scanner::truncate},
    {"RENAME", &Scanner::rename},
    {"ALTER", &Scanner::alter},
    {"INSERT", &Scanner::row_change},
    {"UPDATE", &Scanner::row_change},
    {"DELETE", &Scanner::row_change},
    {"REPLACE", &Scanner::row_change},
    {"LOAD", &Scanner::row_change},
    {"SELECT", &Scanner::row_change},
    {"WITH", &Scanner::row_change},
    {"ANALYZE", &Scanner::analyze},
}};

}  // namespace

Statement scan_statement(std::string_view sql, std::string_view default_schema,
                         const Dialect& dialect) {
  constexpr std::size_t scanned_max =
      1u << 20;  // names and verbs come first; what follows may be megabytes of rows
  return Scanner(sql.substr(0, scanned_max), default_schema, dialect).scan();
}

}  // namespace pipeline::mysql
