#pragma once
// Ongoing changes: reads the source's committed transactions as they come, puts the rows of the
// selected tables into one buffer a table, and closes a buffer to a file when its interval ends, it
// is large enough, or the table's shape changes. Knows what is not durable yet, and so the
// checkpoint.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "pipeline/dms/change_file.h"
#include "pipeline/dms/full_load.h"
#include "pipeline/dms/s3_target.h"
#include "pipeline/dms/task_context.h"

namespace pipeline::dms {

class ChangeCapture {
 public:
  ChangeCapture(TaskContext& context, S3Target& target, const SourceTables& tables);

  // end_at_once: when the end of the log is reached for the first time,
  // host.cached_changes_applied().
  void start(Checkpoint from, bool end_at_once);
  // Stops reading, closes every buffer, and tells host.flushed() when all of it is durable.
  void flush();

 private:
  // A selected table.
  struct Table {
    TableName name;
    std::unique_ptr<ChangeFile> open;
    std::vector<std::string>
        left_out;  // generated columns, which the log does not tell from others
    bool suspended = false;
    bool lob_warned = false;
  };
  void wake();
  void read();
  void at_end_of_log();
  Result<void> apply(const mysql::Transaction& transaction);
  void apply_schema_change(const mysql::SchemaChange& change);
  void apply_schema_change(Table& table, const mysql::SchemaChange& change);
  void apply_row(const mysql::Transaction& transaction, const mysql::RowChange& change);
  Table* find_table(const TableName& name);
  TableRecord& record_of(const Table& table) { return context_.record.tables.at(table.name); }
  void write(Table& table, const mysql::Transaction& transaction, const mysql::RowChange& change);
  void open_file(Table& table, const mysql::Transaction& transaction, const mysql::TablePtr& shape);
  void suspend(Table& table, const std::string& why);
  void warn_of_cut_lobs(Table& table);
  void close_file(Table& table);
  void stored(Table& table, const ChangeFile& file, const std::string& key);
  std::string file_key(Table& table);
  void truncate(Table& table);
  void note_generated_columns();
  Checkpoint durable() const;
  bool save_checkpoint();

  TaskContext& context_;
  S3Target& target_;
  std::map<TableName, Table> tables_;
  std::map<TableName, bool> selected_;  // what the mappings say of a name, asked once
  std::pair<const mysql::TableSchema*, Table*> last_{};

  mysql::Position position_;
  ChangeSequence sequence_;
  std::uint64_t ordinal_ = 0;  // of the transaction in work
  Checkpoint before_;          // where that one begins
  std::string commit_text_;    // its timestamp column
  bool has_rows_ = false;      // a selected row of it has been seen
  Pending pending_;
  emulator::base::Instant last_save_{};
  bool read_scheduled_ = false;
  bool flushing_ = false;
  bool end_at_once_ = false;
};

}  // namespace pipeline::dms
