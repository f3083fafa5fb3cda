#pragma once
// The grammar, one method a rule, spread over *_grammar.cpp. Inside this folder only; parser.h is
// the way in. A rule reads tokens from the current one on and returns what it made. The first
// failure is kept and moves the current token to the end, so that every later accept() says no and
// every loop stops: rules need not look at each other's outcome, but must take nullptr.

#include <optional>
#include <utility>

#include "pipeline/rds/sql/ast.h"
#include "pipeline/rds/sql/lexer.h"
#include "pipeline/rds/sql/parser.h"

namespace pipeline::rds::sql {

class Grammar {
 public:
  Grammar(std::string_view text, const ParseOptions& options, Arena& arena);

  StatementBody statement();        // the whole text
  StatementBody lone_expression();  // the whole text, as a Do
  const std::optional<SqlError>& error() const { return error_; }
  std::uint32_t placeholders() const { return placeholders_; }

 private:
  // ---- Tokens and failure (grammar.cpp) ----
  bool at(Terminal terminal) const { return token_.terminal == terminal; }
  bool at(TokenKind kind) const { return token_.kind == kind; }
  bool at_any(std::initializer_list<Terminal> terminals) const;
  const Token& peek();
  bool next_is(Terminal terminal) { return peek().terminal == terminal; }
  void advance();
  bool accept(Terminal terminal);
  bool accept(Terminal first, Terminal second);  // both or none
  bool expect(Terminal terminal);
  bool failed() const { return error_.has_value(); }
  void fail(tl::unexpected<SqlError> error);
  void fail_here();  // 1064 at the current token
  void unsupported(std::string_view feature);
  void finish_statement();

  // One level deeper, for the time of a scope. Too deep is error 1436, as MySQL's when its stack
  // ends.
  class Level {
   public:
    explicit Level(Grammar& grammar) : grammar_(grammar) {
      if (++grammar_.level_ > max_depth) grammar_.fail_too_deep();
    }
    ~Level() { --grammar_.level_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Grammar& grammar_;
  };
  void fail_too_deep();
  void note_depth(std::size_t depth);

  // ---- Names and values ----
  bool at_identifier() const;
  ColumnName identifier();
  std::string_view identifier_text() { return identifier().name; }
  std::string_view value_of(const Token& token);  // of what is quoted
  std::string_view string_literal();              // 'x', or 1064
  std::string_view identifier_or_string();
  std::optional<std::uint64_t> unsigned_number();  // 12, or 1064
  TableName table_name();
  ColumnName column_in_table();  // c, t.c, d.t.c: only the last part counts
  std::string_view charset_name();
  std::string_view upper(std::string_view text);
  std::vector<ColumnName> parenthesised_names();

  // ---- Expressions (expression_, primary_, call_grammar.cpp) ----
  ExprPtr expression();
  ExprPtr xor_expression();
  ExprPtr and_expression();
  ExprPtr not_expression();
  ExprPtr bool_primary();
  ExprPtr is_test(ExprPtr value, std::uint32_t begin, bool& last);
  ExprPtr comparison(ExprPtr left, Operator op, std::uint32_t begin);
  ExprPtr predicate();
  ExprPtr in_predicate(ExprPtr value, std::uint32_t begin, bool negated);
  ExprPtr between_predicate(ExprPtr value, std::uint32_t begin, bool negated);
  ExprPtr like_predicate(ExprPtr value, std::uint32_t begin, bool negated);
  ExprPtr bit_expression(int lowest_level = 1);
  ExprPtr concatenation();
  ExprPtr simple_expression();
  ExprPtr collated();
  ExprPtr primary();
  ExprPtr symbol_primary();
  ExprPtr name_primary();

  ExprPtr literal();  // nullptr without failure if there is none here
  ExprPtr signed_literal();
  ExprPtr string_expression();
  ExprPtr bytes_literal();
  ExprPtr introduced();
  ExprPtr temporal_literal(ExprKind kind);
  ExprPtr word_literal(ExprKind kind, std::string_view text);
  ExprPtr user_variable();
  ExprPtr system_variable();
  ExprPtr column_reference();
  ExprPtr json_path(ExprPtr column);
  ExprPtr parenthesised();
  ExprPtr odbc_escape();
  ExprPtr case_expression();
  ExprPtr exists_expression();
  ExprPtr binary_expression();
  ExprPtr row_expression();
  ExprPtr default_expression();
  ExprPtr interval_expression();
  ExprPtr interval_operand();
  ExprPtr subquery(ExprKind kind, std::uint32_t begin);
  bool at_interval_operand();

  ExprPtr call();
  ExprPtr plain_call(std::string_view name);
  ExprPtr aggregate_call();
  ExprPtr group_concat_call();
  ExprPtr cast_call();
  ExprPtr convert_call();
  ExprPtr char_call();
  ExprPtr substring_call();
  ExprPtr trim_call();
  ExprPtr position_call();
  ExprPtr extract_call();
  ExprPtr timestamp_unit_call();
  ExprPtr get_format_call();
  ExprPtr date_arithmetic_call();
  ExprPtr values_call();
  ExprPtr niladic_call();
  ExprPtr clock_call();  // NOW and its kin, with and without parentheses
  ExprPtr match_call();
  ExprPtr window_call();
  bool at_clock() const;
  const TypeSpec* cast_type();
  std::string_view unit();
  void refuse_over();

  struct CallRow {
    Terminal word;
    bool needs_parenthesis;
    ExprPtr (Grammar::*rule)();
  };
  static const CallRow* special_call(const Token& token);

