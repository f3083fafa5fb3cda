#include "pipeline/glue/native/spark_frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace pipeline::glue::native {
namespace {

using emulator::base::fail;
using emulator::base::Result;

constexpr std::array<std::string_view, 3> names{"id", "FullName", "City"};

// row["FullName"] of a change that has no such column.
Result<void> needs_values(const SparkRow& change, std::size_t count) {
  if (change.size() > count) return {};
  return fail(fmt::format("ValueError: {}", names[change.size() - 1]));
}

}  // namespace

SparkFrame SparkFrame::read(const std::vector<std::string>& files) {
  SparkFrame frame;
  for (const std::string& file : files) {
    for (SparkRow& row : read_spark_csv(file)) {
      if (frame.width_ == 0) frame.width_ = row.size();
      row.resize(frame.width_);
      frame.rows_.push_back({std::move(row), true});
    }
  }
  frame.live_ = frame.rows_.size();
  return frame;
}

Result<void> SparkFrame::apply(const SparkRow& change) {
  if (change.empty() || !change[0]) return {};
  if (*change[0] == "U") return update(change);
  if (*change[0] == "I") return insert(change);
  if (*change[0] == "D") return remove(change);
  return {};  // the job's chain of ifs has no else
}

// Sets FullName and City of every row with the id; further columns keep what they had, and an id
// that is not there is no error.
Result<void> SparkFrame::update(const SparkRow& change) {
  if (width_ == 0) return fail("AnalysisException: Cannot resolve column name \"id\" among ()");
  if (change.size() < 2) return fail("ValueError: id");
  for (std::size_t column = 1; column < names.size(); ++column) {
    if (auto enough = needs_values(change, column + 1); !enough) return enough;
    if (column >= width_)
      return fail(
          fmt::format("AnalysisException: Cannot resolve column name \"{}\"", names[column]));
  }
  if (!change[1]) return {};  // null equals nothing
  index();
  auto found = by_id_.find(*change[1]);
  if (found == by_id_.end()) return {};
  for (std::size_t at : found->second) {
    SparkRow& values = rows_[at].values;
    values[1] = change[2];
    values[2] = change[3];
  }
  return {};
}

// createDataFrame of one row and union: a null has no type to infer, and the widths must be the
// same.
Result<void> SparkFrame::insert(const SparkRow& change) {
  SparkRow values(change.begin() + 1, change.end());
  if (std::any_of(values.begin(), values.end(), [](const SparkValue& value) { return !value; }))
    return fail("ValueError: Some of types cannot be determined after inferring");
  if (values.size() < names.size()) return fail("IndexError: list index out of range");
  if (values.size() != width_)
    return fail(
        fmt::format("AnalysisException: Union can only be performed on tables with the same number "
                    "of columns, but the first table has {} "
                    "columns and the second table has {} columns",
                    width_, values.size()));
  add(std::move(values));
  return {};
}

// filter(id != x) keeps neither the id nor a null; and != null keeps nothing at all.
Result<void> SparkFrame::remove(const SparkRow& change) {
  if (width_ == 0) return fail("AttributeError: 'DataFrame' object has no attribute 'id'");
  if (change.size() < 2) return fail("ValueError: id");
  if (!change[1]) {
    for (Row& row : rows_) drop(row);
    return {};
  }
  index();
  for (std::size_t at : std::exchange(without_id_, {})) drop(rows_[at]);
  auto found = by_id_.find(*change[1]);
  if (found == by_id_.end()) return {};
  for (std::size_t at : found->second) drop(rows_[at]);
  by_id_.erase(found);
  return {};
}

void SparkFrame::add(SparkRow values) {
  if (indexed_) by_id_[*values[0]].push_back(rows_.size());
  rows_.push_back({std::move(values), true});
  ++live_;
}

void SparkFrame::drop(Row& row) {
  if (row.live) --live_;
  row.live = false;
}

void SparkFrame::index() {
  if (std::exchange(indexed_, true)) return;
  for (std::size_t at = 0; at < rows_.size(); ++at) {
    if (!rows_[at].live) continue;
    if (rows_[at].values[0])
      by_id_[*rows_[at].values[0]].push_back(at);
    else
      without_id_.push_back(at);
  }
}

}  // namespace pipeline::glue::native
