#include "emulator/base/json_document.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "emulator/base/json.h"

namespace emulator::base {
namespace {

TEST(ReadJson, TellsWhatIsNoJsonByADiscardedValueOfNoKind) {
  for (const char* text : {"", "{", "{\"a\":1,}", "[1] 2", "nul", "\"\xff\""}) {
    const nlohmann::json json = read_json(text);
    EXPECT_TRUE(json.is_discarded()) << text;
    EXPECT_FALSE(json.is_object() || json.is_array() || json.is_string()) << text;
  }
  EXPECT_EQ(read_json("{\"a\":[1,2]}")["a"][1], 2);
}

TEST(ReadJson, ReadsAHundredThousandOpenBracketsWithoutRecursion) {
  const std::string open(100'000, '[');
  EXPECT_TRUE(read_json(open).is_discarded());
  EXPECT_TRUE(read_json(open + std::string(open.size(), ']')).is_array());
}

TEST(ReadJson, KeepsTheOrderOfMembersWhereItIsAskedFor) {
  EXPECT_EQ(json_text(read_ordered_json(R"({"b": 1, "a": 2})")), R"({"b":1,"a":2})");
  EXPECT_EQ(json_text(read_json(R"({"b": 1, "a": 2})")), R"({"a":2,"b":1})");
}

TEST(JsonOrError, SaysWhereTheTextStopsBeingJson) {
  const auto json = json_or_error("{\n\"a\": x}");
  ASSERT_FALSE(json);
  EXPECT_NE(json.error().message.find("line 2, column 6"), std::string::npos)
      << json.error().message;
  EXPECT_FALSE(ordered_json_or_error("{"));
}

TEST(JsonText, WritesBadUtf8AsTheReplacementCharacter) {
  EXPECT_EQ(json_text(nlohmann::json("a\xff")), "\"a\xef\xbf\xbd\"");
}

TEST(JsonWriter, WritesWhatTheReaderReads) {
  JsonWriter json;
  json.object().key("text").string("a\"\\\n\t\x01\xc3\xa9").key("bad").string("\xff");
  json.key("numbers").array().number(-1).unsigned_number(~std::uint64_t{0}).real(0.1).end();
  json.key("raw").raw("{\"x\":null}").key("no").null().key("yes").boolean(true).end();
  const nlohmann::json read = read_json(json.text());
  ASSERT_TRUE(read.is_object()) << json.text();
  EXPECT_EQ(read["text"], "a\"\\\n\t\x01\xc3\xa9");
  EXPECT_EQ(read["bad"], "\xef\xbf\xbd");
  EXPECT_EQ(read["numbers"][0], -1);
  EXPECT_EQ(read["numbers"][1], ~std::uint64_t{0});
  EXPECT_EQ(read["numbers"][2], 0.1);
  EXPECT_TRUE(read["raw"]["x"].is_null());
  EXPECT_EQ(read["yes"], true);
}

}  // namespace
}  // namespace emulator::base
