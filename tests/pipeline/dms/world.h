#pragma once
// A small world for the tests of DMS: a scheduler, S3 in memory, and a MySQL source whose
// transactions a test writes by hand.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/base/time_text.h"
#include "emulator/s3/object_store.h"
#include "emulator/s3/service.h"
#include "emulator/sim/fault.h"
#include "emulator/sim/random.h"
#include "emulator/sim/scheduler.h"
#include "emulator/sim/trace.h"
#include "emulator/sqlite/database.h"
#include "pipeline/dms/replication_task.h"
#include "pipeline/mysql/types/codec.h"

namespace pipeline::dms::test {

using Value = std::optional<std::string>;  // text as MySQL prints it; nullopt = NULL
using Values = std::vector<Value>;
using emulator::base::fail;

inline mysql::Column column(std::string name, std::string_view declared) {
  auto parsed = mysql::types::parse_column_type(declared);
  EXPECT_TRUE(parsed.has_value()) << declared;
  if (!parsed) return {};
  parsed->name = std::move(name);
  return *parsed;
}

inline mysql::TablePtr table_schema(std::string schema, std::string table,
                                    std::vector<std::pair<std::string, std::string>> columns) {
  auto made = std::make_shared<mysql::TableSchema>();
  made->schema = std::move(schema);
  made->table = std::move(table);
  for (auto& [name, declared] : columns) made->columns.push_back(column(name, declared));
  made->primary_key = {0};
  return made;
}

inline mysql::TablePtr persons() {
  return table_schema(
      "kaustubh_schema", "Persons",
      {{"PersonID", "int"}, {"FullName", "varchar(1000)"}, {"City", "varchar(255)"}});
}

inline std::string packed(const mysql::Column& column, const std::string& text) {
  std::string out;
  auto done = mysql::types::append_packed(column, text, out);
  EXPECT_TRUE(done.has_value()) << column.name << " = " << text << ": "
                                << (done ? "" : done.error().message);
  return out;
}

// Writes transactions as a server would: tables hold their current rows, the log what happened.
class Source : public mysql::ChangeSource {
 public:
  explicit Source(emulator::sim::Scheduler& scheduler) : scheduler_(scheduler) {}

  std::map<std::string, std::string> variables{
      {"log_bin", "ON"}, {"binlog_format", "ROW"}, {"binlog_row_image", "FULL"}};
  std::optional<std::vector<std::string>> granted;  // what SHOW GRANTS answers
  std::string purged_error;                         // not empty: what next_transaction answers
  bool in_pieces = false;    // rows of a table come one by one, a millisecond apart
  bool keeps_state = false;  // a reader has to know something beside its position
  std::vector<std::string> restored;

  void create(mysql::TablePtr table) {
    tables_[{table->schema, table->table}] = {std::move(table), {}};
  }
  void change_shape(mysql::TablePtr table) {
    tables_[{table->schema, table->table}].first = std::move(table);
  }
  void drop(const std::string& schema, const std::string& table) { tables_.erase({schema, table}); }

  // One transaction; rows are given whole.
  class Writer {
   public:
    explicit Writer(Source& source) : source_(source) {}
    Writer& insert(const mysql::TablePtr& table, Values row) {
      source_.rows(table)[*row[0]] = row;
      return add(mysql::Operation::insert, table, {}, std::move(row));
    }
    Writer& update(const mysql::TablePtr& table, Values before, Values after) {
      source_.rows(table).erase(*before[0]);
      source_.rows(table)[*after[0]] = after;
      return add(mysql::Operation::update, table, std::move(before), std::move(after));
    }
    Writer& remove(const mysql::TablePtr& table, Values row) {
      source_.rows(table).erase(*row[0]);
      return add(mysql::Operation::remove, table, std::move(row), {});
    }
    Writer& ddl(mysql::SchemaChange::Kind kind, std::string schema, std::string table,
                std::string sql = "") {
      if (kind == mysql::SchemaChange::Kind::truncate_table)
        source_.tables_.at({schema, table}).second.clear();
      logged_.ddl = mysql::SchemaChange{kind, schema, std::move(sql), {{schema, table}}};
      return *this;
    }
    void commit(emulator::sim::EventId trace_id = 0) {
      logged_.trace_id = trace_id;
      logged_.committed = source_.scheduler_.now();
      source_.log_.push_back(std::move(logged_));
      if (source_.wake_) source_.wake_();
    }

