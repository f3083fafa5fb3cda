#include "pipeline/rds/embedded/journal.h"

#include <algorithm>

namespace pipeline::rds::embedded {
namespace {
constexpr std::size_t chunk_bytes = 64 * 1024;
}

void Journal::begin_statement(std::string_view sql) {
  if (!statements_.empty() && statements_.back().first == changes_.size()) statements_.pop_back();
  statements_.push_back({changes_.size(), std::string(sql)});
}

void Journal::pack(const std::vector<mysql::Column>& columns, const std::vector<Value>& values,
                   std::string& bytes, mysql::Row& cells) {
  // Offsets first, views at the end: the buffer may move while it grows.
  bytes.clear();
  std::vector<std::size_t> ends;
  ends.reserve(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!values[i].is_null()) append_packed(columns[i], values[i], bytes);
    ends.push_back(bytes.size());
  }
  cells.resize(columns.size());
  std::size_t start = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    cells[i].state = values[i].is_null() ? mysql::Cell::State::null : mysql::Cell::State::value;
    cells[i].bytes = std::string_view(bytes).substr(start, ends[i] - start);
    start = ends[i];
  }
}

mysql::Row Journal::packed(const TableDefinition& table, const std::vector<Value>& values) {
  mysql::Row cells;
  pack(table.columns(), values, scratch_, cells);
  if (arena_.empty() || arena_.back().capacity() - arena_.back().size() < scratch_.size()) {
    arena_.emplace_back();
    arena_.back().reserve(std::max(chunk_bytes, scratch_.size()));
  }
  std::string& chunk = arena_.back();
  const char* base = chunk.data() + chunk.size();
  chunk.append(scratch_);
  for (mysql::Cell& cell : cells) {
    const auto offset = static_cast<std::size_t>(cell.bytes.data() - scratch_.data());
    cell.bytes = {base + offset, cell.bytes.size()};
  }
  return cells;
}

void Journal::insert(const TableDefinition& table, const std::vector<Value>& after) {
  changes_.push_back({mysql::Operation::insert, table.schema, {}, packed(table, after)});
}

void Journal::update(const TableDefinition& table, const std::vector<Value>& before,
                     const std::vector<Value>& after) {
  if (before == after) return;
  mysql::Row old_row = packed(table, before);
  changes_.push_back(
      {mysql::Operation::update, table.schema, std::move(old_row), packed(table, after)});
}

void Journal::remove(const TableDefinition& table, const std::vector<Value>& before) {
  changes_.push_back({mysql::Operation::remove, table.schema, packed(table, before), {}});
}

void Journal::rewind(const Mark& mark) {
  changes_.erase(changes_.begin() + static_cast<std::ptrdiff_t>(mark.changes), changes_.end());
  statements_.erase(statements_.begin() +
                        static_cast<std::ptrdiff_t>(std::min(mark.statements, statements_.size())),
                    statements_.end());
}

void Journal::clear() {
  changes_.clear();
  statements_.clear();
  if (arena_.size() > 1) arena_.erase(arena_.begin() + 1, arena_.end());
  if (!arena_.empty()) arena_.front().clear();
}

std::vector<mysql::binlog::RowsStatement> Journal::statements(bool with_sql) const {
  std::vector<mysql::binlog::RowsStatement> out;
  for (std::size_t i = 0; i < statements_.size(); ++i) {
    const std::size_t first = statements_[i].first;
    const std::size_t end = i + 1 < statements_.size() ? statements_[i + 1].first : changes_.size();
    if (first == end) continue;
    mysql::binlog::RowsStatement statement;
    statement.changes = std::span(changes_).subspan(first, end - first);
    if (with_sql) statement.sql = statements_[i].sql;
    out.push_back(statement);
  }
  return out;
}

std::vector<std::string> Journal::table_names() const {
  std::vector<std::string> out;
  const mysql::TableSchema* last = nullptr;
  for (const mysql::RowChange& change : changes_) {
    if (change.table.get() == last) continue;
    last = change.table.get();
    const std::string name = last->name();
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  }
  return out;
}

}  // namespace pipeline::rds::embedded
