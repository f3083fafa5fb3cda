#include "pipeline/mysql/binlog/transaction_assembler.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "pipeline/mysql/binlog/reader.h"
#include "pipeline/mysql/binlog/table_map.h"
#include "pipeline/mysql/ddl/parser.h"
#include "pipeline/mysql/types/codec.h"

namespace pipeline::mysql::binlog {

namespace {

using emulator::base::Error;
using emulator::base::fail;
using emulator::base::Instant;

Instant instant_of_seconds(std::uint32_t seconds) { return Instant(std::chrono::seconds(seconds)); }

// SQL is in the client's charset; one that is not known is taken as it is.
std::string sql_text(const QueryEvent& query) {
  if (query.client_collation == 0) return std::string(query.sql);
  auto text = types::to_utf8(query.sql, query.client_collation);
  return text ? std::move(*text) : std::string(query.sql);
}

// The rows are read at the commit: the place of an error is their own event.
Error in_event(const RowLog::Entry& entry, Error why) {
  why.message = fmt::format("the rows at {}: {}", entry.offset, why.message);
  return why;
}

std::string shortened(std::string_view sql) {
  constexpr std::size_t shown_max = 120;
  return sql.size() <= shown_max ? std::string(sql) : std::string(sql.substr(0, shown_max)) + "...";
}

}  // namespace

void TransactionAssembler::begin_file(std::string name) {
  file_ = std::move(name);
  tables_.clear();
  seen_.clear();
}

Result<std::optional<Transaction>> TransactionAssembler::add(const Event& event,
                                                             const FormatDescriptionEvent& format) {
  auto taken = take(event, format);
  if (!taken) return tl::unexpected(taken.error());
  if (!*taken) return std::nullopt;
  Transaction transaction = std::move(open_.transaction);
  if (auto done = append_changes(open_rows_, transaction); !done)
    return tl::unexpected(done.error());
  return transaction;
}

TransactionAssembler::Completed TransactionAssembler::take(const Event& event,
                                                           const FormatDescriptionEvent& format) {
  const EventType type = event.header.type;
  if (open_.complete) begin_group();
  if (is_rows_event(type)) {
    if (auto done = rows(event, format); !done) return tl::unexpected(done.error());
    const bool alone =
        open_.standalone &&
        tables_.empty();  // MariaDB: the end of its statement is the end of the group
    return alone ? complete(event) : Completed(false);
  }
  switch (type) {
    case EventType::gtid:
    case EventType::anonymous_gtid:
    case EventType::gtid_tagged:
      return gtid(event);
    case EventType::mariadb_gtid:
      return mariadb_gtid(event);
    case EventType::query:
    case EventType::mariadb_query_compressed:
      return query(event);
    case EventType::xid:
      return complete(event);
    case EventType::xa_prepare:
      return xa_prepare(event);
    case EventType::transaction_payload:
      return payload(event, format);
    case EventType::table_map:
      if (auto done = table_map(event, format); !done) return tl::unexpected(done.error());
      return false;
    case EventType::begin_load_query:
    case EventType::execute_load_query:
      return statement_format(event, "LOAD DATA");
    case EventType::format_description:
      if (dialect_.version != server_version_number(format.server_version)) {
        known_.clear();  // equal maps mean other signs now
        seen_.clear();
      }
      dialect_ = {0, format.is_mariadb(), server_version_number(format.server_version)};
      if (format.created != 0) server_started(event);
      return false;
    case EventType::write_rows_v0:
    case EventType::update_rows_v0:
    case EventType::delete_rows_v0:
      return fail(
          fmt::format("a {} event (MySQL before 5.1.18): that form of rows is not supported",
                      event_name(type)));
    case EventType::incident:
      return fail("the server lost changes here (an INCIDENT event): only a new full load helps");
    default:
      if (event_name(type).empty() && (event.header.flags & event_flag::ignorable) == 0)
        return fail(fmt::format("event type {} is not known and may not be skipped",
                                static_cast<int>(type)));
      return false;
  }
}

// What a server was writing when it died is rolled back as it starts again; what was prepared is
// not.
void TransactionAssembler::server_started(const Event& event) {
  if (open_.begun && warn_)
    warn_({file_, event.offset}, "the server started anew: the transaction that begins at " +
                                     open_.transaction.start.text() + " did not commit");
  forget_open_transaction();
}

void TransactionAssembler::begin_group() {
  open_.started = open_.begun = open_.standalone = false;
  open_.complete = open_.alters_nothing = false;
  open_.transaction.clear();
  open_.savepoints.clear();
  open_rows_.clear();
}

void TransactionAssembler::start_group(const Event& event) {
  if (open_.started) return;
  open_.started = true;
  open_.transaction.start.file = file_;
  open_.transaction.start.offset = event.offset;
}

TransactionAssembler::Completed TransactionAssembler::gtid(const Event& event) {
  if (open_.begun) return fail("a transaction that starts inside another");
  auto parsed = parse_gtid(event.header.type, event.body);
  if (!parsed) return tl::unexpected(parsed.error());
  begin_group();
  start_group(event);
  Transaction& transaction = open_.transaction;
  if (!parsed->gtid.uuid.empty()) transaction.gtid = parsed->gtid.text();
  transaction.has_commit_micros = parsed->immediate_commit_micros != 0;
  transaction.committed = Instant(std::chrono::microseconds(parsed->immediate_commit_micros));
  return false;
}

TransactionAssembler::Completed TransactionAssembler::mariadb_gtid(const Event& event) {
  if (open_.begun) return fail("a transaction that starts inside another");
  auto parsed = parse_mariadb_gtid(event.body);
  if (!parsed) return tl::unexpected(parsed.error());
  begin_group();
  start_group(event);
  open_.standalone = parsed->standalone();
  open_.begun = !open_.standalone;
  open_.alters_nothing = parsed->alters_nothing();
  open_.transaction.gtid = parsed->text(event.header.server_id);
  return false;
}

TransactionAssembler::Completed TransactionAssembler::query(const Event& event) {
  std::string inflated;
  auto parsed = parse_query(event.header.type, event.body, inflated);
  if (!parsed) return tl::unexpected(parsed.error());
  start_group(event);
  if (parsed->sql == "BEGIN") {
    open_.begun = true;
    return false;
  }
  return statement(event, *parsed, sql_text(*parsed));
}

TransactionAssembler::Completed TransactionAssembler::statement(const Event& event,
                                                                const QueryEvent& query,
                                                                std::string sql) {
  using Kind = Statement::Kind;
  dialect_.sql_mode = query.sql_mode;
  Statement scanned = scan_statement(sql, query.schema, dialect_);
  switch (scanned.kind) {
    case Kind::begin:
    case Kind::xa_start:
      open_.begun = true;
      return false;
    case Kind::xa_end:
    case Kind::xa_prepare:
    case Kind::release_savepoint:
      return false;
    case Kind::commit:
      return complete(event);
    case Kind::rollback:
      return roll_back(event);
    case Kind::savepoint:
      open_.savepoints[scanned.name] = open_rows_.size();
      return false;
    case Kind::rollback_to: {
      const auto savepoint = open_.savepoints.find(scanned.name);
      if (savepoint == open_.savepoints.end())
        return fail("ROLLBACK TO a savepoint that its transaction has not set: " + shortened(sql));
      auto cut = open_rows_.cut(savepoint->second);
      if (!cut) return tl::unexpected(cut.error());
      return false;
    }
    case Kind::xa_commit:
      release(scanned.name);
      return complete(event);
    case Kind::xa_rollback:
      prepared_.erase(scanned.name);
      return roll_back(event);
    case Kind::row_change:
      return statement_format(event, sql);
    case Kind::schema_change:
      return schema_change(event, query, std::move(scanned), std::move(sql));
  }
  return false;
}

TransactionAssembler::Completed TransactionAssembler::schema_change(const Event& event,
                                                                    const QueryEvent& query,
                                                                    Statement scanned,
                                                                    std::string sql) {
  if (open_.alters_nothing) return complete(event);
  // What cannot be followed is reported by describe(), if rows come that need it.
  (void)schema_.apply({sql, query.schema, dialect_, query.server_collation,
                       (event.header.flags & event_flag::thread_specific) != 0});
  if (!scanned.temporary && concerns(scanned)) {
    if (auto done = rows_of_query(event, scanned, query.schema, sql); !done)
      return tl::unexpected(done.error());
    open_.transaction.schema_change = SchemaChange{scanned.change, std::string(query.schema),
                                                   std::move(sql), std::move(scanned.tables)};
  }
  if (open_.begun) return false;  // CREATE TABLE ... SELECT: its rows follow
  return complete(event);
}

// Whether a statement names one of the tables that are wanted.
bool TransactionAssembler::concerns(const Statement& statement) const {
  if (!wanted_) return true;
  return std::any_of(statement.tables.begin(), statement.tables.end(),
                     [&](const auto& name) { return wanted_(name.first, name.second); });
}

// The change happened, but the log has its SQL only.
Result<void> TransactionAssembler::rows_lost(const Event& event, std::string_view sql) {
  const std::string message =
      "a row change logged as a statement (binlog_format is not ROW), its rows are not in the "
      "log: " +
      shortened(sql);
  if (!warn_) return fail(message);
  warn_({file_, event.offset}, message);
  return {};
}

// A log of rows has the CREATE of a CREATE ... SELECT alone, and then the rows.
Result<void> TransactionAssembler::rows_of_query(const Event& event, const Statement& scanned,
                                                 std::string_view schema, std::string_view sql) {
  if (scanned.change != SchemaChange::Kind::create_table) return {};
  const auto parsed = ddl::parse(sql, schema, dialect_);
  const auto* create = parsed ? std::get_if<ddl::CreateTable>(&*parsed) : nullptr;
  return create && create->from_query ? rows_lost(event, sql) : Result<void>();
}

TransactionAssembler::Completed TransactionAssembler::statement_format(const Event& event,
                                                                       std::string_view sql) {
  if (auto done = rows_lost(event, sql); !done) return tl::unexpected(done.error());
  return open_.begun ? Completed(false) : complete(event);
}

void TransactionAssembler::release(const std::string& xid) {
  auto held = prepared_.find(xid);
  if (held == prepared_.end()) {
    if (warn_)
      warn_(open_.transaction.start,
            "XA COMMIT of a transaction that was prepared before this log begins: " + xid);
    return;
  }
  open_rows_ = std::move(held->second.rows);
  prepared_.erase(held);
}

TransactionAssembler::Completed TransactionAssembler::xa_prepare(const Event& event) {
  auto parsed = parse_xa_prepare(event.body);
  if (!parsed) return tl::unexpected(parsed.error());
  if (!parsed->one_phase) {
    start_group(event);
    prepared_.insert_or_assign(
        parsed->xid, Prepared{std::move(open_rows_), open_.transaction.start, prepared_count_++});
    open_rows_ = RowLog();
  }
  return complete(event);
}

std::optional<Position> TransactionAssembler::oldest_prepared() const {
  const auto by_number = [](const auto& a, const auto& b) {
    return a.second.number < b.second.number;
  };
  const auto oldest = std::min_element(prepared_.begin(), prepared_.end(), by_number);
  return oldest == prepared_.end() ? std::nullopt : std::optional<Position>(oldest->second.start);
}

TransactionAssembler::Completed TransactionAssembler::payload(
    const Event& event, const FormatDescriptionEvent& format) {
  bool completed = false;
  auto done = for_each_packed_event(event, [&](const Event& inner) -> Result<void> {
    if (completed || inner.header.type == EventType::transaction_payload)
      return fail("a compressed transaction that goes on after its end");
    auto one = take(inner, format);
    if (!one) return tl::unexpected(one.error());
    completed = *one;
    return {};
  });
  if (!done) return tl::unexpected(done.error());
  if (completed) open_.transaction.end.offset = event.end();
  return completed;
}

Result<MappedTablePtr> TransactionAssembler::table_of(const Event& event,
                                                      std::string_view description,
                                                      const FormatDescriptionEvent& format) {
  constexpr std::size_t known_max = 4096;  // a long log with many ALTERs must not fill the memory
  auto known = known_.find(description);
  if (known != known_.end()) return known->second;
  auto parsed =
      parse_table_map(event.body, table_id_bytes(format), {dialect_.mariadb, dialect_.version});
  if (!parsed) return tl::unexpected(parsed.error());
  SchemaTracker::Described described = schema_.describe(std::move(*parsed));
  if (warn_ && !described.warning.empty()) warn_({file_, event.offset}, described.warning);
  if (known_.size() >= known_max) known_.clear();
  auto table = std::make_shared<const MappedTable>(
      map_table(std::make_shared<const TableSchema>(std::move(described.table))));
  known_.emplace(description, table);
  return table;
}

Result<void> TransactionAssembler::table_map(const Event& event,
                                             const FormatDescriptionEvent& format) {
  constexpr std::size_t seen_max = 1024;
  const int id_bytes = table_id_bytes(format);
  const std::size_t head = static_cast<std::size_t>(id_bytes) + 2;  // id, flags
  if (event.body.size() < head) return fail("a TABLE_MAP event that is cut short");
  const std::uint64_t id = emulator::base::ByteReader(event.body).le(id_bytes);
  const std::string_view description = event.body.substr(head);
  if (known_version_ != schema_.version()) {  // equal maps may mean other names now
    known_.clear();
    seen_.clear();
    known_version_ = schema_.version();
  }
  auto seen = seen_.find(id);
  if (seen == seen_.end() || seen->second.description != description) {
    auto table = table_of(event, description, format);
    if (!table) return tl::unexpected(table.error());
    if (seen_.size() >= seen_max) seen_.clear();
    seen = seen_.insert_or_assign(id, Seen{std::string(description), *table}).first;
  }
  tables_.emplace_back(id, seen->second.table);
  return success;
}

const MappedTablePtr* TransactionAssembler::mapped(std::uint64_t table_id) const {
  for (std::size_t i = tables_.size(); i-- > 0;)
    if (tables_[i].first == table_id) return &tables_[i].second;
  return nullptr;
}

Result<void> TransactionAssembler::rows(const Event& event, const FormatDescriptionEvent& format) {
  start_group(event);
  const int id_bytes = table_id_bytes(format);
  auto parsed = parse_rows_head(event.header.type, event.body, id_bytes);
  if (!parsed) return tl::unexpected(parsed.error());
  if (!parsed->is_dummy()) {
    const MappedTablePtr* table = mapped(parsed->table_id);
    if (!table)
      return fail(
          fmt::format("rows of table id {} without a TABLE_MAP before them", parsed->table_id));
    if (!wanted_ || wanted_((*table)->table->schema, (*table)->table->table))
      if (auto done =
              open_rows_.append({event.header.type, id_bytes, event.offset, *table, event.body});
          !done)
        return done;
  }
  if (parsed->ends_statement()) tables_.clear();
  return success;
}

TransactionAssembler::Completed TransactionAssembler::complete(const Event& event) {
  start_group(event);
  open_.complete = true;
  tables_.clear();
  Transaction& done = open_.transaction;
  done.end.file = file_;
  done.end.offset = event.end();
  if (!done.has_commit_micros) done.committed = instant_of_seconds(event.header.timestamp);
  return true;
}

TransactionAssembler::Completed TransactionAssembler::roll_back(const Event& event) {
  open_rows_.clear();
  open_.transaction.schema_change.reset();
  return complete(event);
}

Result<void> append_changes(const RowLog& rows, Transaction& transaction) {
  return rows.for_each([&](const RowLog::Entry& entry) -> Result<void> {
    std::string inflated;
    // The bytes move into the transaction first, so that its cells outlive the log.
    const std::string_view body = keep(transaction.storage, std::string(entry.body));
    auto parsed = parse_rows(entry.type, body, entry.table_id_bytes, inflated);
    if (!parsed) return tl::unexpected(in_event(entry, parsed.error()));
    if (!inflated.empty()) parsed->rows = keep(transaction.storage, std::move(inflated));
    auto done = append_changes(*parsed, *entry.table, transaction.changes, transaction.storage);
    if (!done) return tl::unexpected(in_event(entry, done.error()));
    return {};
  });
}

}  // namespace pipeline::mysql::binlog
