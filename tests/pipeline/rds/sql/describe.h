#pragma once
// Trees as text, so that a test reads like the tree: "1 + 2 * 3" is (+ 1 (* 2 3)).

#include <string>
#include <string_view>

#include "emulator/base/text.h"
#include "pipeline/rds/sql/parser.h"

namespace pipeline::rds::sql {

inline std::string describe(ExprPtr expr);
inline std::string describe(const TableReference& table);
inline std::string describe(const Query& query);
inline std::string list(std::string_view head, ExprList args) {
  std::string out = "(" + std::string(head);
  for (ExprPtr arg : args) out += " " + describe(arg);
  return out + ")";
}

inline std::string dotted(const Expr& expr) {
  std::string out;
  if (!expr.schema().empty()) out += std::string(expr.schema()) + ".";
  if (!expr.table().empty()) out += std::string(expr.table()) + ".";
  return out;
}

inline std::string with_query(std::string head, const Expr& expr) {
  head.insert(head.begin(), '(');
  for (ExprPtr arg : expr.args) head += " " + describe(arg);
  return head + " " + describe(*expr.query) + ")";
}

inline std::string function(const Expr& expr) {
  std::string head(expr.text);
  if (expr.distinct) head += " distinct";
  std::string out = list(head, expr.args);
  if (!expr.group_concat) return out;
  out.pop_back();
  for (const OrderItem& item : expr.group_concat->order_by)
    out += " by " + describe(item.expr) + (item.descending ? " desc" : "");
  if (expr.group_concat->separator)
    out += " separator '" + std::string(*expr.group_concat->separator) + "'";
  return out + ")";
}

inline std::string order(const std::vector<OrderItem>& items) {
  std::string out;
  for (const OrderItem& item : items)
    out += " " + describe(item.expr) + (item.descending ? " desc" : "");
  return out;
}

inline std::string describe(const Select& select) {
  std::string out = select.distinct ? "select distinct" : "select";
  for (const SelectItem& item : select.items) {
    out += " " + describe(item.expr);
    if (!item.alias.empty()) out += ":" + std::string(item.alias);
  }
  if (select.from) out += " from " + describe(*select.from);
  if (select.where) out += " where " + describe(select.where);
  if (!select.group_by.empty())
    out += " group" + order(select.group_by) + (select.with_rollup ? " rollup" : "");
  if (select.having) out += " having " + describe(select.having);
  return out;
}

inline std::string describe(ExprPtr expr) {
  if (!expr) return "-";
  const Expr& e = *expr;
  const std::string text(e.text);
  const std::string no = e.negated ? "not-" : "";
  switch (e.kind) {
    case ExprKind::null:
      return "null";
    case ExprKind::boolean:
      return text == "1" ? "true" : "false";
    case ExprKind::integer:
      return text;
    case ExprKind::decimal:
      return text + "d";
    case ExprKind::real:
      return text + "r";
    case ExprKind::string:
      return "'" + text + "'";
    case ExprKind::hex:
      return "x" + emulator::base::to_hex(text);
    case ExprKind::bit:
      return "b" + emulator::base::to_hex(text);
    case ExprKind::date:
      return "date'" + text + "'";
    case ExprKind::time:
      return "time'" + text + "'";
    case ExprKind::datetime:
      return "datetime'" + text + "'";
    case ExprKind::introduced:
      return "_" + text + describe(e.args[0]);
    case ExprKind::column:
      return dotted(e) + text;
    case ExprKind::star:
      return dotted(e) + "*";
    case ExprKind::user_variable:
      return "@" + text;
    case ExprKind::system_variable:
      return (e.scope == Scope::global    ? "@@global."
              : e.scope == Scope::session ? "@@session."
                                          : "@@") +
             text;
    case ExprKind::placeholder:
      return "?";
    case ExprKind::default_keyword:
      return "default";
    case ExprKind::default_of:
      return list("default-of", e.args);
    case ExprKind::values_of:
      return list("values", e.args);
    case ExprKind::unary:
    case ExprKind::binary:
      return list(spelling(e.op), e.args);
    case ExprKind::logical_and:
      return list("and", e.args);
    case ExprKind::logical_or:
      return list("or", e.args);
    case ExprKind::is_null:
      return list(no + "null?", e.args);
    case ExprKind::is_true:
      return list(no + "true?", e.args);
    case ExprKind::is_false:
      return list(no + "false?", e.args);
    case ExprKind::is_unknown:
      return list(no + "unknown?", e.args);
    case ExprKind::between:
      return list(no + "between", e.args);
    case ExprKind::in_list:
      return list(no + "in", e.args);
    case ExprKind::in_query:
      return with_query(no + "in", e);
    case ExprKind::like:
      return list(no + "like", e.args);
    case ExprKind::regexp:
      return list(no + "regexp", e.args);
    case ExprKind::quantified:
      return with_query(std::string(spelling(e.op)) + text, e);
    case ExprKind::assign:
      return list("@" + text + " :=", e.args);
    case ExprKind::collate:
      return list("collate " + text, e.args);
    case ExprKind::interval:
      return list("interval " + text, e.args);
    case ExprKind::function:
      return function(e);
    case ExprKind::keyword:
      return text;
    case ExprKind::cast:
      return list("cast " + column_type(*e.type), e.args);
    case ExprKind::convert_using:
      return list("using " + text, e.args);
    case ExprKind::case_when:
      return list("case", e.args);
    case ExprKind::row:
      return list("row", e.args);
    case ExprKind::subquery:
      return "(" + describe(*e.query) + ")";
    case ExprKind::exists:
      return with_query("exists", e);
  }
  return "?!";
}

inline std::string describe(const TableReference& table) {
  std::string out;
  switch (table.kind) {
    case TableReference::Kind::table:
      out = (table.table.schema.empty() ? "" : std::string(table.table.schema) + ".") +
            std::string(table.table.name);
      break;
    case TableReference::Kind::derived:
      out = "(" + describe(*table.query) + ")";
      break;
    case TableReference::Kind::join: {
      const char* kind = table.join == JoinKind::inner  ? "join"
                         : table.join == JoinKind::left ? "left"
                                                        : "right";
      out = std::string("(") + (table.natural ? "natural-" : "") + kind + " " +
            describe(*table.left) + " " + describe(*table.right);
      if (table.on) out += " on " + describe(table.on);
      for (std::string_view name : table.using_columns) out += " using " + std::string(name);
      return out + ")";
    }
  }
  if (!table.alias.empty()) out += ":" + std::string(table.alias);
  for (std::string_view name : table.column_aliases) out += "," + std::string(name);
  return out;
}

inline std::string describe(const Query& query) {
  std::string out;
  for (const QueryTerm& term : query.terms) {
    if (!out.empty()) out += term.all ? " union all " : " union ";
    out += term.nested ? "{" + describe(*term.nested) + "}" : describe(term.select);
  }
  if (!query.order_by.empty()) out += " order" + order(query.order_by);
  if (query.limit.count) out += " limit " + describe(query.limit.count);
  if (query.limit.offset) out += " offset " + describe(query.limit.offset);
  if (query.lock != RowLock::none)
    out += query.lock == RowLock::update ? " for update" : " for share";
  return out;
}

// Parses and describes; the error's text if it does not parse.
inline std::string expression(std::string_view sql, const ParseOptions& options = {}) {
  const auto statement = parse_expression(sql, options);
  return statement ? describe(statement->as<Do>()->expressions[0]) : statement.error().text();
}

inline std::string query(std::string_view sql) {
  const auto statement = parse(sql);
  if (!statement) return statement.error().text();
  const auto* select = statement->as<SelectStatement>();
  return select ? describe(*select->query) : "not a query";
}

// "1064 near 'x' at line 1", "1235 CALL", "none"
inline std::string error_of(std::string_view sql, const ParseOptions& options = {}) {
  const auto statement = parse(sql, options);
  if (statement) return "none";
  const std::string& message = statement.error().message;
  std::size_t begin = message.find("near '");
  std::size_t end = message.size();
  if (statement.error().code == 1235) {
    begin = message.find(" '") + 2;
    end = message.find('\'', begin);
  } else if (begin == std::string::npos) {
    begin = 0;
  }
  return std::to_string(statement.error().code) + " " + message.substr(begin, end - begin);
}

}  // namespace pipeline::rds::sql
