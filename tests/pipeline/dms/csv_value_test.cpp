#include "pipeline/dms/csv_value.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/pipeline/dms/world.h"

namespace pipeline::dms {
namespace {

// What DMS writes for a value that MySQL prints as `text` ("NULL" for NULL).
std::string dms_text(std::string_view declared, const std::string& text) {
  const mysql::Column column = test::column("c", declared);
  const std::string bytes = test::packed(column, text);
  std::string out;
  const auto has_value = value_text(column, {mysql::Cell::State::value, bytes}, out);
  EXPECT_TRUE(has_value.has_value())
      << declared << (has_value ? "" : ": " + has_value.error().message);
  return has_value && *has_value ? out : "NULL";
}

TEST(CsvValue, OfIntegersIsPlainDecimal) {
  EXPECT_EQ(dms_text("tinyint", "-5"), "-5");
  EXPECT_EQ(dms_text("tinyint(1)", "1"), "1");
  EXPECT_EQ(dms_text("smallint unsigned", "65535"), "65535");
  EXPECT_EQ(dms_text("mediumint", "-8388608"), "-8388608");
  EXPECT_EQ(dms_text("int", "2147483647"), "2147483647");
  EXPECT_EQ(dms_text("bigint unsigned", "18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(dms_text("year", "2024"), "2024");
}

TEST(CsvValue, OfDecimalsKeepsTheScale) {
  EXPECT_EQ(dms_text("decimal(10,2)", "85100.00"), "85100.00");
  EXPECT_EQ(dms_text("decimal(10,2)", "0.00"), "0.00");
}

// dms.md 3.1: the form of real files, +2.1804858784530072e+04.
TEST(CsvValue, OfDoublesHasASignAndSixteenDigitsAndAnExponent) {
  EXPECT_EQ(dms_text("double", "21804.858784530072"), "+2.1804858784530072e+04");
  EXPECT_EQ(dms_text("double", "0"), "+0.0000000000000000e+00");
  EXPECT_EQ(dms_text("double", "-1.5"), "-1.5000000000000000e+00");
  EXPECT_EQ(dms_text("double", "1e300"), "+1.0000000000000001e+300");
  EXPECT_EQ(dms_text("float", "1.5"), "+1.5000000000000000e+00");
  EXPECT_EQ(dms_text("float", "0.1"), "+1.0000000149011612e-01");
}

TEST(CsvValue, OfOneBitIsABoolean) {
  EXPECT_EQ(dms_text("bit(1)", "1"), "true");
  EXPECT_EQ(dms_text("bit(1)", "0"), "false");
  EXPECT_EQ(dms_text("bit(12)", "2748"), "0abc");
}

// BINARY in MariaDB's log, text in a SELECT: a column that is known to be one is text in both kinds
// of files.
TEST(CsvValue, OfMariadbsUuidsAndAddressesIsText) {
  EXPECT_EQ(dms_text("uuid", "6ccd780c-baba-1026-9564-5b8c656024db"),
            "6ccd780c-baba-1026-9564-5b8c656024db");
  EXPECT_EQ(dms_text("inet6", "2001:db8::ff"), "2001:db8::ff");
  EXPECT_EQ(dms_text("inet4", "127.0.0.1"), "127.0.0.1");
  EXPECT_EQ(dms_text("binary(4)", "0x7F000001"), "7f000001");
}

TEST(CsvValue, OfTimesIsMySqlsText) {
  EXPECT_EQ(dms_text("date", "1996-07-04"), "1996-07-04");
  EXPECT_EQ(dms_text("datetime", "2022-10-02 06:56:33"), "2022-10-02 06:56:33");
  EXPECT_EQ(dms_text("datetime(3)", "2022-10-02 06:56:33.120"), "2022-10-02 06:56:33.120");
  EXPECT_EQ(dms_text("timestamp", "2022-10-02 06:56:33"), "2022-10-02 06:56:33");
  EXPECT_EQ(dms_text("time", "-838:59:59"), "-838:59:59");
}

TEST(CsvValue, OfZeroDatesIsNull) {
  EXPECT_EQ(dms_text("date", "0000-00-00"), "NULL");
  EXPECT_EQ(dms_text("datetime(2)", "0000-00-00 00:00:00.00"), "NULL");
  EXPECT_EQ(dms_text("timestamp", "0000-00-00 00:00:00"), "NULL");
}

TEST(CsvValue, OfBinaryIsLowerCaseHexWithoutAPrefix) {
  EXPECT_EQ(dms_text("varbinary(10)", "0xDEADBEEF"), "deadbeef");
  EXPECT_EQ(dms_text("blob", "0x0A"), "0a");
  EXPECT_EQ(dms_text("blob", "0x"), "");
}

TEST(CsvValue, OfTextIsTheText) {
  EXPECT_EQ(dms_text("varchar(20)", "Jonas "), "Jonas ");
  EXPECT_EQ(dms_text("text", "0xAB \xF0\x9F\x98\x80"), "0xAB \xF0\x9F\x98\x80");
  EXPECT_EQ(dms_text("varchar(20)", ""), "");
}

TEST(CsvValue, OfAbsentAndNullCellsIsNull) {
  std::string out = "left over";
  const mysql::Column column = test::column("c", "int");
  EXPECT_FALSE(*value_text(column, {mysql::Cell::State::null, {}}, out));
  EXPECT_FALSE(*value_text(column, {mysql::Cell::State::absent, {}}, out));
  EXPECT_EQ(out, "");
}

TEST(CsvValue, RefusesBytesThatAreCutShort) {
  std::string out;
  for (const char* declared :
       {"int", "double", "float", "bit(1)", "varchar(300)", "geometry", "datetime(6)"}) {
    const auto text = value_text(test::column("c", declared), {mysql::Cell::State::value, {}}, out);
    EXPECT_FALSE(text.has_value()) << declared;
  }
}

TEST(Lobs, AreCutBetweenCharacters) {
  const mysql::Column text = test::column("c", "longtext");
  ASSERT_TRUE(is_lob(text));
  std::string value = "ab\xC3\xA9";
  EXPECT_TRUE(cut_lob(text, 3, value));
  EXPECT_EQ(value, "ab");
  EXPECT_FALSE(cut_lob(text, 3, value));
  const mysql::Column binary = test::column("c", "longblob");
  value = "aabbcc";
  EXPECT_TRUE(cut_lob(binary, 2, value));
  EXPECT_EQ(value, "aabb");
  EXPECT_FALSE(is_lob(test::column("c", "text")));
  EXPECT_TRUE(is_lob(test::column("c", "mediumblob")));
}

}  // namespace
}  // namespace pipeline::dms
