#include "pipeline/rds/embedded/lowering.h"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/text.h"
#include "pipeline/rds/embedded/collation.h"
#include "pipeline/rds/embedded/define.h"

namespace pipeline::rds::embedded {

using sql::ExprKind;

Lowered Lowering::constant(const mysql::Column& type, Value value, Coercibility coercibility) {
  Lowered out;
  out.type = type;
  out.coercibility = coercibility;
  out.is_constant = true;
  out.constant = value;
  if (value.is_null()) {
    out.sql = "NULL";
  } else if (value.store == Value::Store::integer) {
    out.sql = std::to_string(value.integer);
    if (value.integer < 0)
      out.sql = value.integer == INT64_MIN ? "(-9223372036854775807 - 1)" : "(" + out.sql + ")";
  } else {
    parameters_.push_back({Parameter::From::constant, std::move(value), 0});
    out.sql = fmt::format("?{}", parameters_.size());
  }
  return out;
}

Lowered Lowering::parameter(const mysql::Column& type, Parameter::From from, std::uint32_t column) {
  Lowered out;
  out.type = type;
  out.coercibility = Coercibility::column;
  parameters_.push_back({from, {}, column});
  out.sql = fmt::format("?{}", parameters_.size());
  return out;
}

namespace {

// TIMESTAMP columns hold UTC; expressions see the session's zone, as a DATETIME.
Lowered in_session_zone(Lowered value, std::int64_t zone_seconds) {
  if (value.type.type != mysql::ColumnType::timestamp || zone_seconds == 0) return value;
  value.sql = fmt::format("mysql_shift({}, {}, {})", value.sql, zone_seconds, value.type.length);
  value.type.type = mysql::ColumnType::datetime;
  return value;
}

}  // namespace

ScopeTable Lowering::table_scope(const TableDefinition& table, std::string_view name,
                                 std::string_view sqlite_alias) {
  ScopeTable out;
  out.schema = table.schema->schema;
  out.name = name;
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    Lowered value;
    value.type = table.columns()[i];
    value.coercibility = Coercibility::column;
    value.sql =
        sqlite_alias.empty() ? fmt::format("c{}", i) : fmt::format("{}.c{}", sqlite_alias, i);
    out.columns.push_back({value.type.name,
                           in_session_zone(std::move(value), environment_.zone_seconds),
                           table.columns()[i].visible, false});
  }
  return out;
}

ScopeTable Lowering::row_scope(const TableDefinition& table, std::string_view name,
                               Parameter::From from) {
  ScopeTable out;
  out.schema = table.schema->schema;
  out.name = name;
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    Lowered value = parameter(table.columns()[i], from, static_cast<std::uint32_t>(i));
    out.columns.push_back({value.type.name,
                           in_session_zone(std::move(value), environment_.zone_seconds),
                           table.columns()[i].visible, false});
  }
  return out;
}

Result<Lowered> Lowering::literal(const sql::Expr& expr) {
  if (expr.kind == ExprKind::date || expr.kind == ExprKind::time ||
      expr.kind == ExprKind::datetime) {
    const mysql::ColumnType type = expr.kind == ExprKind::date   ? mysql::ColumnType::date
                                   : expr.kind == ExprKind::time ? mysql::ColumnType::time
                                                                 : mysql::ColumnType::datetime;
    const std::size_t dot = expr.text.find('.');
    const int digits = expr.kind == ExprKind::date || dot == std::string_view::npos
                           ? 0
                           : static_cast<int>(std::min<std::size_t>(6, expr.text.size() - dot - 1));
    const mysql::Column column = temporal_type(type, digits);
    std::vector<SqlError> ignored;
    CoerceContext context = environment_.coerce_context();
    context.mode.strict = true;
    context.warnings = &ignored;
    auto value = coerce(column, Value::text(std::string(expr.text)), text_type(), context);
    if (!value) {
      const std::string_view word = expr.kind == ExprKind::date   ? "DATE"
                                    : expr.kind == ExprKind::time ? "TIME"
                                                                  : "DATETIME";
      return sql_error(1525, fmt::format("Incorrect {} value: '{}'", word, expr.text), expr.offset);
    }
    return constant(column, std::move(*value));
  }
  auto value = literal_value(expr);
  if (!value) return sql_error(1105, "not a literal");
  return constant(value->type, std::move(value->value));
}

