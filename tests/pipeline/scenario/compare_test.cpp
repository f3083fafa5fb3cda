#include "pipeline/scenario/compare.h"

#include <gtest/gtest.h>

namespace pipeline::scenario {
namespace {

const TextTable people{{"id", "name"}, {0}, {{"1", "Ada"}, {"2", "Bob"}, {"10", "Cy"}}};

std::string differences(const TextTable& expected, const std::vector<TextRow>& found) {
  std::string out;
  for (const Difference& difference : compare(expected, found))
    out += describe(difference, expected.columns) + "\n";
  return out;
}

TEST(Compare, FindsNothingInEqualTablesWhateverTheirOrder) {
  EXPECT_EQ(differences(people, {{"10", "Cy"}, {"2", "Bob"}, {"1", "Ada"}}), "");
}

TEST(Compare, NamesMissingExtraAndChangedRowsByKey) {
  EXPECT_EQ(differences(people, {{"1", "Ada"}, {"2", "Bo"}, {"11", "Di"}}),
            "changed: row 2: name is \"Bo\", should be \"Bob\"\n"
            "missing: row 10 \"10,Cy\"\n"
            "extra: row 11 \"11,Di\"\n");
}

TEST(Compare, CountsASecondCopyAsExtra) {
  EXPECT_EQ(differences(people, {{"1", "Ada"}, {"1", "Ada"}, {"2", "Bob"}, {"10", "Cy"}}),
            "extra: a second row 1 \"1,Ada\"\n");
}

TEST(Compare, TakesTheWholeRowAsKeyWithoutAPrimaryKey) {
  const TextTable log{{"a", "b"}, {}, {{"x", "1"}, {"x", "1"}}};
  EXPECT_EQ(differences(log, {{"x", "1"}, {"x", "2"}}),
            "missing: row (x, 1) \"x,1\"\nextra: row (x, 2) \"x,2\"\n");
}

TEST(Compare, ToleratesRowsOfAnotherWidth) {
  EXPECT_EQ(differences(people, {{"1", "Ada"}, {"2"}, {"10", "Cy", "?"}}),
            "changed: row 2: name is \"(no column)\", should be \"Bob\"\n"
            "changed: row 10: column 3 is \"?\", should be \"(no column)\"\n");
}

}  // namespace
}  // namespace pipeline::scenario
