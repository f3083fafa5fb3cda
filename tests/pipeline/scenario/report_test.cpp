#include "pipeline/scenario/report.h"

#include <gtest/gtest.h>

namespace pipeline::scenario {
namespace {

RunReport report(bool held) {
  RunReport out;
  out.path = "s/01.toml";
  out.title = "a < b";
  out.seed = 7;
  out.virtual_time = std::chrono::seconds(90);
  out.real_time = std::chrono::microseconds(1500);
  out.trace_hash = "00000000000000ff";
  out.steps.push_back({"run_for", "90s", {"s/01.toml", 3, 1}, {}, {}, 0});
  out.steps.push_back(
      {"expect_equal",
       "{}",
       {"s/01.toml", 5, 1},
       {held, held ? "output = table, 2 rows" : "1 rows missing", {"missing: row 1 \"1,x\""}},
       {},
       0});
  return out;
}

TEST(TextReport, IsOneLineForAScenarioThatHeld) {
  EXPECT_EQ(text_report(report(true)),
            "ok   a < b                                                                            "
            "2 steps      1m30s virtual    1.500 ms  00000000000000ff\n");
}

TEST(TextReport, ExplainsAFailureWithItsPlace) {
  const std::string text = text_report(report(false));
  EXPECT_EQ(text.substr(0, 10), "FAIL a < b");
  EXPECT_NE(
      text.find(
          "\n     s/01.toml:5:1: expect_equal: 1 rows missing\n       missing: row 1 \"1,x\"\n"),
      std::string::npos)
      << text;
}

TEST(JsonReport, IsOneObjectALine) {
  EXPECT_EQ(
      json_report(report(true)),
      R"({"scenario":"s/01.toml","title":"a < b","seed":7,"passed":true,"steps":2,"virtual_ms":90000,"real_ms":1.5,"trace_hash":"00000000000000ff","failures":[]})"
      "\n");
  EXPECT_NE(
      json_report(report(false))
          .find(
              R"("failures":[{"file":"s/01.toml","line":5,"column":1,"step":"expect_equal","message":"1 rows missing","details":["missing: row 1 \"1,x\""]}])"),
      std::string::npos);
}

TEST(JUnitReport, CountsAndEscapes) {
  const std::string xml = junit_report({report(true), report(false)});
  EXPECT_NE(
      xml.find(
          "<testsuite name=\"sluice run\" tests=\"2\" failures=\"1\" errors=\"0\" time=\"0.003\">"),
      std::string::npos)
      << xml;
  EXPECT_NE(
      xml.find(
          "<testcase classname=\"sluice\" name=\"a &lt; b\" file=\"s/01.toml\" time=\"0.001\"/>"),
      std::string::npos)
      << xml;
  EXPECT_NE(xml.find("<failure message=\"1 rows missing\">s/01.toml:5:1: expect_equal"),
            std::string::npos)
      << xml;
}

}  // namespace
}  // namespace pipeline::scenario
