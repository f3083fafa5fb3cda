#include "pipeline/dms/csv_rows.h"

#include <algorithm>
#include <utility>

#include "emulator/base/csv.h"
#include "pipeline/dms/csv_value.h"
#include "pipeline/mysql/types/layout.h"

namespace pipeline::dms {
namespace {

namespace base = emulator::base;
using base::Result;

// The table of dms.md 2.5.
bool carries_op(FileKind kind, const S3Settings& settings) {
  if (kind == FileKind::load) return settings.include_op_for_full_load;
  return !settings.cdc_inserts_only || settings.include_op_for_full_load;
}

// Types whose text in a file is MySQL's own, and never cut.
bool is_as_printed(const mysql::Column& column) {
  using mysql::ColumnType;
  switch (column.type) {
    case ColumnType::tiny:
    case ColumnType::small:
    case ColumnType::medium:
    case ColumnType::integer:
    case ColumnType::bigint:
    case ColumnType::year:
    case ColumnType::decimal:
    case ColumnType::date:
    case ColumnType::time:
    case ColumnType::datetime:
    case ColumnType::timestamp:
      return true;
    case ColumnType::varchar:
    case ColumnType::string:
    case ColumnType::blob:
      return !column.is_binary() && !is_lob(column);
    default:
      return false;
  }
}

// Where these separate fields, numbers and times have to be quoted.
bool is_of_numbers(char delimiter) {
  return std::string_view("0123456789+-.: ").find(delimiter) != std::string_view::npos;
}

bool is_whole(const mysql::types::ColumnPlan& plan, std::string_view packed) {
  if (packed.size() < plan.bytes) return false;
  std::size_t size = plan.bytes;
  if (plan.prefixed) size += mysql::types::length_in_prefix(packed.data(), plan.bytes);
  return size == packed.size();
}

}  // namespace

CsvRows::CsvRows(FileKind kind, CsvRowsOptions options)
    : options_(std::move(options)), has_op_(carries_op(kind, *options_.settings)) {
  const std::vector<mysql::Column>& columns = options_.table->columns;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const bool left_out = columns[i].generated || !columns[i].visible ||
                          std::find(options_.left_out.begin(), options_.left_out.end(),
                                    columns[i].name) != options_.left_out.end();
    if (left_out) continue;
    const bool direct = is_as_printed(columns[i]) && !is_of_numbers(settings().csv_delimiter);
    carried_.push_back(
        {i, direct ? mysql::types::plan_column(columns[i]) : mysql::types::ColumnPlan{}});
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
  for (const Carried& carried : carried_) add(table()->columns[carried.column].name);
  if (has_sequence()) add(*options_.sequence_column);
  out.push_back('\n');
}

Result<void> CsvRows::append_columns(std::string& out, const mysql::Row& row, bool& first) {
  for (const Carried& carried : carried_) {
    const mysql::Cell cell = carried.column < row.size() ? row[carried.column] : mysql::Cell{};
    separate(out, first);
    if (cell.state == mysql::Cell::State::value && append_at_once(out, carried, cell.bytes))
      continue;
    if (auto done = append_value(out, table()->columns[carried.column], cell); !done) return done;
  }
  return base::success;
}

Result<void> CsvRows::append_value(std::string& out, const mysql::Column& column,
                                   const mysql::Cell& cell) {
  const Result<bool> has_value = value_text(column, cell, value_);
  if (!has_value) return tl::unexpected(has_value.error());
  if (*has_value && is_lob(column) && cut_lob(column, options_.lob_bytes_max, value_)) ++lobs_cut_;
  if (*has_value) {
    base::append_csv_field(out, value_, settings().csv_delimiter);
  } else {
    out += settings().csv_null_value;
  }
  return base::success;
}

bool CsvRows::append_at_once(std::string& out, const Carried& carried, std::string_view packed) {
  using Kind = mysql::types::Value::Kind;
  const mysql::types::ColumnPlan& plan = carried.plan;
  mysql::types::Value value;
  if (!plan.decode || !is_whole(plan, packed) || !plan.decode(plan, packed, value, scratch_))
    return false;
  switch (value.kind) {
    case Kind::text:
      if (!value.utf8) return false;
      base::append_csv_field(out, value.bytes, settings().csv_delimiter);
      return true;
    case Kind::date:
    case Kind::datetime:
      if (value.moment.year == 0 && value.moment.month == 0 && value.moment.day == 0) return false;
      break;
    case Kind::integer:
    case Kind::unsigned_integer:
    case Kind::year:
    case Kind::decimal:
    case Kind::time:
      break;
    default:
      return false;
  }
  const std::size_t before = out.size();
  out.resize(before + mysql::types::plain_text_max);
  out.resize(
      static_cast<std::size_t>(mysql::types::write_plain(out.data() + before, value) - out.data()));
  return true;
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
  return base::success;
}

}  // namespace pipeline::dms
