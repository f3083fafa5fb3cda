#include "pipeline/scenario/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "emulator/base/csv.h"
#include "emulator/base/text.h"

namespace pipeline::scenario {
namespace {

TextRow key_of(const TextRow& row, const std::vector<std::size_t>& key) {
  if (key.empty()) return row;
  TextRow out;
  for (const std::size_t column : key)
    out.push_back(column < row.size() ? row[column] : std::string());
  return out;
}

// 9 before 10, "b" after "a".
bool field_before(const std::string& a, const std::string& b) {
  const auto left = emulator::base::parse_integer(a);
  const auto right = emulator::base::parse_integer(b);
  if (left && right) return *left < *right;
  if (left || right) return left.has_value();
  return a < b;
}

struct KeyOrder {
  bool operator()(const TextRow& a, const TextRow& b) const {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), field_before);
  }
};

struct Rows {
  std::vector<const TextRow*> expected;
  std::vector<const TextRow*> found;
};

bool row_before(const TextRow* a, const TextRow* b) { return *a < *b; }

// What is left of each side once equal rows have been paired off.
bool pair_off(Rows& rows) {
  std::sort(rows.expected.begin(), rows.expected.end(), row_before);
  std::sort(rows.found.begin(), rows.found.end(), row_before);
  Rows left;
  std::set_difference(rows.expected.begin(), rows.expected.end(), rows.found.begin(),
                      rows.found.end(), std::back_inserter(left.expected), row_before);
  std::set_difference(rows.found.begin(), rows.found.end(), rows.expected.begin(),
                      rows.expected.end(), std::back_inserter(left.found), row_before);
  const bool paired = left.expected.size() < rows.expected.size();
  rows = std::move(left);
  return paired;
}

}  // namespace

std::string csv_line(const TextRow& row) {
  std::string out;
  for (const std::string& field : row) {
    if (&field != &row.front()) out += ',';
    emulator::base::append_csv_field(out, field);
  }
  return out;
}

std::vector<Difference> compare(const TextTable& expected, const std::vector<TextRow>& found) {
  std::map<TextRow, Rows, KeyOrder> by_key;
  for (const TextRow& row : expected.rows)
    by_key[key_of(row, expected.key)].expected.push_back(&row);
  for (const TextRow& row : found) by_key[key_of(row, expected.key)].found.push_back(&row);

  std::vector<Difference> out;
  for (auto& [key, rows] : by_key) {
    const bool paired = pair_off(rows);
    const std::size_t changed = std::min(rows.expected.size(), rows.found.size());
    for (std::size_t i = 0; i < changed; ++i) {
      out.push_back({Difference::Kind::changed, key, *rows.expected[i], *rows.found[i]});
    }
    for (std::size_t i = changed; i < rows.expected.size(); ++i)
      out.push_back({Difference::Kind::missing, key, *rows.expected[i], {}});
    for (std::size_t i = changed; i < rows.found.size(); ++i) {
      out.push_back({Difference::Kind::extra, key, {}, *rows.found[i], paired || changed > 0});
    }
  }
  return out;
}

std::string key_text(const TextRow& key) {
  if (key.size() == 1) return key.front();
  return fmt::format("({})", fmt::join(key, ", "));
}

std::string describe(const Difference& difference, const std::vector<std::string>& columns) {
  const std::string key = key_text(difference.key);
  if (difference.kind == Difference::Kind::missing)
    return fmt::format("missing: row {} \"{}\"", key, csv_line(difference.expected));
  if (difference.kind == Difference::Kind::extra) {
    return fmt::format("extra: {}row {} \"{}\"", difference.copy ? "a second " : "", key,
                       csv_line(difference.found));
  }
  std::string out = fmt::format("changed: row {}:", key);
  const std::size_t width = std::max(difference.expected.size(), difference.found.size());
  for (std::size_t i = 0; i < width; ++i) {
    const std::string wanted =
        i < difference.expected.size() ? difference.expected[i] : "(no column)";
    const std::string got = i < difference.found.size() ? difference.found[i] : "(no column)";
    if (wanted == got) continue;
    out += fmt::format(
        " {} is \"{}\", should be \"{}\";",
        i < columns.size() && !columns[i].empty() ? columns[i] : fmt::format("column {}", i + 1),
        got, wanted);
  }
  out.pop_back();
  return out;
}

}  // namespace pipeline::scenario
