// Comparison by MySQL's rules (manual, "Type Conversion in Expression Evaluation"): both sides are
// brought to one form that SQLite compares rightly.
#include <fmt/format.h>

#include "emulator/base/text.h"
#include "pipeline/rds/embedded/collation.h"
#include "pipeline/rds/embedded/decimal.h"
#include "pipeline/rds/embedded/lowering.h"
#include "pipeline/rds/embedded/temporal.h"

namespace pipeline::rds::embedded {
namespace {

using mysql::ColumnType;

std::string_view sqlite_operator(sql::Operator op) {
  switch (op) {
    case sql::Operator::equal:
      return "=";
    case sql::Operator::null_safe_equal:
      return "IS";
    case sql::Operator::not_equal:
      return "<>";
    case sql::Operator::less:
      return "<";
    case sql::Operator::less_equal:
      return "<=";
    case sql::Operator::greater:
      return ">";
    default:
      return ">=";
  }
}

bool is_whole_number(const Lowered& value, Decimal& out) {
  if (!value.is_constant || value.constant.is_null() || value.type.name == "hex") return false;
  if (value.kind() == Kind::decimal) {
    out = Decimal::parse(value.constant.bytes);
  } else if (value.kind() == Kind::text) {
    std::size_t used = 0;
    out = Decimal::parse(value.constant.bytes, used);
    if (used == 0 || used != value.constant.bytes.size()) return false;
  } else {
    return false;
  }
  return true;
}

}  // namespace

Result<std::string> Lowering::text_collation(const Lowered& left, const Lowered& right) const {
  const Lowered* winner = left.coercibility <= right.coercibility ? &left : &right;
  if (left.coercibility == right.coercibility && left.type.collation != right.type.collation &&
      left.coercibility <= Coercibility::column) {
    const std::string_view a = sqlite_collation(left.type);
    const std::string_view b = sqlite_collation(right.type);
    if (a != b) {
      if (a == "mysql_pad_bin" || a.empty()) return std::string(a);
      if (b == "mysql_pad_bin" || b.empty()) return std::string(b);
      return sql_error(
          1267,
          fmt::format("Illegal mix of collations ({},IMPLICIT) and ({},IMPLICIT) for operation '='",
                      collation_name(left.type.collation), collation_name(right.type.collation)));
    }
  }
  mysql::Column type = winner->type;
  if (kind_of(type) != Kind::text) type = text_type(255, type.collation);
  return std::string(sqlite_collation(type));
}

Lowering::Comparable Lowering::comparable_numbers(const Lowered& left, const Lowered& right) {
  if (left.store_is_integer() && right.store_is_integer()) return {left.sql, right.sql, ""};
  // A constant that is exact in the other side's type keeps the column bare, so that its index
  // serves.
  const auto exact = [&](const Lowered& column, const Lowered& constant_side, Lowered& out) {
    Decimal number;
    if (!is_whole_number(constant_side, number)) return false;
    if (column.store_is_integer()) {
      std::int64_t whole = 0;
      if (number.truncated(0) != number || !number.to_integer(whole)) return false;
      out = constant(integer_type(), Value::of(whole));
      return true;
    }
    if (column.kind() != Kind::decimal) return false;
    out = constant(decimal_type(65, number.scale()), Value::text(number.text()));
    return true;
  };
  Lowered folded;
  if (exact(left, right, folded))
    return {left.sql, folded.sql, std::string(sqlite_collation(left.type))};
  if (exact(right, left, folded))
    return {folded.sql, right.sql, std::string(sqlite_collation(right.type))};
  const bool decimals = (left.kind() == Kind::decimal || left.store_is_integer()) &&
                        (right.kind() == Kind::decimal || right.store_is_integer());
  if (decimals) return {as_decimal(left).sql, as_decimal(right).sql, "mysql_decimal"};
  const auto real = [&](const Lowered& value) {
    return value.kind() == Kind::integer ? value : as_real(value);
  };
  return {real(left).sql, real(right).sql, ""};
}

Result<Lowering::Comparable> Lowering::comparable_temporal(const Lowered& left,
                                                           const Lowered& right) {
  const Kind a = left.kind();
  const Kind b = right.kind();
  if (left.type.type == right.type.type && left.type.length == right.type.length)
    return Comparable{left.sql, right.sql, ""};
  if (a == Kind::time && b == Kind::time) return Comparable{left.sql, right.sql, ""};
  const auto folded = [&](const Lowered& column, const Lowered& text,
                          std::string& out) -> Result<bool> {
    if (!text.is_constant || text.kind() != Kind::text) return false;
    if (column.kind() == Kind::time) {
      std::int64_t microseconds = 0;
      if (parse_time(text.constant.bytes, microseconds) == ParseState::bad) return false;
      out = constant(temporal_type(ColumnType::time, 6), Value::of(microseconds)).sql;
      return true;
    }
    DateTime moment;
    if (parse_datetime(text.constant.bytes, moment) == ParseState::bad) {
      const std::string_view word = column.kind() == Kind::date        ? "DATE"
                                    : column.kind() == Kind::timestamp ? "TIMESTAMP"
                                                                       : "DATETIME";
      return sql_error(1525, fmt::format("Incorrect {} value: '{}'", word, text.constant.bytes));
    }
    if (column.kind() == Kind::date) {
      if (microseconds_of_day(moment) != 0) return false;
      out = constant(column.type, Value::text(date_text(moment))).sql;
      return true;
    }
    const int digits = static_cast<int>(column.type.length);
    if (rounded(moment, digits) != moment) return false;
    out = constant(column.type, Value::text(datetime_text(moment, digits))).sql;
    return true;
  };
  Comparable out;
  if (is_temporal(a)) {
    auto done = folded(left, right, out.right);
    if (!done) return tl::unexpected(done.error());
    if (*done) return Comparable{left.sql, out.right, ""};
  }
  if (is_temporal(b)) {
    auto done = folded(right, left, out.left);
    if (!done) return tl::unexpected(done.error());
    if (*done) return Comparable{out.left, right.sql, ""};
  }
  if ((a == Kind::time && is_string(b)) || (b == Kind::time && is_string(a)))
    return Comparable{as_time(left).sql, as_time(right).sql, ""};
  return Comparable{as_datetime(left).sql, as_datetime(right).sql, ""};
}

Result<Lowering::Comparable> Lowering::comparable(const Lowered& left, const Lowered& right) {
  const Kind a = left.kind();
  const Kind b = right.kind();
  if (a == Kind::null || b == Kind::null) return Comparable{left.sql, right.sql, ""};
  if (is_string(a) && is_string(b)) {
    if (a == Kind::bytes || b == Kind::bytes)
      return Comparable{as_bytes(left).sql, as_bytes(right).sql, ""};
    auto collation = text_collation(left, right);
    if (!collation) return tl::unexpected(collation.error());
    return Comparable{as_text(left).sql, as_text(right).sql, *collation};
  }
  const bool left_temporal = is_temporal(a);
  const bool right_temporal = is_temporal(b);
  if ((left_temporal && (right_temporal || is_string(b))) || (right_temporal && is_string(a)))
    return comparable_temporal(left, right);
  if (left_temporal || right_temporal) return Comparable{as_real(left).sql, as_real(right).sql, ""};
  return comparable_numbers(left, right);
}

Result<Lowered> Lowering::compare(sql::Operator op, const Lowered& left, const Lowered& right) {
  auto sides = comparable(left, right);
  if (!sides) return tl::unexpected(sides.error());
  Lowered out;
  out.type = integer_type();
  out.sql = fmt::format("({} {} {}{}{})", sides->left, sqlite_operator(op), sides->right,
                        sides->collation.empty() ? "" : " COLLATE ", sides->collation);
  return out;
}

Result<Lowered> Lowering::in_list(const sql::Expr& expr, const Scope& scope,
                                  std::string_view clause) {
  const bool is_row = expr.args[0]->kind == sql::ExprKind::row;
  Lowered out;
  out.type = integer_type();
  if (is_row) {
    for (std::size_t i = 1; i < expr.args.size(); ++i) {
      auto one = rows(sql::Operator::equal, *expr.args[0], *expr.args[i], scope, clause);
      if (!one) return one;
      out.sql += (i > 1 ? " OR " : "(") + one->sql;
    }
    out.sql += ")";
    if (expr.negated) out.sql = "(NOT " + out.sql + ")";
    return out;
  }
  auto value = expression(*expr.args[0], scope, clause);
  if (!value) return value;
  // Sides of one form share an IN; as many INs as there are forms.
  std::vector<std::pair<std::string, std::string>> groups;  // left side with its collation, list
  for (std::size_t i = 1; i < expr.args.size(); ++i) {
    auto item = expression(*expr.args[i], scope, clause);
    if (!item) return item;
    auto sides = comparable(*value, *item);
    if (!sides) return tl::unexpected(sides.error());
    const std::string left = sides->collation.empty()
                                 ? sides->left
                                 : fmt::format("{} COLLATE {}", sides->left, sides->collation);
    auto group =
        std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first == left; });
    if (group == groups.end()) {
      groups.emplace_back(left, sides->right);
    } else {
      group->second += ", " + sides->right;
    }
  }
  for (const auto& [left, list] : groups)
    out.sql += fmt::format("{}{} IN ({})", out.sql.empty() ? "" : " OR ", left, list);
  out.sql = (expr.negated ? "(NOT (" : "((") + out.sql + "))";
  return out;
}

