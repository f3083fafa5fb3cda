#pragma once
// MySQL expressions as SQLite SQL, with the type MySQL would give them. Where the two databases
// agree an expression stays itself; where they differ (comparison across types, arithmetic, LIKE,
// dates...) it becomes a call of one of our functions. Constants and the columns of a row at hand
// become parameters, so no text of a user is ever pasted into SQL.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/rds/embedded/catalog.h"
#include "pipeline/rds/embedded/environment.h"
#include "pipeline/rds/embedded/value.h"
#include "pipeline/rds/error.h"
#include "pipeline/rds/session.h"
#include "pipeline/rds/sql/ast.h"

namespace pipeline::rds::embedded {

// MySQL's coercibility: whose collation wins.
enum class Coercibility : std::uint8_t {
  stated = 0,
  column = 2,
  system = 3,
  literal = 4,
  other = 5
};

struct Lowered {
  std::string sql;
  mysql::Column type;
  Coercibility coercibility = Coercibility::other;
  bool is_constant = false;
  Value constant;  // if is_constant
  std::string shown =
      {};  // as MySQL names it in a message: "`d`.`t`.`n`", "(`d`.`t`.`n` + 1)"; "" = not known

  Kind kind() const { return kind_of(type); }
  bool store_is_integer() const {
    const Kind k = kind();
    return k == Kind::integer || k == Kind::unsigned_integer || k == Kind::year || k == Kind::bit ||
           k == Kind::enumeration || k == Kind::set;
  }
};

struct ScopeColumn {
  std::string name;
  Lowered value;
  bool visible = true;  // part of *
  bool joined = false;  // hidden by USING: a column of the other table stands for it
};
struct ScopeTable {
  std::string schema;
  std::string name;  // alias, else the table's name
  std::vector<ScopeColumn> columns;
};
struct Scope {
  std::vector<ScopeTable> tables;
  const Scope* outer = nullptr;
  const std::vector<std::pair<std::string, Lowered>>* aliases =
      nullptr;                 // select-list names, where the clause may use them
  bool aliases_first = false;  // ORDER BY looks there first
};

// ?1, ?2...: a constant, or a column of the row at hand (old or new).
struct Parameter {
  enum class From : std::uint8_t { constant, row, new_row };
  From from = From::constant;
  Value value;
  std::uint32_t column = 0;
};

struct LoweredQuery {
  std::string sql;
  std::vector<ResultColumn> columns;
  std::vector<mysql::TablePtr> tables;  // it reads
};

class Lowering {
 public:
  Lowering(Environment& environment, Catalog& catalog)
      : environment_(environment), catalog_(catalog) {}

  // clause: as MySQL's message names it, "field list", "where clause"...
  Result<Lowered> expression(const sql::Expr& expr, const Scope& scope, std::string_view clause);
  Result<LoweredQuery> query(const sql::Query& query, const Scope* outer);

  Lowered constant(const mysql::Column& type, Value value,
                   Coercibility coercibility = Coercibility::literal);
  Lowered parameter(const mysql::Column& type, Parameter::From from, std::uint32_t column);
  // The table's columns under an alias ("" = bare c0, c1), or as parameters of a row at hand.
  ScopeTable table_scope(const TableDefinition& table, std::string_view name,
                         std::string_view sqlite_alias);
  ScopeTable row_scope(const TableDefinition& table, std::string_view name, Parameter::From from);
  Result<std::string> order_by(std::span<const sql::OrderItem> items, const Scope& scope,
                               std::string_view clause);
  Result<std::string> limit(const sql::Limit& limit);

  // Conversions. Each is the expression itself where nothing is to do.
  Lowered as_text(const Lowered& value);
  Lowered as_real(const Lowered& value);
  Lowered as_integer(const Lowered& value);
  Lowered as_decimal(const Lowered& value);
  Lowered as_number(const Lowered& value);    // keeps numbers, makes dates exact and strings real
  Lowered as_datetime(const Lowered& value);  // six fraction digits
  Lowered as_time(const Lowered& value);
  Lowered as_bytes(const Lowered& value);
  Lowered converted(const Lowered& value,
                    const mysql::Column& type);      // CAST, and UNION's and CASE's common type
  std::string collated(const Lowered& value) const;  // with COLLATE, for ORDER BY, GROUP BY, MIN
  mysql::Column common_type(std::span<const Lowered> values) const;  // of CASE, IFNULL, UNION
  Lowered call(std::string_view function, std::initializer_list<std::string_view> arguments,
               const mysql::Column& type);
  Result<Lowered> compare(sql::Operator op, const Lowered& left, const Lowered& right);
  Result<Lowered> arithmetic(sql::Operator op, const Lowered& left, const Lowered& right);
  Result<Lowered> date_arithmetic(const Lowered& date, const sql::Expr& interval, bool subtract,
                                  const Scope& scope, std::string_view clause);

