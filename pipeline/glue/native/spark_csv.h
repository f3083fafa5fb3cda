#pragma once
// CSV as spark.read.csv and DataFrame.write.csv treat it with their default options, oddities
// included: the tutorial's job uses both. Held against recordings of Spark 3.5.3
// (fixtures/spark/README.md), not against its documentation.
//
// Reading: a line feed or carriage return ends a row even inside quotes; the escape character is
// the backslash, so a doubled quote is an "unescaped quote" and stays in the value, with the quotes
// around it; an empty field and "" are both null; a line of blanks is no row. Writing: null is
// nothing, an empty string "", blanks at the ends are cut off, quotes and backslashes inside a
// quoted field get a backslash.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pipeline::glue::native {

using SparkValue = std::optional<std::string>;
using SparkRow = std::vector<SparkValue>;

// Rows with as many values as each line has.
std::vector<SparkRow> read_spark_csv(std::string_view text);
void append_spark_csv(std::string& out, const SparkRow& row);

}  // namespace pipeline::glue::native
