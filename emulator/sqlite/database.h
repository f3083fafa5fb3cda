#pragma once
// SQLite behind RAII: Database owns a connection, Statement a prepared statement, Transaction a
// BEGIN that rolls back unless committed. Errors are Results; texts are SQLite's own. sqlite3.h
// stays in the .cpp (handle() gives the raw pointer to those who need hooks).

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace emulator::sqlite {

using base::Result;

// synchronous: what a commit survives. full: power cut (fsync at each commit); normal: kill -9
// always, power cut up to the last checkpoint; off: kill -9 only.
enum class Sync { full, normal, off };

class Statement {
 public:
  Statement() = default;
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;

  // Parameters count from 1. Text and blobs are copied.
  Statement& bind(int index, std::string_view text);
  Statement& bind_blob(int index, std::string_view bytes);
  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, double value);
  Statement& bind_null(int index);

  // true = there is a row; false = done.
  Result<bool> step();
  // Runs to the end and resets; for statements without rows.
  Result<void> run();
  void reset();  // keeps the bindings

  // Columns count from 0; views hold until the next step or reset.
  int columns() const;
  std::string_view text(int column) const;  // blobs too
  std::int64_t integer(int column) const;
  double real(int column) const;
  bool is_null(int column) const;
  sqlite3_stmt* handle() const { return statement_; }

 private:
  friend class Database;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  sqlite3_stmt* statement_ = nullptr;
};

class Database {
 public:
  Database() = default;
  ~Database();
  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;

  // path ":memory:" or a file (WAL; created if absent). A file is held with an exclusive lock: a
  // second process gets an Error.
  static Result<Database> open(const std::string& path, Sync sync = Sync::full);

  Result<void> execute(const std::string& sql);  // one or more statements, no parameters
  Result<Statement> prepare(std::string_view sql);
  std::int64_t last_insert_rowid() const;
  std::int64_t changes() const;
  std::string error_text() const;
  sqlite3* handle() const { return database_; }

 private:
  friend class Transaction;
  friend class Savepoint;
  // Prepared at their first use and kept: to parse them costs more than to run them.
  enum class Control { begin, commit, rollback, save, release, go_back };
  Result<void> run(Control control);

  sqlite3* database_ = nullptr;
  std::array<Statement, 6> controls_;
};

// BEGIN IMMEDIATE ... COMMIT; rolls back in the destructor unless commit() was called.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  ~Transaction();
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

// A part of a transaction that can be undone by itself: undone in the destructor unless keep() was
// called. One at a time.
class Savepoint {
 public:
  static Result<Savepoint> begin(Database& database);
  ~Savepoint();
  Savepoint(Savepoint&& other) noexcept;
  Savepoint& operator=(Savepoint&&) = delete;
  Result<void> keep();

 private:
  explicit Savepoint(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace emulator::sqlite
