#include "pipeline/commands/statement_reader.h"

#include "emulator/base/text.h"

namespace pipeline::commands {
namespace {

constexpr std::size_t npos = std::string_view::npos;

// Behind the quote that closes the one at `at`; npos if it is still open. A doubled quote opens the
// next string at once, so it needs no care.
std::size_t behind_quoted(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\' && quote != '`') {
      ++i;
    } else if (text[i] == quote) {
      return i + 1;
    }
  }
  return npos;
}

// MySQL takes -- for a comment only if a blank follows.
bool starts_line_comment(std::string_view text, std::size_t at) {
  if (text[at] == '#') return true;
  return text.substr(at, 2) == "--" && at + 2 < text.size() &&
         static_cast<unsigned char>(text[at + 2]) <= ' ';
}

std::size_t behind(std::string_view text, std::size_t at, std::string_view end) {
  const std::size_t found = text.find(end, at);
  return found == npos ? npos : found + end.size();
}

// Where the next token begins.
std::size_t behind_token(std::string_view text, std::size_t at) {
  if (text[at] == '\'' || text[at] == '"' || text[at] == '`') return behind_quoted(text, at);
  if (starts_line_comment(text, at)) return behind(text, at, "\n");
  if (text.substr(at, 2) == "/*") return behind(text, at + 2, "*/");
  return at + 1;
}

std::size_t end_of_statement(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); at = behind_token(text, at)) {
    if (text[at] == ';') return at;
  }
  return npos;
}

}  // namespace

void StatementReader::add_line(std::string_view line) { text_.append(line).push_back('\n'); }

std::optional<std::string> StatementReader::next() {
  while (true) {
    const std::size_t end = end_of_statement(text_);
    if (end == npos) return std::nullopt;
    std::string statement(emulator::base::trim(std::string_view(text_).substr(0, end)));
    text_.erase(0, end + 1);
    if (!statement.empty()) return statement;
  }
}

std::optional<std::string> StatementReader::rest() {
  std::string statement(emulator::base::trim(text_));
  text_.clear();
  if (statement.empty()) return std::nullopt;
  return statement;
}

bool StatementReader::is_between_statements() const { return emulator::base::trim(text_).empty(); }

}  // namespace pipeline::commands
