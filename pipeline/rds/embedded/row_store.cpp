#include "pipeline/rds/embedded/row_store.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include "pipeline/rds/embedded/collation.h"

namespace pipeline::rds::embedded {
namespace {

std::string key_condition(const TableDefinition& table, std::size_t first_parameter) {
  std::string out;
  for (const std::string& column : table.key_columns()) {
    if (!out.empty()) out += " AND ";
    out += fmt::format("{} = ?{}", column, first_parameter++);
  }
  return out;
}

// One side of "the rows have this key part in common".
std::string part_expression(const TableDefinition& table, const IndexPart& part,
                            std::string_view operand) {
  if (part.length == 0) return std::string(operand);
  const std::string_view collation = sqlite_collation(table.columns()[part.column]);
  return fmt::format("substr({}, 1, {}){}{}", operand, part.length,
                     collation.empty() ? "" : " COLLATE ", collation);
}

bool same_key(const TableDefinition& table, const StoredRow& a, const StoredRow& b) {
  if (!table.without_rowid()) return a.rowid == b.rowid;
  for (const IndexPart& part : table.indexes.front().parts) {
    if (a.values[part.column] != b.values[part.column]) return false;
  }
  return true;
}

}  // namespace

std::string RowStore::select_list(const TableDefinition& table, std::string_view alias) {
  const std::string prefix = alias.empty() ? std::string() : fmt::format("{}.", alias);
  std::string out = table.without_rowid() ? "0" : prefix + "rowid";
  for (std::size_t i = 0; i < table.columns().size(); ++i) out += fmt::format(", {}c{}", prefix, i);
  return out;
}

StoredRow RowStore::read_row(const TableDefinition& table, sqlite3_stmt* statement) {
  StoredRow out;
  out.rowid = sqlite3_column_int64(statement, 0);
  out.values.reserve(table.columns().size());
  for (std::size_t i = 0; i < table.columns().size(); ++i)
    out.values.push_back(column_value(statement, static_cast<int>(i) + 1));
  return out;
}

Result<void> RowStore::prepare(emulator::sqlite::Statement& statement, const std::string& sql) {
  if (statement.handle()) return {};
  auto prepared = database_.prepare(sql);
  if (!prepared) return sql_error(1105, prepared.error().message);
  statement = std::move(*prepared);
  return {};
}

Result<bool> RowStore::run(const TableDefinition& table, emulator::sqlite::Statement& statement) {
  capture_.expect(&table);
  const int code = sqlite3_step(statement.handle());
  capture_.expect(nullptr);
  statement.reset();
  if (code == SQLITE_DONE) return true;
  if (code == SQLITE_CONSTRAINT) return false;
  return sql_error(1105, database_.error_text());
}

Result<bool> RowStore::insert(const TableDefinition& table, const std::vector<Value>& row) {
  Statements& statements = statements_[table.id];
  if (!statements.insert.handle()) {
    std::string sql = fmt::format("INSERT INTO {} VALUES (", table.sqlite_name());
    for (std::size_t i = 0; i < row.size(); ++i)
      sql += fmt::format("{}?{}", i > 0 ? ", " : "", i + 1);
    if (auto ok = prepare(statements.insert, sql + ")"); !ok) return tl::unexpected(ok.error());
  }
  for (std::size_t i = 0; i < row.size(); ++i)
    bind_value(statements.insert.handle(), static_cast<int>(i) + 1, row[i]);
  return run(table, statements.insert);
}

void RowStore::bind_key(const TableDefinition& table, const StoredRow& row, sqlite3_stmt* statement,
                        int first) {
  if (!table.without_rowid()) {
    sqlite3_bind_int64(statement, first, row.rowid);
    return;
  }
  for (const IndexPart& part : table.indexes.front().parts)
    bind_value(statement, first++, row.values[part.column]);
}

Result<bool> RowStore::update(const TableDefinition& table, const StoredRow& before,
                              const std::vector<Value>& after) {
  if (before.values == after) return true;
  Statements& statements = statements_[table.id];
  const std::size_t count = after.size();
  if (!statements.update.handle()) {
    std::string sql = fmt::format("UPDATE {} SET ", table.sqlite_name());
    for (std::size_t i = 0; i < count; ++i)
      sql += fmt::format("{}c{} = ?{}", i > 0 ? ", " : "", i, i + 1);
    if (auto ok = prepare(statements.update, sql + " WHERE " + key_condition(table, count + 1));
        !ok)
      return tl::unexpected(ok.error());
  }
  sqlite3_stmt* statement = statements.update.handle();
  for (std::size_t i = 0; i < count; ++i) bind_value(statement, static_cast<int>(i) + 1, after[i]);
  bind_key(table, before, statement, static_cast<int>(count) + 1);
  return run(table, statements.update);
}

Result<void> RowStore::remove(const TableDefinition& table, const StoredRow& row) {
  Statements& statements = statements_[table.id];
  if (auto ok = prepare(
          statements.remove,
          fmt::format("DELETE FROM {} WHERE {}", table.sqlite_name(), key_condition(table, 1)));
      !ok)
    return ok;
  bind_key(table, row, statements.remove.handle(), 1);
  auto done = run(table, statements.remove);
  if (!done) return tl::unexpected(done.error());
  return {};
}

Result<std::optional<RowStore::Conflict>> RowStore::find_conflict(const TableDefinition& table,
                                                                  const std::vector<Value>& values,
                                                                  const StoredRow* except) {
  Statements& statements = statements_[table.id];
  for (std::size_t i = 0; i < table.indexes.size(); ++i) {
    const Index& index = table.indexes[i];
    if (!index.is_unique()) continue;
    emulator::sqlite::Statement& statement = statements.conflicts[i];
    std::string condition;
    int parameter = 1;
    bool has_null = false;
    for (const IndexPart& part : index.parts) {
      has_null = has_null || values[part.column].is_null();
      if (!condition.empty()) condition += " AND ";
      condition +=
          fmt::format("{} = {}", part_expression(table, part, fmt::format("c{}", part.column)),
                      part_expression(table, part, fmt::format("?{}", parameter++)));
    }
    if (has_null) continue;
    if (auto ok =
            prepare(statement, fmt::format("SELECT {} FROM {} WHERE {}", select_list(table, ""),
                                           table.sqlite_name(), condition));
        !ok)
      return tl::unexpected(ok.error());
    parameter = 1;
    for (const IndexPart& part : index.parts)
      bind_value(statement.handle(), parameter++, values[part.column]);
    std::optional<Conflict> found;
    while (!found && sqlite3_step(statement.handle()) == SQLITE_ROW) {
      Conflict conflict{&index, read_row(table, statement.handle())};
      if (!except || !same_key(table, conflict.row, *except)) found = std::move(conflict);
    }
    statement.reset();
    if (found) return found;
  }
  return std::optional<Conflict>();
}

tl::unexpected<SqlError> duplicate_entry(const TableDefinition& table, const Index& index,
                                         const std::vector<Value>& values) {
  std::string entry;
  for (const IndexPart& part : index.parts) {
    if (!entry.empty()) entry += '-';
    if (!values[part.column].is_null())
      entry += print(table.columns()[part.column], values[part.column]);
  }
  if (entry.size() > 64) entry = entry.substr(0, 61) + "...";
  return sql_error(1062, fmt::format("Duplicate entry '{}' for key '{}.{}'", entry,
                                     table.schema->table, index.name));
}

}  // namespace pipeline::rds::embedded