Result<Lowered> Lowering::column(const sql::Expr& expr, const Scope& scope,
                                 std::string_view clause) {
  const bool bare = expr.qualifier == nullptr;
  const auto shown = [&] {
    std::string out;
    if (!expr.schema().empty()) out += std::string(expr.schema()) + ".";
    if (!expr.table().empty()) out += std::string(expr.table()) + ".";
    return out + std::string(expr.text);
  };
  const auto alias_of = [&](const Scope& in) -> const Lowered* {
    if (!in.aliases || !bare) return nullptr;
    for (const auto& [name, value] : *in.aliases) {
      if (emulator::base::equals_ignoring_case(name, expr.text)) return &value;
    }
    return nullptr;
  };
  for (const Scope* level = &scope; level; level = level->outer) {
    if (level->aliases_first) {
      if (const Lowered* alias = alias_of(*level)) return *alias;
    }
    const Lowered* found = nullptr;
    const ScopeTable* found_in = nullptr;
    for (const ScopeTable& table : level->tables) {
      if (!bare && table.name != expr.table()) continue;
      if (!expr.schema().empty() && table.schema != expr.schema()) continue;
      for (const ScopeColumn& candidate : table.columns) {
        if (!emulator::base::equals_ignoring_case(candidate.name, expr.text)) continue;
        if (bare && candidate.joined) break;
        if (found)
          return sql_error(1052, fmt::format("Column '{}' in {} is ambiguous", shown(), clause),
                           expr.offset);
        found = &candidate.value;
        found_in = &table;
        break;
      }
    }
    if (found) {
      Lowered out = *found;
      out.shown = found_in->schema.empty()
                      ? quoted(found_in->name)
                      : quoted(found_in->schema) + "." + quoted(found_in->name);
      out.shown +=
          "." + quoted(out.type.name.empty() ? expr.text : std::string_view(out.type.name));
      return out;
    }
    if (const Lowered* alias = alias_of(*level)) return *alias;
  }
  return sql_error(1054, fmt::format("Unknown column '{}' in '{}'", shown(), clause), expr.offset);
}

Result<std::vector<Lowered>> Lowering::arguments(const sql::Expr& expr, const Scope& scope,
                                                 std::string_view clause) {
  std::vector<Lowered> out;
  out.reserve(expr.args.size());
  for (const sql::ExprPtr argument : expr.args) {
    auto lowered = expression(*argument, scope, clause);
    if (!lowered) return tl::unexpected(lowered.error());
    out.push_back(std::move(*lowered));
  }
  return out;
}

Lowered Lowering::call(std::string_view function, std::initializer_list<std::string_view> arguments,
                       const mysql::Column& type) {
  Lowered out;
  out.type = type;
  out.sql = fmt::format("{}(", function);
  bool first = true;
  for (std::string_view argument : arguments) {
    if (!first) out.sql += ", ";
    out.sql += argument;
    first = false;
  }
  out.sql += ")";
  return out;
}

Result<Lowered> Lowering::expression(const sql::Expr& expr, const Scope& scope,
                                     std::string_view clause) {
  switch (expr.kind) {
    case ExprKind::null:
    case ExprKind::boolean:
    case ExprKind::integer:
    case ExprKind::decimal:
    case ExprKind::real:
    case ExprKind::string:
    case ExprKind::hex:
    case ExprKind::bit:
    case ExprKind::introduced:
    case ExprKind::date:
    case ExprKind::time:
    case ExprKind::datetime:
      return literal(expr);
    case ExprKind::column:
      return column(expr, scope, clause);
    case ExprKind::user_variable:
    case ExprKind::system_variable:
    case ExprKind::assign:
      return variable(expr, scope, clause);
    case ExprKind::unary:
      return unary(expr, scope, clause);
    case ExprKind::binary:
      return binary(expr, scope, clause);
    case ExprKind::logical_and:
    case ExprKind::logical_or:
      return logical(expr, scope, clause);
    case ExprKind::is_null:
    case ExprKind::is_true:
    case ExprKind::is_false:
    case ExprKind::is_unknown:
      return truth(expr, scope, clause);
    case ExprKind::between:
      return between(expr, scope, clause);
    case ExprKind::in_list:
      return in_list(expr, scope, clause);
    case ExprKind::in_query:
      return in_query(expr, scope, clause);
    case ExprKind::quantified:
      return quantified(expr, scope, clause);
    case ExprKind::like:
      return like(expr, scope, clause);
    case ExprKind::regexp:
      return regexp(expr, scope, clause);
    case ExprKind::case_when:
      return case_when(expr, scope, clause);
    case ExprKind::cast:
    case ExprKind::convert_using:
      return cast(expr, scope, clause);
    case ExprKind::collate:
      return collate(expr, scope, clause);
    case ExprKind::function:
      return lower_function(*this, expr, scope, clause);
    case ExprKind::subquery:
    case ExprKind::exists:
      return subquery(expr, scope);
    case ExprKind::placeholder:
      return not_supported("placeholders outside prepared statements", expr.offset);
    case ExprKind::default_of:
    case ExprKind::default_keyword:
      return not_supported("DEFAULT inside an expression", expr.offset);
    case ExprKind::values_of: {
      if (!values_) return constant(null_type(), Value::null());
      Scope values;
      values.tables.push_back(*values_);
      return column(*expr.args[0], values, clause);
    }
    case ExprKind::row:
      return sql_error(1241, "Operand should contain 1 column(s)", expr.offset);
    case ExprKind::star:
    case ExprKind::interval:
    case ExprKind::keyword:
      break;
  }
  return sql_error(1064, "You have an error in your SQL syntax", expr.offset);
}

