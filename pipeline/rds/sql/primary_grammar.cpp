// Operands: literals, names, variables, parentheses, CASE, INTERVAL.
#include <limits>

#include "emulator/base/text.h"
#include "pipeline/rds/sql/grammar.h"

namespace pipeline::rds::sql {
namespace {

constexpr int digit_value(char c) {
  if (c <= '9') return c - '0';
  return (c | 0x20) - 'a' + 10;
}

// Digits of a base with `bits` bits each to bytes, zero bits in front.
void append_packed_digits(std::string_view digits, int bits, std::string& out) {
  const int per_byte = 8 / bits;
  int byte = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    byte = byte << bits | digit_value(digits[i]);
    if ((digits.size() - i - 1) % static_cast<std::size_t>(per_byte) != 0) continue;
    out += static_cast<char>(byte);
    byte = 0;
  }
}

}  // namespace

ExprPtr Grammar::primary() {
  switch (token_.kind) {
    case TokenKind::symbol:
      return symbol_primary();
    case TokenKind::user_variable:
      return user_variable();
    case TokenKind::name:
    case TokenKind::quoted_name:
      return name_primary();
    default:
      break;
  }
  const ExprPtr out = literal();
  if (!out) fail_here();
  return out;
}

ExprPtr Grammar::symbol_primary() {
  if (at("(")) return parenthesised();
  if (at("@@")) return system_variable();
  if (at("{")) return odbc_escape();
  const std::uint32_t begin = token_.offset;
  if (accept("?")) {
    ++placeholders_;
    return done(node(ExprKind::placeholder, begin));
  }
  fail_here();
  return nullptr;
}

ExprPtr Grammar::name_primary() {
  if (const ExprPtr out = literal()) return out;
  if (failed()) return nullptr;
  if (const CallRow* row = at(TokenKind::name) ? special_call(token_) : nullptr) {
    if (!row->needs_parenthesis || next_is("(")) return (this->*row->rule)();
  }
  if (at_identifier() && next_is("(")) return call();
  return column_reference();
}

// ---- Literals ----

ExprPtr Grammar::literal() {
  const std::uint32_t begin = token_.offset;
  ExprKind kind = ExprKind::null;
  switch (token_.kind) {
    case TokenKind::integer:
      kind = emulator::base::parse_unsigned(token_.text) ? ExprKind::integer : ExprKind::decimal;
      break;
    case TokenKind::decimal:
      kind = ExprKind::decimal;
      break;
    case TokenKind::real:
      kind = ExprKind::real;
      break;
    case TokenKind::string:
    case TokenKind::national_string:
      return string_expression();
    case TokenKind::hex:
    case TokenKind::bit:
      return bytes_literal();
    case TokenKind::introducer:
      return introduced();
    case TokenKind::name:
      if (at("NULL")) return word_literal(ExprKind::null, "NULL");
      if (at("TRUE")) return word_literal(ExprKind::boolean, "1");
      if (at("FALSE")) return word_literal(ExprKind::boolean, "0");
      if (at("DATE")) return temporal_literal(ExprKind::date);
      if (at("TIME")) return temporal_literal(ExprKind::time);
      if (at("TIMESTAMP")) return temporal_literal(ExprKind::datetime);
      return nullptr;
    default:
      return nullptr;
  }
  Expr* out = node(kind, begin);
  out->text = token_.text;
  advance();
  return done(out);
}

ExprPtr Grammar::word_literal(ExprKind kind, std::string_view text) {
  Expr* out = node(kind, token_.offset);
  out->text = text;
  advance();
  return done(out);
}

ExprPtr Grammar::temporal_literal(ExprKind kind) {
  if (peek().kind != TokenKind::string) return nullptr;
  Expr* out = node(kind, token_.offset);
  advance();
  out->text = string_literal();
  return done(out);
}

// 'a' 'b' is 'ab' (manual, "String Literals").
ExprPtr Grammar::string_expression() {
  const std::uint32_t begin = token_.offset;
  const bool national = at(TokenKind::national_string);
  Expr* out = node(ExprKind::string, begin);
  out->text = value_of(token_);
  advance();
  if (at(TokenKind::string)) {
    std::string joined(out->text);
    while (at(TokenKind::string)) joined += string_literal();
    out->text = arena_.text(joined);
  }
  const ExprPtr value = done(out);
  if (!national) return value;
  Expr* introduced = node(ExprKind::introduced, begin);
  introduced->text = "utf8mb3";
  return done(introduced, {value});
}

ExprPtr Grammar::bytes_literal() {
  const bool hex = at(TokenKind::hex);
  Expr* out = node(hex ? ExprKind::hex : ExprKind::bit, token_.offset);
  std::string bytes;
  append_packed_digits(token_.text, hex ? 4 : 1, bytes);
  out->text = arena_.text(bytes);
  advance();
  return done(out);
}

