#include "pipeline/rds/embedded/target_check.h"

#include <algorithm>

#include "emulator/base/text.h"
#include "pipeline/rds/embedded/define.h"
#include "pipeline/rds/embedded/functions/functions.h"

namespace pipeline::rds::embedded {
namespace {

using emulator::base::equals_ignoring_case;
using sql::ExprKind;
using sql::TableReference;

bool reads(const sql::Query& query, const TargetTable& target);

bool reads(const TableReference& reference, const TargetTable& target) {
  switch (reference.kind) {
    case TableReference::Kind::table: {
      const std::string_view schema =
          reference.table.schema.empty() ? target.current_schema : reference.table.schema;
      return reference.table.name == target.name && schema == target.schema;
    }
    case TableReference::Kind::join:
      return reads(*reference.left, target) || reads(*reference.right, target) ||
             reads_target(reference.on, target);
    case TableReference::Kind::derived:
      break;
  }
  return false;
}

bool reads(const sql::Query& query, const TargetTable& target) {
  return std::any_of(query.terms.begin(), query.terms.end(), [&](const sql::QueryTerm& term) {
    if (term.nested) return reads(*term.nested, target);
    const sql::Select& select = term.select;
    return (select.from && reads(*select.from, target)) || reads_target(select.where, target) ||
           reads_target(select.having, target) ||
           std::any_of(select.items.begin(), select.items.end(), [&](const sql::SelectItem& item) {
             return reads_target(item.expr, target);
           });
  });
}

bool same_column(const sql::Expr& a, const sql::Expr& b) {
  return a.kind == ExprKind::column && equals_ignoring_case(a.text, b.text) &&
         (a.table().empty() || b.table().empty() || a.table() == b.table());
}

}  // namespace

bool reads_target(sql::ExprPtr expr, const TargetTable& target) {
  if (!expr) return false;
  if (expr->query && reads(*expr->query, target)) return true;
  return std::any_of(expr->args.begin(), expr->args.end(),
                     [&](const sql::ExprPtr part) { return reads_target(part, target); });
}

sql::ExprPtr bare_column(const sql::Expr& expr) {
  if (expr.kind == ExprKind::column) return &expr;
  if (expr.kind == ExprKind::function && (is_aggregate(expr.text) || expr.text == "ANY_VALUE"))
    return nullptr;
  for (const sql::ExprPtr part : expr.args) {
    const sql::ExprPtr found = part ? bare_column(*part) : nullptr;
    if (found) return found;
  }
  return nullptr;
}

bool is_pinned(sql::ExprPtr where, const sql::Expr& column) {
  if (!where) return false;
  if (where->kind == ExprKind::logical_and)
    return std::any_of(where->args.begin(), where->args.end(),
                       [&](const sql::ExprPtr part) { return is_pinned(part, column); });
  if (where->kind != ExprKind::binary || where->op != sql::Operator::equal) return false;
  const sql::Expr& left = *where->args[0];
  const sql::Expr& right = *where->args[1];
  return (same_column(left, column) && literal_value(right)) ||
         (same_column(right, column) && literal_value(left));
}

}  // namespace pipeline::rds::embedded
