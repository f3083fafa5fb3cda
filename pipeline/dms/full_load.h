#pragma once
// The full load of a task: its tables one after the other, each written to LOAD00000001.csv,
// 00000002 ... A table is read at one instant where its source has all rows at hand; the rows of a
// running server come piece by piece, and others have their turn in between. A table whose files
// are not all durable when the run ends is loaded from its start again.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/dms/csv_rows.h"
#include "pipeline/dms/s3_target.h"
#include "pipeline/dms/task_context.h"

namespace pipeline::dms {

// Virtual time that a load takes: so much for each table, and so much for each of its rows.
inline constexpr emulator::base::Duration load_table_time = std::chrono::milliseconds(100);
inline constexpr emulator::base::Duration load_row_time = std::chrono::microseconds(10);

using SourceTables = std::map<TableName, mysql::TablePtr>;

// How the rows of a table of this task are written.
CsvRowsOptions rows_options(const TaskContext& context, mysql::TablePtr table);

class FullLoad {
 public:
  FullLoad(TaskContext& context, S3Target& target, SourceTables tables);
  ~FullLoad();

  // Loads what the record has as not loaded yet: highest load-order first, then by name. Ends in
  // host.load_finished().
  void start() { load_next(); }

 private:
  class TableReader;
  struct File;
  struct Reading;

  TableRecord* next_table();
  void load_next();
  void load(TableRecord& record);
  void read_on();
  void read_later();
  void end_of_table(const emulator::base::Result<void>& read);
  void put_files(const TableName& name, const std::vector<std::shared_ptr<File>>& files);
  void finish(const TableName& name, std::uint64_t rows);
  void suspend(TableRecord& record, const std::string& why);

  TaskContext& context_;
  S3Target& target_;
  SourceTables tables_;
  std::unique_ptr<Reading> reading_;  // the table in work, until its last row has come
};

}  // namespace pipeline::dms
