#pragma once
// The rows of the tutorial's job as its DataFrames hold them: columns by place, named id, FullName,
// City as far as there are any; the width is that of the first row read. Errors are Python's and
// Spark's, as Glue shows them in ErrorMessage.

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/result.h"
#include "pipeline/glue/native/spark_csv.h"

namespace pipeline::glue::native {

class SparkFrame {
 public:
  // spark.read.csv: longer rows are cut to the width of the first, shorter ones filled with null.
  static SparkFrame read(const std::vector<std::string>& files);

  std::size_t width() const { return width_; }
  std::size_t size() const { return live_; }
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const Row& row : rows_)
      if (row.live) visit(row.values);
  }

  // One row of a change file: action, id, FullName, City...
  emulator::base::Result<void> apply(const SparkRow& change);

 private:
  struct Row {
    SparkRow values;
    bool live = true;
  };
  emulator::base::Result<void> update(const SparkRow& change);
  emulator::base::Result<void> insert(const SparkRow& change);
  emulator::base::Result<void> remove(const SparkRow& change);
  void add(SparkRow values);
  void drop(Row& row);
  void index();

  std::size_t width_ = 0;
  std::size_t live_ = 0;
  std::vector<Row> rows_;
  bool indexed_ = false;
  std::map<std::string, std::vector<std::size_t>> by_id_;
  std::vector<std::size_t> without_id_;
};

}  // namespace pipeline::glue::native
