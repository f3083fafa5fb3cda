#include "pipeline/mysql/binlog/transaction_assembler.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>

#include "pipeline/mysql/binlog/reader.h"
#include "pipeline/mysql/binlog/table_map.h"
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

std::string shortened(std::string_view sql) {
  constexpr std::size_t shown_max = 120;
  return sql.size() <= shown_max ? std::string(sql) : std::string(sql.substr(0, shown_max)) + "...";
}

}  // namespace

void TransactionAssembler::begin_file(std::string name) {
  file_ = std::move(name);
  tables_.clear();
}

TransactionAssembler::Completed TransactionAssembler::add(const Event& event, const FormatDescriptionEvent& format) {
  const EventType type = event.header.type;
  if (is_rows_event(type)) {
    if (auto done = rows(event, format); !done) return tl::unexpected(done.error());
    const bool alone = open_.standalone && tables_.empty();  // MariaDB: the end of its statement is the end of the group
    return alone ? complete(event) : Completed(std::nullopt);
  }
  switch (type) {
    case EventType::gtid:
    case EventType::anonymous_gtid:
    case EventType::gtid_tagged: return gtid(event);
    case EventType::mariadb_gtid: return mariadb_gtid(event);
    case EventType::query:
    case EventType::mariadb_query_compressed: return query(event);
    case EventType::xid: return complete(event);
    case EventType::xa_prepare: return xa_prepare(event);
    case EventType::transaction_payload: return payload(event, format);
    case EventType::table_map:
      if (auto done = table_map(event, format); !done) return tl::unexpected(done.error());
      return std::nullopt;
    case EventType::begin_load_query:
    case EventType::execute_load_query: return statement_format(event, "LOAD DATA");
    case EventType::incident: return fail("the server lost changes here (an INCIDENT event): only a new full load helps");
    default:
      if (event_name(type).empty() && (event.header.flags & event_flag::ignorable) == 0)
        return fail(fmt::format("event type {} is not known and may not be skipped", static_cast<int>(type)));
      return std::nullopt;
  }
}

void TransactionAssembler::start_group(const Event& event) {
  if (open_.started) return;
  open_.started = true;
  open_.transaction.start = {file_, event.offset};
}

TransactionAssembler::Completed TransactionAssembler::gtid(const Event& event) {
  if (open_.begun) return fail("a transaction that starts inside another");
  auto parsed = parse_gtid(event.header.type, event.body);
  if (!parsed) return tl::unexpected(parsed.error());
  open_ = {};
  start_group(event);
  Transaction& transaction = open_.transaction;
  if (!parsed->gtid.uuid.empty()) transaction.gtid = parsed->gtid.text();
  transaction.has_commit_micros = parsed->immediate_commit_micros != 0;
  transaction.committed = Instant(std::chrono::microseconds(parsed->immediate_commit_micros));
  return std::nullopt;
}

TransactionAssembler::Completed TransactionAssembler::mariadb_gtid(const Event& event) {
  if (open_.begun) return fail("a transaction that starts inside another");
  auto parsed = parse_mariadb_gtid(event.body);
  if (!parsed) return tl::unexpected(parsed.error());
  open_ = {};
  start_group(event);
  open_.standalone = parsed->standalone();
  open_.begun = !open_.standalone;
  open_.transaction.gtid = parsed->text(event.header.server_id);
  return std::nullopt;
}

TransactionAssembler::Completed TransactionAssembler::query(const Event& event) {
  std::string inflated;
  auto parsed = parse_query(event.header.type, event.body, inflated);
  if (!parsed) return tl::unexpected(parsed.error());
  start_group(event);
  return statement(event, *parsed, sql_text(*parsed));
}

TransactionAssembler::Completed TransactionAssembler::statement(const Event& event, const QueryEvent& query, std::string sql) {
  using Kind = Statement::Kind;
  Statement scanned = scan_statement(sql, query.schema);
  std::vector<RowChange>& changes = open_.transaction.changes;
  switch (scanned.kind) {
    case Kind::begin:
    case Kind::xa_start: open_.begun = true; return std::nullopt;
    case Kind::xa_end:
    case Kind::xa_prepare:
    case Kind::release_savepoint: return std::nullopt;
    case Kind::commit: return complete(event);
    case Kind::rollback: return roll_back(event);
    case Kind::savepoint: open_.savepoints[scanned.name] = changes.size(); return std::nullopt;
    case Kind::rollback_to: {
      const auto savepoint = open_.savepoints.find(scanned.name);
      const std::size_t kept = savepoint == open_.savepoints.end() ? 0 : savepoint->second;
      changes.erase(changes.begin() + static_cast<std::ptrdiff_t>(std::min(kept, changes.size())), changes.end());
      return std::nullopt;
    }
    case Kind::xa_commit: release(scanned.name); return complete(event);
    case Kind::xa_rollback: prepared_.erase(scanned.name); return roll_back(event);
    case Kind::row_change: return statement_format(event, sql);
    case Kind::schema_change: return schema_change(event, query, std::move(scanned), std::move(sql));
  }
  return std::nullopt;
}