   private:
    Writer& add(mysql::Operation operation, const mysql::TablePtr& table, Values before,
                Values after) {
      logged_.rows.push_back({operation, table, std::move(before), std::move(after)});
      return *this;
    }
    Source& source_;
    struct Logged;
    friend class Source;
    struct LoggedRow {
      mysql::Operation operation;
      mysql::TablePtr table;
      Values before, after;
    };
    struct Logged {
      std::vector<LoggedRow> rows;
      std::optional<mysql::SchemaChange> ddl;
      emulator::base::Instant committed{};
      emulator::sim::EventId trace_id = 0;
    } logged_;
  };
  Writer begin() { return Writer(*this); }

  std::optional<std::string> variable(std::string_view name) override {
    const auto found = variables.find(std::string(name));
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<std::vector<std::string>> grants() override { return granted; }
  Result<std::vector<mysql::TablePtr>> tables() override {
    std::vector<mysql::TablePtr> all;
    for (const auto& [name, table] : tables_) all.push_back(table.first);
    return all;
  }
  Result<mysql::Position> position() override { return at(log_.size()); }
  Result<void> read_table(std::string_view schema, std::string_view name,
                          const std::function<bool(const mysql::Row&)>& row) override {
    const auto table = tables_.find({std::string(schema), std::string(name)});
    if (table == tables_.end()) return fail("no such table");
    for (const auto& [key, values] : table->second.second) {
      std::vector<std::string> storage;
      if (!row(pack(*table->second.first, values, storage))) break;
    }
    return {};
  }
  Result<std::unique_ptr<mysql::TableRows>> open_table(std::string_view schema,
                                                       std::string_view name,
                                                       std::function<void()> ready) override {
    if (!in_pieces) return ChangeSource::open_table(schema, name, std::move(ready));
    return std::unique_ptr<mysql::TableRows>(std::make_unique<Pieces>(
        *this, tables_.at({std::string(schema), std::string(name)}), std::move(ready)));
  }
  std::shared_ptr<const std::string> reader_state(const mysql::Position& at) override {
    return keeps_state ? std::make_shared<const std::string>("known at " + at.text()) : nullptr;
  }
  Result<void> restore_reader(const mysql::Position& at, const std::string& state) override {
    restored.push_back(at.text() + ": " + state);
    return {};
  }
  Result<std::optional<mysql::Transaction>> next_transaction(const mysql::Position& from) override {
    if (!purged_error.empty()) return fail(purged_error);
    const std::size_t index = (from.offset - 4 + 99) / 100;
    if (index >= log_.size()) return std::optional<mysql::Transaction>();
    const Writer::Logged& logged = log_[index];
    mysql::Transaction transaction;
    transaction.start = at(index);
    transaction.end = at(index + 1);
    transaction.committed = logged.committed;
    transaction.has_commit_micros = true;
    transaction.schema_change = logged.ddl;
    transaction.trace_id = logged.trace_id;
    transaction.storage.reserve(logged.rows.size() * 20);
    for (const Writer::LoggedRow& row : logged.rows) {
      mysql::RowChange change{row.operation, row.table, {}, {}};
      if (!row.before.empty()) change.before = pack(*row.table, row.before, transaction.storage);
      if (!row.after.empty()) change.after = pack(*row.table, row.after, transaction.storage);
      transaction.changes.push_back(std::move(change));
    }
    return std::optional(std::move(transaction));
  }
  void on_commit(std::function<void()> wake) override { wake_ = std::move(wake); }
  bool is_watched() const { return static_cast<bool>(wake_); }
  std::size_t log_size() const { return log_.size(); }

 private:
  // Keys in numeric order, where they are numbers.
  struct KeyOrder {
    bool operator()(const std::string& a, const std::string& b) const {
      return a.size() != b.size() ? a.size() < b.size() : a < b;
    }
  };
  using Rows = std::map<std::string, Values, KeyOrder>;

  class Pieces final : public mysql::TableRows {
   public:
    Pieces(Source& source, const std::pair<mysql::TablePtr, Rows>& table,
           std::function<void()> ready)
        : source_(source), table_(table), ready_(std::move(ready)), next_(table.second.begin()) {}
    Result<Progress> read(const std::function<bool(const mysql::Row&)>& row) override {
      if (next_ == table_.second.end()) return Progress::end;
      waits_ = !waits_;
      if (waits_) {
        source_.scheduler_.after(std::chrono::milliseconds(1), "source.ready", ready_);
        return Progress::waits;
      }
      std::vector<std::string> storage;
      if (!row(pack(*table_.first, next_->second, storage))) return Progress::end;
      ++next_;
      return Progress::more;
    }

   private:
    Source& source_;
    const std::pair<mysql::TablePtr, Rows>& table_;
    std::function<void()> ready_;
    Rows::const_iterator next_;
    bool waits_ = false;
  };

  Rows& rows(const mysql::TablePtr& table) {
    auto& entry = tables_[{table->schema, table->table}];
    if (!entry.first) entry.first = table;
    return entry.second;
  }
  static mysql::Position at(std::size_t index) { return {"binlog.000001", 4 + index * 100}; }
  static mysql::Row pack(const mysql::TableSchema& table, const Values& values,
                         std::vector<std::string>& storage) {
    storage.reserve(storage.size() + values.size());
    mysql::Row row(values.size());
    const std::size_t first = storage.size();
    for (std::size_t i = 0; i < values.size(); ++i) {
      storage.push_back(values[i] ? packed(table.columns[i], *values[i]) : "");
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      row[i].state = values[i] ? mysql::Cell::State::value : mysql::Cell::State::null;
      row[i].bytes = storage[first + i];
    }
    return row;
  }

  emulator::sim::Scheduler& scheduler_;
  std::map<std::pair<std::string, std::string>, std::pair<mysql::TablePtr, Rows>> tables_;
  std::vector<Writer::Logged> log_;
  std::function<void()> wake_;
};

inline TableMappings select(std::string_view schema = "kaustubh_schema",
                            std::string_view table = "%") {
  SelectionRule rule;
  rule.id = "1";
  rule.schema = schema;
  rule.table = table;
  return TableMappings{{rule}, {}};
}

struct World {
  emulator::sim::Scheduler scheduler{*emulator::base::parse_instant("2026-01-01T00:00:00Z")};
  emulator::sim::Trace trace{scheduler};
  emulator::sim::RandomStreams streams{7};
  emulator::sim::Faults faults{streams.stream("faults"), trace};
  std::unique_ptr<emulator::s3::ObjectStore> store = emulator::s3::memory_store();
  emulator::s3::Service s3{*store, scheduler, trace, faults, streams.stream("s3")};
  emulator::sqlite::Database state = std::move(*emulator::sqlite::Database::open(":memory:"));
  Source source{scheduler};
  ReplicationTaskOptions options;
  std::unique_ptr<ReplicationTask> task;
  std::vector<emulator::sim::TraceLine> lines;