ExprPtr Grammar::introduced() {
  Expr* out = node(ExprKind::introduced, token_.offset);
  out->text = token_.text;
  advance();
  if (at(TokenKind::string)) return done(out, {string_expression()});
  if (at(TokenKind::hex) || at(TokenKind::bit)) return done(out, {bytes_literal()});
  fail_here();
  return nullptr;
}

// What stands after DEFAULT and in SET: a literal, perhaps with a sign.
ExprPtr Grammar::signed_literal() {
  const std::uint32_t begin = token_.offset;
  const bool minus = at("-");
  if (minus || at("+")) {
    advance();
    const bool number = at(TokenKind::integer) || at(TokenKind::decimal) || at(TokenKind::real);
    const ExprPtr value = number ? literal() : nullptr;
    if (!value) fail_here();
    return with_op(ExprKind::unary, minus ? Operator::minus_sign : Operator::plus_sign, begin,
                   {value});
  }
  const ExprPtr out = literal();
  if (!out) fail_here();
  return out;
}

// ---- Variables and columns ----

ExprPtr Grammar::user_variable() {
  const std::uint32_t begin = token_.offset;
  const std::string_view name = value_of(token_);
  advance();
  Expr* out = node(ExprKind::user_variable, begin);
  out->text = name;
  if (!accept(":=")) return done(out);
  out->kind = ExprKind::assign;
  const ExprPtr value = expression();
  return done(out, {value});
}

ExprPtr Grammar::system_variable() {
  Expr* out = node(ExprKind::system_variable, token_.offset);
  expect("@@");
  const Scope scope = optional_scope();
  if (scope != Scope::unsaid) expect(".");
  out->scope = scope;
  out->text = variable_name();
  return done(out);
}

ExprPtr Grammar::column_reference() {
  const std::uint32_t begin = token_.offset;
  std::array<std::string_view, 3> parts;
  std::size_t count = 0;
  do {
    parts[count++] = identifier_text();
  } while (count < parts.size() && accept("."));
  if (failed()) return nullptr;
  if (count > 1 && at("(")) {
    unsupported("stored functions");
    return nullptr;
  }
  Expr* out = node(ExprKind::column, begin);
  out->text = parts[count - 1];
  if (count > 1) {
    auto* qualifier = arena_.make<Qualifier>();
    qualifier->table = parts[count - 2];
    if (count > 2) qualifier->schema = parts[0];
    out->qualifier = qualifier;
  }
  return json_path(done(out));
}

// c->'$.a' is JSON_EXTRACT(c, '$.a'), and ->> unquotes it (manual, "Functions That Search JSON
// Values").
ExprPtr Grammar::json_path(ExprPtr column) {
  const bool unquote = at("->>");
  if (!unquote && !at("->")) return column;
  advance();
  if (!at(TokenKind::string)) fail_here();
  const ExprPtr path = literal();
  Expr* extract = node(ExprKind::function, column->offset);
  extract->text = "JSON_EXTRACT";
  const ExprPtr value = done(extract, {column, path});
  if (!unquote) return value;
  Expr* out = node(ExprKind::function, column->offset);
  out->text = "JSON_UNQUOTE";
  return done(out, {value});
}

// ---- Parentheses ----

ExprPtr Grammar::subquery(ExprKind kind, std::uint32_t begin) {
  Expr* out = node(kind, begin);
  out->query = parenthesised_query();
  if (out->query) out->depth = static_cast<std::uint16_t>(out->query->depth + 1);
  return done(out);
}

ExprPtr Grammar::parenthesised() {
  const std::uint32_t begin = token_.offset;
  if (query_ahead()) return subquery(ExprKind::subquery, begin);
  expect("(");
  const ExprPtr first = expression();
  if (!at(",")) {
    expect(")");
    return first;
  }
  const std::size_t mark = scratch_.size();
  scratch_.push_back(first);
  while (accept(",")) {
    const ExprPtr item = expression();
    scratch_.push_back(item);
  }
  expect(")");
  Expr* out = node(ExprKind::row, begin);
  out->args = arena_.list(std::span<const ExprPtr>(scratch_).subspan(mark));
  scratch_.resize(mark);
  return done(out);
}

// {d '2024-01-01'}, {t '10:00:00'}, {ts '...'}; any other word leaves the value as it is (manual,
// "Date and Time Literals").
ExprPtr Grammar::odbc_escape() {
  const std::uint32_t begin = token_.offset;
  expect("{");
  const std::string_view word = identifier_text();
  const ExprPtr value = expression();
  expect("}");
  if (!value || value->kind != ExprKind::string) return value;
  ExprKind kind = ExprKind::string;
  if (emulator::base::equals_ignoring_case(word, "d")) kind = ExprKind::date;
  if (emulator::base::equals_ignoring_case(word, "t")) kind = ExprKind::time;
  if (emulator::base::equals_ignoring_case(word, "ts")) kind = ExprKind::datetime;
  Expr* out = node(kind, begin);
  out->text = value->text;
  return done(out);
}

