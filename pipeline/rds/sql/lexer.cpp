#include "pipeline/rds/sql/lexer.h"

#include <algorithm>

#include "emulator/base/text.h"

namespace pipeline::rds::sql {
namespace {

constexpr std::array<std::string_view, 41> charsets = {
    "armscii8", "ascii",   "big5",   "binary",   "cp1250",  "cp1251", "cp1256",  "cp1257", "cp850",
    "cp852",    "cp866",   "cp932",  "dec8",     "eucjpms", "euckr",  "gb18030", "gb2312", "gbk",
    "geostd8",  "greek",   "hebrew", "hp8",      "keybcs2", "koi8r",  "koi8u",   "latin1", "latin2",
    "latin5",   "latin7",  "macce",  "macroman", "sjis",    "swe7",   "tis620",  "ucs2",   "ujis",
    "utf16",    "utf16le", "utf32",  "utf8mb3",  "utf8mb4"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// MySQL manual, "Schema Object Names": letters, digits, $, _, and every character above ASCII.
bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Longer ones first.
constexpr std::array<std::string_view, 14> long_symbols = {
    "<=>", "->>", "<=", ">=", "<>", "!=", "<<", ">>", "&&", "||", ":=", "->", "@@", "=="};
constexpr std::string_view lone_symbols = ",()*+;?";  // begin no longer one
constexpr std::string_view short_symbols = "()[]{},;.+-*/%^&|~!=<>:?";

// What MySQL puts for a character after a backslash; \% and \_ keep theirs (manual, "String
// Literals").
void append_escaped(char c, std::string& out) {
  switch (c) {
    case '0':
      out += '\0';
      break;
    case 'b':
      out += '\b';
      break;
    case 'n':
      out += '\n';
      break;
    case 'r':
      out += '\r';
      break;
    case 't':
      out += '\t';
      break;
    case 'Z':
      out += '\x1a';
      break;
    case '%':
      out += "\\%";
      break;
    case '_':
      out += "\\_";
      break;
    default:
      out += c;
  }
}

}  // namespace

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

bool is_charset(std::string_view name) {
  if (emulator::base::equals_ignoring_case(name, "utf8")) return true;
  return std::any_of(charsets.begin(), charsets.end(), [&](std::string_view known) {
    return emulator::base::equals_ignoring_case(name, known);
  });
}

void unescape(const Token& token, bool backslashes, std::string& out) {
  const bool in_string = token.kind != TokenKind::quoted_name && token.quote != '`';
  for (std::size_t i = 0; i < token.text.size(); ++i) {
    const char c = token.text[i];
    if (c == token.quote) {
      ++i;  // doubled
    } else if (c == '\\' && backslashes && in_string && i + 1 < token.text.size()) {
      append_escaped(token.text[++i], out);
      continue;
    }
    out += c;
  }
}

Token Lexer::token(TokenKind kind, std::size_t begin) const {
  Token out;
  out.kind = kind;
  out.offset = static_cast<std::uint32_t>(begin);
  out.end = static_cast<std::uint32_t>(at_);
  out.text = text_.substr(begin, at_ - begin);
  return out;
}

Token Lexer::next() {
  const std::size_t before = at_;
  if (!skip_blanks_and_comments()) {
    const std::size_t begin = at_;
    at_ = text_.size();
    return token(TokenKind::bad, begin);
  }
  if (at_ != before) after_name_ = false;  // `1 .5` is a number again; `t . 5` is not MySQL either
  if (at_ >= text_.size()) return token(TokenKind::end, at_);
  Token out = read();
  after_dot_ = out.kind == TokenKind::symbol && out.terminal == Terminal(".");
  after_name_ = out.kind == TokenKind::name || out.kind == TokenKind::quoted_name;
  return out;
}

bool Lexer::skip_blanks_and_comments() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (is_blank(c)) {
      ++at_;
    } else if (c == '#') {
      skip_line();
    } else if (c == '-' && peek(1) == '-' &&
               (at_ + 2 == text_.size() || is_blank(peek(2)) ||
                static_cast<unsigned char>(peek(2)) < ' ')) {
      skip_line();
    } else if (c == '/' && peek(1) == '*') {
      if (!skip_comment()) return false;
    } else if (in_versioned_ && c == '*' && peek(1) == '/') {
      in_versioned_ = false;
      at_ += 2;
    } else {
      break;
    }
  }
  return true;
}

void Lexer::skip_line() { at_ = std::min(text_.find('\n', at_), text_.size()); }

bool Lexer::skip_comment() {
  if (peek(2) == '!') {
    std::size_t digits = 0;
    int version = 0;
    while (digits < 6 && is_digit(peek(3 + digits))) {
      version = version * 10 + (peek(3 + digits) - '0');
      ++digits;
    }
    // Five digits or six, else the version is not one and the text counts (manual, "Comments").
    if (digits < 5) digits = 0;
    if (digits == 0 || version <= options_.version) {
      at_ += 3 + digits;
      in_versioned_ = true;
      return true;
    }
  }
  const std::size_t close = text_.find("*/", at_ + 2);
  if (close == std::string_view::npos) return false;
  at_ = close + 2;
  return true;
}

Token Lexer::read() {
  const char c = peek();
  if (after_dot_ && is_name_char(c)) return read_name();
  if (is_digit(c)) return read_number();
  if (c == '.' && is_digit(peek(1)) && !after_name_) return read_number();
  if (auto prefixed = read_prefixed()) return *prefixed;
  if (is_name_char(c)) return read_name();
  if (c == '`') return read_quoted(TokenKind::quoted_name);
  if (c == '"')
    return read_quoted(options_.ansi_quotes ? TokenKind::quoted_name : TokenKind::string);
  if (c == '\'') return read_quoted(TokenKind::string);
  if (c == '@' && peek(1) != '@') return read_user_variable();
  return read_symbol();
}

