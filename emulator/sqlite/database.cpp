#include "emulator/sqlite/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <utility>

#include "emulator/base/check.h"

namespace emulator::sqlite {
namespace {

// Without its statistics of memory SQLite takes no lock for each allocation. It has to be said
// before its first use.
void configure_once() {
  static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(configured);
}

constexpr int patience_ms =
    100;  // for a lock that another process holds: then it is refused, not waited for

tl::unexpected<base::Error> failure(sqlite3* database, std::string_view doing) {
  return base::fail(
      fmt::format("{}: {}", doing, database ? sqlite3_errmsg(database) : "out of memory"));
}

std::string_view synchronous(Sync sync) {
  switch (sync) {
    case Sync::full:
      return "FULL";
    case Sync::normal:
      return "NORMAL";
    case Sync::off:
      return "OFF";
  }
  CHECK(false);
}

}  // namespace

Statement::~Statement() { sqlite3_finalize(statement_); }
Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)) {}
Statement& Statement::operator=(Statement&& other) noexcept {
  if (this != &other) {
    sqlite3_finalize(statement_);
    statement_ = std::exchange(other.statement_, nullptr);
  }
  return *this;
}

Statement& Statement::bind(int index, std::string_view text) {
  // A null data pointer would bind NULL, so an empty text gets a pointer of its own.
  const char* data = text.data() ? text.data() : "";
  CHECK(sqlite3_bind_text64(statement_, index, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8) ==
        SQLITE_OK);
  return *this;
}

Statement& Statement::bind_blob(int index, std::string_view bytes) {
  const char* data = bytes.data() ? bytes.data() : "";
  CHECK(sqlite3_bind_blob64(statement_, index, data, bytes.size(), SQLITE_TRANSIENT) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(int index, std::int64_t value) {
  CHECK(sqlite3_bind_int64(statement_, index, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(int index, double value) {
  CHECK(sqlite3_bind_double(statement_, index, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind_null(int index) {
  CHECK(sqlite3_bind_null(statement_, index) == SQLITE_OK);
  return *this;
}

Result<bool> Statement::step() {
  int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failure(sqlite3_db_handle(statement_), "SQLite");
}

Result<void> Statement::run() {
  while (true) {
    auto row = step();
    if (!row || !*row) {
      reset();
      if (!row) return tl::unexpected(row.error());
      return {};
    }
  }
}

void Statement::reset() { sqlite3_reset(statement_); }

int Statement::columns() const { return sqlite3_column_count(statement_); }

std::string_view Statement::text(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return data ? std::string_view(static_cast<const char*>(data), size) : std::string_view();
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}
double Statement::real(int column) const { return sqlite3_column_double(statement_, column); }
bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

Database::~Database() { sqlite3_close_v2(database_); }
Database::Database(Database&& other) noexcept { *this = std::move(other); }
Database& Database::operator=(Database&& other) noexcept {
  if (this != &other) {
    sqlite3_close_v2(database_);
    database_ = std::exchange(other.database_, nullptr);
    controls_ = std::move(other.controls_);
  }
  return *this;
}

Result<Database> Database::open(const std::string& path, Sync sync) {
  configure_once();
  Database opened;
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(path.c_str(), &opened.database_, flags, nullptr) != SQLITE_OK)
    return failure(opened.database_, fmt::format("cannot open {}", path));
  sqlite3_busy_timeout(opened.database_, patience_ms);
  if (path == ":memory:") return opened;
  auto prepared = opened.execute(fmt::format(
      // Debian's SQLite overwrites with zeros what is deleted, unless it is told that nobody asks
      // for that.
      "PRAGMA secure_delete=OFF; PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA "
      "synchronous={}; BEGIN EXCLUSIVE; COMMIT;",
      synchronous(sync)));
  if (!prepared && sqlite3_errcode(opened.database_) == SQLITE_BUSY)
    return base::fail(fmt::format("{} is in use by another process", path),
                      "stop the other sluice, or give this one a folder of its own with --data");
  if (!prepared) return tl::unexpected(prepared.error());
  return opened;
}

Result<void> Database::execute(const std::string& sql) {
  if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return failure(database_, "SQLite");
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()),
                                SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return failure(database_, "SQLite");
  return Statement(statement);
}

std::int64_t Database::last_insert_rowid() const { return sqlite3_last_insert_rowid(database_); }
std::int64_t Database::changes() const { return sqlite3_changes64(database_); }
std::string Database::error_text() const { return sqlite3_errmsg(database_); }

Result<void> Database::run(Control control) {
  static constexpr std::array<std::string_view, 6> sql{"BEGIN IMMEDIATE",  "COMMIT",
                                                       "ROLLBACK",         "SAVEPOINT gathered",
                                                       "RELEASE gathered", "ROLLBACK TO gathered"};
  const auto index = static_cast<std::size_t>(control);
  Statement& statement = controls_[index];
  if (statement.handle() == nullptr) {
    auto prepared = prepare(sql[index]);
    if (!prepared) return tl::unexpected(prepared.error());
    statement = std::move(*prepared);
  }
  return statement.run();
}

Result<Transaction> Transaction::begin(Database& database) {
  if (auto begun = database.run(Database::Control::begin); !begun)
    return tl::unexpected(begun.error());
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  // A failed ROLLBACK means that SQLite has already rolled back by itself (disk full, I/O error).
  if (database_) static_cast<void>(database_->run(Database::Control::rollback));
}

Result<void> Transaction::commit() {
  if (auto committed = database_->run(Database::Control::commit); !committed) return committed;
  database_ = nullptr;
  return {};
}

Result<Savepoint> Savepoint::begin(Database& database) {
  if (auto begun = database.run(Database::Control::save); !begun)
    return tl::unexpected(begun.error());
  return Savepoint(database);
}

Savepoint::Savepoint(Savepoint&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Savepoint::~Savepoint() {
  if (!database_) return;
  // As above: it may be gone with its transaction.
  if (database_->run(Database::Control::go_back))
    static_cast<void>(database_->run(Database::Control::release));
}

Result<void> Savepoint::keep() {
  if (auto kept = database_->run(Database::Control::release); !kept) return kept;
  database_ = nullptr;
  return {};
}

}  // namespace emulator::sqlite
