// Random scripts of DML (fixtures/sql/random), recorded on a real MySQL 9.7: every answer is the
// same, and so is every transaction in the binlog, operation by operation and value by value. The
// server's log and ours are read by the same reader.
#include <gtest/gtest.h>

#include "pipeline/mysql/binlog/reader.h"
#include "pipeline/mysql/binlog/transaction_assembler.h"
#include "tests/pipeline/rds/embedded/harness.h"
#include "tests/pipeline/rds/recorded_answers.h"

namespace pipeline::rds {
namespace {

using embedded::Harness;

// The row transactions of a log. DDL is not compared: the server writes some of it anew.
std::vector<std::string> row_transactions(const std::string& log) {
  std::vector<std::string> out;
  mysql::binlog::Reader reader("binlog.000001");
  mysql::binlog::TransactionAssembler assembler;
  assembler.begin_file("binlog.000001");
  reader.feed(log);
  while (true) {
    auto event = reader.next();
    if (!event) {
      ADD_FAILURE() << event.error().text();
      return out;
    }
    if (!*event) return out;
    auto transaction = assembler.add(**event, reader.format());
    if (!transaction) {
      ADD_FAILURE() << transaction.error().text();
      return out;
    }
    if (*transaction && !(*transaction)->schema_change)
      out.push_back(Harness::describe(**transaction));
  }
}

class RandomScript : public testing::TestWithParam<const char*> {};

TEST_P(RandomScript, AnswersAndLogsAsMySQLDid) {
  const std::string name = fmt::format("random/{}", GetParam());
  emulator::sim::Scheduler scheduler{emulator::base::Instant{}};
  emulator::sim::Trace trace(scheduler);
  auto engine = embedded::Engine::open({}, scheduler, trace, emulator::sim::Random(7, "rds"));
  ASSERT_TRUE(engine) << engine.error().text();
  const auto session = (*engine)->connect();
  recorded::expect_recorded_answers(*session, name);
  const auto ours = (*engine)->binlog_file("binlog.000001");
  ASSERT_TRUE(ours) << ours.error().text();
  const auto expected = row_transactions(recorded::read(name, ".binlog"));
  const auto actual = row_transactions(*ours);
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i)
    EXPECT_EQ(actual[i], expected[i]) << "transaction " << i;
}

INSTANTIATE_TEST_SUITE_P(Scripts, RandomScript,
                         testing::Values("seed_1", "seed_6", "seed_12", "seed_17"),
                         [](const auto& script) { return std::string(script.param); });

}  // namespace
}  // namespace pipeline::rds
