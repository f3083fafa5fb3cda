#include "pipeline/rds/embedded/storage.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include "emulator/base/check.h"
#include "emulator/base/text.h"
#include "pipeline/rds/embedded/collation.h"
#include "pipeline/rds/embedded/functions/functions.h"

namespace pipeline::rds::embedded {
namespace {

using emulator::base::fail;

// One row: where the last commit ended in the log. Identity and counters live here too.
constexpr std::string_view log_table =
    "CREATE TABLE IF NOT EXISTS sluice_log (id INTEGER PRIMARY KEY, server_uuid TEXT NOT NULL, "
    "file TEXT NOT NULL, position INTEGER NOT NULL,"
    " executed TEXT NOT NULL, transactions INTEGER NOT NULL);";

SqlError storage_error(const emulator::base::Error& error) {
  return sql_error(1105, error.text()).value();
}

}  // namespace

Storage::Storage(const EngineOptions& given, emulator::sim::Scheduler& clock,
                 emulator::sim::Trace& lines, emulator::sim::Random chance)
    : options(given),
      scheduler(clock),
      trace(lines),
      random(chance),
      catalog(database),
      capture(catalog, journal),
      rows(database, capture) {
  environment.random = &random;
  environment.version = options.version;
}

Storage::~Storage() = default;

emulator::base::Result<void> Storage::open() {
  auto variables = Variables::with(options.parameters);
  if (!variables) return tl::unexpected(variables.error());
  global = std::move(*variables);
  if (!options.parameters.contains("server_id"))
    global.set("server_id", std::to_string(options.server_id));
  global.set("version", options.version);
  std::string path = ":memory:";
  if (!options.folder.empty()) {
    if (auto made = emulator::base::make_directories(options.folder); !made) return made;
    path = options.folder + "/" + options.identifier + ".sqlite";
  }
  auto opened = emulator::sqlite::Database::open(path, options.sync);
  if (!opened) return tl::unexpected(opened.error());
  database = std::move(*opened);
  capture.install(database.handle());
  register_collations(database.handle());
  register_functions(database.handle(), environment);
  if (auto made = catalog.open(); !made) return made;
  if (auto made = open_identity(); !made) return made;
  return open_log();
}

emulator::base::Result<void> Storage::open_identity() {
  if (auto made = database.execute(std::string(log_table)); !made) return made;
  auto statement =
      database.prepare("SELECT server_uuid, executed, transactions FROM sluice_log WHERE id = 1");
  if (!statement) return tl::unexpected(statement.error());
  auto row = statement->step();
  if (!row) return tl::unexpected(row.error());
  if (*row) {
    server_uuid = statement->text(0);
    auto set = mysql::binlog::GtidSet::parse(statement->text(1));
    if (!set) return tl::unexpected(set.error());
    executed = std::move(*set);
    transactions_in_file_ = statement->integer(2);
  } else {
    server_uuid = random.uuid();
  }
  auto bytes = mysql::binlog::uuid_from_text(server_uuid);
  if (!bytes) return tl::unexpected(bytes.error());
  uuid_bytes_ = std::move(*bytes);
  environment.server_uuid = server_uuid;
  global.set("server_uuid", server_uuid);
  return {};
}

emulator::base::Result<void> Storage::open_log() {
  mysql::binlog::WriterOptions writing;
  writing.server_id = static_cast<std::uint32_t>(
      emulator::base::parse_unsigned(*global.get("server_id")).value_or(1));
  writing.server_version = options.version;
  writing.full_metadata = *global.get("binlog_row_metadata") == "FULL";
  writing.rows_event_bytes = static_cast<std::size_t>(
      emulator::base::parse_unsigned(*global.get("binlog_row_event_max_size")).value_or(8192));
  writer_ = mysql::binlog::Writer(writing);
  const std::string folder = options.folder.empty()
                                 ? std::string()
                                 : options.folder + "/" + options.identifier + "-binlog";
  auto store = BinlogStore::open(folder, options.sync);
  if (!store) return tl::unexpected(store.error());
  binlog = std::move(*store);
  auto statement = database.prepare("SELECT file, position FROM sluice_log WHERE id = 1");
  if (!statement) return tl::unexpected(statement.error());
  auto row = statement->step();
  if (!row) return tl::unexpected(row.error());
  if (*row) {
    writer_.resume_file(transactions_in_file_);
    return binlog.cut(std::string(statement->text(0)),
                      static_cast<std::uint64_t>(statement->integer(1)));
  }
  buffer_.clear();
  writer_.begin_file(buffer_, scheduler.now(), executed);
  if (auto started = binlog.start_file(buffer_); !started) return started;
  return database.execute(fmt::format("INSERT INTO sluice_log VALUES (1, '{}', '{}', {}, '', 0)",
                                      server_uuid, binlog.current(), binlog.position()));
}

Result<void> Storage::run(std::string_view sql) {
  if (auto done = database.execute(std::string(sql)); !done)
    return tl::unexpected(storage_error(done.error()));
  return {};
}

Result<void> Storage::step(emulator::sqlite::Statement& statement) {
  if (auto done = statement.run(); !done) return tl::unexpected(storage_error(done.error()));
  return {};
}

Result<void> Storage::begin() {
  if (!begin_.handle()) {
    auto begin_statement = database.prepare("BEGIN");
    auto commit_statement = database.prepare("COMMIT");
    auto rollback_statement = database.prepare("ROLLBACK");
    auto position_statement = database.prepare(
        "UPDATE sluice_log SET file = ?1, position = ?2, executed = ?3, transactions = ?4 WHERE id "
        "= 1");
    if (!begin_statement || !commit_statement || !rollback_statement || !position_statement)
      return sql_error(1105, database.error_text());
    begin_ = std::move(*begin_statement);
    commit_ = std::move(*commit_statement);
    rollback_ = std::move(*rollback_statement);
    position_ = std::move(*position_statement);
  }
  auto done = step(begin_);
  if (done) open_ = true;
  return done;
}

Result<void> Storage::store_position() {
  for (const auto& [id, next] : dirty_increments) {
    if (auto stored = run(
            fmt::format("UPDATE sluice_table SET next_increment = '{}' WHERE id = {}", next, id));
        !stored)
      return stored;
  }
  dirty_increments.clear();
  if (options.folder.empty()) return {};  // nothing outlives the process
  position_.bind(1, binlog.current())
      .bind(2, static_cast<std::int64_t>(binlog.position()))
      .bind(3, executed.text())
      .bind(4, transactions_in_file_);
  return step(position_);
}

mysql::binlog::CommitInfo Storage::next_commit(std::uint32_t thread) {
  mysql::binlog::CommitInfo out;
  out.gtid.uuid = uuid_bytes_;
  out.gtid.number = executed.next_number(uuid_bytes_);
  out.committed = scheduler.now();
  out.thread_id = thread;
  if (*global.get("gtid_mode") == "OFF") out.gtid = {};
  return out;
}

Result<void> Storage::append_log(std::string_view bytes) {
  if (auto appended = binlog.append(bytes); !appended)
    return tl::unexpected(storage_error(appended.error()));
  ++transactions_in_file_;
  return {};
}

Result<void> Storage::finish_commit(std::uint64_t trace_id) {
  if (trace_id != 0) {
    traces_[position().text()] = trace_id;
    if (on_commit) {
      emulator::sim::Cause cause(scheduler, trace_id);
      on_commit();
    }
  }
  const auto limit =
      emulator::base::parse_unsigned(*global.get("max_binlog_size")).value_or(1ull << 30);
  return binlog.position() >= limit ? rotate() : Result<void>();
}

Result<void> Storage::commit(std::uint32_t thread) {
  const bool log = !journal.empty() && *global.get("log_bin") == "ON";
  mysql::binlog::CommitInfo info;
  if (log) {
    info = next_commit(thread);
    buffer_.clear();
    const auto statements = journal.statements(*global.get("binlog_rows_query_log_events") == "ON");
    writer_.append_transaction(buffer_, binlog.position(), info, statements, xid_++);
    if (auto appended = append_log(buffer_); !appended) return appended;
    if (!info.gtid.uuid.empty()) executed.add(info.gtid);
  }
  if (log || !dirty_increments.empty()) {
    if (auto stored = store_position(); !stored) return stored;
  }
  if (auto done = step(commit_); !done) return done;
  open_ = false;
  std::uint64_t trace_id = 0;
  if (log) {
    std::string tables;
    for (const std::string& name : journal.table_names())
      tables += (tables.empty() ? "" : ",") + name;
    trace_id = trace.record("rds", "commit",
                            {{"gtid", info.gtid.uuid.empty() ? "" : info.gtid.text()},
                             {"position", position().text()},
                             {"rows", static_cast<std::uint64_t>(journal.changes().size())},
                             {"tables", tables}});
  }
  journal.clear();
  return finish_commit(trace_id);
}

Result<void> Storage::commit_ddl(std::string_view schema, std::string_view sql,
                                 std::uint32_t thread) {
  const mysql::binlog::CommitInfo info = next_commit(thread);
  const bool log = *global.get("log_bin") == "ON";
  if (log) {
    buffer_.clear();
    writer_.append_ddl(buffer_, binlog.position(), info, schema, sql);
    if (auto appended = append_log(buffer_); !appended) return appended;
    if (!info.gtid.uuid.empty()) executed.add(info.gtid);
    if (auto stored = store_position(); !stored) return stored;
  }
  CHECK(journal.empty());  // DDL that changes rows pauses the journal: its log entry is its text
  if (auto done = step(commit_); !done) return done;
  open_ = false;
  journal.clear();
  const std::uint64_t trace_id =
      log ? trace.record("rds", "ddl",
                         {{"gtid", info.gtid.uuid.empty() ? "" : info.gtid.text()},
                          {"position", position().text()},
                          {"sql", sql}})
          : 0;
  return finish_commit(trace_id);
}

Result<void> Storage::rollback() {
  journal.clear();
  open_ = false;
  return step(rollback_);
}

Result<Storage::Point> Storage::savepoint() {
  const Point point{++last_point_, journal.mark()};
  if (auto done = run(fmt::format("SAVEPOINT p{}", point.number)); !done)
    return tl::unexpected(done.error());
  return point;
}

Result<void> Storage::rollback_to(const Point& point) {
  journal.rewind(point.mark);
  return run(fmt::format("ROLLBACK TO p{}", point.number));
}

Result<void> Storage::release(const Point& point) {
  return run(fmt::format("RELEASE p{}", point.number));
}

Result<void> Storage::rotate() {
  const std::uint64_t number =
      emulator::base::parse_unsigned(std::string_view(binlog.current()).substr(7)).value_or(0) + 1;
  buffer_.clear();
  writer_.append_rotate(buffer_, binlog.position(), scheduler.now(),
                        fmt::format("binlog.{:06}", number));
  if (auto appended = binlog.append(buffer_); !appended)
    return tl::unexpected(storage_error(appended.error()));
  buffer_.clear();
  writer_.begin_file(buffer_, scheduler.now(), executed);
  transactions_in_file_ = 0;
  if (auto started = binlog.start_file(buffer_); !started)
    return tl::unexpected(storage_error(started.error()));
  if (options.folder.empty()) return {};
  if (auto begun = begin(); !begun) return begun;
  if (auto stored = store_position(); !stored) return stored;
  open_ = false;
  return step(commit_);
}

Result<void> Storage::purge_to(const std::string& file) {
  if (binlog.size_of(file) == 0) return sql_error(1373, "Target log not found in binlog index");
  if (auto purged = binlog.purge_to(file); !purged)
    return tl::unexpected(storage_error(purged.error()));
  return {};
}

std::uint64_t Storage::trace_of(const std::string& end_position) const {
  const auto found = traces_.find(end_position);
  return found == traces_.end() ? 0 : found->second;
}

}  // namespace pipeline::rds::embedded
