#pragma once
// The grammar behind parser.h, one method a rule. Inside this folder only. The first failure is
// kept and moves to the end of the text, so that every later take() says no and every loop stops:
// rules need not look at each other's outcome.

#include <string>
#include <string_view>

#include "pipeline/mysql/ddl/definition.h"
#include "pipeline/mysql/ddl/tokens.h"

namespace pipeline::mysql::ddl {

class Grammar {
 public:
  Grammar(std::string_view sql, std::string_view default_schema, const Dialect& dialect)
      : in_(sql, dialect), default_schema_(default_schema), dialect_(dialect) {}

  Definition statement();
  const std::string& failure() const { return failure_; }

 private:
  // ---- Tokens (grammar.cpp) ----
  bool at(std::string_view word) const { return in_.peek().is(word); }
  bool take(std::string_view word) { return in_.take(word); }
  bool take(std::string_view first, std::string_view second) { return in_.take(first, second); }
  bool take_any(std::initializer_list<std::string_view> words);
  void expect(std::string_view word);
  void fail_here();
  bool failed() const { return !failure_.empty(); }
  std::string name();
  std::string name_or_string();
  TableName table_name();
  ColumnNames key_columns();  // (a, b(10) DESC)
  void skip_parenthesised();
  void skip_element();  // to the comma or bracket that ends it
  bool take_if_exists();
  bool take_if_not_exists();
  bool at_element_end() const;

  // ---- Statements (grammar.cpp) ----
  Definition create();
  Definition create_table(bool or_replace);
  Definition create_database(bool or_replace);
  Definition create_sequence(bool or_replace);
  Definition alter();
  Definition alter_database();
  Definition rename();
  Definition drop();
  void table_elements(CreateTable& table);
  bool key_element(ColumnNames* primary_key);  // true: it was a key or constraint
  void table_options(CreateTable& table);
  bool charset_option(Charset& charset);
  bool at_query() const;

  // ---- ALTER TABLE (alter_grammar.cpp) ----
  Definition alter_table();
  void alter_action(std::vector<AlterAction>& actions);
  void alter_add(std::vector<AlterAction>& actions);
  void alter_drop(std::vector<AlterAction>& actions);
  void alter_alter(std::vector<AlterAction>& actions);
  void alter_rename(std::vector<AlterAction>& actions);
  void alter_convert(std::vector<AlterAction>& actions);
  void change_column(std::vector<AlterAction>& actions, bool with_new_name);
  ColumnPosition position();

  // ---- Columns (column_grammar.cpp) ----
  ColumnDefinition column();
  ColumnDefinition column(std::string name);
  void type(ColumnDefinition& column);
  void type_numbers(types::TypeDeclaration& type);
  void labels(types::TypeDeclaration& type);
  bool type_attribute(ColumnDefinition& column);
  bool attribute(ColumnDefinition& column);
  bool key_attribute(ColumnDefinition& column);
  void generated(ColumnDefinition& column);
  void references();
  void skip_default();
  void skip_operand();
  void oracle_type(ColumnDefinition& column);

  SqlTokens in_;
  std::string default_schema_;
  const Dialect& dialect_;
  std::string failure_;
};

}  // namespace pipeline::mysql::ddl
