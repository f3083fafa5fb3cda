#include "pipeline/mysql/binlog/writer.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "emulator/base/bytes.h"
#include "emulator/base/check.h"
#include "emulator/base/text.h"
#include "pipeline/mysql/binlog/encode.h"

namespace pipeline::mysql::binlog {

namespace {

using emulator::base::append_le;
using emulator::base::Instant;

// Post-header lengths of the event types 1 to 42, as MySQL 8.4 announces them.
constexpr std::array<std::uint8_t, 42> post_header_lengths{
    0, 13, 0, 8, 0, 0, 0, 0, 4,  0,  4,  0,  0,  0, 99, 0,  4, 26, 8,  0, 0,
    0, 0,  0, 0, 2, 0, 0, 0, 10, 10, 10, 42, 42, 0, 18, 52, 0, 10, 40, 0, 0};
constexpr std::size_t server_version_bytes = 50;
constexpr std::uint16_t end_of_statement = 1;
constexpr std::uint32_t collation_utf8mb4_general = 45;
// ONLY_FULL_GROUP_BY, STRICT_TRANS_TABLES, NO_ZERO_IN_DATE, NO_ZERO_DATE,
// ERROR_FOR_DIVISION_BY_ZERO, NO_ENGINE_SUBSTITUTION
constexpr std::uint64_t default_sql_mode = 0x45A00020;

std::uint32_t seconds(Instant at) {
  return static_cast<std::uint32_t>(
      std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
}

struct QueryText {
  std::string_view default_schema;
  std::string_view sql;
  bool ddl;
};

void append_query_body(std::string& out, const CommitInfo& commit, const QueryText& query) {
  std::string status;
  append_le(status, 0, 1);  // flags2: foreign_key_checks, unique_checks and autocommit on
  append_le(status, 0, 4);
  append_le(status, 1, 1);
  append_le(status, default_sql_mode, 8);
  status += std::string_view("\x06\x03std", 5);
  append_le(status, 4, 1);  // character_set_client, collation_connection, collation_server
  for (int i = 0; i < 3; ++i)
    append_le(status, collation_utf8mb4_general, 2);  // MariaDB knows this one too
  if (query.ddl && !query.default_schema.empty()) {
    status += "\x0C\x01";  // updated databases
    status += query.default_schema;
    status.push_back('\0');
  }
  append_le(status, 18, 1);  // default_collation_for_utf8mb4
  append_le(status, collation_utf8mb4, 2);

  append_le(out, commit.thread_id, 4);
  append_le(out, 0, 4);  // seconds that it took
  append_le(out, query.default_schema.size(), 1);
  append_le(out, 0, 2);  // error code
  append_le(out, status.size(), 2);
  out += status;
  out += query.default_schema;
  out.push_back('\0');
  out += query.sql;
}

void append_gtid_body(std::string& out, const CommitInfo& commit, bool rows_only,
                      std::int64_t sequence) {
  append_le(out, rows_only ? 0 : 1, 1);
  if (commit.gtid.uuid.empty()) {
    out.append(24, '\0');
  } else {
    CHECK(commit.gtid.uuid.size() == 16 && commit.gtid.tag.empty());
    out += commit.gtid.uuid;
    append_le(out, static_cast<std::uint64_t>(commit.gtid.number), 8);
  }
  append_le(out, 2, 1);
  append_le(out, static_cast<std::uint64_t>(sequence - 1),
            8);  // last_committed: every transaction depends on the one before
  append_le(out, static_cast<std::uint64_t>(sequence), 8);
  append_le(out, static_cast<std::uint64_t>(commit.committed.time_since_epoch().count()), 7);
}

EventType rows_event_type(Operation operation) {
  switch (operation) {
    case Operation::insert:
      return EventType::write_rows;
    case Operation::update:
      return EventType::update_rows;
    default:
      return EventType::delete_rows;
  }
}

bool same_shape(const Row& a, const Row& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Cell& x, const Cell& y) {
    return (x.state == Cell::State::absent) == (y.state == Cell::State::absent);
  });
}

bool same_event(const RowChange& a, const RowChange& b) {
  return a.table == b.table && a.operation == b.operation && same_shape(a.before, b.before) &&
         same_shape(a.after, b.after);
}

// Which columns the image has, LSB first.
void append_present(std::string& out, const Row& row) {
  std::string bitmap((row.size() + 7) / 8, '\0');
  for (std::size_t i = 0; i < row.size(); ++i)
    if (row[i].state != Cell::State::absent)
      bitmap[i / 8] = static_cast<char>(bitmap[i / 8] | 1 << i % 8);
  out += bitmap;
}

void append_image(std::string& out, const Row& row) {
  const auto present = static_cast<std::size_t>(std::count_if(
      row.begin(), row.end(), [](const Cell& c) { return c.state != Cell::State::absent; }));
  const std::size_t nulls = out.size();
  out.append((present + 7) / 8, '\0');
  std::size_t n = 0;
  for (const Cell& cell : row) {
    if (cell.state == Cell::State::absent) continue;
    if (cell.is_null())
      out[nulls + n / 8] = static_cast<char>(out[nulls + n / 8] | 1 << n % 8);
    else
      out += cell.bytes;
    ++n;
  }
}

void append_rows_head(std::string& out, std::uint64_t table_id, const RowChange& change) {
  append_le(out, table_id, 6);
  append_le(out, 0, 2);  // flags: the last event of the statement gets its mark afterwards
  append_le(out, 2, 2);  // no extra data
  append_lenenc(out, change.table->columns.size());
  if (change.operation != Operation::insert) append_present(out, change.before);
  if (change.operation != Operation::remove) append_present(out, change.after);
}

constexpr std::size_t rows_flags_offset = header_bytes + 6;

}  // namespace

