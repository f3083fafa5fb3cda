#include "emulator/base/text.h"

#include <gtest/gtest.h>

#include "emulator/base/csv.h"
#include "emulator/base/digest.h"
#include "emulator/base/json.h"
#include "emulator/base/time_text.h"
#include "emulator/base/xml.h"

namespace emulator::base {
namespace {

using namespace std::chrono_literals;

TEST(Text, EncodesAndDecodesHexBase64AndPercent) {
  EXPECT_EQ(to_hex("\x01\xAB"), "01ab");
  EXPECT_EQ(from_hex("01aB"), "\x01\xAB");
  EXPECT_EQ(from_hex("0"), std::nullopt);
  for (const auto& [plain, coded] :
       {std::pair("", ""), {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}}) {
    EXPECT_EQ(to_base64(plain), coded);
    EXPECT_EQ(from_base64(coded), plain);
  }
  EXPECT_EQ(from_base64("Zg="), std::nullopt);
  EXPECT_EQ(from_base64("Z=g="), std::nullopt);
  EXPECT_EQ(percent_encode("a b/é=+", "/"), "a%20b/%C3%A9%3D%2B");
  EXPECT_EQ(percent_decode("a+b%2B", true), "a b+");
  EXPECT_EQ(percent_decode("a+b%2B", false), "a+b+");
  EXPECT_EQ(percent_decode("%2", false), std::nullopt);
  EXPECT_EQ(percent_decode("%zz", false), std::nullopt);
}

TEST(Text, ParsesNumbersWholeOrNotAtAll) {
  EXPECT_EQ(parse_integer("-12"), -12);
  EXPECT_EQ(parse_integer("12x"), std::nullopt);
  EXPECT_EQ(parse_integer(""), std::nullopt);
  EXPECT_EQ(parse_unsigned("-1"), std::nullopt);
  EXPECT_EQ(shortest(0.1), "0.1");
  EXPECT_EQ(with_thousands(1234567), "1,234,567");
  EXPECT_EQ(with_thousands(123), "123");
}

TEST(Text, KnowsWhatUtf8Is) {
  EXPECT_TRUE(is_utf8("aé€😀"));
  for (const char* bad : {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\xFF"})
    EXPECT_FALSE(is_utf8(bad));
  EXPECT_EQ(utf8_length("aé😀"), 3u);
}

TEST(Text, KnowsWhatUtf8IsAtEveryPlaceOfATextOfAnyLength) {  // it looks at eight bytes at once
  for (std::size_t size = 0; size <= 40; ++size) {
    EXPECT_TRUE(is_utf8(std::string(size, 'x')));
    for (std::size_t at = 0; at <= size; ++at) {
      const auto around = [&](std::string_view middle) {
        return std::string(at, 'x').append(middle).append(size - at, 'x');
      };
      for (const char* good : {"é", "€", "😀", "é€😀é"}) EXPECT_TRUE(is_utf8(around(good)));
      for (const char* bad : {"\x80", "\xC3", "\xE2\x82", "\xF0\x9F\x98", "\xC0\xAF", "\xFF"})
        EXPECT_FALSE(is_utf8(around(bad))) << size << " " << at;
    }
  }
}

TEST(Text, SuggestsTheNearestNameOnlyIfItIsNear) {
  const std::vector<std::string> names{"drop", "delay", "duplicate"};
  EXPECT_EQ(nearest("dorp", names), "drop");
  EXPECT_EQ(nearest("Duplicat", names), "duplicate");
  EXPECT_EQ(nearest("zzzzzz", names), std::nullopt);
}

TEST(TimeText, WritesTheFormsOfS3HttpAndMySql) {
  const Instant at = from_civil({2026, 1, 2, 3, 4, 5, 678901});
  EXPECT_EQ(iso_millis(at), "2026-01-02T03:04:05.678Z");
  EXPECT_EQ(iso_micros(at), "2026-01-02T03:04:05.678901Z");
  EXPECT_EQ(rfc1123(at), "Fri, 02 Jan 2026 03:04:05 GMT");
  EXPECT_EQ(sql_time(at, 0), "2026-01-02 03:04:05");
  EXPECT_EQ(sql_time(at, 3), "2026-01-02 03:04:05.678");
  EXPECT_EQ(parse_instant("2026-01-02T03:04:05.678901Z"), at);
  EXPECT_EQ(parse_instant("2026-01-02 04:04:05.678901+01:00"), at);
  EXPECT_EQ(parse_instant("2026-02-30T00:00:00Z"), std::nullopt);
  EXPECT_EQ(parse_instant("tomorrow"), std::nullopt);
}

TEST(TimeText, ReadsDurationsAsPeopleWriteThem) {
  EXPECT_EQ(parse_duration("1h30m"), 90min);
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  for (const char* bad : {"", "5", "m", "5 m", "1x", "99999999999999999999d"})
    EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
  EXPECT_EQ(duration_text(90s), "1m30s");
  EXPECT_EQ(duration_text(0s), "0s");
}

// The check values of the CRC catalogue, and RFC 1321 / 2104.
TEST(Digest, GivesThePublishedCheckValues) {
  EXPECT_EQ(crc32("123456789"), 0xCBF43926u);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc64nvme("123456789"), 0xAE8B14860A799888ull);
  EXPECT_EQ(crc64nvme("456789", crc64nvme("123")), crc64nvme("123456789"));
  EXPECT_EQ(to_hex(hash(HashKind::md5, "")), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(to_hex(hmac(HashKind::md5, "Jefe", "what do ya want for nothing?")),
            "750c783e6ab0b503eaa86e310a5db738");
}

TEST(Json, EscapesAndNests) {
  JsonWriter writer;
  writer.object()
      .key("a")
      .array()
      .number(1)
      .string("x\n\"\x01")
      .null()
      .end()
      .key("b")
      .boolean(true)
      .end();
  EXPECT_EQ(writer.text(), R"({"a":[1,"x\n\"\u0001",null],"b":true})");
  std::string repaired;
  append_json_string(repaired,
                     "a\xFF"
                     "b");
  EXPECT_EQ(repaired,
            "\"a\xEF\xBF\xBD"
            "b\"");
}

TEST(Xml, EscapesTextAndClosesWhatIsOpen) {
  XmlWriter writer("Root", "urn:x");
  writer.open("A").leaf("B", "<&>\"\x01");
  EXPECT_EQ(writer.take(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Root "
            "xmlns=\"urn:x\"><A><B>&lt;&amp;&gt;&quot;&#x1;</B></A></Root>");
}

TEST(Xml, IsUtf8WhateverItIsGiven) {
  const auto text = [](std::string_view given) {
    std::string out;
    append_xml_text(out, given);
    return out;
  };
  EXPECT_EQ(text("\u20AC<\U0001F600"), "\u20AC&lt;\U0001F600");
  EXPECT_EQ(text("\u20AC\xFF\u00E9<"), "\u20AC\uFFFD\u00E9&lt;");
  EXPECT_EQ(text("a\xE2\x82"), "a\uFFFD\uFFFD");  // cut short
  EXPECT_EQ(text("\xC0\xAF"), "\uFFFD\uFFFD");    // overlong
}

TEST(Csv, ReadsWhatItWritesAndNamesThePlaceOfWhatItCannotRead) {
  std::string line;
  for (const char* field : {"a", "b,c", "d\"e", "f\ng", "", "é"}) {
    if (!line.empty()) line += ',';
    append_csv_field(line, field);
  }
  EXPECT_EQ(line, "a,\"b,c\",\"d\"\"e\",\"f\ng\",,é");
  auto rows = parse_csv(line + "\n");
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_EQ(rows->front()[3].text, "f\ng");
  EXPECT_EQ(parse_csv("a\nb,\"c\n").error().message, "line 2, column 4: a quote is never closed");
  EXPECT_EQ(parse_csv("a,\"b\"c\n").error().message,
            "line 1, column 6: there is text after a closing quote");
  EXPECT_EQ(parse_csv("a").error().message,
            "line 1, column 2: the last line has no line feed: the file is torn");
}

}  // namespace
}  // namespace emulator::base
