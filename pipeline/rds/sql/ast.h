#pragma once
// Statements of MySQL's dialect, as parse() in parser.h gives them: plain structs in one variant,
// in the order of the manual's chapter "SQL Statements". Views point into the text that was parsed,
// which must outlive the Statement, or into the Statement's arena. Names are as written (quotes
// removed); "" in a schema means the current one. Offsets count bytes from the start of the parsed
// text.

#include <memory>
#include <memory_resource>
#include <variant>

#include "pipeline/rds/sql/expression.h"

namespace pipeline::rds::sql {

struct TableName {
  std::string_view schema;  // "" = the current database
  std::string_view name;
  std::uint32_t offset = 0;
};

struct ColumnName {
  std::string_view name;
  std::uint32_t offset = 0;
};

struct Limit {
  ExprPtr count = nullptr;   // integer literal, placeholder, or nullptr: no LIMIT
  ExprPtr offset = nullptr;  // nullptr: 0
};

// ---- SELECT ----

enum class JoinKind : std::uint8_t {
  inner,
  left,
  right
};  // CROSS JOIN and the comma are inner without on

// A tree: a table, a derived table, or a join of two of these.
struct TableReference {
  enum class Kind : std::uint8_t { table, derived, join };
  Kind kind = Kind::table;
  std::uint32_t offset = 0;
  std::uint16_t depth = 1;
  TableName table;               // table
  const Query* query = nullptr;  // derived
  std::string_view alias;        // "" = none
  Names column_aliases;          // derived: AS d (a, b)
  JoinKind join = JoinKind::inner;
  bool natural = false;
  bool straight = false;  // STRAIGHT_JOIN
  const TableReference* left = nullptr;
  const TableReference* right = nullptr;
  ExprPtr on = nullptr;
  Names using_columns;
};

struct SelectItem {
  ExprPtr expr = nullptr;  // kind star for * and t.*
  std::string_view alias;  // "" = none
  std::string_view name;   // of the result column, by MySQL's rule: alias, else column, else the
                           // string's value, else the text as written
};

struct Select {
  std::uint32_t offset = 0;
  bool distinct = false;
  std::vector<SelectItem> items;
  const TableReference* from = nullptr;  // nullptr: none, or DUAL
  ExprPtr where = nullptr;
  std::vector<OrderItem> group_by;
  bool with_rollup = false;
  ExprPtr having = nullptr;
};

// One operand of UNION: a Select, or a query of its own in parentheses (with its own ORDER BY and
// LIMIT).
struct QueryTerm {
  bool all = false;  // joined to what stands before by UNION ALL; of no meaning in the first term
  Select select;
  const Query* nested = nullptr;  // if set, `select` is empty
};

enum class RowLock : std::uint8_t { none, update, share };

struct Query {
  std::uint32_t offset = 0;
  std::uint32_t end = 0;
  std::uint16_t depth = 1;       // of the deepest tree in it, plus one
  std::vector<QueryTerm> terms;  // one, or several joined by UNION
  std::vector<OrderItem> order_by;
  Limit limit;
  RowLock lock = RowLock::none;
};

struct SelectStatement {
  const Query* query = nullptr;
};

struct Do {
  ExprList expressions;
};

// ---- INSERT, REPLACE, UPDATE, DELETE ----

struct Assignment {
  ExprPtr column = nullptr;  // kind column
  ExprPtr value = nullptr;   // default_keyword for DEFAULT
};

struct Insert {
  bool replace = false;  // REPLACE
  bool ignore = false;
  TableName table;
  bool has_columns = false;         // INSERT INTO t () VALUES () has columns, none of them
  std::vector<ColumnName> columns;  // of the SET form too
  std::vector<ExprList> rows;    // of the SET form too (one row). A row may be empty; its length is
                                 // not checked against columns
  const Query* query = nullptr;  // INSERT ... SELECT; then rows is empty
  std::string_view row_alias;    // VALUES (...) AS new
  std::vector<ColumnName> column_aliases;  // VALUES (...) AS new(a, b)
  std::vector<Assignment> on_duplicate;
};

struct Update {
  bool ignore = false;
  TableName table;
  std::string_view alias;
  std::vector<Assignment> assignments;
  ExprPtr where = nullptr;
  std::vector<OrderItem> order_by;
  Limit limit;
};

struct Delete {
  bool ignore = false;
  TableName table;
  std::string_view alias;
  ExprPtr where = nullptr;
  std::vector<OrderItem> order_by;
  Limit limit;
};

// ---- Databases ----

struct CreateDatabase {
  ColumnName name;
  bool if_not_exists = false;
  std::string_view charset;    // "" = not said
  std::string_view collation;  // "" = not said
};

struct AlterDatabase {
  ColumnName name;  // "" = the current one
  std::string_view charset;
  std::string_view collation;
};

struct DropDatabase {
  ColumnName name;
  bool if_exists = false;
};

struct Use {
  ColumnName name;
};

// ---- Tables ----

struct KeyPart {
  ColumnName column;
  std::optional<std::uint64_t> length;  // prefix length
  bool descending = false;
  ExprPtr expr = nullptr;  // functional key part; then column is empty
};

enum class IndexKind : std::uint8_t { primary, unique, plain, fulltext, spatial };

struct IndexDefinition {
  IndexKind kind = IndexKind::plain;
  std::uint32_t offset = 0;
  std::string_view
      name;  // "" = MySQL chooses; CONSTRAINT c UNIQUE gives c where no index name is said
  std::vector<KeyPart> parts;
  std::string_view algorithm;  // BTREE, HASH; "" = not said
  std::optional<std::string_view> comment;
  bool invisible = false;
};

enum class ReferenceAction : std::uint8_t {
  unsaid,
  restrict,
  cascade,
  set_null,
  no_action,
  set_default
};

struct ForeignKey {
  std::uint32_t offset = 0;
  std::string_view name;
  std::vector<ColumnName> columns;
  TableName table;
  std::vector<ColumnName> referenced;
  ReferenceAction on_delete = ReferenceAction::unsaid;
  ReferenceAction on_update = ReferenceAction::unsaid;
};

struct CheckConstraint {
  std::uint32_t offset = 0;
  std::string_view name;
  ExprPtr expr = nullptr;
  bool enforced = true;
};

struct ColumnDefinition {
  ColumnName name;
  TypeSpec type;
  std::optional<bool> nullable;        // not said: nullable (and NOT NULL by a primary key)
  ExprPtr default_value = nullptr;     // literal (a sign is kind unary), the function NOW, or any
                                       // expression if default_is_expression
  bool default_is_expression = false;  // DEFAULT (expr)
  ExprPtr on_update = nullptr;         // the function NOW
  bool auto_increment = false;
  bool primary_key = false;
  bool unique = false;
  bool invisible = false;
  std::optional<std::string_view> comment;
  ExprPtr generated = nullptr;  // GENERATED ALWAYS AS (expr)
  bool stored = false;          // else VIRTUAL
  std::vector<CheckConstraint> checks;
  std::optional<ForeignKey>
      references;  // MySQL before 9.0 parses and ignores a column's REFERENCES
};

// ENGINE=InnoDB, AUTO_INCREMENT=7, COMMENT='x'. Names in upper case; CHARSET, DEFAULT CHARSET and
// CHARACTER SET are "CHARACTER SET".
struct TableOption {
  std::string_view name;
  std::string_view value;  // a string's value, a number's digits, an identifier as written
  std::uint32_t offset = 0;
};

struct CreateTable {
  TableName table;
  bool temporary = false;
  bool if_not_exists = false;
  std::vector<ColumnDefinition> columns;
  std::vector<IndexDefinition>
      indexes;  // those of the table's level; a column's PRIMARY KEY and UNIQUE are in the column
  std::vector<ForeignKey> foreign_keys;
  std::vector<CheckConstraint> checks;
  std::vector<TableOption> options;
  std::optional<TableName> like;
  enum class OnDuplicate : std::uint8_t { fail, ignore, replace };
  OnDuplicate on_duplicate = OnDuplicate::fail;  // IGNORE or REPLACE before AS SELECT
  const Query* query = nullptr;                  // CREATE TABLE ... AS SELECT
};

struct DropTable {
  std::vector<TableName> tables;
  bool if_exists = false;
  bool temporary = false;
};

struct TruncateTable {
  TableName table;
};

struct RenameTable {
  struct Pair {
    TableName from;
    TableName to;
  };
  std::vector<Pair> pairs;
};

struct ColumnPosition {
  bool first = false;
  ColumnName after;  // "" = at the end (ADD) or where it stands (MODIFY, CHANGE)
};

struct AddColumn {
  ColumnDefinition column;  // ADD (a INT, b INT) becomes two
  ColumnPosition position;
};
struct ChangeColumn {  // MODIFY too: the names are equal then
  ColumnName old_name;
  ColumnDefinition column;
  ColumnPosition position;
};
struct DropColumn {
  ColumnName column;
};
struct RenameColumn {
  ColumnName from;
  ColumnName to;
};
struct AlterColumnDefault {  // ALTER COLUMN c SET DEFAULT x, DROP DEFAULT
  ColumnName column;
  ExprPtr default_value = nullptr;  // nullptr: DROP DEFAULT
  bool default_is_expression = false;
};
struct AlterColumnVisibility {
  ColumnName column;
  bool visible = true;
};
struct AddIndex {
  IndexDefinition index;
};
struct AddForeignKey {
  ForeignKey key;
};
struct AddCheck {
  CheckConstraint check;
};
struct DropPrimaryKey {};
struct DropIndexAction {  // DROP INDEX, DROP KEY
  ColumnName index;
};
struct DropForeignKey {
  ColumnName key;
};
struct DropConstraint {  // DROP CONSTRAINT, DROP CHECK: an index, a foreign key or a check of that
                         // name
  ColumnName constraint;
  bool check_only = false;
};
struct RenameIndex {
  ColumnName from;
  ColumnName to;
};
struct AlterIndexVisibility {
  ColumnName index;
  bool visible = true;
};
struct RenameTo {
  TableName table;
};
struct SetOptions {
  std::vector<TableOption> options;
};
struct ConvertCharset {  // CONVERT TO CHARACTER SET c [COLLATE k]
  std::string_view charset;
  std::string_view collation;
};
struct AlterNothing {  // accepted without effect on rows: FORCE, ENABLE KEYS, DISABLE KEYS, ORDER
                       // BY, ALGORITHM, LOCK, WITH VALIDATION
  std::string_view name;
};
using AlterAction =
    std::variant<AddColumn, ChangeColumn, DropColumn, RenameColumn, AlterColumnDefault,
                 AlterColumnVisibility, AddIndex, AddForeignKey, AddCheck, DropPrimaryKey,
                 DropIndexAction, DropForeignKey, DropConstraint, RenameIndex, AlterIndexVisibility,
                 RenameTo, SetOptions, ConvertCharset, AlterNothing>;

struct AlterTable {
  TableName table;
  std::vector<AlterAction> actions;  // in the order written; may be empty
};

struct CreateIndex {
  TableName table;
  IndexDefinition index;
};

struct DropIndex {
  TableName table;
  ColumnName index;  // `PRIMARY` is the primary key
};

// ---- Transactions and locks ----

struct StartTransaction {  // BEGIN too
  bool consistent_snapshot = false;
  std::optional<bool> read_only;
};
struct Commit {
  bool chain = false;
};
struct Rollback {
  bool chain = false;
};
struct Savepoint {
  ColumnName name;
};
struct RollbackTo {
  ColumnName name;
};
struct ReleaseSavepoint {
  ColumnName name;
};
struct LockTables {
  struct Item {
    TableName table;
    std::string_view alias;
    bool write = false;
  };
  std::vector<Item> items;
};
struct UnlockTables {};

// ---- Administration ----

// One of SET's assignments. ON, ALL, BINARY and bare words become string literals, as MySQL reads
// them.
struct SetVariable {
  enum class Target : std::uint8_t { system_variable, user_variable };
  Target target = Target::system_variable;
  Scope scope = Scope::unsaid;
  ColumnName name;
  ExprPtr value = nullptr;  // nullptr: DEFAULT
};
struct SetNames {            // SET NAMES, SET CHARACTER SET
  std::string_view charset;  // "" = DEFAULT
  std::string_view collation;
};
struct SetTransaction {
  Scope scope = Scope::unsaid;
  std::string_view isolation;  // "REPEATABLE-READ"; "" = not said
  std::optional<bool> read_only;
};
struct Set {
  std::vector<std::variant<SetVariable, SetNames, SetTransaction>> items;
};

enum class ShowKind : std::uint8_t {
  databases,
  tables,
  table_status,
  columns,  // DESCRIBE t [column] too: the column is in `like`
  create_table,
  create_database,
  indexes,
  variables,
  status,
  warnings,
  errors,
  binary_logs,
  binary_log_status,  // SHOW MASTER STATUS too
  engines,
  charsets,
  collations,
  processlist,
  grants,
  replica_status,
};
struct Show {
  ShowKind kind = ShowKind::databases;
  bool full = false;
  bool count = false;  // SHOW COUNT(*) WARNINGS
  Scope scope = Scope::unsaid;
  bool if_not_exists = false;  // SHOW CREATE DATABASE IF NOT EXISTS
  TableName table;             // columns, create_table, indexes; its schema is what FROM or IN said
  std::string_view schema;     // tables, table_status, create_database
  std::optional<std::string_view> like;
  ExprPtr where = nullptr;
  Limit limit;  // warnings, errors
};

struct Flush {
  std::vector<std::string_view> what;  // in upper case: "LOGS", "BINARY LOGS", "TABLES", "TABLES
                                       // WITH READ LOCK", "PRIVILEGES", "STATUS"
  std::vector<TableName> tables;
};

struct PurgeBinaryLogs {
  ExprPtr to = nullptr;      // a string literal
  ExprPtr before = nullptr;  // a point in time
};

struct Empty {};  // a comment and nothing else: error 1065 "Query was empty"

using StatementBody =
    std::variant<Empty, SelectStatement, Do, Insert, Update, Delete, CreateDatabase, AlterDatabase,
                 DropDatabase, Use, CreateTable, DropTable, TruncateTable, RenameTable, AlterTable,
                 CreateIndex, DropIndex, StartTransaction, Commit, Rollback, Savepoint, RollbackTo,
                 ReleaseSavepoint, LockTables, UnlockTables, Set, Show, Flush, PurgeBinaryLogs>;

// What the nodes of one statement live in.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // T must need no destructor.
  template <class T>
  T* make() {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (memory_.allocate(sizeof(T), alignof(T))) T;
  }
  template <class T>
  std::span<const T> list(std::span<const T> from) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (from.empty()) return {};
    T* to = static_cast<T*>(memory_.allocate(from.size_bytes(), alignof(T)));
    std::uninitialized_copy(from.begin(), from.end(), to);
    return {to, from.size()};
  }
  std::string_view text(std::string_view from);
  char* bytes(std::size_t size) { return static_cast<char*>(memory_.allocate(size, 1)); }
  Query* make_query() { return queries_.emplace_back(std::make_unique<Query>()).get(); }

 private:
  std::pmr::monotonic_buffer_resource memory_;
  std::vector<std::unique_ptr<Query>> queries_;
};

struct Statement {
  StatementBody body;
  std::string_view text;           // the whole text that was parsed
  std::uint32_t placeholders = 0;  // how many ? it has
  std::unique_ptr<Arena> arena;    // keeps what the pointers and some of the views above point at

  template <class T>
  const T* as() const {
    return std::get_if<T>(&body);
  }
};

}  // namespace pipeline::rds::sql
