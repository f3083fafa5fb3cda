#pragma once
// What a statement of the log is: transaction control, a change of tables (DDL), or a row change written as SQL (statement format).
// A tolerant scanner, not a parser: it reads verbs and table names, in any comments and quotes, and leaves the rest alone.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/mysql/change_source.h"

namespace pipeline::mysql {

// SQL cut into words, quoted names, strings, numbers and signs; blanks and comments are left out, what is inside /*! ... */ is kept.
class SqlTokens {
 public:
  enum class Kind : std::uint8_t { end, word, quoted_name, string, number, sign };
  struct Token {
    Kind kind = Kind::end;
    std::string text = {};   // quotes removed; words as written
    std::size_t offset = 0;  // in the SQL
    bool is(std::string_view word) const;  // a bare word, in any case, or a sign
    bool is_name() const { return kind == Kind::word || kind == Kind::quoted_name; }
  };

  explicit SqlTokens(std::string_view sql);
  const Token& peek(std::size_t ahead = 0) const;
  Token next();
  bool take(std::string_view word);  // if it comes next
  bool at_end() const { return peek().kind == Kind::end; }
  std::string_view rest() const;     // the SQL from the next token on

 private:
  std::string_view sql_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

struct Statement {
  enum class Kind : std::uint8_t {
    begin, commit, rollback, savepoint, release_savepoint, rollback_to, xa_start, xa_end, xa_prepare, xa_commit, xa_rollback,
    row_change, schema_change
  };
  Kind kind = Kind::schema_change;
  std::string verb;  // "INSERT", "XA COMMIT": for messages
  std::string name;  // of the savepoint; the xid as the server writes it: X'7831',X'',1
  bool one_phase = false;
  bool temporary = false;                                    // of a temporary table: nobody else sees it
  SchemaChange::Kind change = SchemaChange::Kind::other;
  std::vector<std::pair<std::string, std::string>> tables;  // renames: old, new, old, new...
  std::string dropped_schema;                                // DROP DATABASE
};

Statement scan_statement(std::string_view sql, std::string_view default_schema);

}  // namespace pipeline::mysql
