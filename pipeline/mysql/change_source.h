#pragma once
// A MySQL server as DMS sees it: its tables, their rows, and the committed transactions after a
// position. Implemented by the embedded engine (pipeline/rds), by recorded binlog files
// (recorded_source.h), and by a running server (pipeline/rds/external). Waits for no commit.

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/result.h"
#include "emulator/base/time_text.h"
#include "pipeline/mysql/schema.h"

namespace pipeline::mysql {

using emulator::base::Result;

// Before event `offset` of file `file`; files in order of their number.
struct Position {
  std::string file;
  std::uint64_t offset = 4;
  auto operator<=>(const Position&) const = default;
  std::string text() const { return file + ":" + std::to_string(offset); }
};

enum class Operation : std::uint8_t { insert, update, remove };

struct RowChange {
  Operation operation;
  TablePtr table;
  Row before;  // empty for insert
  Row after;   // empty for delete
};

// A DDL statement that committed. kind and targets are filled for what DMS reacts to.
struct SchemaChange {
  enum class Kind { create_table, alter_table, drop_table, rename_table, truncate_table, other };
  Kind kind = Kind::other;
  std::string schema;  // default database of the statement
  std::string sql;
  std::vector<std::pair<std::string, std::string>> tables;  // (schema, table) it names, in order
};

// Row changes as the log packs them, unpacked while they are read: a transaction of any size takes
// little memory.
class PackedChanges {
 public:
  using Use = std::function<Result<void>(const RowChange&)>;

  virtual ~PackedChanges() = default;
  // In order; a change and its cells hold until `use` returns. Stops at the first Error.
  virtual Result<void> for_each(const Use& use) const = 0;
  virtual std::uint64_t bytes() const = 0;
};

struct Transaction {
  std::string gtid;  // "uuid:7", "0-1-7"; "" = none
  Position start;    // of its first event
  Position end;      // after its last: the checkpoint once it is durable downstream
  emulator::base::Instant
      committed{};  // immediate_commit_ts where the log has it, else the header's second
  bool has_commit_micros = false;
  std::vector<RowChange> changes;  // in order; cells view `storage`
  std::optional<SchemaChange>
      schema_change;                 // then no row changes (but for CREATE TABLE ... SELECT)
  std::vector<std::string> storage;  // owns the bytes
  std::shared_ptr<const PackedChanges>
      packed;  // or its changes are here, and `changes` is empty; shared: never changed
  std::uint64_t trace_id = 0;  // the commit's trace line, where the source runs in this process

  // As a new one, but for memory that texts to come will need.
  void clear();
  // All changes, wherever they are.
  Result<void> for_each_change(const PackedChanges::Use& use) const;
};

// The rows of one table, some at a time, so that others have their turn in between.
class TableRows {
 public:
  enum class Progress : std::uint8_t {
    more,
    waits,
    end
  };  // waits: there is nothing yet, `ready` will be called

  virtual ~TableRows() = default;
  // Cells hold until the callback returns; false from it ends the table.
  virtual Result<Progress> read(const std::function<bool(const Row&)>& row) = 0;
};

class ChangeSource {
 public:
  virtual ~ChangeSource() = default;

  // `ready` is called once variable(), grants(), tables() and, if so, position() will answer
  // without waiting for a server; they do while it runs. At once where nobody has to wait.
  virtual void prepare(bool with_position, std::function<void()> ready) {
    (void)with_position;
    ready();
  }
  // A server variable ("binlog_format", "binlog_row_image", "log_bin"...), as SHOW VARIABLES prints
  // it; nullopt = none.
  virtual std::optional<std::string> variable(std::string_view name) = 0;
  // What SHOW GRANTS says of the user that reads; nullopt: nobody asks for privileges here.
  virtual std::optional<std::vector<std::string>> grants() { return std::nullopt; }
  // All base tables, by (schema, table), system schemas included.
  virtual Result<std::vector<TablePtr>> tables() = 0;
  // The end of the log now: the position of a snapshot read at this instant. A live server keeps
  // the snapshot for read_table.
  virtual Result<Position> position() = 0;
  // The reads that belonged to position() are done.
  virtual void release_snapshot() {}
  // Every row in primary-key order (insertion order without a key). Cells hold until the callback
  // returns; false stops.
  virtual Result<void> read_table(std::string_view schema, std::string_view table,
                                  const std::function<bool(const Row&)>& row) = 0;
  // The same, some at a time. Here: all of them at once, at one instant.
  virtual Result<std::unique_ptr<TableRows>> open_table(std::string_view schema,
                                                        std::string_view table,
                                                        std::function<void()> ready);
  // The first transaction at or after `from`, if it is committed yet. A purged position is an Error
  // that has "1236" in its message.
  virtual Result<std::optional<Transaction>> next_transaction(const Position& from) = 0;
  // What a reader needs beside the position to go on from `at` as one that never stopped: what the
  // log has said before and does not say again. Equal pointers: nothing new. nullptr: the position
  // is enough. `at` never goes back.
  virtual std::shared_ptr<const std::string> reader_state(const Position& at) {
    return (void)at, nullptr;
  }
  // Before the first next_transaction(at), by whoever has kept that.
  virtual Result<void> restore_reader(const Position& at, const std::string& state) {
    return (void)at, (void)state, Result<void>();
  }
  // Called after each commit, so that a task need not poll. Replaces the former; empty = none.
  virtual void on_commit(std::function<void()> wake) = 0;
  // Whether reading a table takes time by itself, as of a running server: a load then needs no time
  // made up for it.
  virtual bool takes_time() const { return false; }
};

}  // namespace pipeline::mysql
