// SchemaTracker::describe: what a TABLE_MAP leaves out, from what is known of the table, if the two
// agree.

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/text.h"
#include "pipeline/mysql/schema_tracker.h"
#include "pipeline/mysql/types/codec.h"

namespace pipeline::mysql {

namespace {

using binlog::is_character;
using binlog::is_labelled;
using binlog::is_numeric;
using binlog::TableMapEvent;
using ddl::TrackedTable;

// A string column of the schema may be logged with the charset, which decides its length in bytes,
// or without.
bool same_length(const Column& tracked, const Column& logged, bool has_charsets) {
  if (tracked.is_binary() || (has_charsets && logged.is_binary()))
    return tracked.is_binary() == (!has_charsets || logged.is_binary()) &&
           tracked.length == logged.length;
  const std::uint32_t compression =
      tracked.type == ColumnType::varchar_compressed ? 1 : 0;  // its byte
  const std::uint32_t characters =
      (tracked.length - compression) / types::bytes_per_character(tracked.collation);
  const auto takes = [&](std::uint32_t bytes) {
    return characters * bytes + compression == logged.length;
  };
  if (has_charsets) return takes(types::bytes_per_character(logged.collation));
  if (tracked.collation == collation_unknown) return takes(1) || takes(2) || takes(3) || takes(4);
  return tracked.length == logged.length;
}

// The types of before 5.6, which MariaDB writes still under mysql56_temporal_format=OFF.
bool is_old_form(ColumnType logged, ColumnType tracked) {
  return (logged == ColumnType::timestamp_old && tracked == ColumnType::timestamp) ||
         (logged == ColumnType::time_old && tracked == ColumnType::time) ||
         (logged == ColumnType::datetime_old && tracked == ColumnType::datetime);
}

bool agree(const Column& tracked, const Column& logged, bool has_charsets) {
  if (is_old_form(logged.type, tracked.type)) return true;
  if (tracked.type != logged.type) return false;
  switch (logged.type) {
    case ColumnType::string:
    case ColumnType::varchar:
    case ColumnType::varchar_compressed:
      return same_length(tracked, logged, has_charsets);
    case ColumnType::decimal:
      return tracked.length == logged.length && tracked.scale == logged.scale;
    default:
      return tracked.length == logged.length || is_numeric(logged);
  }
}

std::string column_text(const Column& column) {
  return column.declared.empty() ? types::type_name(column) : column.declared;
}

// MariaDB adds a hidden BIGINT, a hash, for every UNIQUE key that is too long for an index, at the
// end.
std::size_t hash_columns(const TrackedTable& tracked, const TableMapEvent& map) {
  std::size_t n = 0;
  const auto& logged = map.table.columns;
  while (map.mariadb && logged.size() - n > tracked.schema.columns.size() &&
         logged[logged.size() - n - 1].type == ColumnType::bigint)
    ++n;
  return n;
}

// "" = the schema describes this map; else what is different.
std::string difference(const TrackedTable& tracked, const TableMapEvent& map) {
  const auto& ours = tracked.schema.columns;
  const auto& logged = map.table.columns;
  if (ours.size() + hash_columns(tracked, map) != logged.size())
    return fmt::format("it has {} columns in the log, {} by the statements before", logged.size(),
                       ours.size());
  for (std::size_t i = 0; i < ours.size(); ++i)
    if (!agree(ours[i], logged[i], map.has_charsets))
      return fmt::format("column {} is of type {} in the log, {} {} by the statements before",
                         i + 1, column_text(logged[i]), ours[i].name, column_text(ours[i]));
  return {};
}

// DDL alone knows these.
void take_declared(Column& logged, const Column& ours) {
  logged.declared = ours.declared;
  logged.generated = ours.generated;
  if (is_old_form(logged.type, ours.type)) logged.scale = static_cast<std::uint8_t>(ours.length);
}

void take_all(TableMapEvent& map, const TrackedTable& known) {
  for (std::size_t i = 0; i < map.table.columns.size(); ++i) {
    Column& column = map.table.columns[i];
    if (i >= known.schema.columns.size()) {
      column.name = fmt::format("DB_ROW_HASH_{}", i - known.schema.columns.size() + 1);
      column.is_unsigned = true;
      column.visible = false;
      continue;
    }
    const Column& ours = known.schema.columns[i];
    take_declared(column, ours);
    column.name = ours.name;
    column.visible = ours.visible;
    column.geometry_kind = ours.geometry_kind;
    if (is_labelled(column) && column.labels.empty()) column.labels = ours.labels;
    if (!map.has_signedness && is_numeric(column)) column.is_unsigned = ours.is_unsigned;
    if (!map.has_charsets && is_character(column)) column.collation = ours.collation;
    if (!map.has_label_charsets && is_labelled(column)) column.collation = ours.collation;
  }
  if (map.table.primary_key.empty()) map.table.primary_key = known.schema.primary_key;
}

bool has_names(const TableMapEvent& map) {
  return !map.table.columns.empty() && !map.table.columns[0].name.empty();
}

// What stays open without a schema, where the log has no charsets either.
void mark_charsets_unknown(TableMapEvent& map) {
  for (Column& column : map.table.columns)
    if ((is_character(column) && !map.has_charsets) ||
        (is_labelled(column) && !map.has_label_charsets))
      column.collation = collation_unknown;
}

}  // namespace

SchemaTracker::Described SchemaTracker::describe(TableMapEvent map) {
  const auto at = find_entry({map.table.schema, map.table.table});
  TrackedTable* known = at == tables_.end() ? nullptr : &at->second;
  Described out;
  if (has_names(map))
    learn(map, known);
  else
    complete(map, known, out.warning);
  // `learn` has put its columns in place; what only DDL knows goes into the map.
  const TrackedTable* told = known ? known : find_later({map.table.schema, map.table.table});
  if (has_names(map) && told)
    for (Column& column : map.table.columns)
      for (const Column& ours : told->schema.columns)
        if (ours.name == column.name && agree(ours, column, map.has_charsets))
          take_declared(column, ours);
  out.table = std::move(map.table);
  return out;
}

// FULL metadata: the map is the truth. What statements said beyond it is kept where it fits.
void SchemaTracker::learn(const TableMapEvent& map, TrackedTable* known) {
  if (known && known->unknown.empty() && difference(*known, map).empty()) {
    const auto same_name = [](const Column& ours, const Column& logged) {
      return ours.name == logged.name;
    };
    if (std::equal(known->schema.columns.begin(), known->schema.columns.end(),
                   map.table.columns.begin(), same_name))
      return;  // hashes behind
  }
  TrackedTable learned;
  learned.schema = map.table;
  if (known) {
    learned.collation = known->collation;
    for (Column& column : learned.schema.columns)
      for (const Column& ours : known->schema.columns)
        if (ours.name == column.name && agree(ours, column, map.has_charsets))
          take_declared(column, ours);
    *known = std::move(learned);
    ++version_;
  } else {
    tables_[{map.table.schema, map.table.table}] = std::move(learned);
  }
}

const TrackedTable* SchemaTracker::find_later(const Name& name) const {
  if (!later_) return nullptr;
  const auto at = later_->tables_.find(name);
  return at == later_->tables_.end() ? nullptr : &at->second;
}

void SchemaTracker::complete(TableMapEvent& map, TrackedTable* known, std::string& warning) {
  std::string why;
  if (!known) {
    why = "its CREATE TABLE is not in the log";
  } else if (!known->unknown.empty()) {
    why = known->unknown;
  } else {
    why = difference(*known, map);
    if (!why.empty()) *known = TrackedTable::of_unknown({map.table.schema, map.table.table}, why);
  }
  if (!why.empty()) {
    const TrackedTable* later = find_later({map.table.schema, map.table.table});
    if (later && difference(*later, map).empty()) {
      TrackedTable& taken = known ? *known : tables_[{map.table.schema, map.table.table}];
      taken = *later;
      warning = fmt::format(
          "{}: the log does not name its columns (binlog_row_metadata is not FULL), and {}: they "
          "have the names of today",
          map.table.name(), why);
      return take_all(map, taken);
    }
  }
  if (why.empty()) {
    take_all(map, *known);
    if (known->charset_assumed && !map.has_charsets && !known->warned) {
      known->warned = true;
      warning = fmt::format(
          "{}: the default charset of its database is not in the log: the server's ({}) is taken "
          "for columns that say none",
          map.table.name(), types::charset_name(known->collation.collation));
    }
    return;
  }
  mark_charsets_unknown(map);
  if (known && known->warned) return;
  TrackedTable& remembered = known ? *known : tables_[{map.table.schema, map.table.table}];
  if (!known) remembered = TrackedTable::of_unknown({map.table.schema, map.table.table}, why);
  remembered.warned = true;
  warning = fmt::format(
      "{}: the log does not name its columns (binlog_row_metadata is not FULL), and {}: they are "
      "@1, @2 ..., labels are numbers{}{}",
      map.table.name(), why, map.has_signedness ? "" : ", integers signed",
      map.has_charsets ? "" : ", texts UTF-8");
}

}  // namespace pipeline::mysql
