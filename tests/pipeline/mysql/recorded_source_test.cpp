#include "pipeline/mysql/recorded_source.h"

#include <gtest/gtest.h>

#include "pipeline/mysql/types/codec.h"
#include "replay.h"
#include "tests/source_path.h"

namespace pipeline::mysql {
namespace {

class RecordedServer : public testing::TestWithParam<const char*> {
 protected:
  std::string path(const std::string& name) const {
    return tests::source_path("fixtures/binlog/") + GetParam() + "/" + name;
  }
  std::unique_ptr<RecordedSource> open() const {
    auto source = RecordedSource::open({{path("binlog.000005")}, path("state-03.jsonl.gz"), {}});
    EXPECT_TRUE(source) << source.error().text();
    return source ? std::move(*source) : nullptr;
  }
};

std::vector<Transaction> rest_of(ChangeSource& source, Position from) {
  std::vector<Transaction> out;
  while (true) {
    auto transaction = source.next_transaction(from);
    EXPECT_TRUE(transaction) << transaction.error().text();
    if (!transaction || !*transaction) return out;
    from = (**transaction).end;
    out.push_back(std::move(**transaction));
  }
}

TEST_P(RecordedServer, GivesTheRowsOfTheStateBeforeIt) {
  auto source = open();
  ASSERT_TRUE(source);
  const auto states = read_table_states(path("state-03.jsonl.gz")).value();
  EXPECT_EQ(source->tables()->size(), states.size());
  for (const TableState& state : states) {
    std::size_t n = 0;
    ASSERT_TRUE(source->read_table(state.schema->schema, state.schema->table, [&](const Row& row) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        EXPECT_EQ(row[i].is_null(), !state.rows[n][i].has_value());
        const Column& column = state.schema->columns[i];
        const bool printed_otherwise = column.type == ColumnType::float32 ||
                                       column.type == ColumnType::float64 ||
                                       column.type == ColumnType::json ||
                                       column.declared.find("zerofill") != std::string::npos;
        if (row[i].is_null() || printed_otherwise) continue;
        std::string text;
        EXPECT_TRUE(types::append_text(column, row[i].bytes, text));
        EXPECT_EQ(text, state.rows[n][i]) << state.schema->name() << "." << column.name;
      }
      return ++n > 0;
    }));
    EXPECT_EQ(n, state.rows.size());
  }
}

TEST_P(RecordedServer, GoesOnFromAnyPositionItGave) {
  auto source = open();
  ASSERT_TRUE(source);
  const auto all = rest_of(*source, source->position().value());
  ASSERT_GT(all.size(), 5u);
  EXPECT_EQ(rest_of(*source, all.back().end).size(), 0u);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto rest = rest_of(*source, all[i].end);
    ASSERT_EQ(rest.size(), all.size() - i - 1);
    EXPECT_TRUE(rest.empty() || rest[0].start == all[i + 1].start);
  }
}

TEST_P(RecordedServer, ReplaysToTheStateAfterIt) {
  auto source = open();
  ASSERT_TRUE(source);
  Replay copy;
  copy.load(read_table_states(path("state-03.jsonl.gz")).value());
  for (const Transaction& transaction : rest_of(*source, source->position().value()))
    copy.apply(transaction);
  EXPECT_TRUE(copy.problems().empty());
  for (const std::string& difference :
       copy.differences(read_table_states(path("state-04.jsonl.gz")).value()))
    ADD_FAILURE() << difference;
}

TEST_P(RecordedServer, AnswersTheVariablesThatDmsAsks) {
  auto source = open();
  ASSERT_TRUE(source);
  EXPECT_EQ(source->variable("binlog_format"), "ROW");
  EXPECT_EQ(source->variable("log_bin"), "ON");
  EXPECT_EQ(source->variable("no_such_variable"), std::nullopt);
  EXPECT_NE(source->variable("version").value().find(
                std::string(GetParam()).find("mysql") == 0 ? "9.7" : "MariaDB"),
            std::string::npos);
}

TEST_P(RecordedServer, SaysThatAPositionIsPurged) {
  auto source = open();
  ASSERT_TRUE(source);
  EXPECT_NE(source->next_transaction({"binlog.000001", 4}).error().message.find("1236"),
            std::string::npos);
  EXPECT_NE(source->next_transaction({"binlog.000005", 1u << 30}).error().message.find("1236"),
            std::string::npos);
}

TEST_P(RecordedServer, CarriesOnOverFiles) {
  auto source = RecordedSource::open(
      {{path("binlog.000009"), path("binlog.000010"), path("binlog.000011")}, {}, {}});
  ASSERT_TRUE(source) << source.error().text();
  const auto all = rest_of(**source, (**source).position().value());
  EXPECT_EQ(all.back().end.file, "binlog.000011");
  bool has_g = false;
  const auto tables = (**source).tables().value();
  for (const TablePtr& table : tables) has_g = has_g || table->name() == "ks6.g";
  EXPECT_TRUE(has_g);
}

INSTANTIATE_TEST_SUITE_P(Fixtures, RecordedServer, testing::Values("mysql-9.7", "mariadb-10.11"),
                         [](const auto& one) {
                           return std::string(one.param) == "mysql-9.7" ? "MySql" : "MariaDb";
                         });

}  // namespace
}  // namespace pipeline::mysql