TransactionAssembler::Completed TransactionAssembler::schema_change(const Event& event, const QueryEvent& query, Statement scanned,
                                                                    std::string sql) {
  if (!scanned.temporary)
    open_.transaction.schema_change = SchemaChange{scanned.change, std::string(query.schema), std::move(sql), std::move(scanned.tables)};
  if (open_.begun) return std::nullopt;  // CREATE TABLE ... SELECT: its rows follow
  return complete(event);
}

// The change happened, but the log has its SQL only.
TransactionAssembler::Completed TransactionAssembler::statement_format(const Event& event, std::string_view sql) {
  const std::string message = "a row change logged as a statement (binlog_format is not ROW), its rows are not in the log: " + shortened(sql);
  if (!warn_) return fail(message);
  warn_({file_, event.offset}, message);
  return open_.begun ? Completed(std::nullopt) : complete(event);
}

void TransactionAssembler::release(const std::string& xid) {
  auto held = prepared_.find(xid);
  if (held == prepared_.end()) {
    if (warn_) warn_(open_.transaction.start, "XA COMMIT of a transaction that was prepared before this log begins: " + xid);
    return;
  }
  Transaction& transaction = open_.transaction;
  std::move(held->second.changes.begin(), held->second.changes.end(), std::back_inserter(transaction.changes));
  std::move(held->second.storage.begin(), held->second.storage.end(), std::back_inserter(transaction.storage));
  prepared_.erase(held);
}

TransactionAssembler::Completed TransactionAssembler::xa_prepare(const Event& event) {
  auto parsed = parse_xa_prepare(event.body);
  if (!parsed) return tl::unexpected(parsed.error());
  if (!parsed->one_phase) {
    Transaction& transaction = open_.transaction;
    prepared_[parsed->xid] = {std::move(transaction.changes), std::move(transaction.storage)};
    transaction.changes.clear();
    transaction.storage.clear();
  }
  return complete(event);
}

TransactionAssembler::Completed TransactionAssembler::payload(const Event& event, const FormatDescriptionEvent& format) {
  auto unpacked = unpack_payload(event.body);
  if (!unpacked) return tl::unexpected(unpacked.error());
  std::optional<Transaction> completed;
  auto done = for_each_packed_event(*unpacked, event.offset, [&](const Event& inner) -> Result<void> {
    if (completed || inner.header.type == EventType::transaction_payload) return fail("a compressed transaction that goes on after its end");
    auto one = add(inner, format);
    if (!one) return tl::unexpected(one.error());
    completed = std::move(*one);
    return {};
  });
  if (!done) return tl::unexpected(done.error());
  if (completed) completed->end = {file_, event.end()};
  return completed;
}

Result<void> TransactionAssembler::table_map(const Event& event, const FormatDescriptionEvent& format) {
  const int id_bytes = table_id_bytes(format);
  const std::size_t head = static_cast<std::size_t>(id_bytes) + 2;  // id, flags
  if (event.body.size() < head) return fail("a TABLE_MAP event that is cut short");
  const std::string_view description = event.body.substr(head);
  auto known = known_.find(description);
  if (known == known_.end()) {
    auto parsed = parse_table_map(event.body, id_bytes, format.is_mariadb());
    if (!parsed) return tl::unexpected(parsed.error());
    known = known_.emplace(description, map_table(std::make_shared<const TableSchema>(std::move(parsed->table)))).first;
  }
  tables_[emulator::base::ByteReader(event.body).le(id_bytes)] = &known->second;
  return {};
}

Result<void> TransactionAssembler::rows(const Event& event, const FormatDescriptionEvent& format) {
  start_group(event);
  Transaction& transaction = open_.transaction;
  std::string inflated;
  // The bytes move into the transaction first, so that its cells outlive the event.
  const std::string_view body = keep(transaction.storage, std::string(event.body));
  auto parsed = parse_rows(event.header.type, body, table_id_bytes(format), inflated);
  if (!parsed) return tl::unexpected(parsed.error());
  if (!inflated.empty()) parsed->rows = keep(transaction.storage, std::move(inflated));
  if (!parsed->is_dummy()) {
    auto mapped = tables_.find(parsed->table_id);
    if (mapped == tables_.end()) return fail(fmt::format("rows of table id {} without a TABLE_MAP before them", parsed->table_id));
    if (auto done = append_changes(*parsed, *mapped->second, transaction.changes, transaction.storage); !done) return done;
  }
  if (parsed->ends_statement()) tables_.clear();
  return {};
}

TransactionAssembler::Completed TransactionAssembler::complete(const Event& event) {
  start_group(event);
  Transaction transaction = std::move(open_.transaction);
  open_ = {};
  tables_.clear();
  transaction.end = {file_, event.end()};
  if (!transaction.has_commit_micros) transaction.committed = instant_of_seconds(event.header.timestamp);
  return transaction;
}

TransactionAssembler::Completed TransactionAssembler::roll_back(const Event& event) {
  open_.transaction.changes.clear();
  open_.transaction.storage.clear();
  open_.transaction.schema_change.reset();
  return complete(event);
}

}  // namespace pipeline::mysql::binlog
