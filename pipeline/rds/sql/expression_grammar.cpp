// Operators, by the levels of the manual's page "Operator Precedence", loosest first: OR, XOR, AND,
// NOT, IS and comparison, predicates (IN, BETWEEN, LIKE, REGEXP), bit and arithmetic operators,
// signs.
#include "pipeline/rds/sql/grammar.h"

namespace pipeline::rds::sql {
namespace {

struct OperatorRow {
  Terminal terminal;
  Operator op;
  int level = 0;  // higher binds tighter
};

constexpr std::array comparisons = std::to_array<OperatorRow>({
    {"=", Operator::equal},
    {"<=>", Operator::null_safe_equal},
    {"<>", Operator::not_equal},
    {"!=", Operator::not_equal},
    {"<", Operator::less},
    {"<=", Operator::less_equal},
    {">", Operator::greater},
    {">=", Operator::greater_equal},
});

constexpr std::array arithmetic = std::to_array<OperatorRow>({
    {"|", Operator::bit_or, 1},
    {"&", Operator::bit_and, 2},
    {"<<", Operator::shift_left, 3},
    {">>", Operator::shift_right, 3},
    {"+", Operator::add, 4},
    {"-", Operator::subtract, 4},
    {"*", Operator::multiply, 5},
    {"/", Operator::divide, 5},
    {"%", Operator::modulo, 5},
    {"DIV", Operator::integer_divide, 5},
    {"MOD", Operator::modulo, 5},
    {"^", Operator::bit_xor, 6},
});

template <class Table>
const OperatorRow* find(const Table& table, Terminal terminal) {
  for (const OperatorRow& row : table) {
    if (row.terminal == terminal) return &row;
  }
  return nullptr;
}

}  // namespace

Expr* Grammar::node(ExprKind kind, std::uint32_t begin) {
  Expr* out = arena_.make<Expr>();
  out->kind = kind;
  out->offset = begin;
  return out;
}

ExprPtr Grammar::done(Expr* expr) {
  expr->end = last_end_;
  std::size_t depth = expr->depth;
  for (ExprPtr arg : expr->args) {
    if (arg) depth = std::max<std::size_t>(depth, arg->depth + 1u);
  }
  expr->depth = static_cast<std::uint16_t>(depth);
  note_depth(depth);
  return expr;
}

ExprPtr Grammar::done(Expr* expr, std::initializer_list<ExprPtr> args) {
  expr->args = arena_.list(std::span<const ExprPtr>(args.begin(), args.size()));
  return done(expr);
}

ExprPtr Grammar::with_op(ExprKind kind, Operator op, std::uint32_t begin,
                         std::initializer_list<ExprPtr> args) {
  Expr* out = node(kind, begin);
  out->op = op;
  return done(out, args);
}

ExprPtr Grammar::keyword_node(std::string_view text, std::uint32_t begin) {
  Expr* out = node(ExprKind::keyword, begin);
  out->text = text;
  return done(out);
}

ExprList Grammar::expression_list() {
  const std::size_t mark = scratch_.size();
  do {
    const ExprPtr item = expression();
    scratch_.push_back(item);
  } while (accept(","));
  const ExprList out = arena_.list(std::span<const ExprPtr>(scratch_).subspan(mark));
  scratch_.resize(mark);
  return out;
}

// OR and AND take any number of operands, so that a long chain is wide, not deep.
ExprPtr Grammar::expression() {
  const Level level(*this);
  const std::uint32_t begin = token_.offset;
  const ExprPtr first = xor_expression();
  const auto at_or = [this] { return at("OR") || (at("||") && !options_.pipes_as_concat); };
  if (!at_or()) return first;
  const std::size_t mark = scratch_.size();
  scratch_.push_back(first);
  while (at_or()) {
    advance();
    const ExprPtr operand = xor_expression();
    scratch_.push_back(operand);
  }
  Expr* out = node(ExprKind::logical_or, begin);
  out->args = arena_.list(std::span<const ExprPtr>(scratch_).subspan(mark));
  scratch_.resize(mark);
  return done(out);
}

ExprPtr Grammar::xor_expression() {
  const std::uint32_t begin = token_.offset;
  ExprPtr left = and_expression();
  while (accept("XOR")) {
    const ExprPtr right = and_expression();
    left = with_op(ExprKind::binary, Operator::logical_xor, begin, {left, right});
  }
  return left;
}

ExprPtr Grammar::and_expression() {
  const std::uint32_t begin = token_.offset;
  const ExprPtr first = not_expression();
  if (!at_any({"AND", "&&"})) return first;
  const std::size_t mark = scratch_.size();
  scratch_.push_back(first);
  while (at_any({"AND", "&&"})) {
    advance();
    const ExprPtr operand = not_expression();
    scratch_.push_back(operand);
  }
  Expr* out = node(ExprKind::logical_and, begin);
  out->args = arena_.list(std::span<const ExprPtr>(scratch_).subspan(mark));
  scratch_.resize(mark);
  return done(out);
}

ExprPtr Grammar::not_expression() {
  if (options_.high_not_precedence || !at("NOT")) return bool_primary();
  const Level level(*this);
  const std::uint32_t begin = token_.offset;
  advance();
  const ExprPtr operand = not_expression();
  return with_op(ExprKind::unary, Operator::logical_not, begin, {operand});
}

ExprPtr Grammar::bool_primary() {
  const std::uint32_t begin = token_.offset;
  ExprPtr left = predicate();
  for (bool last = false; !last;) {
    if (accept("IS")) {
      left = is_test(left, begin, last);
    } else if (const OperatorRow* row =
                   at(TokenKind::symbol) ? find(comparisons, token_.terminal) : nullptr) {
      advance();
      left = comparison(left, row->op, begin);
    } else {
      break;
    }
  }
  return left;
}

// IS NULL goes on as an operand; after IS TRUE no further test may follow (`1 IS TRUE IS TRUE` is a
// syntax error).
ExprPtr Grammar::is_test(ExprPtr value, std::uint32_t begin, bool& last) {
  const bool negated = accept("NOT");
  ExprKind kind = ExprKind::is_null;
  if (!accept("NULL")) {
    last = true;
    if (accept("TRUE")) {
      kind = ExprKind::is_true;
    } else if (accept("FALSE")) {
      kind = ExprKind::is_false;
    } else {
      expect("UNKNOWN");
      kind = ExprKind::is_unknown;
    }
  }
  Expr* out = node(kind, begin);
  out->negated = negated;
  return done(out, {value});
}

ExprPtr Grammar::comparison(ExprPtr left, Operator op, std::uint32_t begin) {
  if (!at_any({"ALL", "ANY", "SOME"}) || !next_is("(")) {
    const ExprPtr right = predicate();
    return with_op(ExprKind::binary, op, begin, {left, right});
  }
  Expr* out = node(ExprKind::quantified, begin);
  out->op = op;
  out->text = at("ALL") ? "ALL" : "ANY";
  advance();
  out->query = parenthesised_query();
  if (out->query) out->depth = static_cast<std::uint16_t>(out->query->depth + 1);
  return done(out, {left});
}

ExprPtr Grammar::predicate() {
  const std::uint32_t begin = token_.offset;
  const ExprPtr value = bit_expression();
  if (!at(TokenKind::name) || token_.terminal == Terminal()) return value;
  if (accept("SOUNDS", "LIKE")) {
    const ExprPtr right = bit_expression();
    return with_op(ExprKind::binary, Operator::sounds_like, begin, {value, right});
  }
  if (at("MEMBER") && (next_is("OF") || next_is("("))) {
    advance();
    accept("OF");
    expect("(");
    const ExprPtr array = simple_expression();
    expect(")");
    return with_op(ExprKind::binary, Operator::member_of, begin, {value, array});
  }
  bool negated = false;
  if (at("NOT")) {
    const Terminal next = peek().terminal;
    negated =
        next == "IN" || next == "BETWEEN" || next == "LIKE" || next == "REGEXP" || next == "RLIKE";
    if (!negated) return value;
    advance();
  }
  if (accept("IN")) return in_predicate(value, begin, negated);
  if (accept("BETWEEN")) return between_predicate(value, begin, negated);
  if (accept("LIKE")) return like_predicate(value, begin, negated);
  if (accept("REGEXP") || accept("RLIKE")) {
    Expr* out = node(ExprKind::regexp, begin);
    out->negated = negated;
    const ExprPtr pattern = bit_expression();
    return done(out, {value, pattern});
  }
  return value;
}

ExprPtr Grammar::in_predicate(ExprPtr value, std::uint32_t begin, bool negated) {
  if (!at("(")) fail_here();
  if (query_ahead()) {
    Expr* out = node(ExprKind::in_query, begin);
    out->negated = negated;
    out->query = parenthesised_query();
    if (out->query) out->depth = static_cast<std::uint16_t>(out->query->depth + 1);
    return done(out, {value});
  }
  expect("(");
  Expr* out = node(ExprKind::in_list, begin);
  out->negated = negated;
  const std::size_t mark = scratch_.size();
  scratch_.push_back(value);
  do {
    const ExprPtr item = expression();
    scratch_.push_back(item);
  } while (accept(","));
  expect(")");
  out->args = arena_.list(std::span<const ExprPtr>(scratch_).subspan(mark));
  scratch_.resize(mark);
  return done(out);
}

ExprPtr Grammar::between_predicate(ExprPtr value, std::uint32_t begin, bool negated) {
  const Level level(*this);
  Expr* out = node(ExprKind::between, begin);
  out->negated = negated;
  const ExprPtr low = bit_expression();
  expect("AND");
  const ExprPtr high = predicate();
  return done(out, {value, low, high});
}

ExprPtr Grammar::like_predicate(ExprPtr value, std::uint32_t begin, bool negated) {
  Expr* out = node(ExprKind::like, begin);
  out->negated = negated;
  const ExprPtr pattern = simple_expression();
  if (!accept("ESCAPE")) return done(out, {value, pattern});
  const ExprPtr escape = simple_expression();
  return done(out, {value, pattern, escape});
}

ExprPtr Grammar::bit_expression(int lowest_level) {
  const std::uint32_t begin = token_.offset;
  ExprPtr left = concatenation();
  while (const OperatorRow* row = find(arithmetic, token_.terminal)) {
    if (row->level < lowest_level) break;
    advance();
    const bool sum = row->op == Operator::add || row->op == Operator::subtract;
    const ExprPtr right =
        sum && at_interval_operand() ? interval_operand() : bit_expression(row->level + 1);
    left = with_op(ExprKind::binary, row->op, begin, {left, right});
  }
  return left;
}

ExprPtr Grammar::concatenation() {
  const std::uint32_t begin = token_.offset;
  ExprPtr left = simple_expression();
  while (options_.pipes_as_concat && accept("||")) {
    const ExprPtr right = simple_expression();
    left = with_op(ExprKind::binary, Operator::concat, begin, {left, right});
  }
  return left;
}

ExprPtr Grammar::simple_expression() {
  Operator op = Operator::none;
  if (at("-")) op = Operator::minus_sign;
  if (at("+")) op = Operator::plus_sign;
  if (at("~")) op = Operator::bit_invert;
  if (at("!") || (at("NOT") && options_.high_not_precedence)) op = Operator::logical_not;
  if (op == Operator::none) return collated();
  const Level level(*this);
  const std::uint32_t begin = token_.offset;
  advance();
  const ExprPtr operand = simple_expression();
  return with_op(ExprKind::unary, op, begin, {operand});
}

ExprPtr Grammar::collated() {
  const std::uint32_t begin = token_.offset;
  ExprPtr left = primary();
  while (accept("COLLATE")) {
    Expr* out = node(ExprKind::collate, begin);
    out->text = accept("BINARY") ? std::string_view("binary") : identifier_or_string();
    left = done(out, {left});
  }
  return left;
}

}  // namespace pipeline::rds::sql
