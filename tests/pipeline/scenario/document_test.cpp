#include "pipeline/scenario/document.h"

#include <gtest/gtest.h>

namespace pipeline::scenario {
namespace {

std::string place(const Location& where) {
  return where.file + ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
}

Value parse_text(const std::string& text) {
  auto document = parse_document(text, "f.toml");
  EXPECT_TRUE(document) << (document ? "" : document.error().text());
  return document ? *document : Value{};
}

// Where the marker '#' stands in the decoded text of key s.
std::string place_of_marker(const std::string& toml) {
  const Value document = parse_text(toml);
  const SourceText& text = document.find("s")->text;
  return place(text.at(text.text.find('#')));
}

TEST(Document, KeepsKeysInTheOrderOfTheFileWithTheirPlaces) {
  const Value document = parse_text("b = 1\na = 2\n");
  ASSERT_EQ(document.entries.size(), 2u);
  EXPECT_EQ(document.entries[0].name, "b");
  EXPECT_EQ(place(document.entries[1].where), "f.toml:2:1");
  EXPECT_EQ(place(document.entries[1].value.where), "f.toml:2:5");
}

TEST(Document, ReadsAnInstantInUtc) {
  EXPECT_EQ(scalar_text(*parse_text("t = 2026-01-01T02:00:00+02:00").find("t")),
            "2026-01-01T00:00:00.000000Z");
}

TEST(Document, SaysWhereTheSyntaxIsWrong) {
  const auto document = parse_document("a = 1\nb = = 2\n", "f.toml");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().where.line, 2);
}

TEST(Document, FindsABytesPlaceInAPlainString) {
  EXPECT_EQ(place_of_marker("s = \"ab#\""), "f.toml:1:8");
}

TEST(Document, FindsABytesPlaceInAMultiLineString) {
  EXPECT_EQ(place_of_marker("s = \"\"\"\nab\n  #\"\"\""), "f.toml:3:3");
}

TEST(Document, FindsABytesPlaceInALiteralString) {
  EXPECT_EQ(place_of_marker("s = '''\na\\n#'''"), "f.toml:2:4");
}

TEST(Document, FindsABytesPlaceAfterEscapes) {
  EXPECT_EQ(place_of_marker("s = \"\\n\\u00e9\\\"#\""), "f.toml:1:16");
  EXPECT_EQ(place_of_marker("s = \"\"\"a \\\n   b#\"\"\""), "f.toml:2:5");
}

TEST(Document, CountsColumnsInCharacters) {
  EXPECT_EQ(place_of_marker("s = \"é😀#\""), "f.toml:1:8");
}

TEST(Document, WritesTablesAsJson) {
  std::string json;
  append_json(json, parse_text("a = { B = [1, 2.5, true], c = \"x\\\"y\" }"));
  EXPECT_EQ(json, R"({"a":{"B":[1,2.5,true],"c":"x\"y"}})");
}

}  // namespace
}  // namespace pipeline::scenario
