#pragma once
// Text to tokens, one at a time, without allocation: a token views the text. Comments are passed
// over here, and the inside of
// /*!NNNNN ... */ is read as text where our version is not below NNNNN. What no token begins is a
// token of kind bad.

#include <optional>

#include "pipeline/rds/sql/parser.h"
#include "pipeline/rds/sql/words.h"

namespace pipeline::rds::sql {

enum class TokenKind : std::uint8_t {
  end,
  bad,
  name,  // unquoted; terminal is set if it is a word of the table (and does not follow a dot)
  quoted_name,  // `x`, or "x" under ANSI_QUOTES
  symbol,
  integer,
  decimal,
  real,
  string,
  national_string,  // N'x'
  introducer,       // _utf8mb4: text without the underscore
  hex,              // text = the digits
  bit,              // text = the digits
  user_variable,    // @x, @'x', @`x`
};

struct Token {
  TokenKind kind = TokenKind::end;
  bool escaped = false;  // text is not yet the value: quotes doubled, backslashes (unescape())
  bool call = false;     // of a name: an opening parenthesis stands right behind it
  char quote = 0;        // what a string, quoted name or user variable is quoted with
  Terminal terminal;
  std::uint32_t offset = 0;
  std::uint32_t end = 0;
  std::string_view text;  // of what is quoted: between the quotes
};

class Lexer {
 public:
  Lexer(std::string_view text, const ParseOptions& options) : text_(text), options_(options) {}

  Token next();
  // Where the next token will be looked for.
  std::size_t offset() const { return at_; }
  bool in_versioned_comment() const { return in_versioned_; }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool skip_blanks_and_comments();  // false: a comment does not end
  bool skip_comment();
  void skip_line();
  Token read();
  Token read_name();
  Token read_number();
  std::optional<Token> read_prefixed();  // x'', b'', n''
  Token read_digits_of_base(TokenKind kind);
  Token read_quoted(TokenKind kind);
  Token read_user_variable();
  Token read_symbol();
  Token token(TokenKind kind, std::size_t begin) const;

  std::string_view text_;
  const ParseOptions& options_;
  std::size_t at_ = 0;
  bool in_versioned_ = false;  // inside /*! ... */
  bool after_name_ = false;    // the last token is a name, its end is at_
  bool after_dot_ = false;     // the last token is the dot of a.b
};

// Appends the value of what stands between quotes.
void unescape(const Token& token, bool backslashes, std::string& out);

bool is_charset(std::string_view name);  // one that MySQL has, in any case
bool is_blank(char c);

}  // namespace pipeline::rds::sql
