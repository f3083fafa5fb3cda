// The embedded engine against what a real MySQL 9.7 answered (fixtures/sql/differential/*.result,
// written by tests/differential/record.py): rows, column names, affected rows, insert ids, error
// numbers and messages must be equal. A line of a script that begins with "-- differs:" holds what
// the embedded engine answers to the statement below it instead. A mark must stay true: an answer
// that is now MySQL's, or another one, fails.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "emulator/sim/trace.h"
#include "pipeline/rds/embedded/engine.h"
#include "tests/pipeline/rds/recorded_answers.h"

namespace pipeline::rds {
namespace {

namespace sim = emulator::sim;

class Differential : public testing::TestWithParam<const char*> {};

TEST_P(Differential, AnswersAsMySQLDid) {
  sim::Scheduler scheduler{sim::Instant{}};
  sim::Trace trace(scheduler);
  auto engine = embedded::Engine::open({}, scheduler, trace, sim::Random(7, "rds"));
  ASSERT_TRUE(engine) << engine.error().text();
  const auto session = (*engine)->connect();
  recorded::expect_recorded_answers(*session, fmt::format("differential/{}", GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Scripts, Differential,
                         testing::Values("01_ddl", "02_insert", "03_numbers", "04_strings",
                                         "05_temporal", "06_transactions", "07_update_delete",
                                         "08_select", "09_alter", "10_modes_and_words",
                                         "11_ids_and_functions"),
                         [](const auto& script) { return "Script" + std::string(script.param); });

}  // namespace
}  // namespace pipeline::rds
