// SELECT, UNION, FROM and what hangs on them.
#include <fmt/format.h>

#include <algorithm>

#include "pipeline/rds/sql/grammar.h"

namespace pipeline::rds::sql {

StatementBody Grammar::select_statement() { return SelectStatement{query()}; }

StatementBody Grammar::do_() {
  advance();
  Do out;
  out.expressions = expression_list();
  return out;
}

// ---- Queries ----

bool Grammar::at_query() const { return at_any({"SELECT", "WITH", "TABLE"}); }

// The tokens "(" "(" ... "SELECT" begin a query if nothing but a query goes on behind the innermost
// parenthesis: `((SELECT 1) + 1)` is an expression, `((SELECT 1) UNION (SELECT 2))` a query.
bool Grammar::query_ahead() {
  if (!at("(")) return false;
  Token token = peek();
  Lexer ahead = lexer_;
  int open = 1;
  for (; token.terminal == Terminal("("); ++open) {
    if (open > max_depth) return false;
    token = ahead.next();
  }
  if (token.terminal != Terminal("SELECT") && token.terminal != Terminal("WITH")) return false;
  if (open == 1) return true;
  for (int inner = 1; inner > 0;) {
    token = ahead.next();
    if (token.kind == TokenKind::end || token.kind == TokenKind::bad) return true;
    if (token.terminal == Terminal("(")) ++inner;
    if (token.terminal == Terminal(")")) --inner;
  }
  const Terminal next = ahead.next().terminal;
  static constexpr std::array goes_on =
      std::to_array<Terminal>({")", "UNION", "EXCEPT", "INTERSECT", "ORDER", "LIMIT", "FOR"});
  return std::find(goes_on.begin(), goes_on.end(), next) != goes_on.end();
}

const Query* Grammar::parenthesised_query() {
  expect("(");
  const Query* out = query();
  expect(")");
  return out;
}

const Query* Grammar::query() {
  const Level level(*this);
  const std::size_t outer_deepest = std::exchange(deepest_, 0);
  Query* out = arena_.make_query();
  out->offset = token_.offset;
  query_term(out->terms.emplace_back());
  while (at_any({"UNION", "EXCEPT", "INTERSECT"})) {
    if (!at("UNION")) unsupported(token_.terminal.text());
    advance();
    QueryTerm& term = out->terms.emplace_back();
    term.all = accept("ALL");
    if (!term.all) accept("DISTINCT");
    query_term(term);
  }
  out->order_by = optional_order_by();
  out->limit = optional_limit();
  locking(*out);
  out->end = last_end_;
  out->depth = static_cast<std::uint16_t>(std::min<std::size_t>(deepest_ + 1, max_depth + 1));
  note_depth(std::max(outer_deepest, deepest_ + 1));
  return out;
}

void Grammar::query_term(QueryTerm& term) {
  if (at("(")) {
    term.nested = parenthesised_query();
    return;
  }
  if (at("WITH")) unsupported("WITH (common table expressions)");
  if (at_any({"TABLE", "VALUES"}))
    unsupported(fmt::format("{} as a query", token_.terminal.text()));
  select(term.select);
}

void Grammar::select(Select& select) {
  select.offset = token_.offset;
  expect("SELECT");
  select_options(select);
  do {
    select_item(select);
  } while (accept(","));
  if (at("INTO")) unsupported("SELECT ... INTO");
  if (accept("FROM") && !accept("DUAL")) select.from = table_references();
  select.where = optional_where();
  if (accept("GROUP")) {
    expect("BY");
    select.group_by = order_items();
    if (accept("WITH")) {
      expect("ROLLUP");
      select.with_rollup = true;
    }
  }
  if (accept("HAVING")) select.having = expression();
  if (at("WINDOW")) unsupported("window functions");
  if (at("QUALIFY")) unsupported("QUALIFY");
}

void Grammar::select_options(Select& select) {
  for (;; advance()) {
    if (at_any({"DISTINCT", "DISTINCTROW"})) {
      select.distinct = true;
    } else if (at("SQL_CALC_FOUND_ROWS")) {
      unsupported("SQL_CALC_FOUND_ROWS");
    } else if (!at_any({"ALL", "HIGH_PRIORITY", "STRAIGHT_JOIN", "SQL_SMALL_RESULT",
                        "SQL_BIG_RESULT", "SQL_BUFFER_RESULT", "SQL_NO_CACHE"})) {
      return;
    }
  }
}

void Grammar::select_item(Select& select) {
  SelectItem item;
  const std::uint32_t begin = token_.offset;
  if (at("*")) {
    if (!select.items.empty()) fail_here();  // a lone * stands first (manual, "SELECT Statement")
    advance();
    item.expr = done(node(ExprKind::star, begin));
  } else if (at_identifier() && next_is(".")) {
    item.expr = table_wild();
  }
  if (!item.expr) {
    item.expr = expression();
    if (accept("AS")) {
      item.alias = identifier_or_string();
    } else if (at_identifier() || at(TokenKind::string)) {
      item.alias = identifier_or_string();
    }
  }
  if (failed()) return;
  item.name = item.alias.empty() ? item_name(item.expr, begin) : item.alias;
  select.items.push_back(item);
}

// t.* or d.t.*; nullptr, and nothing read, if something else stands here.
ExprPtr Grammar::table_wild() {
  peek();  // the dot
  Lexer ahead = lexer_;
  Token token = ahead.next();
  if (token.kind == TokenKind::name || token.kind == TokenKind::quoted_name) {
    if (ahead.next().terminal != Terminal(".")) return nullptr;
    token = ahead.next();
  }
  if (token.terminal != Terminal("*")) return nullptr;
  Expr* out = node(ExprKind::star, token_.offset);
  auto* qualifier = arena_.make<Qualifier>();
  qualifier->table = identifier_text();
  expect(".");
  if (!at("*")) {
    qualifier->schema = qualifier->table;
    qualifier->table = identifier_text();
    expect(".");
  }
  expect("*");
  out->qualifier = qualifier;
  return done(out);
}

namespace {

// /*!80000 1 + */ 1 is named "1 +  1": the marks of versioned comments go, other comments stay.
std::string_view without_version_marks(std::string_view text, Arena& arena) {
  if (text.find("*/") == std::string_view::npos) return text;
  std::string out;
  bool in_comment = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    if (!in_comment && rest.starts_with("/*!")) {
      at += 3;
      while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
      continue;
    }
    if (rest.starts_with("*/")) {
      if (in_comment) out += "*/";
      in_comment = false;
      at += 2;
      continue;
    }
    in_comment = in_comment || rest.starts_with("/*");
    out += text[at++];
  }
  return arena.text(out);
}

}  // namespace

