// The decoder of rows against the codec of single values: one text for any bytes, and the same ones
// refused.
#include "pipeline/mysql/types/value.h"

#include <gtest/gtest.h>

#include <random>

#include "pipeline/mysql/types/codec.h"

namespace pipeline::mysql::types {
namespace {

std::string random_bytes(std::mt19937_64& random, std::size_t size) {
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

TEST(Value, PrintsAsTheCodecDoes) {
  std::mt19937_64 random(11);
  int values = 0, refused = 0;
  for (const char* declared : {"tinyint",
                               "tinyint unsigned",
                               "smallint",
                               "smallint unsigned",
                               "mediumint",
                               "mediumint unsigned",
                               "int",
                               "int unsigned",
                               "bigint",
                               "bigint unsigned",
                               "year",
                               "bit(1)",
                               "bit(12)",
                               "bit(64)",
                               "float",
                               "double",
                               "decimal(1,0)",
                               "decimal(4,4)",
                               "decimal(9,3)",
                               "decimal(18,4)",
                               "decimal(18,18)",
                               "decimal(19,0)",
                               "decimal(30,10)",
                               "decimal(65,30)",
                               "date",
                               "time",
                               "time(1)",
                               "time(3)",
                               "time(6)",
                               "datetime",
                               "datetime(2)",
                               "datetime(5)",
                               "timestamp",
                               "timestamp(3)",
                               "timestamp(6)",
                               "char(3)",
                               "binary(5)",
                               "varchar(20)",
                               "varbinary(20)",
                               "varchar(300)",
                               "text",
                               "tinyblob",
                               "enum('a','b','c')",
                               "set('x','y','z')",
                               "json"}) {
    const auto column = parse_column_type(declared);
    ASSERT_TRUE(column) << declared;
    const ColumnPlan plan = plan_column(*column);
    ASSERT_TRUE(plan.decode) << declared;
    for (int i = 0; i < 2000; ++i) {
      std::string packed = random_bytes(random, plan.bytes + (plan.prefixed ? random() % 12 : 0));
      if (plan.prefixed)
        for (std::uint32_t b = 0; b < plan.bytes; ++b)
          packed[b] = static_cast<char>((packed.size() - plan.bytes) >> (8 * b));
      else if (i % 2 == 0 &&
               column->type ==
                   ColumnType::decimal)  // mostly small digits: groups that are none are refused
        for (char& c : packed) c = static_cast<char>(c & 3);
      std::string expected;
      const auto done = append_text(*column, packed, expected);
      Value value;
      Scratch scratch;
      const bool decoded = plan.decode(plan, packed, value, scratch);
      ASSERT_EQ(decoded, done.has_value()) << declared;
      ++(decoded ? values : refused);
      if (!decoded) continue;
      std::string text;
      append_value_text(text, value);
      ASSERT_EQ(text, expected) << declared;
    }
  }
  EXPECT_GT(values, 50000);
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace pipeline::mysql::types
