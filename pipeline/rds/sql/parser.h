#pragma once
// Text to statements, by recursive descent. No state between calls, no look at tables: what a name
// means is the engine's to know. What MySQL has and this parser lacks answers error 1235 by name;
// what MySQL would not parse either answers 1064 in MySQL's words, near the same place. No input
// makes it crash: depth is limited (error 1436), bounds are checked.

#include <string_view>
#include <vector>

#include "pipeline/rds/error.h"
#include "pipeline/rds/sql/ast.h"

namespace pipeline::rds::sql {

// The parts of sql_mode that change how text is read.
struct ParseOptions {
  bool ansi_quotes = false;           // "x" is a name
  bool no_backslash_escapes = false;  // \ is an ordinary character in strings
  bool pipes_as_concat = false;       // || joins strings
  bool ignore_space = false;          // COUNT (*) is a call
  bool high_not_precedence = false;   // NOT binds as ! does
  bool real_as_float = false;         // REAL is FLOAT
  int version = 80403;                // /*!80000 ... */ is read if not above this
};

// One statement, with or without ';' at its end. The Statement views `sql`.
Result<Statement> parse(std::string_view sql, const ParseOptions& options = {});

// One expression and nothing else: a stored DEFAULT or CHECK. In a Statement, as the one expression
// of a Do.
Result<Statement> parse_expression(std::string_view sql, const ParseOptions& options = {});

struct ScriptPart {
  std::string_view text;   // without its ';', blanks and comments before it left out
  std::size_t offset = 0;  // of text in the script
};
// Cuts a script at each ';' outside quotes and comments; parts with no statement in them are left
// out. DELIMITER, which is a command of the mysql client, answers 1235.
Result<std::vector<ScriptPart>> split_script(std::string_view script,
                                             const ParseOptions& options = {});

}  // namespace pipeline::rds::sql
