#include "pipeline/glue/native/spark_csv.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "emulator/base/file.h"
#include "emulator/sim/random.h"
#include "pipeline/glue/native/spark_frame.h"
#include "tests/source_path.h"

namespace pipeline::glue::native {
namespace {

using Json = nlohmann::json;

std::vector<Json> recording(const std::string& name) {
  auto text = emulator::base::read_file(tests::source_path("fixtures/spark/" + name));
  EXPECT_TRUE(text.has_value());
  std::vector<Json> out;
  std::string_view rest = text ? *text : std::string_view();
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    out.push_back(Json::parse(rest.substr(0, end)));
    rest.remove_prefix(end + 1);
  }
  return out;
}

SparkRow row_of(const Json& json) {
  SparkRow row;
  for (const Json& value : json)
    row.push_back(value.is_null() ? SparkValue() : SparkValue(value.get<std::string>()));
  return row;
}

TEST(SparkCsv, ReadsEachRecordedLineAsSparkDid) {
  const auto lines = recording("read.jsonl");
  ASSERT_EQ(lines.size(), 618u);
  for (const Json& recorded : lines) {
    auto rows = read_spark_csv(recorded["line"].get<std::string>());
    ASSERT_EQ(rows.size(), 1u) << recorded;
    SparkRow expected = row_of(recorded["row"]);
    rows[0].resize(expected.size());
    EXPECT_EQ(rows[0], expected) << recorded;
  }
}

TEST(SparkCsv, WritesEachRecordedRowAsSparkDid) {
  const auto rows = recording("write.jsonl");
  ASSERT_EQ(rows.size(), 315u);
  for (const Json& recorded : rows) {
    std::string out;
    append_spark_csv(out, row_of(recorded["row"]));
    EXPECT_EQ(out, recorded["text"].get<std::string>()) << recorded;
  }
}

TEST(SparkCsv, SplitsARowAtALineFeedInsideQuotes) {
  auto rows = read_spark_csv("1,\"new\nline\",y\n2,B,z\n");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0], (SparkRow{"1", "new"}));
  EXPECT_EQ(rows[1], (SparkRow{"line\"", "y"}));
}

TEST(SparkCsv, EndsLinesAtCarriageReturnsAndSkipsBlankOnes) {
  EXPECT_EQ(read_spark_csv("1,A\r\n2,B\r3,C\n\n  \n4,D").size(), 4u);
  EXPECT_TRUE(read_spark_csv("").empty());
}

TEST(SparkCsv, GivesBackWhatItWroteUnlessItHoldsALineFeedOrOuterBlanks) {
  const SparkRow row{"1", "a,b", "say \"hi\"", "back\\slash", SparkValue(), "é😀"};
  std::string text;
  append_spark_csv(text, row);
  EXPECT_EQ(read_spark_csv(text).at(0), row);
}

// Cuts and flipped bytes of the recorded lines, as output and as change file: any answer, and as
// many rows as it says.
TEST(SparkFrame, SurvivesCutAndFlippedInput) {
  emulator::sim::Random random(1, "mutations");
  std::string text;
  for (const Json& recorded : recording("read.jsonl"))
    text += recorded["line"].get<std::string>() + "\n";
  for (int i = 0; i < 200; ++i) {
    std::string changed = text.substr(random.below(text.size()), 1 + random.below(400));
    changed[random.below(changed.size())] = static_cast<char>(random.below(256));
    SparkFrame frame = SparkFrame::read({changed});
    SparkFrame::read({"I,1,a,b\nD,,\n" + changed}).for_each([&](const SparkRow& row) {
      (void)frame.apply(row);
    });
    std::size_t rows = 0;
    frame.for_each([&](const SparkRow&) { ++rows; });
    EXPECT_EQ(rows, frame.size());
  }
}

}  // namespace
}  // namespace pipeline::glue::native
