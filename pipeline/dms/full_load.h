#pragma once
// The full load of a task: its tables one after the other, each read at one instant and written to LOAD00000001.csv, 00000002 ... A table whose
// files are not all durable when the run ends is loaded from its start again.

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
  FullLoad(TaskContext& context, S3Target& target, SourceTables tables)
      : context_(context), target_(target), tables_(std::move(tables)) {}

  // Loads what the record has as not loaded yet: highest load-order first, then by name. Ends in host.load_finished().
  void start() { load_next(); }

 private:
  class TableReader;
  struct File;

  TableRecord* next_table();
  void load_next();
  void load(TableRecord& record);
  void put_files(const TableName& name, const std::vector<std::shared_ptr<File>>& files);
  void finish(const TableName& name, std::uint64_t rows);
  void suspend(TableRecord& record, const std::string& why);

  TaskContext& context_;
  S3Target& target_;
  SourceTables tables_;
};

}  // namespace pipeline::dms