Token Lexer::read_name() {
  const std::size_t begin = at_;
  while (is_name_char(peek())) ++at_;
  Token out = token(TokenKind::name, begin);
  if (after_dot_) return out;
  if (out.text.front() == '_' && is_charset(out.text.substr(1))) {
    out.kind = TokenKind::introducer;
    out.text.remove_prefix(1);
    return out;
  }
  out.terminal = Terminal::word(out.text);
  std::size_t behind = 0;
  while (options_.ignore_space && is_blank(peek(behind))) ++behind;
  out.call = peek(behind) == '(';
  return out;
}

Token Lexer::read_number() {
  const std::size_t begin = at_;
  if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'b')) {
    const bool hex = peek(1) == 'x';
    std::size_t length = 2;
    while (hex ? is_hex_digit(peek(length)) : peek(length) == '0' || peek(length) == '1') ++length;
    if (length > 2 && !is_name_char(peek(length))) {
      at_ += length;
      Token out = token(hex ? TokenKind::hex : TokenKind::bit, begin);
      out.text.remove_prefix(2);
      return out;
    }
    return read_name();
  }
  while (is_digit(peek())) ++at_;
  TokenKind kind = TokenKind::integer;
  if (peek() == '.') {
    kind = TokenKind::decimal;
    ++at_;
    while (is_digit(peek())) ++at_;
  }
  if (peek() == 'e' || peek() == 'E') {
    const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
    if (is_digit(peek(1 + sign))) {
      kind = TokenKind::real;
      at_ += 1 + sign;
      while (is_digit(peek())) ++at_;
      return token(kind, begin);
    }
  }
  if (kind == TokenKind::integer && is_name_char(peek())) {  // 1a is a name
    at_ = begin;
    return read_name();
  }
  return token(kind, begin);
}

std::optional<Token> Lexer::read_prefixed() {
  if (peek(1) != '\'') return std::nullopt;
  switch (peek()) {
    case 'x':
    case 'X':
      return read_digits_of_base(TokenKind::hex);
    case 'b':
    case 'B':
      return read_digits_of_base(TokenKind::bit);
    case 'n':
    case 'N': {
      const std::size_t begin = at_++;
      Token out = read_quoted(TokenKind::national_string);
      out.offset = static_cast<std::uint32_t>(begin);
      return out;
    }
    default:
      return std::nullopt;
  }
}

Token Lexer::read_digits_of_base(TokenKind kind) {
  const std::size_t begin = at_;
  at_ += 2;
  const std::size_t digits = at_;
  while (kind == TokenKind::hex ? is_hex_digit(peek()) : peek() == '0' || peek() == '1') ++at_;
  const std::size_t count = at_ - digits;
  const bool closed = peek() == '\'';
  if (closed) ++at_;
  if (!closed || (kind == TokenKind::hex && count % 2 != 0)) return token(TokenKind::bad, begin);
  Token out = token(kind, begin);
  out.text = text_.substr(digits, count);
  return out;
}

Token Lexer::read_quoted(TokenKind kind) {
  const std::size_t begin = at_;
  const char quote = text_[at_++];
  const bool backslashes =
      quote != '`' && kind != TokenKind::quoted_name && !options_.no_backslash_escapes;
  const std::size_t content = at_;
  bool escaped = false;
  for (;; ++at_) {
    if (at_ >= text_.size()) {
      at_ = text_.size();  // a backslash at the very end has gone past it
      return token(TokenKind::bad, begin);
    }
    const char c = text_[at_];
    if (c == '\\' && backslashes) {
      escaped = true;
      ++at_;
    } else if (c == quote) {
      if (peek(1) != quote) break;
      escaped = true;
      ++at_;
    }
  }
  const std::size_t close = at_++;
  Token out = token(kind, begin);
  out.text = text_.substr(content, close - content);
  out.escaped = escaped;
  out.quote = quote;
  return out;
}

Token Lexer::read_user_variable() {
  const std::size_t begin = at_++;
  if (peek() == '\'' || peek() == '"' || peek() == '`') {
    Token out = read_quoted(TokenKind::user_variable);
    out.offset = static_cast<std::uint32_t>(begin);
    return out;
  }
  while (is_name_char(peek()) || peek() == '.') ++at_;
  Token out = token(TokenKind::user_variable, begin);
  out.text.remove_prefix(1);
  return out;
}

Token Lexer::read_symbol() {
  const std::size_t begin = at_;
  if (lone_symbols.find(text_[at_]) != std::string_view::npos) {
    ++at_;
    Token out = token(TokenKind::symbol, begin);
    out.terminal = Terminal::symbol(out.text);
    return out;
  }
  const std::string_view rest = text_.substr(at_, 3);
  for (std::string_view symbol : long_symbols) {
    if (!rest.starts_with(symbol)) continue;
    at_ += symbol.size();
    Token out = token(symbol == "==" ? TokenKind::bad : TokenKind::symbol, begin);
    out.terminal = Terminal::symbol(symbol);
    return out;
  }
  const bool known = short_symbols.find(text_[at_]) != std::string_view::npos;
  ++at_;
  Token out = token(known ? TokenKind::symbol : TokenKind::bad, begin);
  if (known) out.terminal = Terminal::symbol(out.text);
  return out;
}

}  // namespace pipeline::rds::sql
