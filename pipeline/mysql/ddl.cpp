#include "pipeline/mysql/ddl.h"

#include <algorithm>
#include <array>

#include "emulator/base/text.h"

namespace pipeline::mysql {

namespace {

using emulator::base::equals_ignoring_case;
using Kind = SqlTokens::Kind;

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v'; }

// Past the comment that starts at `at`, or `at` itself. "/*!80000" and "/*M!" open text that the server runs: only the mark is passed over.
std::size_t skip_comment(std::string_view sql, std::size_t at) {
  const std::string_view left = sql.substr(at);
  const auto line_end = [&] { return std::min(sql.find('\n', at), sql.size()); };
  if (left[0] == '#') return line_end();
  if (left.substr(0, 2) == "--" && (left.size() == 2 || is_blank(left[2]))) return line_end();
  if (left.substr(0, 2) == "*/") return at + 2;
  if (left.substr(0, 2) != "/*") return at;
  const bool runs = left.substr(0, 3) == "/*!" || left.substr(0, 4) == "/*M!";
  if (runs) {
    at += left[2] == '!' ? 3 : 4;
    while (at < sql.size() && is_digit(sql[at])) ++at;
    return at;
  }
  const std::size_t end = sql.find("*/", at + 2);
  return end == std::string_view::npos ? sql.size() : end + 2;
}

// A quoted text from its opening quote on: doubled quotes, and backslashes in strings.
std::size_t read_quoted(std::string_view sql, std::size_t at, std::string& out) {
  const char quote = sql[at++];
  for (; at < sql.size(); ++at) {
    if (sql[at] == '\\' && quote != '`' && at + 1 < sql.size()) {
      ++at;
    } else if (sql[at] == quote) {
      if (at + 1 == sql.size() || sql[at + 1] != quote) return at + 1;
      ++at;
    }
    out.push_back(sql[at]);
  }
  return at;
}

}  // namespace

bool SqlTokens::Token::is(std::string_view word) const {
  return (kind == Kind::word || kind == Kind::sign) && equals_ignoring_case(text, word);
}

SqlTokens::SqlTokens(std::string_view sql) : sql_(sql) {
  std::size_t at = 0;
  while (at < sql.size()) {
    if (is_blank(sql[at])) {
      ++at;
      continue;
    }
    if (const std::size_t past = skip_comment(sql, at); past != at) {
      at = past;
      continue;
    }
    Token token{Kind::sign, {}, at};
    const char c = sql[at];
    if (c == '`' || c == '\'' || c == '"') {
      token.kind = c == '`' ? Kind::quoted_name : Kind::string;
      at = read_quoted(sql, at, token.text);
    } else if (is_word_byte(c)) {
      const std::size_t start = at;
      while (at < sql.size() && is_word_byte(sql[at])) ++at;
      token.text = sql.substr(start, at - start);
      token.kind = std::all_of(token.text.begin(), token.text.end(), is_digit) ? Kind::number : Kind::word;
    } else {
      token.text = sql[at++];
    }
    tokens_.push_back(std::move(token));
  }
  tokens_.push_back(Token{Kind::end, {}, sql.size()});
}

const SqlTokens::Token& SqlTokens::peek(std::size_t ahead) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }

SqlTokens::Token SqlTokens::next() {
  Token token = peek();
  if (at_ + 1 < tokens_.size()) ++at_;
  return token;
}

bool SqlTokens::take(std::string_view word) {
  if (!peek().is(word)) return false;
  next();
  return true;
}

std::string_view SqlTokens::rest() const { return sql_.substr(peek().offset); }

namespace {

// Scans one statement; every function reads on from where the last one stopped.
class Scanner {
 public:
  Scanner(std::string_view sql, std::string_view default_schema) : in_(sql), default_schema_(default_schema) {}

  Statement scan() {
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
  static const std::array<Verb, 18> verbs;

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
    out_.name = in_.next().text;
  }
  void savepoint() {
    out_.kind = Statement::Kind::savepoint;
    out_.name = in_.next().text;
  }
  void release() {
    if (in_.take("SAVEPOINT")) out_.kind = Statement::Kind::release_savepoint;
  }
  void row_change() { out_.kind = Statement::Kind::row_change; }

  void xa() {
    struct Row {
      std::string_view word;
      Statement::Kind kind;
    };
    constexpr std::array rows{Row{"START", Statement::Kind::xa_start},     Row{"BEGIN", Statement::Kind::xa_start},
                              Row{"END", Statement::Kind::xa_end},         Row{"PREPARE", Statement::Kind::xa_prepare},
                              Row{"COMMIT", Statement::Kind::xa_commit},   Row{"ROLLBACK", Statement::Kind::xa_rollback}};
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

  // ALTER TABLE a ..., RENAME [TO|AS|=] b: a clause of its own, outside brackets. RENAME COLUMN, INDEX and KEY are something else.
  void find_rename() {
    int depth = 0;
    bool clause_starts = true;
    while (!in_.at_end()) {
      const SqlTokens::Token token = in_.next();
      if (token.is("(")) ++depth;
      if (token.is(")")) --depth;
      const bool here = clause_starts && token.is("RENAME");
      clause_starts = depth == 0 && token.is(",");
      if (!here || in_.peek().is("COLUMN") || in_.peek().is("INDEX") || in_.peek().is("KEY")) continue;
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

const std::array<Scanner::Verb, 18> Scanner::verbs{{
    {"BEGIN", &Scanner::begin},       {"START", &Scanner::start},           {"COMMIT", &Scanner::commit},
    {"ROLLBACK", &Scanner::rollback}, {"SAVEPOINT", &Scanner::savepoint},   {"RELEASE", &Scanner::release},
    {"XA", &Scanner::xa},             {"CREATE", &Scanner::create},         {"DROP", &Scanner::drop},
    {"TRUNCATE", &Scanner::truncate}, {"RENAME", &Scanner::rename},         {"ALTER", &Scanner::alter},
    {"INSERT", &Scanner::row_change}, {"UPDATE", &Scanner::row_change},     {"DELETE", &Scanner::row_change},
    {"REPLACE", &Scanner::row_change}, {"LOAD", &Scanner::row_change},      {"SELECT", &Scanner::row_change},
}};

}  // namespace

Statement scan_statement(std::string_view sql, std::string_view default_schema) {
  constexpr std::size_t scanned_max = 1u << 20;  // names and verbs come first; what follows may be megabytes of rows
  return Scanner(sql.substr(0, scanned_max), default_schema).scan();
}

}  // namespace pipeline::mysql