std::string_view Grammar::item_name(ExprPtr expr, std::uint32_t begin) {
  // A plus sign leaves no node behind in MySQL: +id is named id.
  if (expr->op == Operator::plus_sign && expr->kind == ExprKind::unary &&
      expr->args[0]->kind == ExprKind::column)
    expr = expr->args[0];
  if (expr->kind == ExprKind::column) return expr->text;
  if (expr->kind == ExprKind::null) return "NULL";
  if (expr->kind == ExprKind::introduced && expr->args[0]->kind == ExprKind::string)
    expr = expr->args[0];
  if (expr->kind != ExprKind::string)
    return without_version_marks(text_.substr(begin, last_end_ - begin), arena_);
  // Of joined literals the first one gives the name, up to a zero byte.
  const Token first = Lexer(text_.substr(expr->offset, expr->end - expr->offset), options_).next();
  const std::string_view value = first.kind == TokenKind::string ? value_of(first) : expr->text;
  return value.substr(0, value.find('\0'));
}

void Grammar::locking(Query& query) {
  if (at("INTO")) unsupported("SELECT ... INTO");
  while (at_any({"FOR", "LOCK"})) {
    const bool modern = at("FOR");
    advance();
    if (modern) {
      query.lock = accept("SHARE") ? RowLock::share : RowLock::update;
      if (query.lock == RowLock::update) expect("UPDATE");
      if (accept("OF")) {
        do {
          table_name();
        } while (accept(","));
      }
      if (!accept("NOWAIT") && accept("SKIP")) expect("LOCKED");
    } else {
      query.lock = RowLock::share;
      expect("IN");
      expect("SHARE");
      expect("MODE");
    }
  }
  if (at("INTO")) unsupported("SELECT ... INTO");
}

std::vector<OrderItem> Grammar::order_items() {
  std::vector<OrderItem> out;
  do {
    OrderItem item;
    item.expr = expression();
    item.descending = accept("DESC");
    if (!item.descending) accept("ASC");
    out.push_back(item);
  } while (accept(","));
  return out;
}

std::vector<OrderItem> Grammar::optional_order_by() {
  if (!accept("ORDER")) return {};
  expect("BY");
  return order_items();
}

Limit Grammar::optional_limit() {
  Limit out;
  if (!accept("LIMIT")) return out;
  out.count = limit_value();
  if (accept(",")) {
    out.offset = out.count;
    out.count = limit_value();
  } else if (accept("OFFSET")) {
    out.offset = limit_value();
  }
  return out;
}

ExprPtr Grammar::limit_value() {
  if (at("?")) return symbol_primary();
  const ExprPtr out = at(TokenKind::integer) ? literal() : nullptr;
  if (!out || out->kind != ExprKind::integer) fail_here();
  return out;
}

