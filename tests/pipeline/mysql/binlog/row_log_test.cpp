#include "pipeline/mysql/binlog/row_log.h"

#include <gtest/gtest.h>

namespace pipeline::mysql::binlog {
namespace {

MappedTablePtr some_table(const std::string& name) {
  TableSchema table;
  table.table = name;
  return std::make_shared<const MappedTable>(
      map_table(std::make_shared<const TableSchema>(std::move(table))));
}

std::string contents(const RowLog& log) {
  std::string out;
  const auto done = log.for_each([&](const RowLog::Entry& entry) -> Result<void> {
    out += entry.table->table->table + std::to_string(entry.offset) + ":" +
           std::string(entry.body.substr(0, 3)) + std::to_string(entry.body.size()) + " ";
    return {};
  });
  EXPECT_TRUE(done);
  return out;
}

void fill(RowLog& log, const MappedTablePtr& table, std::uint64_t offset, std::size_t bytes,
          char c) {
  ASSERT_TRUE(log.append({EventType::write_rows, 6, offset, table, std::string(bytes, c)}));
}

TEST(RowLog, GivesBackInMemoryAndOnDiskWhatItWasGiven) {
  const MappedTablePtr a = some_table("a"), b = some_table("b");
  RowLog small(100), large(1 << 20);
  for (RowLog* log : {&small, &large}) {
    fill(*log, a, 4, 10, 'x');
    fill(*log, b, 40, 30, 'y');
    fill(*log, a, 99, 500, 'z');  // larger than the small one's memory
    fill(*log, b, 700, 20, 'w');
  }
  EXPECT_EQ(contents(large), "a4:xxx10 b40:yyy30 a99:zzz500 b700:www20 ");
  EXPECT_EQ(contents(small), contents(large));
}

TEST(RowLog, ForgetsWhatCameAfterASavepoint) {
  const MappedTablePtr a = some_table("a");
  for (const std::size_t memory : {std::size_t{90}, std::size_t{1} << 20}) {
    RowLog log(memory);
    fill(log, a, 1, 40, 'x');
    const std::uint64_t savepoint = log.size();
    for (int i = 0; i < 5; ++i) fill(log, a, 2, 40, 'y');
    ASSERT_TRUE(log.cut(savepoint));
    fill(log, a, 3, 40, 'z');
    EXPECT_EQ(contents(log), "a1:xxx40 a3:zzz40 ");
    log.clear();
    EXPECT_TRUE(log.empty());
    EXPECT_EQ(contents(log), "");
  }
}

}  // namespace
}  // namespace pipeline::mysql::binlog