Result<Lowered> Lowering::variable(const sql::Expr& expr, const Scope& scope,
                                   std::string_view clause) {
  if (expr.kind == ExprKind::assign) {
    auto value = expression(*expr.args[0], scope, clause);
    if (!value) return value;
    const Lowered name = constant(text_type(), Value::text(emulator::base::to_lower(expr.text)));
    assigned_[name.constant.bytes] = value->type;
    return call("mysql_assign",
                {name.sql, value->sql, std::to_string(environment_.type_number(value->type))},
                value->type);
  }
  if (expr.kind == ExprKind::user_variable) {
    const std::string name = emulator::base::to_lower(expr.text);
    if (environment_.text.find(":=") !=
        std::string_view::npos) {  // the statement may assign it: read it row by row
      mysql::Column type = text_type();
      if (environment_.user_variables && environment_.user_variables->contains(name))
        type = environment_.user_variables->at(name).type;
      if (const auto assigned = assigned_.find(name); assigned != assigned_.end())
        type = assigned->second;
      return call("mysql_variable",
                  {constant(text_type(), Value::text(name)).sql,
                   std::to_string(environment_.type_number(type))},
                  type);
    }
    if (environment_.user_variables) {
      const auto found = environment_.user_variables->find(name);
      if (found != environment_.user_variables->end())
        return constant(found->second.type, found->second.value, Coercibility::column);
    }
    return constant(null_type(), Value::null());
  }
  auto found = environment_.system_variable(expr.text, expr.scope);
  if (!found)
    return sql_error(1193, fmt::format("Unknown system variable '{}'", expr.text), expr.offset);
  return constant(found->type, std::move(found->value), Coercibility::system);
}

Result<Lowered> Lowering::unary(const sql::Expr& expr, const Scope& scope,
                                std::string_view clause) {
  if (auto value = literal_value(expr)) return constant(value->type, std::move(value->value));
  auto operand = expression(*expr.args[0], scope, clause);
  if (!operand) return operand;
  switch (expr.op) {
    case sql::Operator::plus_sign:
      return operand;
    case sql::Operator::minus_sign:
      return arithmetic(sql::Operator::subtract,
                        constant(integer_type(), Value::of(std::int64_t{0})), *operand);
    case sql::Operator::bit_invert:
      return call("mysql_bits", {"'~'", as_integer(*operand).sql, "0"}, integer_type(true));
    default:
      break;
  }
  Lowered out;
  out.type = integer_type();
  out.sql = fmt::format("(NOT {})", operand->sql);
  return out;
}

