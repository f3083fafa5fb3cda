#include "pipeline/mysql/ddl/grammar.h"

#include <algorithm>

#include "emulator/base/text.h"
#include "pipeline/mysql/ddl/parser.h"

namespace pipeline::mysql::ddl {

using emulator::base::to_lower;

// ---- Tokens ----

bool Grammar::take_any(std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return take(word); });
}

void Grammar::expect(std::string_view word) {
  if (!take(word)) fail_here();
}

void Grammar::fail_here() {
  if (failed()) return;
  constexpr std::size_t shown_max = 60;
  const std::string_view left = in_.rest();
  failure_ = left.empty() ? "it ends too early"
                          : "'" + std::string(left.substr(0, shown_max)) +
                                (left.size() > shown_max ? "...'" : "'") + " is not understood";
  while (!in_.at_end()) in_.next();
}

std::string Grammar::name() {
  if (!in_.peek().is_name()) return fail_here(), std::string();
  return in_.next().text;
}

std::string Grammar::name_or_string() {
  return in_.peek().kind == SqlTokens::Kind::string ? in_.next().text : name();
}

TableName Grammar::table_name() {
  std::string first = name();
  if (!take(".")) return {default_schema_, std::move(first)};
  return {std::move(first), name()};
}

void Grammar::skip_parenthesised() {
  expect("(");
  for (int depth = 1; depth > 0;) {
    if (in_.at_end()) return fail_here();
    const SqlTokens::Token token = in_.next();
    if (token.is("(")) ++depth;
    if (token.is(")")) --depth;
  }
}

bool Grammar::at_element_end() const { return in_.at_end() || at(",") || at(")"); }

void Grammar::skip_element() {
  while (!at_element_end()) {
    if (at("("))
      skip_parenthesised();
    else
      in_.next();
  }
}

bool Grammar::take_if_exists() {
  if (!take("IF")) return false;
  expect("EXISTS");
  return true;
}

bool Grammar::take_if_not_exists() {
  if (!take("IF")) return false;
  expect("NOT");
  expect("EXISTS");
  return true;
}

ColumnNames Grammar::key_columns() {
  ColumnNames out;
  expect("(");
  do {
    if (at("(")) {  // an expression: no column's own
      skip_element();
      continue;
    }
    std::string column = name();
    const bool is_period =
        at("WITHOUT");  // MariaDB: WITHOUT OVERLAPS, of an application-time period
    skip_element();
    if (!is_period) out.push_back(std::move(column));
  } while (take(","));
  expect(")");
  return out;
}

// ---- Statements ----

Definition Grammar::statement() {
  pass_set_statement(in_);
  if (take("CREATE")) return create();
  if (take("ALTER")) return alter();
  if (take("RENAME")) return rename();
  if (take("DROP")) return drop();
  return NothingTracked{};
}

Definition Grammar::create() {
  const bool or_replace = take("OR", "REPLACE");
  if (take("TEMPORARY")) return NothingTracked{};
  if (take("TABLE")) return create_table(or_replace);
  if (take("DATABASE") || take("SCHEMA")) return create_database(or_replace);
  if (take("SEQUENCE")) return create_sequence(or_replace);
  return NothingTracked{};
}

Definition Grammar::create_database(bool or_replace) {
  CreateDatabase out;
  out.or_replace = or_replace;
  out.if_not_exists = take_if_not_exists();
  out.name = name();
  while (!in_.at_end())
    if (!charset_option(out.charset)) in_.next();
  return out;
}

Definition Grammar::create_sequence(bool or_replace) {
  CreateSequence out{.name = {}, .or_replace = or_replace};
  out.if_not_exists = take_if_not_exists();
  out.name = table_name();
  ColumnDefinition column;
  if (take("AS")) type(column);
  while (type_attribute(column)) {
  }
  out.type = column.type;
  return out;
}

Definition Grammar::create_table(bool or_replace) {
  CreateTable out;
  out.or_replace = or_replace;
  out.if_not_exists = take_if_not_exists();
  out.name = table_name();
  if (take("LIKE") || take("(", "LIKE"))
    return CreateTableLike{out.name, table_name(), or_replace, out.if_not_exists};
  if (at("(") && !at_query()) table_elements(out);
  table_options(out);
  if (out.columns.empty() && !out.from_query) fail_here();
  return out;
}

// A query, perhaps in brackets. VALUES and TABLE are queries of MySQL 8 and MariaDB 10.3.
bool Grammar::at_query() const {
  std::size_t ahead = 0;
  while (in_.peek(ahead).is("(")) ++ahead;
  const SqlTokens::Token& token = in_.peek(ahead);
  return token.is("SELECT") || token.is("VALUES") ||
         (token.is("WITH") && !in_.peek(ahead + 1).is("SYSTEM")) ||
         (token.is("TABLE") && ahead == 0);
}

