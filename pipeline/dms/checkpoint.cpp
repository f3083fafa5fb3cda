#include "pipeline/dms/checkpoint.h"

#include <array>

namespace pipeline::dms {
namespace {

namespace base = emulator::base;
namespace sqlite = emulator::sqlite;

constexpr const char* schema_sql = R"(
CREATE TABLE IF NOT EXISTS dms_task (
  identifier TEXT PRIMARY KEY, status TEXT NOT NULL, stop_reason TEXT NOT NULL, failure TEXT NOT NULL,
  planned INTEGER NOT NULL, load_done INTEGER NOT NULL,
  file TEXT, position INTEGER, sequence INTEGER, sequence_time INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dms_table (
  task TEXT NOT NULL, schema_name TEXT NOT NULL, table_name TEXT NOT NULL, state TEXT NOT NULL,
  loaded INTEGER NOT NULL, last_file_ms INTEGER NOT NULL,
  inserts INTEGER NOT NULL, updates INTEGER NOT NULL, deletes INTEGER NOT NULL, ddls INTEGER NOT NULL,
  applied_inserts INTEGER NOT NULL, applied_updates INTEGER NOT NULL, applied_deletes INTEGER NOT NULL,
  applied_ddls INTEGER NOT NULL, full_load_rows INTEGER NOT NULL,
  PRIMARY KEY (task, schema_name, table_name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dms_reader (task TEXT PRIMARY KEY, state TEXT NOT NULL);
)";

constexpr std::array<std::string_view, 6> status_names{"ready",    "starting", "running",
                                                       "stopping", "stopped",  "failed"};

using Counter = std::uint64_t TableStatistics::*;
constexpr std::array<Counter, 9> counters{
    &TableStatistics::inserts,         &TableStatistics::updates,
    &TableStatistics::deletes,         &TableStatistics::ddls,
    &TableStatistics::applied_inserts, &TableStatistics::applied_updates,
    &TableStatistics::applied_deletes, &TableStatistics::applied_ddls,
    &TableStatistics::full_load_rows,
};
constexpr int first_counter = 5;  // column of the first counter in the SELECT below

Result<Status> parse_status(std::string_view text) {
  for (std::size_t i = 0; i < status_names.size(); ++i) {
    if (status_names[i] == text) return static_cast<Status>(i);
  }
  return base::fail("the saved state of a replication task has the unknown status " +
                    std::string(text));
}

TableRecord read_table(const sqlite::Statement& row) {
  TableRecord table;
  table.statistics.schema = row.text(0);
  table.statistics.table = row.text(1);
  table.statistics.state = row.text(2);
  table.loaded = row.integer(3) != 0;
  table.last_file_ms = row.integer(4);
  for (std::size_t i = 0; i < counters.size(); ++i) {
    table.statistics.*counters[i] =
        static_cast<std::uint64_t>(row.integer(first_counter + static_cast<int>(i)));
  }
  table.unsaved = false;
  return table;
}

}  // namespace

std::string_view status_name(Status status) {
  return status_names[static_cast<std::size_t>(status)];
}

Result<void> TaskStore::open() { return database_.execute(schema_sql); }

Result<TaskRecord> TaskStore::load() {
  TaskRecord record;
  Result<sqlite::Statement> task = database_.prepare(
      "SELECT status, stop_reason, failure, planned, load_done, file, position, sequence, "
      "sequence_time"
      " FROM dms_task WHERE identifier = ?");
  if (!task) return tl::unexpected(task.error());
  const Result<bool> found = task->bind(1, std::string_view(identifier_)).step();
  if (!found) return tl::unexpected(found.error());
  if (!*found) return record;
  const Result<Status> status = parse_status(task->text(0));
  if (!status) return tl::unexpected(status.error());
  record.status = *status;
  record.stop_reason = task->text(1);
  record.failure = task->text(2);
  record.planned = task->integer(3) != 0;
  record.load_done = task->integer(4) != 0;
  if (!task->is_null(5)) {
    Checkpoint checkpoint;
    checkpoint.position = {std::string(task->text(5)),
                           static_cast<std::uint64_t>(task->integer(6))};
    checkpoint.sequence.counter = static_cast<std::uint64_t>(task->integer(7));
    checkpoint.sequence.last_commit = Instant(base::Duration(task->integer(8)));
    record.checkpoint = std::move(checkpoint);
  }
  Result<sqlite::Statement> reader =
      database_.prepare("SELECT state FROM dms_reader WHERE task = ?");
  if (!reader) return tl::unexpected(reader.error());
  const Result<bool> has_state = reader->bind(1, std::string_view(identifier_)).step();
  if (!has_state) return tl::unexpected(has_state.error());
  if (*has_state) record.reader_state = std::make_shared<const std::string>(reader->text(0));
  saved_state_ = record.reader_state;

  Result<sqlite::Statement> tables = database_.prepare(
      "SELECT schema_name, table_name, state, loaded, last_file_ms, inserts, updates, deletes, "
      "ddls, applied_inserts,"
      " applied_updates, applied_deletes, applied_ddls, full_load_rows"
      " FROM dms_table WHERE task = ? ORDER BY schema_name, table_name");
  if (!tables) return tl::unexpected(tables.error());
  tables->bind(1, std::string_view(identifier_));
  while (true) {
    const Result<bool> row = tables->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return record;
    TableRecord table = read_table(*tables);
    TableName name(table.statistics.schema, table.statistics.table);
    record.tables.emplace(std::move(name), std::move(table));
  }
}

Result<void> TaskStore::save_task(const TaskRecord& record) {
  Result<sqlite::Statement> statement =
      database_.prepare("INSERT OR REPLACE INTO dms_task VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  if (!statement) return tl::unexpected(statement.error());
  statement->bind(1, std::string_view(identifier_)).bind(2, status_name(record.status));
  statement->bind(3, std::string_view(record.stop_reason))
      .bind(4, std::string_view(record.failure));
  statement->bind(5, std::int64_t{record.planned}).bind(6, std::int64_t{record.load_done});
  if (record.checkpoint) {
    const Checkpoint& checkpoint = *record.checkpoint;
    statement->bind(7, std::string_view(checkpoint.position.file));
    statement->bind(8, static_cast<std::int64_t>(checkpoint.position.offset));
    statement->bind(9, static_cast<std::int64_t>(checkpoint.sequence.counter));
    statement->bind(10, std::int64_t{checkpoint.sequence.last_commit.time_since_epoch().count()});
  }
  return statement->run();
}

Result<void> TaskStore::save_table(const TableRecord& table) {
  Result<sqlite::Statement> statement = database_.prepare(
      "INSERT OR REPLACE INTO dms_table VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  if (!statement) return tl::unexpected(statement.error());
  const TableStatistics& statistics = table.statistics;
  statement->bind(1, std::string_view(identifier_)).bind(2, std::string_view(statistics.schema));
  statement->bind(3, std::string_view(statistics.table))
      .bind(4, std::string_view(statistics.state));
  statement->bind(5, std::int64_t{table.loaded}).bind(6, table.last_file_ms);
  for (std::size_t i = 0; i < counters.size(); ++i) {
    statement->bind(7 + static_cast<int>(i), static_cast<std::int64_t>(statistics.*counters[i]));
  }
  return statement->run();
}

Result<void> TaskStore::save_reader_state(const TaskRecord& record) {
  Result<sqlite::Statement> statement =
      database_.prepare(record.reader_state ? "INSERT OR REPLACE INTO dms_reader VALUES (?1, ?2)"
                                            : "DELETE FROM dms_reader WHERE task = ?1");
  if (!statement) return tl::unexpected(statement.error());
  statement->bind(1, std::string_view(identifier_));
  if (record.reader_state) statement->bind(2, std::string_view(*record.reader_state));
  return statement->run();
}

Result<void> TaskStore::save(TaskRecord& record) {
  Result<sqlite::Transaction> transaction = sqlite::Transaction::begin(database_);
  if (!transaction) return tl::unexpected(transaction.error());
  if (Result<void> done = save_task(record); !done) return done;
  if (record.reader_state != saved_state_) {
    if (Result<void> done = save_reader_state(record); !done) return done;
  }
  if (record.forgets_tables) {
    if (Result<void> done = forget_tables(); !done) return done;
  }
  for (auto& [name, table] : record.tables) {
    if (!table.unsaved) continue;
    if (Result<void> done = save_table(table); !done) return done;
  }
  if (Result<void> done = transaction->commit(); !done) return done;
  record.forgets_tables = false;
  saved_state_ = record.reader_state;
  for (auto& [name, table] : record.tables) table.unsaved = false;
  return {};
}

Result<void> TaskStore::forget_tables() {
  Result<sqlite::Statement> statement = database_.prepare("DELETE FROM dms_table WHERE task = ?");
  if (!statement) return tl::unexpected(statement.error());
  return statement->bind(1, std::string_view(identifier_)).run();
}

}  // namespace pipeline::dms
