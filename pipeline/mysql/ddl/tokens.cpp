#include "pipeline/mysql/ddl/tokens.h"

#include <algorithm>

#include "emulator/base/text.h"

namespace pipeline::mysql {

namespace {

using emulator::base::equals_ignoring_case;
using Kind = SqlTokens::Kind;

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

// Past "/*!80000" or "/*M!100301" if the server runs what follows, else past the whole comment.
std::size_t skip_versioned_comment(std::string_view sql, std::size_t at, const Dialect& dialect) {
  const bool for_mariadb_only = sql[at + 2] == 'M';
  std::size_t inside = at + (for_mariadb_only ? 4 : 3);
  const std::size_t digits = inside;
  std::uint32_t number = 0;
  while (inside < sql.size() && inside < digits + 6 && is_digit(sql[inside]))
    number = number * 10 + static_cast<std::uint32_t>(sql[inside++] - '0');
  if (inside < digits + 5)
    inside = digits, number = 0;  // five digits or six, else it is no version
  if (dialect.runs_comment(number, for_mariadb_only)) return inside;
  const std::size_t end = sql.find("*/", inside);
  return end == std::string_view::npos ? sql.size() : end + 2;
}

// Past the comment that starts at `at`, or `at` itself.
std::size_t skip_comment(std::string_view sql, std::size_t at, const Dialect& dialect) {
  const std::string_view left = sql.substr(at);
  const auto line_end = [&] { return std::min(sql.find('\n', at), sql.size()); };
  if (left[0] == '#') return line_end();
  if (left.substr(0, 2) == "--" && (left.size() == 2 || is_blank(left[2]))) return line_end();
  if (left.substr(0, 2) == "*/") return at + 2;
  if (left.substr(0, 2) != "/*") return at;
  if (left.substr(0, 3) == "/*!" || left.substr(0, 4) == "/*M!")
    return skip_versioned_comment(sql, at, dialect);
  const std::size_t end = sql.find("*/", at + 2);
  return end == std::string_view::npos ? sql.size() : end + 2;
}

// What MySQL puts for a character after a backslash; \% and \_ keep theirs (manual, "String
// Literals").
void append_escaped(char c, std::string& out) {
  switch (c) {
    case '0':
      out.push_back('\0');
      break;
    case 'b':
      out.push_back('\b');
      break;
    case 'n':
      out.push_back('\n');
      break;
    case 'r':
      out.push_back('\r');
      break;
    case 't':
      out.push_back('\t');
      break;
    case 'Z':
      out.push_back('\x1A');
      break;
    case '%':
    case '_':
      out.push_back('\\');
      [[fallthrough]];
    default:
      out.push_back(c);
  }
}

// A quoted text from its opening quote on: doubled quotes, and backslashes if they escape.
std::size_t read_quoted(std::string_view sql, std::size_t at, bool backslashes, std::string& out) {
  const char quote = sql[at++];
  for (; at < sql.size(); ++at) {
    if (sql[at] == '\\' && backslashes && at + 1 < sql.size()) {
      append_escaped(sql[++at], out);
      continue;
    }
    if (sql[at] == quote) {
      if (at + 1 == sql.size() || sql[at + 1] != quote) return at + 1;
      ++at;
    }
    out.push_back(sql[at]);
  }
  return at;
}

}  // namespace

// MariaDB passes over /*!50700 to /*!99999, which are meant for MySQL 5.7 and later (its manual,
// "Comment Syntax"); MySQL over all of /*M!.
bool Dialect::runs_comment(std::uint32_t number, bool for_mariadb_only) const {
  constexpr std::uint32_t first_of_mysql_only = 50700, last_of_mysql_only = 99999;
  if (version == 0) return true;
  if (for_mariadb_only && !mariadb) return false;
  if (mariadb && !for_mariadb_only && number >= first_of_mysql_only && number <= last_of_mysql_only)
    return false;
  return number <= version;
}

bool SqlTokens::Token::is(std::string_view word) const {
  return (kind == Kind::word || kind == Kind::sign) && equals_ignoring_case(text, word);
}

SqlTokens::SqlTokens(std::string_view sql, const Dialect& dialect) : sql_(sql) {
  const bool backslashes = !dialect.has(sql_mode::no_backslash_escapes);
  std::size_t at = 0;
  while (at < sql.size()) {
    if (is_blank(sql[at])) {
      ++at;
      continue;
    }
    if (const std::size_t past = skip_comment(sql, at, dialect); past != at) {
      at = past;
      continue;
    }
    Token token{Kind::sign, {}, at};
    const char c = sql[at];
    if (c == '`' || c == '\'' || c == '"') {
      const bool names = c == '`' || (c == '"' && dialect.has(sql_mode::ansi_quotes));
      token.kind = names ? Kind::quoted_name : Kind::string;
      at = read_quoted(sql, at, backslashes && !names, token.text);
    } else if (is_word_byte(c)) {
      const std::size_t start = at;
      while (at < sql.size() && is_word_byte(sql[at])) ++at;
      token.text = sql.substr(start, at - start);
      token.kind =
          std::all_of(token.text.begin(), token.text.end(), is_digit) ? Kind::number : Kind::word;
    } else {
      token.text = sql[at++];
    }
    tokens_.push_back(std::move(token));
  }
  tokens_.push_back(Token{Kind::end, {}, sql.size()});
}

const SqlTokens::Token& SqlTokens::peek(std::size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

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

bool SqlTokens::take(std::string_view first, std::string_view second) {
  if (!peek().is(first) || !peek(1).is(second)) return false;
  next();
  next();
  return true;
}

std::string_view SqlTokens::rest() const { return sql_.substr(peek().offset); }

void pass_set_statement(SqlTokens& in) {
  if (!in.take("SET", "STATEMENT")) return;
  int depth = 0;  // SUBSTRING(a FROM 1 FOR 2) may stand in a value
  while (!in.at_end()) {
    const SqlTokens::Token token = in.next();
    if (token.is("(")) ++depth;
    if (token.is(")")) --depth;
    if (depth == 0 && token.is("FOR")) return;
  }
}

}  // namespace pipeline::mysql