void Grammar::table_elements(CreateTable& table) {
  expect("(");
  do {
    if (take("PERIOD", "FOR")) {
      table.own_period = table.own_period || at("SYSTEM_TIME");
      skip_element();
    } else if (!key_element(&table.primary_key)) {
      table.columns.push_back(column());
      if (table.columns.back().primary_key) table.primary_key = {table.columns.back().name};
    }
  } while (take(","));
  expect(")");
}

bool Grammar::key_element(ColumnNames* primary_key) {
  bool constraint = take("CONSTRAINT");
  if (constraint && in_.peek().is_name() && !at("PRIMARY") && !at("UNIQUE") && !at("FOREIGN") &&
      !at("CHECK"))
    name();
  if (take("PRIMARY")) {
    expect("KEY");
    while (!at("(") && !in_.at_end()) in_.next();  // a name, USING BTREE
    ColumnNames columns = key_columns();
    if (primary_key) *primary_key = std::move(columns);
    skip_element();
    return true;
  }
  const bool vector_key = at("VECTOR") && (in_.peek(1).is("INDEX") || in_.peek(1).is("KEY"));
  constraint = constraint || at("UNIQUE") || at("KEY") || at("INDEX") || at("FULLTEXT") ||
               at("SPATIAL") || at("FOREIGN") || at("CHECK") || vector_key;
  if (constraint) skip_element();
  return constraint;
}

// [DEFAULT] CHARACTER SET [=] x, [DEFAULT] COLLATE [=] x.
bool Grammar::charset_option(Charset& charset) {
  const std::size_t word = at("DEFAULT") ? 1 : 0;
  const auto is = [&](std::size_t ahead, std::string_view text) {
    return in_.peek(word + ahead).is(text);
  };
  const bool two_words = (is(0, "CHARACTER") || is(0, "CHAR")) && is(1, "SET");
  const bool collate = is(0, "COLLATE");
  if (!two_words && !collate && !is(0, "CHARSET")) return false;
  for (std::size_t i = 0; i < word + 1 + two_words; ++i) in_.next();
  take("=");
  (collate ? charset.collation : charset.name) = to_lower(name_or_string());
  return true;
}

// Only charsets, SYSTEM VERSIONING and a query matter; an option is a word or more, perhaps '=',
// and a value.
void Grammar::table_options(CreateTable& table) {
  while (!in_.at_end()) {
    if (take("PARTITION"))
      return void(table.from_query = [&] {
        while (!in_.at_end() && !at_query()) at("(") ? skip_parenthesised() : void(in_.next());
        return !in_.at_end();
      }());
    if (take("AS") || take("IGNORE") || take("REPLACE") || at_query()) {
      table.from_query = true;
      return;
    }
    if (take("WITH", "SYSTEM")) {
      table.versioned = true;
    } else if (charset_option(table.charset)) {
    } else if (take("=")) {
      at("(") ? skip_parenthesised() : void(in_.next());
    } else if (at("(")) {
      skip_parenthesised();
    } else if (at(")")) {
      return fail_here();
    } else {
      in_.next();
    }
  }
}

Definition Grammar::alter() {
  if (take("DATABASE") || take("SCHEMA")) return alter_database();
  take("ONLINE");
  take("OFFLINE");
  take("IGNORE");
  if (!take("TABLE")) return NothingTracked{};
  return alter_table();
}

Definition Grammar::alter_database() {
  AlterDatabase out;
  out.name = default_schema_;
  Charset unused;
  if (in_.peek().is_name() && !charset_option(out.charset) && !at("DEFAULT") && !at("ENCRYPTION") &&
      !at("READ") && !at("COMMENT"))
    out.name = name();
  while (!in_.at_end())
    if (!charset_option(out.charset)) in_.next();
  return out;
}

Definition Grammar::rename() {
  if (!take("TABLE") && !take("TABLES")) return NothingTracked{};
  take_if_exists();
  RenameTables out;
  do {
    TableName from = table_name();
    if (take("WAIT")) in_.next();
    take("NOWAIT");
    expect("TO");
    out.names.emplace_back(std::move(from), table_name());
  } while (take(","));
  return out;
}

Definition Grammar::drop() {
  if (take("TEMPORARY")) return NothingTracked{};
  if (take("DATABASE") || take("SCHEMA")) {
    take_if_exists();
    return DropDatabase{name()};
  }
  if (take("INDEX")) {
    take_if_exists();
    const bool primary = emulator::base::equals_ignoring_case(in_.next().text, "PRIMARY");
    if (!primary || !take("ON")) return NothingTracked{};
    return DropPrimaryKeyOf{table_name()};
  }
  if (!take_any({"TABLE", "TABLES", "SEQUENCE"})) return NothingTracked{};
  take_if_exists();
  DropTables out;
  do out.names.push_back(table_name());
  while (take(","));
  return out;
}

emulator::base::Result<Definition> parse(std::string_view sql, std::string_view default_schema,
                                         const Dialect& dialect) {
  Grammar grammar(sql, default_schema, dialect);
  Definition out = grammar.statement();
  if (!grammar.failure().empty()) return emulator::base::fail(grammar.failure());
  return out;
}

}  // namespace pipeline::mysql::ddl