ExprPtr Grammar::row_expression() {
  Expr* out = node(ExprKind::row, token_.offset);
  advance();
  expect("(");
  out->args = expression_list();
  if (out->args.size() < 2) fail_here();
  expect(")");
  return done(out);
}

ExprPtr Grammar::exists_expression() {
  const std::uint32_t begin = token_.offset;
  advance();
  if (!at("(") || !query_ahead()) {
    expect("(");
    fail_here();
  }
  return subquery(ExprKind::exists, begin);
}

// ---- Forms that begin with a word ----

ExprPtr Grammar::case_expression() {
  Expr* out = node(ExprKind::case_when, token_.offset);
  advance();
  const std::size_t mark = scratch_.size();
  const ExprPtr operand = at("WHEN") ? nullptr : expression();
  scratch_.push_back(operand);
  if (!at("WHEN")) fail_here();
  while (accept("WHEN")) {
    const ExprPtr when = expression();
    scratch_.push_back(when);
    expect("THEN");
    const ExprPtr then = expression();
    scratch_.push_back(then);
  }
  const ExprPtr otherwise = accept("ELSE") ? expression() : nullptr;
  scratch_.push_back(otherwise);
  expect("END");
  out->args = arena_.list(std::span<const ExprPtr>(scratch_).subspan(mark));
  scratch_.resize(mark);
  return done(out);
}

// BINARY x is CAST(x AS BINARY).
ExprPtr Grammar::binary_expression() {
  const Level level(*this);
  Expr* out = node(ExprKind::cast, token_.offset);
  advance();
  auto* type = arena_.make<TypeSpec>();
  type->name = TypeName::binary;
  out->type = type;
  const ExprPtr operand = simple_expression();
  return done(out, {operand});
}

ExprPtr Grammar::default_expression() {
  Expr* out = node(ExprKind::default_of, token_.offset);
  advance();
  expect("(");
  const ExprPtr column = column_reference();
  expect(")");
  return done(out, {column});
}

bool Grammar::at_interval_operand() {
  if (!at("INTERVAL")) return false;
  if (!next_is("(")) return true;
  // INTERVAL (1) DAY is an operand, INTERVAL(1, 2, 3) a function: a comma right inside the
  // parentheses tells.
  Lexer ahead = lexer_;
  for (int open = 1; open > 0;) {
    const Token token = ahead.next();
    if (token.kind == TokenKind::end || token.kind == TokenKind::bad) return true;
    if (token.terminal == Terminal("(")) ++open;
    if (token.terminal == Terminal(")")) --open;
    if (token.terminal == Terminal(",") && open == 1) return false;
  }
  return true;
}

ExprPtr Grammar::interval_operand() {
  Expr* out = node(ExprKind::interval, token_.offset);
  expect("INTERVAL");
  const ExprPtr amount = expression();
  out->text = unit();
  return done(out, {amount});
}

ExprPtr Grammar::interval_expression() {
  const Level level(*this);
  const std::uint32_t begin = token_.offset;
  if (!at_interval_operand()) {
    advance();
    return plain_call("INTERVAL");
  }
  const ExprPtr interval = interval_operand();
  expect("+");
  const ExprPtr right = bit_expression(5);
  return with_op(ExprKind::binary, Operator::add, begin, {interval, right});
}

std::string_view Grammar::unit() {
  static constexpr std::array units = std::to_array<Terminal>({"MICROSECOND",
                                                               "SECOND",
                                                               "MINUTE",
                                                               "HOUR",
                                                               "DAY",
                                                               "WEEK",
                                                               "MONTH",
                                                               "QUARTER",
                                                               "YEAR",
                                                               "SECOND_MICROSECOND",
                                                               "MINUTE_MICROSECOND",
                                                               "MINUTE_SECOND",
                                                               "HOUR_MICROSECOND",
                                                               "HOUR_SECOND",
                                                               "HOUR_MINUTE",
                                                               "DAY_MICROSECOND",
                                                               "DAY_SECOND",
                                                               "DAY_MINUTE",
                                                               "DAY_HOUR",
                                                               "YEAR_MONTH",
                                                               "SQL_TSI_SECOND",
                                                               "SQL_TSI_MINUTE",
                                                               "SQL_TSI_HOUR",
                                                               "SQL_TSI_DAY",
                                                               "SQL_TSI_WEEK",
                                                               "SQL_TSI_MONTH",
                                                               "SQL_TSI_QUARTER",
                                                               "SQL_TSI_YEAR"});
  for (const Terminal word : units) {
    if (!accept(word)) continue;
    std::string_view text = word.text();
    if (text.starts_with("SQL_TSI_")) text.remove_prefix(8);
    return text;
  }
  fail_here();
  return {};
}

}  // namespace pipeline::rds::sql
