#include "pipeline/rds/sql/grammar.h"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/text.h"

namespace pipeline::rds::sql {
namespace {

constexpr std::size_t text_bytes_max = std::size_t{1}
                                       << 30;  // max_allowed_packet has the same limit
constexpr std::size_t near_bytes_max = 80;

std::size_t end_without_terminator(std::string_view text) {
  std::size_t end = text.size();
  while (end > 0 && (text[end - 1] == ';' || is_blank(text[end - 1]))) --end;
  return end;
}

// At most so many bytes, not cutting a character of UTF-8.
std::string_view cut(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t size = bytes_max;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}

template <class Rule>
Result<Statement> run(std::string_view sql, const ParseOptions& options, Rule rule) {
  if (sql.size() > text_bytes_max) {
    return sql_error(1153, "Got a packet bigger than 'max_allowed_packet' bytes");
  }
  Statement out;
  out.text = sql;
  out.arena = std::make_unique<Arena>();
  Grammar grammar(sql, options, *out.arena);
  out.body = (grammar.*rule)();
  out.placeholders = grammar.placeholders();
  if (grammar.error()) return tl::unexpected<SqlError>(*grammar.error());
  return out;
}

}  // namespace

Result<Statement> parse(std::string_view sql, const ParseOptions& options) {
  return run(sql, options, &Grammar::statement);
}

Result<Statement> parse_expression(std::string_view sql, const ParseOptions& options) {
  return run(sql, options, &Grammar::lone_expression);
}

std::string_view Arena::text(std::string_view from) {
  char* to = bytes(from.size());
  std::copy(from.begin(), from.end(), to);
  return {to, from.size()};
}

Grammar::Grammar(std::string_view text, const ParseOptions& options, Arena& arena)
    : text_(text),
      text_end_(end_without_terminator(text)),
      options_(options),
      arena_(arena),
      lexer_(text, options) {
  token_ = lexer_.next();
}

bool Grammar::at_any(std::initializer_list<Terminal> terminals) const {
  return std::find(terminals.begin(), terminals.end(), token_.terminal) != terminals.end();
}

const Token& Grammar::peek() {
  if (!peeked_) peeked_ = failed() ? Token{} : lexer_.next();
  return *peeked_;
}

void Grammar::advance() {
  last_end_ = token_.end;
  if (failed()) return;
  if (peeked_) {
    token_ = *peeked_;
    peeked_.reset();
  } else {
    token_ = lexer_.next();
  }
}

bool Grammar::accept(Terminal terminal) {
  if (!at(terminal)) return false;
  advance();
  return true;
}

bool Grammar::accept(Terminal first, Terminal second) {
  if (!at(first) || !next_is(second)) return false;
  advance();
  advance();
  return true;
}

bool Grammar::expect(Terminal terminal) {
  if (accept(terminal)) return true;
  fail_here();
  return false;
}

void Grammar::fail(tl::unexpected<SqlError> error) {
  if (!failed()) error_ = std::move(error.value());
  token_ = Token{};
  token_.offset = token_.end = static_cast<std::uint32_t>(text_.size());
  peeked_.reset();
}

void Grammar::fail_here() {
  const std::size_t offset = std::min<std::size_t>(token_.offset, text_end_);
  const auto line =
      1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
  fail(sql_error(
      1064,
      fmt::format(
          "You have an error in your SQL syntax; check the manual that corresponds to your MySQL "
          "server version for the right syntax to use near '{}' at line {}",
          cut(text_.substr(offset, text_end_ - offset), near_bytes_max), line),
      offset));
}

void Grammar::unsupported(std::string_view feature) { fail(not_supported(feature, token_.offset)); }

void Grammar::fail_too_deep() {
  fail(sql_error(
      1436,
      fmt::format("Thread stack overrun: the statement nests deeper than {} levels", max_depth),
      token_.offset));
}

void Grammar::note_depth(std::size_t depth) {
  deepest_ = std::max(deepest_, depth);
  if (depth > max_depth) fail_too_deep();
}

void Grammar::finish_statement() {
  accept(";");
  if (!at(TokenKind::end)) fail_here();
}

// ---- Names and values ----

bool Grammar::at_identifier() const {
  return at(TokenKind::quoted_name) || (at(TokenKind::name) && !token_.terminal.reserved());
}

ColumnName Grammar::identifier() {
  if (!at_identifier()) {
    fail_here();
    return {};
  }
  const ColumnName out{value_of(token_), token_.offset};
  advance();
  return out;
}

std::string_view Grammar::value_of(const Token& token) {
  if (!token.escaped) return token.text;
  std::string value;
  value.reserve(token.text.size());
  unescape(token, !options_.no_backslash_escapes, value);
  return arena_.text(value);
}

std::string_view Grammar::string_literal() {
  if (!at(TokenKind::string)) {
    fail_here();
    return {};
  }
  const std::string_view out = value_of(token_);
  advance();
  return out;
}

std::string_view Grammar::identifier_or_string() {
  return at(TokenKind::string) ? string_literal() : identifier_text();
}

std::optional<std::uint64_t> Grammar::unsigned_number() {
  const auto out =
      at(TokenKind::integer) ? emulator::base::parse_unsigned(token_.text) : std::nullopt;
  if (out) {
    advance();
  } else {
    fail_here();
  }
  return out;
}

TableName Grammar::table_name() {
  TableName out;
  out.offset = token_.offset;
  out.name = identifier_text();
  if (!accept(".")) return out;
  out.schema = out.name;
  out.name = identifier_text();
  return out;
}

ColumnName Grammar::column_in_table() {
  ColumnName out = identifier();
  for (int part = 0; part < 2 && accept("."); ++part) out = identifier();
  return out;
}

std::string_view Grammar::charset_name() {
  if (accept("BINARY")) return "binary";
  if (accept("DEFAULT")) return {};
  return identifier_or_string();
}

std::string_view Grammar::upper(std::string_view text) {
  return arena_.text(emulator::base::to_upper(text));
}

std::vector<ColumnName> Grammar::parenthesised_names() {
  std::vector<ColumnName> out;
  expect("(");
  do {
    out.push_back(identifier());
  } while (accept(","));
  expect(")");
  return out;
}

}  // namespace pipeline::rds::sql
