#include "pipeline/mysql/types/json.h"

#include <gtest/gtest.h>

#include "emulator/base/text.h"

namespace pipeline::mysql::types {
namespace {

std::string binary_of(std::string_view text) {
  std::string out;
  auto value = json_from_text(text);
  EXPECT_TRUE(value.has_value()) << text;
  EXPECT_TRUE(append_json_binary(out, value.value_or(JsonValue{})).has_value());
  return out;
}

std::string text_of(std::string_view binary) {
  std::string out;
  auto done = append_json_text(out, binary);
  return done ? out : "error: " + done.error().message;
}

TEST(Json, PrintsAsMySqlDoes) {
  EXPECT_EQ(
      text_of(
          binary_of(R"({"b":1,"a":[1,2.5,"x",null,true,false,[[]],{"a":{}}],"aa":1.0,"":-70000})")),
      R"({"": -70000, "a": [1, 2.5, "x", null, true, false, [[]], {"a": {}}], "b": 1, "aa": 1.0})");
  EXPECT_EQ(text_of(binary_of(
                R"(["\u0000\"\\\n/é", 18446744073709551615, -9223372036854775808, 1e308])")),
            R"(["\u0000\"\\\n/é", 18446744073709551615, -9223372036854775808, 1e308])");
  EXPECT_EQ(text_of(""), "null");
}

// SELECT of MySQL 5.7.22 and of 8.0.15: JSON_ARRAY(1.0e0, -0.0e0, 0.5e0).
TEST(Json, PrintsWholeDoublesAsTheVersionOfTheServerDoes) {
  auto value = json_from_text("[1.0, -0.0, 0.5]");
  ASSERT_TRUE(value);
  std::string binary, old, now;
  ASSERT_TRUE(append_json_binary(binary, *value));
  ASSERT_TRUE(append_json_text(old, binary, true));
  ASSERT_TRUE(append_json_text(now, binary));
  EXPECT_EQ(old, "[1, -0, 0.5]");
  EXPECT_EQ(now, "[1.0, -0.0, 0.5]");
  // JSON_ARRAY(CAST(REPEAT('x', 60) AS BINARY))[0]
  const std::string opaque = "\x0F\xFD\x3C" + std::string(60, 'x');
  old.clear();
  now.clear();
  ASSERT_TRUE(append_json_text(old, opaque, true));
  ASSERT_TRUE(append_json_text(now, opaque));
  std::string line;
  for (int i = 0; i < 19; ++i) line += "eHh4";
  EXPECT_EQ(old, "\"base64:type253:" + line + "\neHh4\"");
  EXPECT_EQ(now, "\"base64:type253:" + line + "\\neHh4\"");
}

TEST(Json, KeepsTheLastOfEqualKeys) {
  EXPECT_EQ(text_of(binary_of(R"({"a":1,"a":2})")), R"({"a": 2})");
}

TEST(Json, GrowsPast64KiB) {
  const std::string text = R"({"n": 70000, "big": ")" + std::string(70000, 'x') + R"("})";
  EXPECT_EQ(text_of(binary_of(text)), text);
  std::string many = "[";
  for (int i = 0; i < 30000; ++i) many += i ? ", 70000" : "70000";
  many += "]";
  EXPECT_EQ(text_of(binary_of(many)), many);
}

TEST(Json, PrintsOpaqueValues) {
  const auto opaque = [](std::uint8_t type, std::string_view hex) {
    JsonValue value{.kind = JsonValue::Kind::opaque,
                    .opaque_type = type,
                    .bytes = emulator::base::from_hex(hex).value_or("")};
    std::string binary;
    EXPECT_TRUE(append_json_binary(binary, value).has_value());
    return text_of(binary);
  };
  EXPECT_EQ(opaque(246, "0a048000011388"), "1.5000");
  // DECIMAL(65,30) and DECIMAL(30,30) as MySQL 9.7 wrote them: of 66 and 39 digits
  EXPECT_EQ(opaque(246, "421e85f5e0ff3b9ac9ff3b9ac9ff3b9ac9ff3b9ac9ff3b9ac9ff3b9ac9ff03e7"),
            "99999999999999999999999999999999999.999999999999999999999999999999");
  EXPECT_EQ(opaque(246, "271e800000001dcd6500000000000000000000"),
            "error: a DECIMAL in JSON of the wrong size");
  EXPECT_EQ(opaque(246, "271e800000001dcd650000000000000000000000"),
            "0.500000000000000000000000000000");
  EXPECT_EQ(
      opaque(246, "510044653600c4653600c4653600c4653600c4653600c4653600c4653600c4653600c4653600"),
      "-" + std::string(81, '9'));
  EXPECT_EQ(opaque(10, "00ff"), "error: a date in JSON that has not 8 bytes");
  EXPECT_EQ(opaque(10, "0000000000bab219"), "\"2024-02-29\"");
  EXPECT_EQ(opaque(15, "00ff"), "\"base64:type15:AP8=\"");
  std::string hex;
  for (int i = 0; i < 57; ++i) hex += "78";
  std::string line;
  for (int i = 0; i < 19; ++i) line += "eHh4";
  EXPECT_EQ(opaque(15, hex), "\"base64:type15:" + line + "\"");
  EXPECT_EQ(opaque(15, hex + hex + "78"), "\"base64:type15:" + line + "\\n" + line + "\\neA==\"");
}

TEST(Json, AppliesPartialUpdates) {
  const std::string document = binary_of(R"({"a":1,"b":[1,2,3],"c":{"d":"x"}})");
  const auto diff = [](int operation, std::string_view path, std::string_view json) {
    std::string out(1, static_cast<char>(operation));
    out += static_cast<char>(path.size());
    out += path;
    if (operation == 2) return out;
    const std::string value = binary_of(json);
    return out + static_cast<char>(value.size()) + value;
  };
  const auto applied = [&](const std::string& diffs) {
    auto out = apply_json_diffs(document, diffs);
    return out ? text_of(*out) : "error: " + out.error().message;
  };
  EXPECT_EQ(applied(diff(0, "$.b[1]", "\"two\"")),
            R"({"a": 1, "b": [1, "two", 3], "c": {"d": "x"}})");
  EXPECT_EQ(applied(diff(1, "$.b[1]", "9") + diff(2, "$.a", "")),
            R"({"b": [1, 9, 2, 3], "c": {"d": "x"}})");
  EXPECT_EQ(applied(diff(1, "$.c.\"e f\"", "[]")),
            R"({"a": 1, "b": [1, 2, 3], "c": {"d": "x", "e f": []}})");
  EXPECT_EQ(applied(""), R"({"a": 1, "b": [1, 2, 3], "c": {"d": "x"}})");
  EXPECT_EQ(applied(diff(2, "$.z", "")), "error: a JSON path that cannot be followed: '$.z'");
  EXPECT_EQ(applied(diff(0, "b", "1")), "error: a JSON path that cannot be followed: 'b'");
}

TEST(Json, RefusesNestingPast100) {
  const std::string deep = std::string(101, '[') + std::string(101, ']');
  EXPECT_FALSE(json_from_text(deep));
  EXPECT_EQ(text_of(binary_of(deep.substr(1, 200))), deep.substr(1, 200));
}

// A container whose entries all point at one nested container would print more than any memory
// holds.
TEST(Json, RefusesValuesThatShareBytes) {
  std::string inner = binary_of("[]").substr(1);
  for (int level = 0; level < 40; ++level) {
    std::string outer = {2, 0, 0, 0, 2, 10, 0, 2, 10, 0};
    const std::size_t size = outer.size() + inner.size();
    outer[2] = static_cast<char>(size & 0xFF);
    outer[3] = static_cast<char>(size >> 8);
    inner = outer + inner;
  }
  EXPECT_EQ(text_of("\x02" + inner), "error: a JSON value uses the same bytes twice");
}

TEST(Json, NeverReadsPastDamagedBytes) {
  const std::string whole = binary_of(R"({"b":[1,70000,"x",2.5,{"k":null}],"ключ":"значение"})");
  for (std::size_t size = 0; size < whole.size(); ++size) text_of(whole.substr(0, size));
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ 1 << bit);
      text_of(damaged);
      if (auto value = json_from_binary(damaged)) {
        std::string again;
        EXPECT_TRUE(append_json_binary(again, *value).has_value());
      }
    }
}

}  // namespace
}  // namespace pipeline::mysql::types