void Writer::begin_file(std::string& out, Instant now, const GtidSet& previous) {
  CHECK(options_.server_version.size() < server_version_bytes);
  sequence_ = 0;
  const std::size_t file = out.size();
  out += magic;
  std::size_t event =
      begin_event(out, {EventType::format_description, seconds(now), options_.server_id});
  append_le(out, 4, 2);  // binlog version
  out += options_.server_version;
  out.append(server_version_bytes - options_.server_version.size(), '\0');
  append_le(out, seconds(now), 4);
  append_le(out, header_bytes, 1);
  for (const std::uint8_t length : post_header_lengths) append_le(out, length, 1);
  append_le(out, 1, 1);  // CRC32
  finish_event(out, event);
  event = begin_event(
      out, {EventType::previous_gtids, seconds(now), options_.server_id, event_flag::ignorable});
  out += previous.encode();
  finish_event(out, event);
  seal_events(out, file + magic.size(), magic.size());
}

std::uint64_t Writer::table_id(const TablePtr& table) {
  auto known = tables_.find(table->name());
  if (known == tables_.end()) known = tables_.emplace(table->name(), KnownTable{}).first;
  if (known->second.table != table) known->second = {table, next_table_id_++};
  return known->second.id;
}

void Writer::append_statement(std::string& events, std::uint32_t when,
                              const RowsStatement& statement) {
  if (statement.changes.empty()) return;
  if (!statement.sql.empty()) {
    const std::size_t event = begin_event(
        events, {EventType::rows_query, when, options_.server_id, event_flag::ignorable});
    append_le(events, statement.sql.size() & 0xFF, 1);
    events += statement.sql;
    finish_event(events, event);
  }
  std::vector<const TableSchema*> mapped;
  for (const RowChange& change : statement.changes) {
    if (std::find(mapped.begin(), mapped.end(), change.table.get()) != mapped.end()) continue;
    mapped.push_back(change.table.get());
    const std::size_t event = begin_event(events, {EventType::table_map, when, options_.server_id});
    append_table_map(events, table_id(change.table), *change.table, options_.full_metadata);
    finish_event(events, event);
  }
  std::size_t event = 0;
  for (std::size_t i = 0; i < statement.changes.size(); ++i) {
    const RowChange& change = statement.changes[i];
    const bool goes_on = i > 0 && same_event(statement.changes[i - 1], change) &&
                         events.size() - event < options_.rows_event_bytes;
    if (!goes_on) {
      if (i > 0) finish_event(events, event);
      event = begin_event(events, {rows_event_type(change.operation), when, options_.server_id});
      append_rows_head(events, table_id(change.table), change);
    }
    if (change.operation != Operation::insert) append_image(events, change.before);
    if (change.operation != Operation::remove) append_image(events, change.after);
  }
  events[event + rows_flags_offset] = static_cast<char>(end_of_statement);
  finish_event(events, event);
}

