#include "pipeline/dms/change_capture.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "pipeline/mysql/ddl.h"

namespace pipeline::dms {
namespace {

namespace base = emulator::base;
namespace s3 = emulator::s3;
namespace sim = emulator::sim;
using namespace std::chrono_literals;

constexpr int transactions_at_once = 1000;  // then others have their turn
// Where nothing is pending, the checkpoint follows the log at most this often (EventsPollInterval's
// default).
constexpr base::Duration idle_save_interval = 5s;
// Files of a real task were 1 to 57 ms behind their interval, most of them 3 (dms.md 1.2).
constexpr std::int64_t usual_lateness_ms = 3;
constexpr std::int64_t most_lateness_ms = 57;

// The commit time as DMS knows it: MySQL's binlog headers have whole seconds (dms.md 2.7).
Instant commit_time(const mysql::Transaction& transaction, const S3Settings& settings) {
  if (settings.sluice_commit_micros) return transaction.committed;
  return std::chrono::floor<std::chrono::seconds>(transaction.committed);
}

// ADD, DROP, TRUNCATE ... PARTITION, PARTITION BY, REMOVE PARTITIONING: rows may come and go
// without row events, so DMS suspends the table.
bool changes_partitions(const std::string& sql) {
  mysql::SqlTokens tokens(sql);
  while (!tokens.at_end()) {
    const mysql::SqlTokens::Token token = tokens.next();
    if (token.is("PARTITION") || (token.is("REMOVE") && tokens.peek().is("PARTITIONING")))
      return true;
  }
  return false;
}

}  // namespace

ChangeCapture::ChangeCapture(TaskContext& context, S3Target& target, const SourceTables& tables)
    : context_(context), target_(target) {
  for (const auto& [name, schema] : tables) find_table(name);
  note_generated_columns();
}

void ChangeCapture::start(Checkpoint from, bool end_at_once) {
  position_ = std::move(from.position);
  sequence_ = from.sequence;
  end_at_once_ = end_at_once;
  last_save_ = context_.scheduler.now();
  context_.source.on_commit(context_.guarded([this] { wake(); }));
  wake();
}

void ChangeCapture::flush() {
  flushing_ = true;
  context_.source.on_commit({});
  for (auto& [name, table] : tables_) close_file(table);
  target_.then([this] {
    if (save_checkpoint()) context_.host.flushed();
  });
}

void ChangeCapture::wake() {
  if (read_scheduled_ || flushing_) return;
  read_scheduled_ = true;
  context_.after({}, "dms.read", [this] {
    read_scheduled_ = false;
    if (!flushing_) read();
  });
}

void ChangeCapture::read() {
  for (int i = 0; i < transactions_at_once; ++i) {
    const Result<std::optional<mysql::Transaction>> next =
        context_.source.next_transaction(position_);
    if (!next) return context_.host.fail(next.error().message);
    if (!*next) return at_end_of_log();
    if (const Result<void> applied = apply(**next); !applied)
      return context_.host.fail(applied.error().message);
    position_ = (*next)->end;
  }
  wake();
}

void ChangeCapture::at_end_of_log() {
  const bool moved =
      context_.record.checkpoint && context_.record.checkpoint->position != position_;
  if (pending_.empty() && moved && context_.scheduler.now() - last_save_ >= idle_save_interval &&
      !save_checkpoint())
    return;
  if (!end_at_once_) return;
  end_at_once_ = false;
  context_.host.cached_changes_applied();
}

Result<void> ChangeCapture::apply(const mysql::Transaction& transaction) {
  ++ordinal_;
  before_ = {transaction.start, sequence_};
  last_ = {};
  has_rows_ = false;
  if (transaction.schema_change) apply_schema_change(*transaction.schema_change);
  return transaction.for_each_change([&](const mysql::RowChange& change) -> Result<void> {
    apply_row(transaction, change);
    return emulator::base::success;
  });
}

ChangeCapture::Table* ChangeCapture::find_table(const TableName& name) {
  const auto known = selected_.find(name);
  const bool selected = known != selected_.end()
                            ? known->second
                            : context_.options.mappings.selects(name.first, name.second);
  if (known == selected_.end()) selected_.emplace(name, selected);
  if (!selected) return nullptr;
  const auto [place, is_new] = tables_.try_emplace(name);
  Table& table = place->second;
  if (is_new) {
    table.name = name;
    const auto [record, is_new_record] = context_.record.tables.try_emplace(name);
    if (is_new_record) {
      // Created after the load: its rows come as changes only.
      record->second.statistics.schema = name.first;
      record->second.statistics.table = name.second;
      record->second.statistics.state = "Table completed";
      record->second.loaded = true;
    }
    table.suspended = record->second.statistics.state == "Table error";
  }
  return &table;
}

// What a MySQL source tells of DDL (dms.md 2.9).
void ChangeCapture::apply_schema_change(Table& table, const mysql::SchemaChange& change) {
  using Kind = mysql::SchemaChange::Kind;
  TableStatistics& statistics = record_of(table).statistics;
  record_of(table).unsaved = true;
  switch (change.kind) {
    case Kind::alter_table:
      if (changes_partitions(change.sql)) return suspend(table, "its partitions were changed");
      close_file(table);
      ++statistics.ddls;
      ++statistics.applied_ddls;
      return;
    case Kind::truncate_table:
      close_file(table);
      ++statistics.ddls;
      if (context_.settings.handle_truncated) truncate(table);
      return;
    case Kind::create_table:
      return close_file(table);  // of a dropped namesake
    case Kind::drop_table:
      return context_.host.warn(fmt::format(
          "Cannot drop table '{}'. DROP TABLE is not currently supported", table.name.second));
    case Kind::rename_table:
      return context_.host.warn(
          fmt::format("RENAME TABLE of '{}' is not captured", table.name.second));
    case Kind::other:
      return;
  }
}

void ChangeCapture::apply_schema_change(const mysql::SchemaChange& change) {
  for (const TableName& name : change.tables) {
    Table* table = find_table(name);
    if (table == nullptr || table->suspended) continue;
    apply_schema_change(*table, change);
  }
  note_generated_columns();
}

void ChangeCapture::apply_row(const mysql::Transaction& transaction,
                              const mysql::RowChange& change) {
  if (last_.first != change.table.get()) {
    last_ = {change.table.get(), find_table({change.table->schema, change.table->table})};
  }
  Table* table = last_.second;
  if (table == nullptr) return;
  if (has_rows_) {
    sequence_.next_row();
  } else {
    const Instant commit = commit_time(transaction, context_.options.target);
    sequence_.next_transaction(commit);
    if (!context_.options.target.timestamp_column_name.empty())
      commit_text_ = base::sql_time(commit, 6);
    has_rows_ = true;
  }
  if (table->suspended) return;
  TableRecord& record = record_of(*table);
  record.unsaved = true;
  switch (change.operation) {
    case mysql::Operation::insert:
      ++record.statistics.inserts;
      break;
    case mysql::Operation::update:
      ++record.statistics.updates;
      break;
    case mysql::Operation::remove:
      ++record.statistics.deletes;
      break;
  }
  if (change.operation == mysql::Operation::insert || !context_.options.target.cdc_inserts_only) {
    write(*table, transaction, change);
  }
}

void ChangeCapture::write(Table& table, const mysql::Transaction& transaction,
                          const mysql::RowChange& change) {
  if (!change.table->columns.empty() && change.table->columns[0].name.empty())
    return suspend(table,
                   "the log does not name its columns (binlog_row_metadata is not FULL), and its "
                   "DDL could not be followed");
  if (table.open && !table.open->fits(change.table)) close_file(table);
  if (!table.open) open_file(table, transaction, change.table);
  const Result<void> added = table.open->add(change, commit_text_, sequence_);
  if (!added) return suspend(table, added.error().message);
  table.open->last = transaction.start;
  warn_of_cut_lobs(table);
  const std::int64_t bytes_max = context_.options.target.cdc_min_file_size_kb * 1024;
  if (static_cast<std::int64_t>(table.open->text.size()) >= bytes_max) close_file(table);
}

void ChangeCapture::open_file(Table& table, const mysql::Transaction& transaction,
                              const mysql::TablePtr& shape) {
  CsvRowsOptions options = rows_options(context_, shape);
  options.left_out = table.left_out;
  table.open =
      std::make_unique<ChangeFile>(std::move(options), pending_.emplace(ordinal_, before_));
  table.open->first = transaction.start;
  table.open->cause = transaction.trace_id;
  const S3Settings& settings = context_.options.target;
  const std::int64_t lateness = settings.sluice_file_time_jitter
                                    ? context_.random.between(1, most_lateness_ms)
                                    : usual_lateness_ms;
  const base::Duration interval = std::chrono::seconds(settings.cdc_max_batch_interval_s);
  const base::Duration delay =
      interval == base::Duration{} ? interval : interval + std::chrono::milliseconds(lateness);
  table.open->timer = context_.after(delay, "dms.close",
                                     [this, name = table.name] { close_file(tables_.at(name)); });
}

// TableErrorPolicy SUSPEND_TABLE: what was written stays, what follows is not carried. Recorded
// once what came before is durable: a resume would otherwise pass over it.
void ChangeCapture::suspend(Table& table, const std::string& why) {
  context_.host.warn(
      fmt::format("Table {}.{} is suspended: {}", table.name.first, table.name.second, why));
  table.suspended = true;
  close_file(table);
  const Pending::iterator pending = pending_.emplace(ordinal_, before_);
  target_.then([this, &table, pending] {
    record_of(table).statistics.state = "Table error";
    record_of(table).unsaved = true;
    pending_.erase(pending);
    save_checkpoint();
  });
}

void ChangeCapture::warn_of_cut_lobs(Table& table) {
  if (table.lob_warned || table.open->rows.lobs_cut() == 0) return;
  table.lob_warned = true;
  context_.host.warn(fmt::format("Table {}.{}: LOB values are cut to LobMaxSize ({} KB)",
                                 table.name.first, table.name.second,
                                 context_.settings.lob_max_kb));
}

// Two files of one table never bear one name, not even in one millisecond.
std::string ChangeCapture::file_key(Table& table) {
  TableRecord& record = record_of(table);
  const std::int64_t now = std::chrono::floor<std::chrono::milliseconds>(context_.scheduler.now())
                               .time_since_epoch()
                               .count();
  record.last_file_ms = std::max(now, record.last_file_ms + 1);
  record.unsaved = true;
  return target_.folder(table.name.first, table.name.second) +
         change_file_name(record.last_file_ms);
}

void ChangeCapture::close_file(Table& table) {
  if (!table.open) return;
  context_.scheduler.cancel(table.open->timer);
  const std::shared_ptr<ChangeFile> file =
      std::move(table.open);  // shared: std::function wants to be copied
  if (file->row_count() == 0) {
    pending_.erase(file->pending);
    return;
  }
  S3Target::Put put;
  put.key = file_key(table);
  put.crash_point = "dms.after_put";
  put.cause = file->cause;
  put.store = [this, file, key = put.key]() -> s3::Result<void> {
    const auto stored = context_.s3.put_object(
        {.bucket = context_.options.target.bucket_name, .key = key}, file->text);
    if (!stored) return tl::unexpected(stored.error());
    return {};
  };
  put.stored = [this, &table, file, key = put.key] { stored(table, *file, key); };
  target_.put(std::move(put));
}

void ChangeCapture::stored(Table& table, const ChangeFile& file, const std::string& key) {
  TableRecord& record = record_of(table);
  record.statistics.applied_inserts += file.inserts;
  record.statistics.applied_updates += file.updates;
  record.statistics.applied_deletes += file.deletes;
  record.unsaved = true;
  pending_.erase(file.pending);
  sim::Cause scope(context_.scheduler, file.cause != 0 ? file.cause : context_.scheduler.cause());
  const sim::EventId line = context_.trace.record("dms", "change_file",
                                                  {{"task", context_.options.identifier},
                                                   {"bucket", context_.options.target.bucket_name},
                                                   {"key", key},
                                                   {"rows", file.row_count()},
                                                   {"inserts", file.inserts},
                                                   {"updates", file.updates},
                                                   {"deletes", file.deletes},
                                                   {"bytes", std::uint64_t{file.text.size()}},
                                                   {"first", file.first.text()},
                                                   {"last", file.last.text()}});
  sim::Cause from_file(context_.scheduler, line);
  save_checkpoint();
}

// "When the source table is truncated, DMS deletes all of its files" (UG-S3). In order with the
// files before and after.
void ChangeCapture::truncate(Table& table) {
  const Pending::iterator pending = pending_.emplace(ordinal_, before_);
  target_.then([this, &name = table.name, pending] {
    const s3::Result<std::uint64_t> deleted = target_.delete_folder(name.first, name.second);
    if (!deleted) {
      return context_.host.fail(fmt::format("Failed to truncate {}.{}: {}", name.first, name.second,
                                            deleted.error().text()));
    }
    context_.trace.record("dms", "truncate",
                          {{"task", context_.options.identifier},
                           {"table", name.first + "." + name.second},
                           {"deleted", *deleted}});
    pending_.erase(pending);
    save_checkpoint();
  });
}

// Row events carry generated columns like any other; only a schema that comes from the server and
// not from the log (`declared` is filled) tells which they are.
void ChangeCapture::note_generated_columns() {
  const Result<std::vector<mysql::TablePtr>> schemas = context_.source.tables();
  if (!schemas) return;  // then the columns of the row events say what they can
  for (const mysql::TablePtr& schema : *schemas) {
    const auto table = tables_.find({schema->schema, schema->table});
    if (table == tables_.end()) continue;
    std::vector<std::string>& left_out = table->second.left_out;
    std::vector<std::string> now;
    for (const mysql::Column& column : schema->columns) {
      const bool was = std::find(left_out.begin(), left_out.end(), column.name) != left_out.end();
      if (column.generated || (was && column.declared.empty())) now.push_back(column.name);
    }
    left_out = std::move(now);
  }
}

Checkpoint ChangeCapture::durable() const {
  return pending_.empty() ? Checkpoint{position_, sequence_} : pending_.begin()->second;
}

bool ChangeCapture::save_checkpoint() {
  const Checkpoint checkpoint = durable();
  const bool moved =
      !context_.record.checkpoint || context_.record.checkpoint->position != checkpoint.position;
  context_.record.checkpoint = checkpoint;
  context_.record.reader_state = context_.source.reader_state(checkpoint.position);
  last_save_ = context_.scheduler.now();
  if (!context_.host.save()) return false;
  if (moved) {
    context_.trace.record(
        "dms", "checkpoint",
        {{"task", context_.options.identifier}, {"position", checkpoint.position.text()}});
  }
  return true;
}

}  // namespace pipeline::dms
