#include "pipeline/dms/csv_rows.h"

#include <algorithm>
#include <utility>

#include "emulator/base/csv.h"
#include "pipeline/dms/csv_value.h"

namespace pipeline::dms {
namespace {

namespace base = emulator::base;
using base::Result;

// The table of dms.md 2.5.
bool carries_op(FileKind kind, const S3Settings& settings) {
  if (kind == FileKind::load) return settings.include_op_for_full_load;
  return !settings.cdc_inserts_only || settings.include_op_for_full_load;
}

}  // namespace

CsvRows::CsvRows(FileKind kind, CsvRowsOptions options)
    : options_(std::move(options)), has_op_(carries_op(kind, *options_.settings)) {
  const std::vector<mysql::Column>& columns = options_.table->columns;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const bool left_out = columns[i].generated || !columns[i].visible ||
                          std::find(options_.left_out.begin(), options_.left_out.end(),
                                    columns[i].name) != options_.left_out.end();
    if (!left_out) carried_.push_back(i);
  }
}

void CsvRows::separate(std::string& out, bool& first) const {
  if (!first) out.push_back(settings().csv_delimiter);
  first = false;
}

void CsvRows::append_header(std::string& out) const {
  if (!settings().add_column_name) return;
  bool first = true;
  const auto add = [&](std::string_view name) {
    separate(out, first);
    base::append_csv_field(out, name, settings().csv_delimiter);
  };
  if (has_op_) add("Op");
  if (has_timestamp()) add(settings().timestamp_column_name);
  for (std::size_t i : carried_) add(table()->columns[i].name);
  if (has_sequence()) add(*options_.sequence_column);
  out.push_back('\n');
}

Result<void> CsvRows::append_columns(std::string& out, const mysql::Row& row, bool& first) {
  for (std::size_t i : carried_) {
    const mysql::Column& column = table()->columns[i];
    const Result<bool> has_value =
        value_text(column, i < row.size() ? row[i] : mysql::Cell{}, value_);
    if (!has_value) return tl::unexpected(has_value.error());
    if (*has_value && is_lob(column) && cut_lob(column, options_.lob_bytes_max, value_))
      ++lobs_cut_;
    separate(out, first);
    if (*has_value) {
      base::append_csv_field(out, value_, settings().csv_delimiter);
    } else {
      out += settings().csv_null_value;
    }
  }
  return {};
}

Result<void> CsvRows::append_row(std::string& out, const Marks& marks, const mysql::Row& row) {
  const std::size_t before = out.size();
  bool first = true;
  if (has_op_) {
    separate(out, first);
    out.push_back(marks.op);
  }
  if (has_timestamp()) {
    separate(out, first);
    base::append_csv_field(out, marks.timestamp, settings().csv_delimiter);
  }
  if (Result<void> done = append_columns(out, row, first); !done) {
    out.resize(before);
    return done;
  }
  if (has_sequence()) {
    separate(out, first);
    base::append_csv_field(out, marks.sequence, settings().csv_delimiter);
  }
  out.push_back('\n');
  return {};
}

}  // namespace pipeline::dms