  // What VALUES(column) means: the row that INSERT tried to place.
  void set_values(ScopeTable values) { values_ = std::move(values); }

  Environment& environment() { return environment_; }
  Catalog& catalog() { return catalog_; }
  const std::vector<Parameter>& parameters() const { return parameters_; }
  const std::vector<mysql::TablePtr>& tables_read() const { return tables_read_; }

  Result<Lowered> literal(const sql::Expr& expr);
  Result<std::vector<Lowered>> arguments(const sql::Expr& expr, const Scope& scope,
                                         std::string_view clause);

 private:
  Result<Lowered> arithmetic(sql::Operator op, const Lowered& left, const Lowered& right,
                             std::string_view text);
  struct Comparable {
    std::string left, right;
    std::string collation;
  };
  Result<Comparable> comparable(const Lowered& left, const Lowered& right);
  Result<Comparable> comparable_temporal(const Lowered& left, const Lowered& right);
  Comparable comparable_numbers(const Lowered& left, const Lowered& right);
  Result<std::string> text_collation(const Lowered& left, const Lowered& right) const;

  Result<Lowered> column(const sql::Expr& expr, const Scope& scope, std::string_view clause);
  Result<Lowered> unary(const sql::Expr& expr, const Scope& scope, std::string_view clause);
  Result<Lowered> binary(const sql::Expr& expr, const Scope& scope, std::string_view clause);
  Result<Lowered> logical(const sql::Expr& expr, const Scope& scope, std::string_view clause);
  Result<Lowered> truth(const sql::Expr& expr, const Scope& scope, std::string_view clause);
  Result<Lowered> between(const sql::Expr& expr, const Scope& scope, std::string_view clause);
  Result<Lowered> in_list(const sql::Expr& expr, const Scope& scope, std::string_view clause);
  struct OneColumn {
    std::string sql, alias;
    Lowered member = {};
  };
  Result<OneColumn> one_column(const sql::Expr& expr, const Scope& scope);
  Result<Lowered> in_query(const sql::Expr& expr, const Scope& scope, std::string_view clause);
  Result<Lowered> row_in_query(const sql::Expr& expr, const Scope& scope, std::string_view clause);
  Result<Lowered> quantified(const sql::Expr& expr, const Scope& scope, std::string_view clause);
  Result<Lowered> like(const sql::Expr& expr, const Scope& scope, std::string_view clause);
  Result<Lowered> regexp(const sql::Expr& expr, const Scope& scope, std::string_view clause);
  Result<Lowered> case_when(const sql::Expr& expr, const Scope& scope, std::string_view clause);
  Result<Lowered> cast(const sql::Expr& expr, const Scope& scope, std::string_view clause);
  Result<Lowered> collate(const sql::Expr& expr, const Scope& scope, std::string_view clause);
  Result<Lowered> subquery(const sql::Expr& expr, const Scope& scope);
  Result<Lowered> variable(const sql::Expr& expr, const Scope& scope, std::string_view clause);
  Result<Lowered> rows(sql::Operator op, const sql::Expr& left, const sql::Expr& right,
                       const Scope& scope, std::string_view clause);

  Result<void> check_aggregated(const sql::Select& select, const Scope& scope) const;
  Result<LoweredQuery> select(const sql::Select& select, const sql::Query* tail,
                              const Scope* outer);
  Result<LoweredQuery> set_operation(const sql::Query& query, const Scope* outer);
  Result<std::string> from(const sql::TableReference& reference, Scope& scope);
  Result<std::string> from_join(const sql::TableReference& reference, Scope& scope);

  Environment& environment_;
  Catalog& catalog_;
  std::vector<Parameter> parameters_;
  std::vector<mysql::TablePtr> tables_read_;
  std::optional<ScopeTable> values_;
  std::map<std::string, mysql::Column> assigned_;  // @x := value, by name
  int aliases_ = 0;
};

// functions/functions.cpp: the call of a function by name.
Result<Lowered> lower_function(Lowering& lowering, const sql::Expr& expr, const Scope& scope,
                               std::string_view clause);
// True if the expression calls an aggregate outside subqueries.
bool has_aggregate(const sql::Expr& expr);

}  // namespace pipeline::rds::embedded