  Expr* node(ExprKind kind, std::uint32_t begin);
  ExprPtr done(Expr* expr);
  ExprPtr done(Expr* expr, std::initializer_list<ExprPtr> args);
  ExprPtr with_op(ExprKind kind, Operator op, std::uint32_t begin,
                  std::initializer_list<ExprPtr> args);
  ExprPtr keyword_node(std::string_view text, std::uint32_t begin);
  ExprList expression_list();  // one or more

  // ---- Queries (select_grammar.cpp) ----
  bool query_ahead();  // at "(": whether a query stands in it
  bool at_query() const;
  const Query* query();
  const Query* parenthesised_query();
  void query_term(QueryTerm& term);
  void select(Select& select);
  void select_options(Select& select);
  void select_item(Select& select);
  ExprPtr table_wild();
  std::string_view item_name(ExprPtr expr, std::uint32_t begin);
  void locking(Query& query);
  std::vector<OrderItem> order_items();
  std::vector<OrderItem> optional_order_by();
  Limit optional_limit();
  ExprPtr limit_value();
  ExprPtr optional_where();
  const TableReference* table_references();
  const TableReference* joined_table();
  const TableReference* join(const TableReference* left);
  const TableReference* table_factor();
  const TableReference* derived_table();
  const TableReference* named_table();
  const TableReference* make_join(TableReference join);
  bool at_join() const;
  void index_hints();
  std::string_view optional_table_alias();
  Names name_views(const std::vector<ColumnName>& names);

  // ---- Changes (change_grammar.cpp) ----
  StatementBody insert_or_replace();
  void insert_source(Insert& insert);
  void insert_rows(Insert& insert);
  ExprList value_row();
  void insert_set(Insert& insert);
  void insert_tail(Insert& insert);
  std::vector<Assignment> assignments();
  Assignment assignment();
  ExprPtr value_or_default();
  StatementBody update();
  StatementBody delete_();

  // ---- Definitions (definition_, type_, table_, alter_grammar.cpp) ----
  StatementBody create();
  StatementBody create_database();
  StatementBody create_table(bool temporary);
  StatementBody create_index(IndexKind kind);
  StatementBody drop();
  StatementBody drop_database();
  StatementBody drop_table(bool temporary);
  StatementBody drop_index();
  StatementBody alter();
  StatementBody alter_database();
  StatementBody alter_table();
  StatementBody rename();
  StatementBody truncate();
  StatementBody use();
  void unsupported_definition(std::string_view verb);
  bool if_not_exists();
  bool if_exists();
  void database_options(std::string_view& charset, std::string_view& collation);

  TypeSpec type();
  void type_length(TypeSpec& type, int shape);
  void type_attributes(TypeSpec& type);
  void charset_attributes(TypeSpec& type);
  Names labels();

  void table_elements(CreateTable& table);
  void table_element(CreateTable& table);
  bool constraint_element(std::vector<IndexDefinition>& indexes,
                          std::vector<ForeignKey>& foreign_keys,
                          std::vector<CheckConstraint>& checks);
  ColumnDefinition column_definition();
  ColumnDefinition column_definition(ColumnName name);
  bool column_attribute(ColumnDefinition& column);
  bool column_key_attribute(ColumnDefinition& column);
  void column_default(ExprPtr& value, bool& is_expression);
  void generated_column(ColumnDefinition& column);
  CheckConstraint check_constraint(std::string_view name);
  ForeignKey foreign_key(std::string_view name);
  void references(ForeignKey& key);
  ReferenceAction reference_action();
  IndexDefinition index_definition(IndexKind kind, std::string_view constraint_name);
  void index_tail(IndexDefinition& index);
  bool index_option(IndexDefinition& index);
  KeyPart key_part();
  bool table_option(std::vector<TableOption>& options);
  void table_tail(CreateTable& table);

  void alter_add(std::vector<AlterAction>& actions);
  void alter_drop(std::vector<AlterAction>& actions);
  void alter_alter(std::vector<AlterAction>& actions);
  void alter_rename(std::vector<AlterAction>& actions);
  void alter_change(std::vector<AlterAction>& actions, bool with_new_name);
  bool alter_other(std::vector<AlterAction>& actions);
  void alter_action(std::vector<AlterAction>& actions);
  ColumnPosition column_position();

  // ---- Sessions (session_, set_, show_grammar.cpp) ----
  StatementBody select_statement();
  StatementBody do_();
  StatementBody begin();
  StatementBody start();
  StatementBody commit();
  StatementBody rollback();
  StatementBody savepoint();
  StatementBody release();
  StatementBody lock();
  StatementBody unlock();
  StatementBody flush();
  StatementBody purge();
  StatementBody set();
  StatementBody show();
  StatementBody describe();
  bool chain();
  void set_item(Set& set, bool first);
  void set_names(Set& set);
  void set_charset(Set& set);
  void set_transaction(Set& set, Scope scope);
  bool transaction_characteristic(SetTransaction& item);
  void set_system_variable(Set& set, Scope scope);
  ExprPtr set_value();
  Scope optional_scope();
  std::string_view variable_name();
  void show_filter(Show& show);
  void show_columns(Show& show);
  void show_indexes(Show& show);
  void show_create(Show& show);
  void show_from_schema(Show& show);

  struct StatementRow;

  std::string_view text_;
  std::size_t text_end_;  // without trailing blanks and ';', as the server cuts them off
  const ParseOptions& options_;
  Arena& arena_;
  Lexer lexer_;
  Token token_;
  std::optional<Token> peeked_;
  std::uint32_t last_end_ = 0;  // of the token before the current one
  std::optional<SqlError> error_;
  int level_ = 0;
  std::size_t deepest_ = 0;  // of the trees made since the innermost query began
  std::uint32_t placeholders_ = 0;
  std::vector<ExprPtr> scratch_;  // lists while they grow
};

}  // namespace pipeline::rds::sql
