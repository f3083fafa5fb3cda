#pragma once
// What `sluice binlog` prints of a transaction: a line a row change, a line a DDL statement.
// "pos" is where the transaction starts in its file: with "file" it is a position to resume from.
// "ts" is the commit time in UTC. An update with "partial" has changed a JSON document that the log
// does not show (PARTIAL_JSON and MINIMAL images): the column is left out of "after", and
// "partial":{"column":[{"op":"replace","path":"$.a","value":"5"}]} says what to do to the document
// that was there, in this order.

#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/result.h"
#include "pipeline/mysql/binlog/output.h"
#include "pipeline/mysql/binlog/row_log.h"
#include "pipeline/mysql/change_source.h"

namespace pipeline::mysql::binlog {

// Prints rows as they are decoded: a row costs no allocation, a transaction of any size no memory.
class JsonLines {
 public:
  explicit JsonLines(Output& out) : out_(out) {}
  // `transaction` without its changes, and these in `rows`.
  Result<void> print(const Transaction& transaction, const RowLog& rows);

  // The sink of its rows (row_values.h).
  void begin_row(Operation operation);
  void begin(const TableSchema& table, Operation operation) {
    use(table);
    begin_row(operation);
  }
  void begin_image(bool after);
  void value(std::size_t column, const types::Value& value);
  void null(std::size_t column);
  void end_image() {}
  void difference(std::size_t column, std::string_view text);
  void end_row();

 private:
  void use(const TableSchema& table);
  char* write_name(std::size_t column, std::size_t more);

  Output& out_;
  types::Scratch scratch_;
  std::string head_;       // {"file":...,"pos":...,"gtid":...,"ts":...
  std::string line_head_;  // the same and schema and table
  const TableSchema* table_ = nullptr;
  std::vector<std::string> names_;  // quoted, with the colon
  bool first_ = true;               // no column of this image yet
  bool after_ = false;
  bool partial_ = false;  // inside "partial"
};

// The same for a transaction with its changes at hand.
Result<void> append_json_lines(std::string& out, const Transaction& transaction);
// For people: a line for the transaction, an indented one for each change.
class TextLines {
 public:
  explicit TextLines(Output& out) : out_(out) {}
  Result<void> print(const Transaction& transaction, const RowLog& rows);

  void begin_row(Operation operation);
  void begin_image(bool after);
  void value(std::size_t column, const types::Value& value);
  void null(std::size_t column);
  void end_image() { out_.append(")"); }
  void difference(std::size_t column, std::string_view text);
  void end_row() { out_.append("\n"); }

 private:
  void append(std::size_t column, std::string_view text);

  Output& out_;
  types::Scratch scratch_;
  std::string text_;
  const TableSchema* table_ = nullptr;
  bool first_ = true;
  Operation operation_{};
};

std::string_view operation_name(Operation operation);  // "insert"

}  // namespace pipeline::mysql::binlog
