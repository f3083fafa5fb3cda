// COUNT, SUM, AVG, MIN, MAX, GROUP_CONCAT.
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <new>

#include "pipeline/rds/embedded/collation.h"
#include "pipeline/rds/embedded/decimal.h"
#include "pipeline/rds/embedded/functions/functions.h"

namespace pipeline::rds::embedded {
namespace {

using Clause = std::string_view;

Result<std::vector<Lowered>> values_of(Lowering& lowering, const sql::Expr& expr,
                                       const Scope& scope, Clause clause) {
  if (clause == "where clause")
    return sql_error(1111, "Invalid use of group function", expr.offset);
  return lowering.arguments(expr, scope, clause);
}

Result<Lowered> lower_count(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                            Clause clause) {
  Lowered out;
  out.type = integer_type();
  if (expr.args.size() == 1 && expr.args[0]->kind == sql::ExprKind::star) {
    out.sql = "COUNT(*)";
    return out;
  }
  auto values = values_of(lowering, expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  if (values->size() != 1) return not_supported("COUNT(DISTINCT a, b)", expr.offset);
  out.sql = fmt::format("COUNT({}{})", expr.distinct ? "DISTINCT " : "",
                        lowering.collated(values->front()));
  return out;
}

Result<Lowered> lower_sum(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                          Clause clause) {
  auto values = values_of(lowering, expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  if (values->size() != 1) return wrong_count(expr);
  const Lowered number = lowering.as_number(values->front());
  const bool average = expr.text == "AVG";
  const std::string_view distinct = expr.distinct ? "DISTINCT " : "";
  Lowered out;
  if (number.kind() == Kind::real) {
    out.type = real_type();
    out.sql = fmt::format("{}({}{})", average ? "avg" : "mysql_sum_real", distinct, number.sql);
    return out;
  }
  const int scale = number.kind() == Kind::decimal ? number.type.scale : 0;
  const int digits = number.kind() == Kind::decimal ? static_cast<int>(number.type.length) : 20;
  out.type = average ? decimal_type(digits + 4, scale + 4) : decimal_type(digits + 22, scale);
  out.sql = fmt::format("mysql_{}({}{}{})", average ? "avg" : "sum", distinct,
                        lowering.collated(lowering.as_decimal(number)),
                        expr.distinct ? "" : fmt::format(", {}", out.type.scale));
  return out;
}

Result<Lowered> lower_extreme(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                              Clause clause) {
  auto values = values_of(lowering, expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  if (values->size() != 1) return wrong_count(expr);
  Lowered value = values->front();
  if (value.kind() == Kind::enumeration || value.kind() == Kind::set)
    value = lowering.as_text(value);
  Lowered out = value;
  out.is_constant = false;
  out.sql = fmt::format("{}({})", expr.text == "MIN" ? "min" : "max", lowering.collated(value));
  return out;
}

// SQLite 3.40 has no ORDER BY inside an aggregate, so the aggregate itself sorts: it is told each
// row's keys.
Result<Lowered> lower_group_concat(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                                   Clause clause) {
  auto values = values_of(lowering, expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  std::string text;
  for (const Lowered& value : *values)
    text += (text.empty() ? "" : " || ") + lowering.as_text(value).sql;
  const std::string_view separator =
      expr.group_concat ? expr.group_concat->separator.value_or(",") : ",";
  const Lowered with = lowering.constant(text_type(), Value::text(std::string(separator)));
  Lowered out;
  out.type = text_type(1024);
  out.sql = fmt::format("mysql_group_concat({}, {}, {}", text, with.sql, expr.distinct ? 1 : 0);
  if (expr.group_concat) {
    for (const sql::OrderItem& item : expr.group_concat->order_by) {
      auto key = lowering.expression(*item.expr, scope, clause);
      if (!key) return key;
      out.sql +=
          fmt::format(", {}, {}, {}", key->sql, lowering.environment().type_number(key->type),
                      item.descending ? 1 : 0);
    }
  }
  out.sql += ")";
  return out;
}

Result<Lowered> lower_any_value(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                                Clause clause) {
  auto values = lowering.arguments(expr, scope, clause);
  if (!values) return tl::unexpected(values.error());
  if (values->size() != 1) return wrong_count(expr);
  return std::move(values->front());
}

constexpr std::array aggregate_table{
    SpecialFunction{"COUNT", lower_count},
    SpecialFunction{"SUM", lower_sum},
    SpecialFunction{"AVG", lower_sum},
    SpecialFunction{"MIN", lower_extreme},
    SpecialFunction{"MAX", lower_extreme},
    SpecialFunction{"GROUP_CONCAT", lower_group_concat},
    SpecialFunction{"ANY_VALUE", lower_any_value},
};

// The state of an aggregate lives in SQLite's memory as a pointer; finish frees it.
template <class State>
State* state_of(sqlite3_context* context, bool make) {
  auto** slot = static_cast<State**>(sqlite3_aggregate_context(context, make ? sizeof(State*) : 0));
  if (!slot) return nullptr;
  if (!*slot && make) *slot = new State();
  return *slot;
}

struct Sum {
  Decimal total;
  std::int64_t count = 0;
  int scale = 0;
};

void add_decimal(sqlite3_context* context, int count, sqlite3_value** a) {
  if (sqlite3_value_type(a[0]) == SQLITE_NULL) return;
  Sum* sum = state_of<Sum>(context, true);
  const Value value = from_sqlite(a[0]);
  const Decimal number = Decimal::parse(value.bytes);
  sum->total = sum->total + number;
  sum->scale = count > 1 ? sqlite3_value_int(a[1]) : std::max(sum->scale, number.scale());
  ++sum->count;
}

void finish_sum(sqlite3_context* context) {
  Sum* sum = state_of<Sum>(context, false);
  if (!sum) return sqlite3_result_null(context);
  to_sqlite(context, Value::text(sum->total.rounded(sum->scale).text()));
  delete sum;
}

void finish_average(sqlite3_context* context) {
  Sum* sum = state_of<Sum>(context, false);
  if (!sum) return sqlite3_result_null(context);
  const int scale = std::max(sum->scale, 4);
  to_sqlite(
      context,
      Value::text(
          sum->total.divided(Decimal::from_integer(sum->count), scale + 1).rounded(scale).text()));
  delete sum;
}

struct RealSum {
  double total = 0;
};
void add_real(sqlite3_context* context, int, sqlite3_value** a) {
  if (sqlite3_value_type(a[0]) != SQLITE_NULL)
    state_of<RealSum>(context, true)->total += sqlite3_value_double(a[0]);
}
void finish_real(sqlite3_context* context) {
  RealSum* sum = state_of<RealSum>(context, false);
  if (!sum) return sqlite3_result_null(context);
  sqlite3_result_double(context, sum->total);
  delete sum;
}

struct Concat {
  struct Entry {
    std::string text;
    std::vector<Value> keys;
  };
  std::vector<Entry> entries;
  std::vector<mysql::Column> types;
  std::vector<bool> descending;
  std::string separator;
  bool distinct = false;
};

void add_text(sqlite3_context* context, int count, sqlite3_value** a) {
  if (sqlite3_value_type(a[0]) == SQLITE_NULL) return;
  const Environment& environment = *static_cast<Environment*>(sqlite3_user_data(context));
  Concat* concat = state_of<Concat>(context, true);
  if (concat->entries.empty()) {
    concat->separator = from_sqlite(a[1]).bytes;
    concat->distinct = sqlite3_value_int(a[2]) != 0;
    for (int i = 3; i + 2 < count; i += 3) {
      concat->types.push_back(
          environment.types[static_cast<std::size_t>(sqlite3_value_int64(a[i + 1]))]);
      concat->descending.push_back(sqlite3_value_int(a[i + 2]) != 0);
    }
  }
  Concat::Entry entry{from_sqlite(a[0]).bytes, {}};
  for (int i = 3; i + 2 < count; i += 3) entry.keys.push_back(from_sqlite(a[i]));
  concat->entries.push_back(std::move(entry));
}

void finish_text(sqlite3_context* context) {
  Concat* concat = state_of<Concat>(context, false);
  if (!concat) return sqlite3_result_null(context);
  std::stable_sort(concat->entries.begin(), concat->entries.end(),
                   [&](const Concat::Entry& x, const Concat::Entry& y) {
                     for (std::size_t i = 0; i < concat->types.size(); ++i) {
                       const int order = compare_values(concat->types[i], x.keys[i], y.keys[i]);
                       if (order != 0) return concat->descending[i] ? order > 0 : order < 0;
                     }
                     return false;
                   });
  std::string out;
  std::vector<std::string_view> seen;
  for (const Concat::Entry& entry : concat->entries) {
    if (concat->distinct) {
      if (std::find(seen.begin(), seen.end(), entry.text) != seen.end()) continue;
      seen.push_back(entry.text);
    }
    if (&entry != &concat->entries.front()) out += concat->separator;
    out += entry.text;
  }
  constexpr std::size_t group_concat_max_len = 1024;
  if (out.size() > group_concat_max_len) out.resize(group_concat_max_len);
  to_sqlite(context, Value::text(out));
  delete concat;
}

}  // namespace

std::span<const SpecialFunction> aggregate_functions() { return aggregate_table; }

bool is_aggregate(std::string_view name) {
  return name != "ANY_VALUE" &&
         std::any_of(aggregate_table.begin(), aggregate_table.end(),
                     [&](const SpecialFunction& function) { return function.name == name; });
}

void register_aggregates(sqlite3* database, Environment& environment) {
  const auto add = [&](const char* name, int arguments, auto step, auto finish) {
    sqlite3_create_function_v2(database, name, arguments, SQLITE_UTF8, &environment, nullptr, step,
                               finish, nullptr);
  };
  add("mysql_sum", -1, add_decimal, finish_sum);
  add("mysql_avg", -1, add_decimal, finish_average);
  add("mysql_sum_real", 1, add_real, finish_real);
  add("mysql_group_concat", -1, add_text, finish_text);
}

}  // namespace pipeline::rds::embedded
