#include <algorithm>

#include "pipeline/rds/sql/lexer.h"

namespace pipeline::rds::sql {

Result<std::vector<ScriptPart>> split_script(std::string_view script, const ParseOptions& options) {
  std::vector<ScriptPart> out;
  Lexer lexer(script, options);
  std::optional<std::size_t> begin;  // of the statement that goes on
  std::size_t end = 0;
  bool end_in_comment = false;
  // A statement that begins or ends inside /*!40101 ... */ takes the comment's marks along, so that
  // it reads the same on its own.
  const auto close = [&] {
    if (end_in_comment) end = std::min(script.find("*/", end), script.size() - 2) + 2;
    if (begin) out.push_back({script.substr(*begin, end - *begin), *begin});
    begin.reset();
    end_in_comment = false;
  };
  for (;;) {
    const Token token = lexer.next();
    if (token.kind == TokenKind::end) break;
    if (token.terminal == Terminal(";")) {
      close();
      continue;
    }
    if (!begin && token.terminal == Terminal("DELIMITER")) {
      return not_supported("DELIMITER (a command of the mysql client)", token.offset);
    }
    if (!begin)
      begin = lexer.in_versioned_comment() ? script.rfind("/*!", token.offset) : token.offset;
    end = token.end;
    end_in_comment = lexer.in_versioned_comment();
  }
  close();
  return out;
}

}  // namespace pipeline::rds::sql