ExprPtr Grammar::optional_where() { return accept("WHERE") ? expression() : nullptr; }

// ---- FROM ----

const TableReference* Grammar::make_join(TableReference join) {
  auto* out = arena_.make<TableReference>();
  *out = join;
  out->kind = TableReference::Kind::join;
  if (out->left && out->right) {
    out->offset = out->left->offset;
    out->depth = static_cast<std::uint16_t>(std::max(out->left->depth, out->right->depth) + 1);
  }
  if (out->on) out->depth = std::max(out->depth, out->on->depth);
  note_depth(out->depth);
  return out;
}

const TableReference* Grammar::table_references() {
  const TableReference* left = joined_table();
  while (accept(",")) {
    TableReference comma;
    comma.left = left;
    comma.right = joined_table();
    left = make_join(comma);
  }
  return left;
}

bool Grammar::at_join() const {
  return at_any({"JOIN", "INNER", "CROSS", "LEFT", "RIGHT", "NATURAL", "STRAIGHT_JOIN"});
}

const TableReference* Grammar::joined_table() {
  const TableReference* left = table_factor();
  while (at_join()) left = join(left);
  return left;
}

const TableReference* Grammar::join(const TableReference* left) {
  const Level level(*this);
  TableReference out;
  out.left = left;
  out.natural = accept("NATURAL");
  out.straight = !out.natural && accept("STRAIGHT_JOIN");
  const bool outer = at_any({"LEFT", "RIGHT"});
  if (outer) {
    out.join = at("LEFT") ? JoinKind::left : JoinKind::right;
    advance();
    accept("OUTER");
  } else if (!out.straight && !accept("INNER") && !out.natural) {
    accept("CROSS");
  }
  if (!out.straight) expect("JOIN");
  out.right = table_factor();
  if (out.natural) return make_join(out);
  // An outer join has a condition: a join that comes first belongs to its right side.
  while (outer && at_join()) out.right = join(out.right);
  if (accept("ON")) {
    out.on = expression();
  } else if (accept("USING")) {
    out.using_columns = name_views(parenthesised_names());
  } else if (outer) {
    fail_here();
  }
  return make_join(out);
}

Names Grammar::name_views(const std::vector<ColumnName>& names) {
  std::vector<std::string_view> views;
  views.reserve(names.size());
  for (const ColumnName& name : names) views.push_back(name.name);
  return arena_.list(std::span<const std::string_view>(views));
}

const TableReference* Grammar::table_factor() {
  const Level level(*this);
  if (at("LATERAL")) unsupported("LATERAL");
  if (at("JSON_TABLE")) unsupported("JSON_TABLE");
  if (query_ahead()) return derived_table();
  if (!accept("(")) return named_table();
  const TableReference* inside = table_references();
  expect(")");
  return inside;
}

const TableReference* Grammar::derived_table() {
  auto* out = arena_.make<TableReference>();
  out->kind = TableReference::Kind::derived;
  out->offset = token_.offset;
  out->query = parenthesised_query();
  out->alias = optional_table_alias();
  if (failed()) return nullptr;
  if (out->alias.empty()) {
    fail(sql_error(1248, "Every derived table must have its own alias", out->offset));
    return nullptr;
  }
  if (at("(")) out->column_aliases = name_views(parenthesised_names());
  if (out->query) out->depth = static_cast<std::uint16_t>(out->query->depth + 1);
  note_depth(out->depth);
  return out;
}

const TableReference* Grammar::named_table() {
  auto* out = arena_.make<TableReference>();
  out->offset = token_.offset;
  out->table = table_name();
  if (at("PARTITION")) unsupported("PARTITION");
  out->alias = optional_table_alias();
  index_hints();
  if (at("TABLESAMPLE")) unsupported("TABLESAMPLE");
  return out;
}

std::string_view Grammar::optional_table_alias() {
  if (accept("AS") || at_identifier()) return identifier_text();
  return {};
}

// USE INDEX (a), IGNORE KEY FOR JOIN (b): they change plans, not rows.
void Grammar::index_hints() {
  while (at_any({"USE", "IGNORE", "FORCE"})) {
    const bool use = accept("USE");
    if (!use) advance();
    if (!accept("INDEX")) expect("KEY");
    if (accept("FOR")) {
      if (accept("ORDER") || accept("GROUP")) {
        expect("BY");
      } else {
        expect("JOIN");
      }
    }
    expect("(");
    for (bool more = !at(")") || !use; more; more = accept(",")) {
      if (!accept("PRIMARY")) identifier();
    }
    expect(")");
  }
}

}  // namespace pipeline::rds::sql
