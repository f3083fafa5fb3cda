#pragma once
// A connection to the embedded engine: parses a statement, keeps the transaction, and hands the
// work to one member function a statement (insert.cpp, change.cpp, select.cpp, ddl.cpp, alter.cpp,
// show.cpp, administration.cpp). Sessions share one SQLite connection, so one of them at a time has
// a transaction with changes: a second one's write meanwhile answers 1205 at once, and its reads
// see what the first has changed so far (READ UNCOMMITTED). A full load reads committed rows only.

#include <map>
#include <string>
#include <vector>

#include "pipeline/rds/embedded/lowering.h"
#include "pipeline/rds/embedded/storage.h"
#include "pipeline/rds/session.h"
#include "pipeline/rds/sql/parser.h"

namespace pipeline::rds::embedded {

struct RowRules;

// Who has the open transaction.
struct Sessions {
  const void* writer = nullptr;
  std::uint32_t last_number = 7;  // MySQL's first connection is some small number
};

class EmbeddedSession final : public Session {
 public:
  EmbeddedSession(Storage& storage, Sessions& sessions, std::string database);
  ~EmbeddedSession() override;

  Result<ResultSet> execute(std::string_view sql) override;
  Result<std::vector<ResultSet>> execute_script(std::string_view sql) override;
  const std::string& database() const override { return database_; }

 private:
  Result<ResultSet> dispatch(const sql::Statement& statement, std::string_view text);
  sql::ParseOptions parse_options() const;
  void fill_environment();

  // Row statements run between these: begin opens the transaction if there is none and marks the
  // place that a failure goes back to.
  Result<void> begin_change(std::string_view sql);
  Result<ResultSet> end_change(Result<ResultSet> result);
  template <class Work>
  Result<ResultSet> change(std::string_view sql, Work work);
  // DDL commits what is open, then runs in a transaction of its own and is logged as text. work
  // returns whether anything is to be logged.
  template <class Work>
  Result<ResultSet> define(std::string_view sql, Work work);
  Result<void> implicit_commit();
  Result<void> end_transaction(bool commit);

  // One a statement.
  Result<ResultSet> run(const sql::Empty&);
  Result<ResultSet> run(const sql::SelectStatement& statement);
  Result<ResultSet> run(const sql::Do& statement);
  Result<ResultSet> run(const sql::Insert& statement);
  Result<ResultSet> run(const sql::Update& statement);
  Result<ResultSet> run(const sql::Delete& statement);
  Result<ResultSet> run(const sql::CreateDatabase& statement);
  Result<ResultSet> run(const sql::AlterDatabase& statement);
  Result<ResultSet> run(const sql::DropDatabase& statement);
  Result<ResultSet> run(const sql::Use& statement);
  Result<ResultSet> run(const sql::CreateTable& statement);
  Result<ResultSet> run(const sql::DropTable& statement);
  Result<ResultSet> run(const sql::TruncateTable& statement);
  Result<ResultSet> run(const sql::RenameTable& statement);
  Result<ResultSet> run(const sql::AlterTable& statement);
  Result<ResultSet> run(const sql::CreateIndex& statement);
  Result<ResultSet> run(const sql::DropIndex& statement);
  Result<ResultSet> run(const sql::StartTransaction& statement);
  Result<ResultSet> run(const sql::Commit& statement);
  Result<ResultSet> run(const sql::Rollback& statement);
  Result<ResultSet> run(const sql::Savepoint& statement);
  Result<ResultSet> run(const sql::RollbackTo& statement);
  Result<ResultSet> run(const sql::ReleaseSavepoint& statement);
  Result<ResultSet> run(const sql::LockTables& statement);
  Result<ResultSet> run(const sql::UnlockTables& statement);
  Result<ResultSet> run(const sql::Set& statement);
  Result<ResultSet> run(const sql::Show& statement);
  Result<ResultSet> run(const sql::Flush& statement);
  Result<ResultSet> run(const sql::PurgeBinaryLogs& statement);

  // select.cpp
  Result<ResultSet> select(const sql::Query& query);
  struct Rows {
    std::vector<ResultColumn> columns;
    std::vector<std::vector<Value>> rows;
  };
  Result<Rows> read(const sql::Query& query);
  Result<TypedValue> evaluate(const sql::Expr& expr);  // without a table