// The GTID event holds the length of the whole group, itself included, in a number of variable
// width.
void Writer::append_group(std::string& out, std::uint64_t position, const CommitInfo& commit,
                          bool rows_only, std::string_view events) {
  const EventType type = commit.gtid.uuid.empty() ? EventType::anonymous_gtid : EventType::gtid;
  const std::size_t start = begin_event(out, {type, seconds(commit.committed), options_.server_id});
  append_gtid_body(out, commit, rows_only, ++sequence_);
  const std::uint64_t rest =
      out.size() - start + 4 + checksum_bytes + events.size();  // 4: the server version below
  std::uint64_t total = rest + 1;
  while (rest + lenenc_size(total) != total) total = rest + lenenc_size(total);
  append_lenenc(out, total);
  append_le(out, server_version_number(options_.server_version), 4);
  finish_event(out, start);
  out += events;
  seal_events(out, start, position);
}

void Writer::append_transaction(std::string& out, std::uint64_t position, const CommitInfo& commit,
                                std::span<const RowsStatement> statements, std::uint64_t xid) {
  const std::uint32_t when = seconds(commit.committed);
  std::string events;
  std::size_t event =
      begin_event(events, {EventType::query, when, options_.server_id, event_flag::suppress_use});
  std::string_view schema;
  for (const RowsStatement& statement : statements)
    if (schema.empty() && !statement.changes.empty()) schema = statement.changes[0].table->schema;
  append_query_body(events, commit, {schema, "BEGIN", false});
  finish_event(events, event);
  const std::size_t begin_bytes = events.size();
  for (const RowsStatement& statement : statements) append_statement(events, when, statement);
  if (events.size() == begin_bytes) {
    event = begin_event(events, {EventType::query, when, options_.server_id});
    append_query_body(events, commit, {schema, "COMMIT", false});
  } else {
    event = begin_event(events, {EventType::xid, when, options_.server_id});
    append_le(events, xid, 8);
  }
  finish_event(events, event);
  append_group(out, position, commit, true, events);
}

void Writer::append_ddl(std::string& out, std::uint64_t position, const CommitInfo& commit,
                        std::string_view default_schema, std::string_view sql) {
  std::string events;
  const std::size_t event =
      begin_event(events, {EventType::query, seconds(commit.committed), options_.server_id});
  append_query_body(events, commit, {default_schema, sql, true});
  finish_event(events, event);
  append_group(out, position, commit, false, events);
}

void Writer::append_rotate(std::string& out, std::uint64_t position, Instant now,
                           std::string_view next_file) {
  const std::size_t event = begin_event(out, {EventType::rotate, seconds(now), options_.server_id});
  append_le(out, magic.size(), 8);
  out += next_file;
  finish_event(out, event);
  seal_events(out, event, position);
}

void Writer::append_stop(std::string& out, std::uint64_t position, Instant now) {
  const std::size_t event = begin_event(out, {EventType::stop, seconds(now), options_.server_id});
  finish_event(out, event);
  seal_events(out, event, position);
}

}  // namespace pipeline::mysql::binlog
