// What the tutorial's job reads: any text as a Spark CSV file, as the output and as a change file
// on top of it.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "pipeline/glue/native/spark_frame.h"

using pipeline::glue::native::append_spark_csv;
using pipeline::glue::native::SparkFrame;
using pipeline::glue::native::SparkRow;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t cut = data[0] * text.size() / 256;
  SparkFrame frame = SparkFrame::read({std::string(text.substr(0, cut))});
  SparkFrame::read({std::string(text.substr(cut))}).for_each([&](const SparkRow& change) {
    static_cast<void>(frame.apply(change));
  });
  std::size_t rows = 0;
  std::string out;
  frame.for_each([&](const SparkRow& row) {
    ++rows;
    append_spark_csv(out, row);
  });
  if (rows != frame.size()) std::abort();
  static_cast<void>(SparkFrame::read({out}));
  return 0;
}
