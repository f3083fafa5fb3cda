#include "emulator/sqlite/database.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace emulator::sqlite {
namespace {

TEST(Database, BindsAndReadsEveryKindOfValue) {
  auto database = Database::open(":memory:");
  ASSERT_TRUE(database);
  ASSERT_TRUE(database->execute("CREATE TABLE t (a, b, c, d, e)"));
  auto insert = database->prepare("INSERT INTO t VALUES (?, ?, ?, ?, ?)");
  ASSERT_TRUE(insert);
  insert->bind(1, "")
      .bind_blob(2, std::string_view("\0x", 2))
      .bind(3, std::int64_t{-5})
      .bind(4, 1.5)
      .bind_null(5);
  ASSERT_TRUE(insert->run());
  auto select = database->prepare("SELECT a, b, c, d, e, typeof(a), typeof(b) FROM t");
  ASSERT_TRUE(select);
  ASSERT_EQ(select->step().value(), true);
  EXPECT_FALSE(select->is_null(0)) << "an empty text is not NULL";
  EXPECT_EQ(select->text(1), std::string_view("\0x", 2));
  EXPECT_EQ(select->integer(2), -5);
  EXPECT_EQ(select->real(3), 1.5);
  EXPECT_TRUE(select->is_null(4));
  EXPECT_EQ(select->text(5), "text");
  EXPECT_EQ(select->text(6), "blob");
  EXPECT_EQ(select->step().value(), false);
}

TEST(Database, ReportsSqlitesOwnWords) {
  auto database = Database::open(":memory:");
  ASSERT_TRUE(database);
  EXPECT_EQ(database->prepare("SELECT * FROM nowhere").error().message,
            "SQLite: no such table: nowhere");
}

TEST(Transaction, RollsBackUnlessCommitted) {
  auto database = Database::open(":memory:");
  ASSERT_TRUE(database && database->execute("CREATE TABLE t (a)"));
  {
    auto transaction = Transaction::begin(*database);
    ASSERT_TRUE(transaction && database->execute("INSERT INTO t VALUES (1)"));
  }
  {
    auto transaction = Transaction::begin(*database);
    ASSERT_TRUE(transaction && database->execute("INSERT INTO t VALUES (2)"));
    ASSERT_TRUE(transaction->commit());
  }
  auto sum = database->prepare("SELECT sum(a) FROM t");
  ASSERT_TRUE(sum && sum->step().value());
  EXPECT_EQ(sum->integer(0), 2);
}

TEST(Database, IsHeldByOneOwnerAtATime) {
  const auto folder = std::filesystem::temp_directory_path() / "sluice_database_test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  {
    auto first = Database::open(folder / "a.sqlite");
    ASSERT_TRUE(first) << first.error().text();
    auto second = Database::open(folder / "a.sqlite");
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().text().find("in use by another process"), std::string::npos)
        << second.error().text();
  }
  EXPECT_TRUE(Database::open(folder / "a.sqlite"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace emulator::sqlite
