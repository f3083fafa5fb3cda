#pragma once
// Two tables as text, compared as multisets of rows: the differential oracle of a scenario. Pure.

#include <cstddef>
#include <string>
#include <vector>

namespace pipeline::scenario {

using TextRow = std::vector<std::string>;

struct TextTable {
  std::vector<std::string> columns;
  std::vector<std::size_t> key;  // primary key, indexes of columns; empty: the whole row is the key
  std::vector<TextRow> rows;
};

struct Difference {
  enum class Kind { missing, extra, changed };
  Kind kind;
  TextRow key;
  TextRow expected;   // empty for extra
  TextRow found;      // empty for missing
  bool copy = false;  // extra: a row of this key is in both as well
};

// Differences by key, numbers in numeric order. A row that is there with another content is
// `changed`, not missing and extra.
std::vector<Difference> compare(const TextTable& expected, const std::vector<TextRow>& found);

std::string csv_line(const TextRow& row);  // without a line end
std::string key_text(const TextRow& key);  // "7", "(7, 2)"
std::string describe(const Difference& difference, const std::vector<std::string>& columns);

}  // namespace pipeline::scenario
