// What a TABLE_MAP says of its columns: types with their metadata, and the optional fields.
#include "pipeline/mysql/binlog/table_map.h"

#include <gtest/gtest.h>

#include "emulator/base/bytes.h"
#include "tests/pipeline/mysql/binlog/bytes.h"

namespace pipeline::mysql::binlog {
namespace {

// One optional field.
std::string field(int type, const std::string& value) {
  return bytes_of({type, static_cast<int>(value.size())}) + value;
}

emulator::base::Result<TableMapEvent> parse(std::initializer_list<int> types,
                                            std::initializer_list<int> metadata,
                                            const std::string& optional = {},
                                            const WrittenBy& server = {false, 90704}) {
  std::string body;
  emulator::base::append_le(body, 0x0102030405ull, 6);
  emulator::base::append_le(body, 1, 2);
  body += std::string("\1d\0\1t\0", 6);
  body += counted(bytes_of(types)) + counted(bytes_of(metadata));
  body.append((types.size() + 7) / 8, '\x05');
  return parse_table_map(body + optional, 6, server);
}

std::vector<Column> columns(std::initializer_list<int> types, std::initializer_list<int> metadata,
                            const std::string& optional = {},
                            const WrittenBy& server = {false, 90704}) {
  auto parsed = parse(types, metadata, optional, server);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed ? parsed->table.columns : std::vector<Column>(types.size());
}

TEST(TableMap, NamesTheTableAndWhichColumnsMayBeNull) {
  const auto map = parse({3, 3, 3}, {});
  ASSERT_TRUE(map);
  EXPECT_EQ(map->table_id, 0x0102030405u);
  EXPECT_EQ(map->table.name(), "d.t");
  EXPECT_TRUE(map->table.columns[0].nullable);
  EXPECT_FALSE(map->table.columns[1].nullable);
  EXPECT_TRUE(map->table.columns[2].nullable);
}

TEST(TableMap, HasLengthsOfCharOver255BytesSpreadOverBothBytes) {
  const auto found = columns({254, 254, 254}, {0xFE, 0x28, 0xCE, 0xFC, 0xFE, 0xFF});
  EXPECT_EQ(found[0].length, 40u);
  EXPECT_EQ(found[1].length, 1020u);  // CHAR(255) of utf8mb4
  EXPECT_EQ(found[2].length, 255u);
  for (const Column& column : found) EXPECT_EQ(column.type, ColumnType::string);
}

TEST(TableMap, HidesEnumAndSetInString) {
  const auto found = columns({254, 254, 254}, {0xF7, 1, 0xF8, 8, 0xF7, 2});
  EXPECT_EQ(found[0].type, ColumnType::enumeration);
  EXPECT_EQ(found[0].length, 1u);
  EXPECT_EQ(found[1].type, ColumnType::set);
  EXPECT_EQ(found[1].length, 8u);
  EXPECT_EQ(found[2].length, 2u);
}

TEST(TableMap, CountsBitsBehindWholeBytes) {
  const auto found = columns({16, 16, 16}, {1, 1, 0, 8, 1, 0});
  EXPECT_EQ(found[0].length, 9u);
  EXPECT_EQ(found[1].length, 64u);
  EXPECT_EQ(found[2].length, 1u);
}

TEST(TableMap, HasPrecisionScaleAndFractionDigits) {
  const auto found = columns({246, 19, 18, 17}, {65, 30, 3, 6, 0});
  EXPECT_EQ(found[0].length, 65u);
  EXPECT_EQ(found[0].scale, 30);
  EXPECT_EQ(found[1].length, 3u);
  EXPECT_EQ(found[2].length, 6u);
  EXPECT_EQ(found[3].length, 0u);
}

TEST(TableMap, HasTheBytesOfVarcharAndTheWidthOfBlobPrefixes) {
  const auto found = columns({15, 252, 245, 255, 242}, {0xFF, 0x00, 3, 4, 4, 4});
  EXPECT_EQ(found[0].length, 255u);
  for (const std::size_t i : {2u, 3u, 4u}) EXPECT_EQ(found[i].length, 4u);
  EXPECT_EQ(found[1].length, 3u);
}

TEST(TableMap, CountsSignsOverNumericColumnsOnlyAndYearAmongThem) {
  // INT UNSIGNED, VARCHAR, BIT, YEAR, ENUM, DECIMAL, DOUBLE UNSIGNED: bits 1, 1, 0, 1.
  const auto found = columns({3, 15, 16, 13, 254, 246, 5}, {10, 0, 1, 0, 0xF7, 1, 5, 2, 8},
                             field(1, bytes_of({0b11010000})));
  EXPECT_TRUE(found[0].is_unsigned);
  EXPECT_FALSE(found[1].is_unsigned);
  EXPECT_FALSE(found[2].is_unsigned);
  EXPECT_TRUE(found[3].is_unsigned);
  EXPECT_FALSE(found[4].is_unsigned);
  EXPECT_FALSE(found[5].is_unsigned);
  EXPECT_TRUE(found[6].is_unsigned);
}

// year, INT UNSIGNED, INT, BIGINT UNSIGNED, as MySQL 8.0.15 and 9.7.4 wrote its bits.
TEST(TableMap, CountsYearAmongTheSignsButForTheFirstVersionsOfMySQL8) {
  const auto unsigned_of = [](int bits, const WrittenBy& server) {
    std::string out;
    for (const Column& c : columns({13, 3, 3, 8}, {}, field(1, bytes_of({bits})), server))
      out += c.is_unsigned ? 'u' : '-';
    return out;
  };
  EXPECT_EQ(unsigned_of(0xA0, {false, 80015}), "uu-u");
  EXPECT_EQ(unsigned_of(0xD0, {false, 90704}), "uu-u");
  EXPECT_EQ(unsigned_of(0xD0, {true, 100500}), "uu-u");
  // Between them the bit of YEAR tells: it is set where it is there.
  EXPECT_EQ(unsigned_of(0xD0, {false, 80020}), "uu-u");
  EXPECT_EQ(unsigned_of(0x20, {false, 80020}), "u--u");
}

TEST(TableMap, KnowsThatJsonOfMySQL57PrintsDoublesBare) {
  EXPECT_TRUE(columns({245}, {4}, {}, {false, 50722})[0].bare_doubles);
  EXPECT_FALSE(columns({245}, {4}, {}, {false, 80015})[0].bare_doubles);
}

TEST(TableMap, GivesCharsetsByADefaultAndExceptionsOrOneByOne) {
  const auto by_default =
      columns({15, 3, 252, 15}, {10, 0, 2, 10, 0}, field(2, bytes_of({0xFC, 0xFF, 0x00, 1, 63})));
  EXPECT_EQ(by_default[0].collation, 255u);
  EXPECT_EQ(by_default[2].collation, 63u);  // the second character column
  EXPECT_EQ(by_default[3].collation, 255u);
  const auto one_by_one =
      columns({15, 3, 252, 15}, {10, 0, 2, 10, 0}, field(3, bytes_of({8, 33, 63})));
  EXPECT_EQ(one_by_one[0].collation, 8u);
  EXPECT_EQ(one_by_one[2].collation, 33u);
  EXPECT_EQ(one_by_one[3].collation, 63u);
}

TEST(TableMap, CountsVectorAmongCharacterColumnsInMySqlAndGeometryInMariadb) {
  const auto mysql = columns({255, 242, 245, 15}, {4, 4, 4, 10, 0}, field(3, bytes_of({63, 8})));
  EXPECT_EQ(mysql[1].collation, 63u);
  EXPECT_EQ(mysql[3].collation, 8u);
  const auto mariadb = columns({255, 15}, {4, 10, 0}, field(3, bytes_of({63, 8})), {true});
  EXPECT_EQ(mariadb[1].collation, 8u);
}

TEST(TableMap, HasLabelsInTheirColumnsOwnCharset) {
  const auto found =
      columns({254, 254, 254}, {0xF7, 1, 0xF8, 1, 0xF7, 1},
              field(5, bytes_of({2}) + counted("r") + counted("\xC4\xA4")) +
                  field(6, bytes_of({1}) + counted("\xE9") + bytes_of({1}) + counted("é")) +
                  field(11, bytes_of({8, 28, 33})));
  EXPECT_EQ(found[0].labels, std::vector<std::string>{"é"});
  EXPECT_EQ(found[1].labels, (std::vector<std::string>{"r", "膜"}));
  EXPECT_EQ(found[2].labels, std::vector<std::string>{"é"});
}

TEST(TableMap, HasThePrimaryKeyInKeyOrderWithPrefixesOrWithout) {
  const auto plain = parse({3, 3, 3}, {}, field(8, bytes_of({2, 0})));
  EXPECT_EQ(plain->table.primary_key, (std::vector<std::uint32_t>{2, 0}));
  const auto prefixed = parse({3, 15}, {20, 0}, field(9, bytes_of({1, 5, 0, 0})));
  EXPECT_EQ(prefixed->table.primary_key, (std::vector<std::uint32_t>{1, 0}));
}

TEST(TableMap, HasNamesVisibilityAndKindsOfGeometry) {
  const auto found = columns({3, 255, 255}, {4, 4},
                             field(4, counted("id") + counted("p") + counted("日")) +
                                 field(7, bytes_of({1, 7})) + field(12, bytes_of({0b10100000})));
  EXPECT_EQ(found[0].name, "id");
  EXPECT_EQ(found[2].name, "日");
  EXPECT_TRUE(found[0].visible);
  EXPECT_FALSE(found[1].visible);
  EXPECT_TRUE(found[2].visible);
  EXPECT_EQ(found[1].geometry_kind, 1);
  EXPECT_EQ(found[2].geometry_kind, 7);
}

TEST(TableMap, PassesOverFieldsThatAreNewerThanThisReader) {
  const auto found = columns({3}, {}, field(99, "what") + field(4, counted("id")));
  EXPECT_EQ(found[0].name, "id");
  EXPECT_EQ(columns({242}, {4}, field(13, bytes_of({0xFC, 0x00, 0x08})))[0].type,
            ColumnType::vector);
}

TEST(TableMap, RefusesFieldsThatNameColumnsThatAreNotThere) {
  EXPECT_FALSE(parse({3}, {}, field(8, bytes_of({1}))));
  EXPECT_FALSE(parse({15}, {9, 0}, field(2, bytes_of({8, 5, 63}))));
  EXPECT_FALSE(parse({3}, {}, field(4, bytes_of({9, 'x'}))));
  EXPECT_FALSE(parse({246}, {5}));
}

}  // namespace
}  // namespace pipeline::mysql::binlog