Result<Lowered> Lowering::binary(const sql::Expr& expr, const Scope& scope,
                                 std::string_view clause) {
  using sql::Operator;
  const sql::Expr& left = *expr.args[0];
  const sql::Expr& right = *expr.args[1];
  if (expr.op == Operator::add && left.kind == ExprKind::interval) {
    auto date = expression(right, scope, clause);
    return date ? date_arithmetic(*date, left, false, scope, clause) : date;
  }
  const bool with_row = left.kind == ExprKind::row || right.kind == ExprKind::row;
  if (with_row && expr.op >= Operator::equal && expr.op <= Operator::greater_equal)
    return rows(expr.op, left, right, scope, clause);
  auto a = expression(left, scope, clause);
  if (!a) return a;
  if ((expr.op == Operator::add || expr.op == Operator::subtract) &&
      right.kind == ExprKind::interval)
    return date_arithmetic(*a, right, expr.op == Operator::subtract, scope, clause);
  auto b = expression(right, scope, clause);
  if (!b) return b;
  switch (expr.op) {
    case Operator::equal:
    case Operator::null_safe_equal:
    case Operator::not_equal:
    case Operator::less:
    case Operator::less_equal:
    case Operator::greater:
    case Operator::greater_equal:
      return compare(expr.op, *a, *b);
    case Operator::add:
    case Operator::subtract:
    case Operator::multiply:
    case Operator::divide:
    case Operator::integer_divide:
    case Operator::modulo:
      return arithmetic(expr.op, *a, *b);
    case Operator::bit_or:
    case Operator::bit_and:
    case Operator::bit_xor:
    case Operator::shift_left:
    case Operator::shift_right:
      return call(
          "mysql_bits",
          {fmt::format("'{}'", sql::spelling(expr.op)), as_integer(*a).sql, as_integer(*b).sql},
          integer_type(true));
    case Operator::logical_xor: {
      Lowered out;
      out.type = integer_type();
      out.sql = fmt::format("((NOT {}) <> (NOT {}))", a->sql, b->sql);
      return out;
    }
    case Operator::concat: {
      Lowered out;
      out.type = text_type(a->type.length / 4 + b->type.length / 4);
      out.sql = fmt::format("({} || {})", as_text(*a).sql, as_text(*b).sql);
      return out;
    }
    default:
      return not_supported(fmt::format("operator {}", sql::spelling(expr.op)), expr.offset);
  }
}

Result<Lowered> Lowering::rows(sql::Operator op, const sql::Expr& left, const sql::Expr& right,
                               const Scope& scope, std::string_view clause) {
  if (left.kind != ExprKind::row || right.kind != ExprKind::row)
    return not_supported("comparing a row with a subquery", left.offset);
  if (left.args.size() != right.args.size())
    return sql_error(1241, fmt::format("Operand should contain {} column(s)", left.args.size()),
                     right.offset);
  const bool strict_order = op == sql::Operator::less || op == sql::Operator::greater;
  const bool loose_order = op == sql::Operator::less_equal || op == sql::Operator::greater_equal;
  Lowered out;
  out.type = integer_type();
  if (strict_order || loose_order) {  // (a, b) < (c, d): a < c OR (a = c AND b < d)
    const sql::Operator strict = op == sql::Operator::less || op == sql::Operator::less_equal
                                     ? sql::Operator::less
                                     : sql::Operator::greater;
    std::string closing;
    for (std::size_t i = 0; i < left.args.size(); ++i) {
      auto a = expression(*left.args[i], scope, clause);
      if (!a) return a;
      auto b = expression(*right.args[i], scope, clause);
      if (!b) return b;
      const bool last = i + 1 == left.args.size();
      auto before = compare(last ? op : strict, *a, *b);
      if (!before) return before;
      auto equal = compare(sql::Operator::equal, *a, *b);
      if (!equal) return equal;
      out.sql += last ? before->sql : fmt::format("({} OR ({} AND ", before->sql, equal->sql);
      if (!last) closing += "))";
    }
    out.sql += closing;
    return out;
  }
  const std::string_view joint = op == sql::Operator::not_equal ? " OR " : " AND ";
  for (std::size_t i = 0; i < left.args.size(); ++i) {
    auto a = expression(*left.args[i], scope, clause);
    if (!a) return a;
    auto b = expression(*right.args[i], scope, clause);
    if (!b) return b;
    auto one = compare(op, *a, *b);
    if (!one) return one;
    out.sql += (i > 0 ? std::string(joint) : std::string("(")) + one->sql;
  }
  out.sql += ")";
  return out;
}

Result<Lowered> Lowering::collate(const sql::Expr& expr, const Scope& scope,
                                  std::string_view clause) {
  auto operand = expression(*expr.args[0], scope, clause);
  if (!operand) return operand;
  const std::uint32_t id = collation_of_name(expr.text);
  if (id == 0)
    return sql_error(1273, fmt::format("Unknown collation: '{}'", expr.text), expr.offset);
  Lowered out = as_text(*operand);
  out.type.collation = id;
  out.coercibility = Coercibility::stated;
  return out;
}

}  // namespace pipeline::rds::embedded