  World() {
    options.mappings = select();
    options.target.bucket_name = "cdc";
    EXPECT_TRUE(s3.create_bucket("cdc").has_value());
    trace.listen([this](const emulator::sim::TraceLine& line) { lines.push_back(line); });
  }

  // Makes the task (again) from `options`.
  ReplicationTask& make() {
    task.reset();
    task = std::make_unique<ReplicationTask>(options, source, s3, state, scheduler, trace, faults,
                                             streams.stream("dms"));
    return *task;
  }
  void start(StartType type = StartType::start_replication) {
    if (!task) make();
    const auto started = task->start(type);
    EXPECT_TRUE(started.has_value()) << (started ? "" : started.error().message);
  }
  void start_and_load() {
    start();
    run("2s");
  }
  void run(std::string_view duration) {
    scheduler.advance_by(*emulator::base::parse_duration(duration));
  }

  std::vector<std::string> keys(const std::string& prefix = "") {
    std::vector<std::string> all;
    const auto listed = s3.list_objects({.bucket = "cdc", .prefix = prefix});
    EXPECT_TRUE(listed.has_value());
    if (listed) {
      for (const auto& object : listed->objects) all.push_back(object.key);
    }
    return all;
  }
  std::string body(const std::string& key) {
    const auto object = s3.get_object("cdc", key);
    EXPECT_TRUE(object.has_value()) << key;
    return object ? object->read_all() : "";
  }
  // Bodies of the change files under a folder, in the order of their names.
  std::string changes(const std::string& prefix = "kaustubh_schema/Persons/") {
    std::string all;
    for (const std::string& key : keys(prefix)) {
      if (key.find("/LOAD") == std::string::npos) all += body(key);
    }
    return all;
  }
  std::size_t count(std::string_view kind) const {
    std::size_t found = 0;
    for (const auto& line : lines) found += line.actor == "dms" && line.kind == kind ? 1 : 0;
    return found;
  }
  bool warned(std::string_view part) const {
    for (const auto& line : lines) {
      if (line.kind == "warning" && line.field("message").find(part) != std::string_view::npos)
        return true;
    }
    return false;
  }
};

// A source with the table of the tutorial, and rows for it.
struct PersonsWorld : World {
  mysql::TablePtr table = test::persons();
  PersonsWorld() { source.create(table); }
  static Values row(int id, const std::string& name = "Ada") {
    return {std::to_string(id), name, "London"};
  }
  void insert(int id, const std::string& name = "Ada") {
    source.begin().insert(table, row(id, name)).commit();
  }
};

}  // namespace pipeline::dms::test
