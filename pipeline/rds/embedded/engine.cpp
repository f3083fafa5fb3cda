#include "pipeline/rds/embedded/engine.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>

#include "pipeline/rds/embedded/embedded_session.h"
#include "pipeline/rds/embedded/log_cursor.h"
#include "pipeline/rds/embedded/storage.h"
#include "pipeline/rds/embedded/system_schemas.h"

namespace pipeline::rds::embedded {
namespace {

using emulator::base::fail;

class EmbeddedEngine final : public Engine {
 public:
  EmbeddedEngine(const EngineOptions& options, emulator::sim::Scheduler& scheduler,
                 emulator::sim::Trace& trace, emulator::sim::Random random)
      : storage_(options, scheduler, trace, random), cursor_(storage_.binlog) {}

  mysql::Result<void> open() {
    if (auto opened = storage_.open(); !opened) return opened;
    return make_system_schemas(storage_);
  }

  std::unique_ptr<Session> connect(const std::string& database) override {
    return std::make_unique<EmbeddedSession>(storage_, sessions_, database);
  }
  mysql::Result<std::string> binlog_file(const std::string& name) override {
    return storage_.binlog.read(name, 0, UINT64_MAX);
  }
  std::vector<std::string> binlog_files() override { return storage_.binlog.names(); }

  std::optional<std::string> variable(std::string_view name) override {
    return storage_.global.get(name);
  }

  mysql::Result<std::vector<mysql::TablePtr>> tables() override {
    std::vector<mysql::TablePtr> out;
    for (const auto& [name, entry] : storage_.catalog.tables())
      out.push_back(entry.definition->schema);
    return out;
  }

  mysql::Result<mysql::Position> position() override { return storage_.position(); }

  mysql::Result<void> read_table(std::string_view schema, std::string_view table,
                                 const std::function<bool(const mysql::Row&)>& row) override;

  mysql::Result<std::optional<mysql::Transaction>> next_transaction(
      const mysql::Position& from) override {
    auto transaction = cursor_.next(from);
    if (transaction && *transaction)
      (*transaction)->trace_id = storage_.trace_of((*transaction)->end.text());
    return transaction;
  }

  void on_commit(std::function<void()> wake) override { storage_.on_commit = std::move(wake); }

 private:
  Storage storage_;
  Sessions sessions_;
  LogCursor cursor_;
};

// What an open transaction has changed in a table: each row's key now, and its committed image
// (none: it was not there).
class CommittedView {
 public:
  CommittedView(const Journal& journal, const mysql::TableSchema& table) : table_(table) {
    for (const mysql::RowChange& change : journal.changes()) {
      if (change.table->schema != table.schema || change.table->table != table.table) continue;
      const std::string before = change.before.empty() ? std::string() : key(change.before);
      const std::string after = change.after.empty() ? std::string() : key(change.after);
      std::optional<mysql::Row> original;
      if (!change.before.empty()) {
        original = change.before;
        if (const auto found = now_.find(before); found != now_.end()) {
          original = found->second;
          now_.erase(found);
        }
      }
      if (!change.after.empty()) {
        now_[after] = std::move(original);
      } else if (original) {
        gone_.push_back(std::move(*original));
      }
    }
  }

  bool empty() const { return now_.empty() && gone_.empty(); }
  // The committed image of a row that is there now; false: it is not committed.
  bool committed(mysql::Row& row) const {
    const auto found = now_.find(key(row));
    if (found == now_.end()) return true;
    if (found->second) row = *found->second;
    return found->second.has_value();
  }
  const std::vector<mysql::Row>& gone() const { return gone_; }

 private:
  std::string key(const mysql::Row& row) const {
    std::string out;
    const auto add = [&](const mysql::Cell& cell) {
      out += cell.is_null() ? 'n' : 'v';
      out += std::to_string(cell.bytes.size());
      out += ':';
      out += cell.bytes;
    };
    for (std::uint32_t column : table_.primary_key) add(row[column]);
    if (table_.primary_key.empty()) std::for_each(row.begin(), row.end(), add);
    return out;
  }
  const mysql::TableSchema& table_;
  std::map<std::string, std::optional<mysql::Row>> now_;
  std::vector<mysql::Row> gone_;
};

mysql::Result<void> EmbeddedEngine::read_table(std::string_view schema, std::string_view table,
                                               const std::function<bool(const mysql::Row&)>& each) {
  const TableEntry* entry = storage_.catalog.find(schema, table);
  if (!entry) return fail(fmt::format("Table '{}.{}' doesn't exist", schema, table));
  const DefinitionPtr definition = entry->definition;
  auto statement = storage_.database.prepare(
      fmt::format("SELECT {} FROM {} ORDER BY {}", RowStore::select_list(*definition, ""),
                  definition->sqlite_name(), definition->key_order()));
  if (!statement) return tl::unexpected(statement.error());
  const CommittedView view(storage_.journal, *definition->schema);
  std::string bytes;
  mysql::Row cells;
  while (true) {
    const int code = sqlite3_step(statement->handle());
    if (code == SQLITE_DONE) break;
    if (code != SQLITE_ROW) return fail(storage_.database.error_text());
    const StoredRow row = RowStore::read_row(*definition, statement->handle());
    Journal::pack(definition->columns(), row.values, bytes, cells);
    if (!view.empty() && !view.committed(cells)) continue;
    if (!each(cells)) return {};
  }
  // Rows that the open transaction deleted are still there for everyone else; they come last, out
  // of key order.
  for (const mysql::Row& row : view.gone()) {
    if (!each(row)) return {};
  }
  return {};
}

}  // namespace

mysql::Result<std::unique_ptr<Engine>> Engine::open(const EngineOptions& options,
                                                    emulator::sim::Scheduler& scheduler,
                                                    emulator::sim::Trace& trace,
                                                    emulator::sim::Random random) {
  auto engine = std::make_unique<EmbeddedEngine>(options, scheduler, trace, random);
  if (auto opened = engine->open(); !opened) return tl::unexpected(opened.error());
  return engine;
}

}  // namespace pipeline::rds::embedded
