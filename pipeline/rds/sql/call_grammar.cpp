// Calls: the plain ones, and those with a syntax of their own (manual, "Function Name Parsing and
// Resolution").
#include <algorithm>

#include "emulator/base/text.h"
#include "pipeline/rds/sql/grammar.h"

namespace pipeline::rds::sql {
namespace {

struct Synonym {
  std::string_view name;
  std::string_view canonical;
};
constexpr std::array synonyms = std::to_array<Synonym>({
    {"CHARACTER_LENGTH", "CHAR_LENGTH"},
    {"DAYOFMONTH", "DAY"},
    {"LCASE", "LOWER"},
    {"MID", "SUBSTRING"},
    {"OCTET_LENGTH", "LENGTH"},
    {"POWER", "POW"},
    {"CEILING", "CEIL"},
    {"SCHEMA", "DATABASE"},
    {"SESSION_USER", "USER"},
    {"STD", "STDDEV"},
    {"STDDEV_POP", "STDDEV"},
    {"SUBSTR", "SUBSTRING"},
    {"SYSTEM_USER", "USER"},
    {"UCASE", "UPPER"},
    {"VAR_POP", "VARIANCE"},
});

std::string_view canonical(std::string_view name) {
  for (const Synonym& row : synonyms) {
    if (row.name == name) return row.canonical;
  }
  return name;
}

// Names that are functions only if the parenthesis follows at once; with a blank between, MySQL
// looks for a stored function.
constexpr std::array<std::string_view, 30> adjacent_only = {
    "ADDDATE", "BIT_AND",      "BIT_OR",        "BIT_XOR",        "CAST",
    "COUNT",   "CURDATE",      "CURTIME",       "DATE_ADD",       "DATE_SUB",
    "EXTRACT", "GROUP_CONCAT", "JSON_ARRAYAGG", "JSON_OBJECTAGG", "MAX",
    "MID",     "MIN",          "NOW",           "POSITION",       "SESSION_USER",
    "STD",     "STDDEV",       "SUBDATE",       "SUBSTR",         "SUBSTRING",
    "SUM",     "SYSDATE",      "SYSTEM_USER",   "TRIM",           "VARIANCE"};

constexpr std::array<std::string_view, 5> with_distinct = {"COUNT", "SUM", "AVG", "MIN", "MAX"};

template <class Table>
bool contains(const Table& table, std::string_view name) {
  return std::find(table.begin(), table.end(), name) != table.end();
}

}  // namespace

const Grammar::CallRow* Grammar::special_call(const Token& token) {
  using G = Grammar;
  static constexpr std::array table = std::to_array<CallRow>({
      {"CASE", false, &G::case_expression},
      {"EXISTS", false, &G::exists_expression},
      {"BINARY", false, &G::binary_expression},
      {"INTERVAL", false, &G::interval_expression},
      {"ROW", true, &G::row_expression},
      {"DEFAULT", true, &G::default_expression},
      {"CURRENT_TIMESTAMP", false, &G::clock_call},
      {"LOCALTIME", false, &G::clock_call},
      {"LOCALTIMESTAMP", false, &G::clock_call},
      {"CURRENT_DATE", false, &G::clock_call},
      {"CURRENT_TIME", false, &G::clock_call},
      {"UTC_DATE", false, &G::clock_call},
      {"UTC_TIME", false, &G::clock_call},
      {"UTC_TIMESTAMP", false, &G::clock_call},
      {"CURRENT_USER", false, &G::niladic_call},
      {"CONVERT", true, &G::convert_call},
      {"CHAR", true, &G::char_call},
      {"VALUES", true, &G::values_call},
      {"MATCH", false, &G::match_call},
      {"GET_FORMAT", true, &G::get_format_call},
      {"TIMESTAMPADD", true, &G::timestamp_unit_call},
      {"TIMESTAMPDIFF", true, &G::timestamp_unit_call},
      {"CAST", true, &G::cast_call},
      {"EXTRACT", true, &G::extract_call},
      {"GROUP_CONCAT", true, &G::group_concat_call},
      {"POSITION", true, &G::position_call},
      {"SUBSTRING", true, &G::substring_call},
      {"SUBSTR", true, &G::substring_call},
      {"MID", true, &G::substring_call},
      {"TRIM", true, &G::trim_call},
      {"DATE_ADD", true, &G::date_arithmetic_call},
      {"DATE_SUB", true, &G::date_arithmetic_call},
      {"ADDDATE", true, &G::date_arithmetic_call},
      {"SUBDATE", true, &G::date_arithmetic_call},
      {"NOW", true, &G::clock_call},
      {"CURDATE", true, &G::clock_call},
      {"CURTIME", true, &G::clock_call},
      {"SYSDATE", true, &G::clock_call},
      {"CUME_DIST", true, &G::window_call},
      {"DENSE_RANK", true, &G::window_call},
      {"FIRST_VALUE", true, &G::window_call},
      {"LAG", true, &G::window_call},
      {"LAST_VALUE", true, &G::window_call},
      {"LEAD", true, &G::window_call},
      {"NTH_VALUE", true, &G::window_call},
      {"NTILE", true, &G::window_call},
      {"PERCENT_RANK", true, &G::window_call},
      {"RANK", true, &G::window_call},
      {"ROW_NUMBER", true, &G::window_call},
      // Reserved words that are plain functions.
      {"DATABASE", true, &G::call},
      {"IF", true, &G::call},
      {"INSERT", true, &G::call},
      {"LEFT", true, &G::call},
      {"MOD", true, &G::call},
      {"REPEAT", true, &G::call},
      {"REPLACE", true, &G::call},
      {"RIGHT", true, &G::call},
      {"SCHEMA", true, &G::call},
  });
  if (!token.terminal.is_word()) return nullptr;
  for (const CallRow& row : table) {
    if (row.word != token.terminal) continue;
    return row.needs_parenthesis && contains(adjacent_only, row.word.text()) && !token.call
               ? nullptr
               : &row;
  }
  return nullptr;
}

ExprPtr Grammar::call() {
  const Level level(*this);
  const bool quoted = at(TokenKind::quoted_name);
  const std::string_view name = upper(value_of(token_));
  if (!quoted && !token_.call && contains(adjacent_only, name)) {
    std::string message = "FUNCTION ";
    message += name;
    message +=
        " does not exist. Check the 'Function Name Parsing and Resolution' section in the "
        "Reference Manual";
    fail(sql_error(1630, std::move(message), token_.offset));
    return nullptr;
  }
  if (contains(with_distinct, name)) return aggregate_call();
  advance();
  return plain_call(canonical(name));
}

// At the parenthesis.
ExprPtr Grammar::plain_call(std::string_view name) {
  Expr* out = node(ExprKind::function, token_.offset);
  out->text = name;
  expect("(");
  if (!at(")")) out->args = expression_list();
  expect(")");
  refuse_over();
  return done(out);
}

void Grammar::refuse_over() {
  if (at("OVER")) unsupported("window functions");
}

ExprPtr Grammar::aggregate_call() {
  Expr* out = node(ExprKind::function, token_.offset);
  out->text = upper(token_.text);
  advance();
  expect("(");
  const std::uint32_t star = token_.offset;
  if (out->text == "COUNT" && accept("*")) {
    const ExprPtr all = done(node(ExprKind::star, star));
    expect(")");
    refuse_over();
    return done(out, {all});
  }
  out->distinct = accept("DISTINCT");
  if (!out->distinct) accept("ALL");
  out->args = expression_list();
  // Only COUNT(DISTINCT ...) takes several.
  if (out->args.size() > 1 && !(out->distinct && out->text == "COUNT")) fail_here();
  expect(")");
  refuse_over();
  return done(out);
}

ExprPtr Grammar::group_concat_call() {
  Expr* out = node(ExprKind::function, token_.offset);
  out->text = "GROUP_CONCAT";
  advance();
  expect("(");
  out->distinct = accept("DISTINCT");
  out->args = expression_list();
  auto* detail = arena_.make<GroupConcat>();
  const std::vector<OrderItem> order = optional_order_by();
  detail->order_by = arena_.list(std::span<const OrderItem>(order));
  if (accept("SEPARATOR")) detail->separator = string_literal();
  out->group_concat = detail;
  expect(")");
  refuse_over();
  return done(out);
}

// ---- Types ----

ExprPtr Grammar::cast_call() {
  Expr* out = node(ExprKind::cast, token_.offset);
  advance();
  expect("(");
  const ExprPtr value = expression();
  if (at("AT")) {
    unsupported("CAST(... AT TIME ZONE ...)");
    return nullptr;
  }
  expect("AS");
  out->type = cast_type();
  expect(")");
  return done(out, {value});
}

ExprPtr Grammar::convert_call() {
  Expr* out = node(ExprKind::cast, token_.offset);
  advance();
  expect("(");
  const ExprPtr value = expression();
  if (accept("USING")) {
    out->kind = ExprKind::convert_using;
    out->text = charset_name();
  } else {
    expect(",");
    out->type = cast_type();
  }
  expect(")");
  return done(out, {value});
}

ExprPtr Grammar::char_call() {
  const std::uint32_t begin = token_.offset;
  Expr* out = node(ExprKind::function, begin);
  out->text = "CHAR";
  advance();
  expect("(");
  out->args = expression_list();
  const bool converted = accept("USING");
  const std::string_view charset = converted ? charset_name() : std::string_view{};
  expect(")");
  const ExprPtr value = done(out);
  if (!converted) return value;
  Expr* convert = node(ExprKind::convert_using, begin);
  convert->text = charset;
  return done(convert, {value});
}

// ---- Strings ----

// SUBSTRING(s, 2, 3) and SUBSTRING(s FROM 2 FOR 3).
ExprPtr Grammar::substring_call() {
  Expr* out = node(ExprKind::function, token_.offset);
  out->text = "SUBSTRING";
  advance();
  expect("(");
  const ExprPtr text = expression();
  const bool from = accept("FROM");
  if (!from) expect(",");
  const ExprPtr position = expression();
  const bool more = from ? accept("FOR") : accept(",");
  const ExprPtr length = more ? expression() : nullptr;
  expect(")");
  return more ? done(out, {text, position, length}) : done(out, {text, position});
}

// TRIM(s), TRIM(x FROM s), TRIM(BOTH | LEADING | TRAILING [x] FROM s).
ExprPtr Grammar::trim_call() {
  Expr* out = node(ExprKind::function, token_.offset);
  out->text = "TRIM";
  advance();
  expect("(");
  const bool sided = at_any({"BOTH", "LEADING", "TRAILING"});
  if (at("LEADING")) out->text = "TRIM_LEADING";
  if (at("TRAILING")) out->text = "TRIM_TRAILING";
  if (sided) advance();
  const ExprPtr first = sided && at("FROM") ? nullptr : expression();
  const bool from = accept("FROM");
  if (sided && !from) fail_here();
  const ExprPtr subject = from ? expression() : first;
  expect(")");
  return from && first ? done(out, {subject, first}) : done(out, {subject});
}

ExprPtr Grammar::position_call() {
  Expr* out = node(ExprKind::function, token_.offset);
  out->text = "LOCATE";
  advance();
  expect("(");
  const ExprPtr part = bit_expression();
  expect("IN");
  const ExprPtr text = expression();
  expect(")");
  return done(out, {part, text});
}

// ---- Time ----

bool Grammar::at_clock() const {
  return at_any({"CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP"}) || (at("NOW") && token_.call);
}

ExprPtr Grammar::clock_call() {
  Expr* out = node(ExprKind::function, token_.offset);
  out->text = token_.terminal.text();
  if (at_clock()) out->text = "NOW";
  if (at("CURRENT_DATE")) out->text = "CURDATE";
  if (at("CURRENT_TIME")) out->text = "CURTIME";
  advance();
  if (!accept("(")) return done(out);
  const bool date = out->text == "CURDATE" || out->text == "UTC_DATE";
  ExprPtr fraction = nullptr;
  if (!date && at(TokenKind::integer)) fraction = literal();
  expect(")");
  return fraction ? done(out, {fraction}) : done(out);
}

ExprPtr Grammar::niladic_call() {
  Expr* out = node(ExprKind::function, token_.offset);
  out->text = token_.terminal.text();
  advance();
  if (accept("(")) expect(")");
  return done(out);
}

ExprPtr Grammar::extract_call() {
  Expr* out = node(ExprKind::function, token_.offset);
  out->text = "EXTRACT";
  advance();
  expect("(");
  const std::uint32_t begin = token_.offset;
  const ExprPtr part = keyword_node(unit(), begin);
  expect("FROM");
  const ExprPtr value = expression();
  expect(")");
  return done(out, {part, value});
}

ExprPtr Grammar::timestamp_unit_call() {
  Expr* out = node(ExprKind::function, token_.offset);
  out->text = token_.terminal.text();
  advance();
  expect("(");
  const std::uint32_t begin = token_.offset;
  const ExprPtr part = keyword_node(unit(), begin);
  expect(",");
  const ExprPtr first = expression();
  expect(",");
  const ExprPtr second = expression();
  expect(")");
  return done(out, {part, first, second});
}

ExprPtr Grammar::get_format_call() {
  Expr* out = node(ExprKind::function, token_.offset);
  out->text = "GET_FORMAT";
  advance();
  expect("(");
  if (!at_any({"DATE", "TIME", "DATETIME", "TIMESTAMP"})) fail_here();
  const std::uint32_t begin = token_.offset;
  const std::string_view kind = token_.terminal.text();
  advance();
  const ExprPtr part = keyword_node(kind == "TIMESTAMP" ? "DATETIME" : kind, begin);
  expect(",");
  const ExprPtr format = expression();
  expect(")");
  return done(out, {part, format});
}

// DATE_ADD(d, INTERVAL n unit); ADDDATE(d, n) adds days and keeps its name.
ExprPtr Grammar::date_arithmetic_call() {
  Expr* out = node(ExprKind::function, token_.offset);
  const bool adds = at_any({"DATE_ADD", "ADDDATE"});
  const bool takes_days = at_any({"ADDDATE", "SUBDATE"});
  out->text = token_.terminal.text();
  advance();
  expect("(");
  const ExprPtr date = expression();
  expect(",");
  const bool interval = at_interval_operand();
  if (!interval && !takes_days) fail_here();
  const ExprPtr amount = interval ? interval_operand() : expression();
  if (interval) out->text = adds ? "DATE_ADD" : "DATE_SUB";
  expect(")");
  return done(out, {date, amount});
}

// ---- The rest ----

ExprPtr Grammar::values_call() {
  Expr* out = node(ExprKind::values_of, token_.offset);
  advance();
  expect("(");
  const ExprPtr column = column_reference();
  expect(")");
  return done(out, {column});
}

ExprPtr Grammar::match_call() {
  unsupported("MATCH ... AGAINST");
  return nullptr;
}

ExprPtr Grammar::window_call() {
  unsupported("window functions");
  return nullptr;
}

}  // namespace pipeline::rds::sql
