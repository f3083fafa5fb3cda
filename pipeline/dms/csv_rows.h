#pragma once
// Rows of one table as DMS writes them to CSV (dms.md section 2): Op, timestamp, the columns,
// AR_H_CHANGE_SEQ. Appends to a string that the caller owns; a row that cannot be written leaves it
// as it was.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/result.h"
#include "pipeline/dms/s3_settings.h"
#include "pipeline/mysql/schema.h"
#include "pipeline/mysql/types/value.h"

namespace pipeline::dms {

enum class FileKind { load, changes };

struct CsvRowsOptions {
  const S3Settings* settings = nullptr;
  mysql::TablePtr table;
  std::vector<std::string> left_out =
      {};  // further columns that are not carried: generated ones, where only the source knows
  std::optional<std::string> sequence_column = {};  // name of the AR_H_CHANGE_SEQ column
  std::uint64_t lob_bytes_max = 32 * 1024;
};

class CsvRows {
 public:
  CsvRows(FileKind kind, CsvRowsOptions options);

  const mysql::TablePtr& table() const { return options_.table; }
  bool has_op() const { return has_op_; }
  bool has_timestamp() const { return !settings().timestamp_column_name.empty(); }
  bool has_sequence() const { return options_.sequence_column.has_value(); }

  // The header line; nothing unless AddColumnName.
  void append_header(std::string& out) const;
  struct Marks {
    char op = 'I';
    std::string_view timestamp = {};  // 26 characters, used if has_timestamp()
    std::string_view sequence = {};   // "" in LOAD files
  };
  emulator::base::Result<void> append_row(std::string& out, const Marks& marks,
                                          const mysql::Row& row);
  // LOB values cut so far.
  std::uint64_t lobs_cut() const { return lobs_cut_; }

 private:
  const S3Settings& settings() const { return *options_.settings; }
  struct Carried {
    std::size_t column;
    mysql::types::ColumnPlan plan;  // without a decoder: its text is not what MySQL prints
  };

  emulator::base::Result<void> append_columns(std::string& out, const mysql::Row& row, bool& first);
  emulator::base::Result<void> append_value(std::string& out, const mysql::Column& column,
                                            const mysql::Cell& cell);
  // False: nothing was appended, append_value does it.
  bool append_at_once(std::string& out, const Carried& carried, std::string_view packed);
  void separate(std::string& out, bool& first) const;

  CsvRowsOptions options_;
  bool has_op_;
  std::vector<Carried> carried_;  // the columns that go into the file
  std::string value_;             // scratch
  mysql::types::Scratch scratch_;
  std::uint64_t lobs_cut_ = 0;
};

}  // namespace pipeline::dms
