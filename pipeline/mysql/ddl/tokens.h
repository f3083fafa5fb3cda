#pragma once
// SQL cut into tokens, tolerantly: for statements of a log, which a server has accepted already.
// What servers read differently (quotes, backslashes, which versioned comments run) is told by a
// Dialect.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pipeline::mysql {

namespace sql_mode {  // bits of the status variable
inline constexpr std::uint64_t real_as_float = 1;
inline constexpr std::uint64_t ansi_quotes = 4;
inline constexpr std::uint64_t oracle = 512;  // MariaDB
inline constexpr std::uint64_t maxdb = 4096;  // MariaDB, MySQL 5.7
inline constexpr std::uint64_t no_backslash_escapes = 1u << 20;
}  // namespace sql_mode

struct Dialect {
  std::uint64_t sql_mode = 0;
  bool mariadb = false;
  std::uint32_t version = 0;  // 80403; 0 = not known: every versioned comment runs

  bool has(std::uint64_t mode) const { return (sql_mode & mode) != 0; }
  // Whether the server runs what stands in /*!NNNNN ... */ (number 0: no number), or in /*M!NNNNNN
  // ... */.
  bool runs_comment(std::uint32_t number, bool for_mariadb_only) const;
};

// Words, quoted names, strings, numbers and signs; blanks and comments are left out, what is inside
// /*! ... */ is kept if it runs.
class SqlTokens {
 public:
  enum class Kind : std::uint8_t { end, word, quoted_name, string, number, sign };
  struct Token {
    Kind kind = Kind::end;
    std::string text = {};                 // quotes removed, escapes undone; words as written
    std::size_t offset = 0;                // in the SQL
    bool is(std::string_view word) const;  // a bare word, in any case, or a sign
    bool is_name() const { return kind == Kind::word || kind == Kind::quoted_name; }
  };

  explicit SqlTokens(std::string_view sql, const Dialect& dialect = {});
  const Token& peek(std::size_t ahead = 0) const;
  Token next();
  bool take(std::string_view word);                            // if it comes next
  bool take(std::string_view first, std::string_view second);  // both or none
  bool at_end() const { return peek().kind == Kind::end; }
  std::string_view rest() const;  // the SQL from the next token on

 private:
  std::string_view sql_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

// MariaDB logs SET STATEMENT name = value, ... FOR <statement> as it was written: reads up to the
// statement.
void pass_set_statement(SqlTokens& in);

}  // namespace pipeline::mysql