  // insert.cpp
  struct InsertPlan;
  Result<ResultSet> insert(const sql::Insert& statement);
  Result<void> insert_values(InsertPlan& plan);
  Result<void> insert_query(InsertPlan& plan);
  Result<void> insert_row(InsertPlan& plan, std::vector<Value>& row);
  Result<void> place_row(InsertPlan& plan, std::vector<Value>& row);
  Result<void> give_increment(InsertPlan& plan, std::vector<Value>& row);
  Result<void> prepare_updates(InsertPlan& plan);
  bool takes_null_for_default(const InsertPlan& plan) const;
  void note_increment(InsertPlan& plan, const std::vector<Value>& row, bool inserted);
  Result<void> replace_conflicts(InsertPlan& plan, const std::vector<Value>& row);
  Result<void> update_conflict(InsertPlan& plan, const RowStore::Conflict& conflict,
                               const std::vector<Value>& row);
  // A column's DEFAULT; 1364 if it has none. For a row that is being built.
  Result<Value> default_of(const TableDefinition& table, std::size_t column,
                           std::uint64_t row_number, bool ignore);
  Result<Value> stored(const TableDefinition& table, std::size_t column, const Value& value,
                       const mysql::Column& from, std::uint64_t row_number, bool ignore);
  Result<void> prepare_rules(const TableDefinition& table, RowRules& rules);
  Result<void> apply_rules(RowRules& rules, std::vector<Value>& row, std::uint64_t row_number,
                           bool ignore, const TableDefinition& table);

  // change.cpp
  Result<ResultSet> update(const sql::Update& statement);
  Result<ResultSet> remove(const sql::Delete& statement);
  // 1093: what an expression of UPDATE, DELETE or INSERT may not do.
  Result<void> check_not_read(const TableDefinition& table, std::string_view name,
                              sql::ExprPtr expr) const;
  void raise_increment(TableEntry& entry, const Value& id);
  Result<std::vector<StoredRow>> matching_rows(const TableDefinition& table, std::string_view name,
                                               sql::ExprPtr where,
                                               std::span<const sql::OrderItem> order_by,
                                               const sql::Limit& limit);
  Result<std::uint32_t> target_column(const TableDefinition& table, const sql::Expr& column,
                                      std::string_view alias);

  // ddl.cpp, alter.cpp
  std::string schema_of(const sql::TableName& name) const {
    return std::string(name.schema.empty() ? std::string_view(database_) : name.schema);
  }
  Result<bool> create_table(const sql::CreateTable& statement);
  Result<ResultSet> create_table_as(const sql::CreateTable& statement);
  Result<bool> drop_tables(const sql::DropTable& statement, std::string& logged);
  // How many rows MySQL would say were copied.
  Result<std::uint64_t> alter(const sql::TableName& name,
                              const std::vector<sql::AlterAction>& actions);
  Result<std::uint64_t> copy_rows(const TableDefinition& before, const TableDefinition& after,
                                  const std::vector<std::optional<std::uint32_t>>& sources,
                                  std::uint64_t next_increment);
  Result<void> rename_table(const sql::TableName& from, const sql::TableName& to);
  Result<void> check_writable_schema(std::string_view schema) const;

  // show.cpp
  Result<ResultSet> show_tables(const sql::Show& statement, const std::string& schema);
  Result<ResultSet> show_columns(const sql::Show& statement);
  Result<ResultSet> show_indexes(const sql::Show& statement);
  ResultSet show_binary_logs(bool status);

  // administration.cpp
  Result<void> set_variable(const sql::SetVariable& item, TypedValue value);
  Result<void> set_session_variable(const std::string& name, const TypedValue& value);
  std::optional<TypedValue> system_variable(std::string_view name, sql::Scope scope) const;

  Storage& storage_;
  Sessions& sessions_;
  std::string database_;
  std::uint32_t number_;
  Variables variables_;
  std::map<std::string, TypedValue> user_variables_;
  SqlMode mode_;
  std::int64_t zone_seconds_ = 0;
  bool autocommit_ = true;
  bool in_transaction_ = false;  // START TRANSACTION was said
  bool read_only_ = false;
  std::optional<emulator::base::Instant> fixed_now_;  // SET TIMESTAMP
  std::uint64_t last_insert_id_ = 0;
  std::int64_t row_count_ = -1;
  std::uint64_t found_rows_ = 0;
  std::vector<std::pair<std::string, Storage::Point>> savepoints_;
  std::optional<Storage::Point> statement_point_;
  std::vector<SqlError> warnings_;       // of the statement that runs
  std::vector<SqlError> last_warnings_;  // for SHOW WARNINGS
  std::string_view text_;                // of the statement that runs
};

}  // namespace pipeline::rds::embedded