Result<Lowered> Lowering::between(const sql::Expr& expr, const Scope& scope,
                                  std::string_view clause) {
  auto values = arguments(expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  auto low = compare(sql::Operator::greater_equal, (*values)[0], (*values)[1]);
  if (!low) return low;
  auto high = compare(sql::Operator::less_equal, (*values)[0], (*values)[2]);
  if (!high) return high;
  Lowered out;
  out.type = integer_type();
  out.sql = (expr.negated ? "(NOT (" : "((") + low->sql + " AND " + high->sql + "))";
  return out;
}

// The query behind IN, ANY and ALL, which must have one column.
Result<Lowering::OneColumn> Lowering::one_column(const sql::Expr& expr, const Scope& scope) {
  auto inner = query(*expr.query, &scope);
  if (!inner) return tl::unexpected(inner.error());
  if (inner->columns.size() != 1)
    return sql_error(1241, "Operand should contain 1 column(s)", expr.offset);
  OneColumn out{.sql = std::move(inner->sql), .alias = fmt::format("q{}", ++aliases_)};
  out.member.type = inner->columns[0].type;
  out.member.coercibility = Coercibility::column;
  out.member.sql = out.alias + ".r0";
  return out;
}

Result<Lowered> Lowering::in_query(const sql::Expr& expr, const Scope& scope,
                                   std::string_view clause) {
  if (expr.args[0]->kind == sql::ExprKind::row) return row_in_query(expr, scope, clause);
  auto value = expression(*expr.args[0], scope, clause);
  if (!value) return value;
  auto inner = one_column(expr, scope);
  if (!inner) return tl::unexpected(inner.error());
  auto sides = comparable(*value, inner->member);
  if (!sides) return tl::unexpected(sides.error());
  Lowered out;
  out.type = integer_type();
  out.sql = fmt::format("({}{}{} {}IN (SELECT {} FROM ({}) AS {}))", sides->left,
                        sides->collation.empty() ? "" : " COLLATE ", sides->collation,
                        expr.negated ? "NOT " : "", sides->right, inner->sql, inner->alias);
  return out;
}

// (a, b) IN (SELECT ...): as = ANY, pair by pair.
Result<Lowered> Lowering::row_in_query(const sql::Expr& expr, const Scope& scope,
                                       std::string_view clause) {
  const sql::ExprList parts = expr.args[0]->args;
  auto inner = query(*expr.query, &scope);
  if (!inner) return tl::unexpected(inner.error());
  if (inner->columns.size() != parts.size())
    return sql_error(1241, fmt::format("Operand should contain {} column(s)", parts.size()),
                     expr.offset);
  const std::string alias = fmt::format("q{}", ++aliases_);
  std::string equal;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto value = expression(*parts[i], scope, clause);
    if (!value) return value;
    Lowered member;
    member.type = inner->columns[i].type;
    member.coercibility = Coercibility::column;
    member.sql = fmt::format("{}.r{}", alias, i);
    auto one = compare(sql::Operator::equal, *value, member);
    if (!one) return one;
    equal += (i > 0 ? " AND " : "(") + one->sql;
  }
  equal += ")";
  Lowered out;
  out.type = integer_type();
  out.sql = fmt::format(
      "({}(SELECT CASE WHEN max({} IS 1) THEN 1 WHEN COUNT(*) > COUNT({}) THEN NULL ELSE 0 END "
      "FROM ({}) AS {}))",
      expr.negated ? "NOT " : "", equal, equal, inner->sql, alias);
  return out;
}

Result<Lowered> Lowering::quantified(const sql::Expr& expr, const Scope& scope,
                                     std::string_view clause) {
  auto value = expression(*expr.args[0], scope, clause);
  if (!value) return value;
  auto inner = one_column(expr, scope);
  if (!inner) return tl::unexpected(inner.error());
  auto compared = compare(expr.op, *value, inner->member);
  if (!compared) return compared;
  // ANY: a true one wins, then NULL, then false. ALL: a false one wins, then NULL, then true; an
  // empty set is true.
  Lowered out;
  out.type = integer_type();
  const bool any = expr.text == "ANY";
  out.sql = fmt::format(
      "(SELECT CASE WHEN max({} IS {}) THEN {} WHEN COUNT(*) > COUNT({}) THEN NULL ELSE {} END "
      "FROM ({}) AS {})",
      compared->sql, any ? 1 : 0, any ? 1 : 0, compared->sql, any ? 0 : 1, inner->sql,
      inner->alias);
  return out;
}

}  // namespace pipeline::rds::embedded
