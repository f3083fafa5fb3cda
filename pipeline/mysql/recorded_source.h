#pragma once
// A ChangeSource over binlog files that a real server wrote, with the state of its tables before
// them. Nothing is added to a recorded log, so on_commit never fires, and position() is where the
// state was taken: the start of the first file. Commit times are the log's own.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/mysql/binlog/reader.h"
#include "pipeline/mysql/binlog/transaction_assembler.h"
#include "pipeline/mysql/change_source.h"
#include "pipeline/mysql/table_state.h"

namespace pipeline::mysql {

struct RecordedOptions {
  std::vector<std::string> binlogs;  // paths in log order, plain or .gz
  std::string state = {};  // path of the state before them (table_state.h); "" = no tables
  std::map<std::string, std::string> variables =
      {};  // server variables that differ from what a log for DMS needs
};

class RecordedSource final : public ChangeSource {
 public:
  static Result<std::unique_ptr<RecordedSource>> open(const RecordedOptions& options);

  std::optional<std::string> variable(std::string_view name) override;
  // Those of the state, then as the transactions handed out so far have changed them.
  Result<std::vector<TablePtr>> tables() override;
  Result<Position> position() override;
  // The rows of the state: what a full load that begins at position() reads.
  Result<void> read_table(std::string_view schema, std::string_view table,
                          const std::function<bool(const Row&)>& row) override;
  Result<std::optional<Transaction>> next_transaction(const Position& from) override;
  void on_commit(std::function<void()>) override {}

 private:
  struct LogFile {
    std::string name;
    std::string bytes;
  };
  struct Table {
    TablePtr schema;
    std::vector<std::string> packed;  // one a row: its values back to back
    std::vector<Row> rows;
  };
  using Name = std::pair<std::string, std::string>;

  RecordedSource() = default;
  Result<void> load_table(const TableState& state);
  Result<void> check_position(const Position& from) const;
  std::size_t file_index(const std::string& name) const;  // files_.size() = none
  void rewind();
  Result<std::optional<Transaction>> read_transaction();

  std::vector<LogFile> files_;
  std::map<Name, Table> state_;
  std::map<std::string, std::string, std::less<>> variables_;

  // The cursor: transactions come off it once, in order; going back starts over.
  std::size_t current_ = 0;
  std::optional<binlog::Reader> reader_;
  binlog::TransactionAssembler assembler_;
  Position read_to_;
};

}  // namespace pipeline::mysql
