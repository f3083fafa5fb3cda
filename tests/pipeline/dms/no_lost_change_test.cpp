// Invariants I2 and I3, by exhaustion: one workload, run once for each put that can fail and each
// crash point that can hit. After the resume every change is in a durable file, and what lies
// before the checkpoint was durable at every moment.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "emulator/base/csv.h"
#include "tests/pipeline/dms/world.h"

namespace pipeline::dms {
namespace {

using test::Values;
using test::World;

// The last value of each key, from the LOAD files and then the change rows in the order of their
// sequence numbers.
using Merged = std::map<std::string, std::string>;

struct Workload : World {
  mysql::TablePtr people =
      test::table_schema("s", "people", {{"id", "int"}, {"name", "varchar(40)"}});
  mysql::TablePtr cities =
      test::table_schema("s", "cities", {{"id", "int"}, {"name", "varchar(40)"}});
  std::set<std::string>
      sequences;  // of the changes that were made, as the run without a fault gives them

  Workload() {
    options.mappings = test::select("s");
    options.target.sluice_change_seq = true;
    options.target.cdc_min_file_size_kb = 1;
    source.create(people);
    source.create(cities);
    source.begin().insert(people, {"1", "one"}).insert(cities, {"1", "first"}).commit();
    trace.listen([this](const emulator::sim::TraceLine& line) {
      if (line.actor == "dms" && line.kind == "checkpoint") check_checkpoint();
    });
  }

  void step(int number) {
    const std::string id = std::to_string(100 + number);
    const std::string name(static_cast<std::size_t>(20 + number % 15), 'n');
    auto transaction = source.begin();
    transaction.insert(people, {id, name});
    if (number % 3 == 0)
      transaction.insert(cities, {id, name}).update(people, {id, name}, {id, "changed"});
    if (number % 5 == 0) transaction.remove(people, {id, number % 3 == 0 ? "changed" : name});
    transaction.commit();
    pass("7s");
    go_on();
  }
  // As run(), but the process is killed after so many steps of the scheduler: a new one has the
  // database, S3 and the source, nothing else.
  std::size_t kill_after = 0;  // 0 = never
  std::size_t steps = 0;
  void pass(std::string_view duration) {
    const emulator::base::Instant until =
        scheduler.now() + *emulator::base::parse_duration(duration);
    while (scheduler.next_at() && *scheduler.next_at() <= until) {
      scheduler.step();
      if (++steps != kill_after) continue;
      make();
      EXPECT_TRUE(task->recover().has_value());
    }
    scheduler.advance_to(until);
  }
  void go_on() {
    if (task->status() == Status::failed) start(StartType::resume_processing);
  }
  void play() {
    start();
    for (int number = 0; number < 40; ++number) step(number);
    for (int i = 0; i < 4; ++i) {
      pass("10m");
      go_on();
    }
    EXPECT_EQ(task->status(), Status::running);
  }

  std::map<std::string, std::string> change_rows(const std::string& table) {
    std::map<std::string, std::string> rows;  // by sequence
    for (const std::string& key : keys("s/" + table + "/")) {
      if (key.find("/LOAD") != std::string::npos) continue;
      const auto parsed = emulator::base::parse_csv(body(key));
      EXPECT_TRUE(parsed.has_value()) << key;
      if (!parsed) continue;
      for (const auto& row : *parsed) {
        const std::string text = row[0].text + "," + row[1].text + "," + row[2].text;
        const auto [place, is_new] = rows.emplace(row[3].text, text);
        EXPECT_EQ(place->second, text) << "one sequence number, two changes: " << row[3].text;
      }
    }
    return rows;
  }
  Merged merged(const std::string& table) {
    Merged all;
    for (const std::string& key : keys("s/" + table + "/LOAD")) {
      const auto parsed = emulator::base::parse_csv(body(key));
      EXPECT_TRUE(parsed.has_value()) << key;
      if (!parsed) continue;
      for (const auto& row : *parsed) all[row[0].text] = row[1].text;
    }
    for (const auto& [sequence, change] : change_rows(table)) {
      const auto first = change.find(','), second = change.find(',', first + 1);
      const std::string id = change.substr(first + 1, second - first - 1);
      if (change[0] == 'D') {
        all.erase(id);
      } else {
        all[id] = change.substr(second + 1);
      }
    }
    return all;
  }
  Merged at_source(const std::string& table) {
    const mysql::TablePtr schema = table == "people" ? people : cities;
    Merged all;
    const auto read = source.read_table("s", table, [&](const mysql::Row& row) {
      std::string id, name;
      EXPECT_TRUE(mysql::types::append_text(schema->columns[0], row[0].bytes, id).has_value());
      EXPECT_TRUE(mysql::types::append_text(schema->columns[1], row[1].bytes, name).has_value());
      all[id] = name;
      return true;
    });
    EXPECT_TRUE(read.has_value());
    return all;
  }
  std::set<std::string> durable_sequences() {
    std::set<std::string> all;
    for (const char* table : {"people", "cities"}) {
      for (const auto& [sequence, row] : change_rows(table)) all.insert(sequence);
    }
    return all;
  }

  // I3: the counter saved with the checkpoint says which changes lie before it.
  std::set<std::string> expected;
  void check_checkpoint() {
    if (expected.empty()) return;
    const std::string text = task->recovery_checkpoint();
    const std::uint64_t counter = std::stoull(text.substr(text.rfind('#') + 1));
    const std::set<std::string> durable = durable_sequences();
    for (const std::string& sequence : expected) {
      if (std::stoull(sequence.substr(16)) > counter) continue;
      EXPECT_TRUE(durable.count(sequence) == 1)
          << "the checkpoint " << text << " is ahead of change " << sequence;
    }
  }
};

struct Baseline {
  std::set<std::string> sequences;
  std::size_t puts = 0;
  std::size_t steps = 0;
};

Baseline baseline() {
  Workload world;
  world.play();
  Baseline result;
  result.sequences = world.durable_sequences();
  result.steps = world.steps;
  for (const auto& line : world.lines) {
    result.puts += line.actor == "link" && line.field("link") == "dms.put_object" ? 1 : 0;
  }
  EXPECT_EQ(world.merged("people"), world.at_source("people"));
  EXPECT_EQ(world.merged("cities"), world.at_source("cities"));
  return result;
}

class FailEach : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(FailEach, LosesNoChange) {
  const Baseline straight = baseline();
  ASSERT_GT(straight.puts, 5u);
  bool was_hit = true;
  std::size_t runs = 0;
  for (std::size_t skip = 0; was_hit; ++skip, ++runs) {
    Workload world;
    world.expected = straight.sequences;
    emulator::sim::Fault fault;
    fault.link = GetParam().first;
    fault.kind = GetParam().second;
    fault.skip = static_cast<std::int64_t>(skip);
    ASSERT_TRUE(world.faults.set(fault).has_value());
    world.play();
    was_hit = world.faults.hits().at(0).second > 0;
    SCOPED_TRACE("hit number " + std::to_string(skip));
    EXPECT_EQ(world.durable_sequences(), straight.sequences);
    EXPECT_EQ(world.merged("people"), world.at_source("people"));
    EXPECT_EQ(world.merged("cities"), world.at_source("cities"));
    if (HasFailure()) return;
  }
  EXPECT_GT(runs, 2u);
}

// Invariant I10: killed at any step and restarted, the files say the same.
TEST(Kill, AtAnyStepLosesNoChange) {
  const Baseline straight = baseline();
  ASSERT_GT(straight.steps, 50u);
  for (std::size_t step = 1; step <= straight.steps; ++step) {
    Workload world;
    world.expected = straight.sequences;
    world.kill_after = step;
    world.play();
    SCOPED_TRACE("killed after step " + std::to_string(step) + " of " +
                 std::to_string(straight.steps));
    EXPECT_EQ(world.durable_sequences(), straight.sequences);
    EXPECT_EQ(world.merged("people"), world.at_source("people"));
    EXPECT_EQ(world.merged("cities"), world.at_source("cities"));
    if (testing::Test::HasFailure()) return;
  }
}

// Many faults at once, with stops, resumes and kills between them, from a seed.
TEST(Swarm, LosesNoChange) {
  const std::pair<const char*, const char*> kinds[] = {
      {"dms.put_object", "fail_before"}, {"dms.put_object", "fail_after"},
      {"dms.put_object", "duplicate"},   {"dms.put_object", "drop"},
      {"dms.before_put", "crash"},       {"dms.after_put", "crash"},
      {"dms.after_load_file", "crash"}};
  const Baseline straight = baseline();
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    emulator::sim::Random random(seed, "swarm");
    Workload world;
    world.expected = straight.sequences;
    for (const auto& [link, kind] : kinds) {
      emulator::sim::Fault fault;
      fault.link = link;
      fault.kind = kind;
      fault.probability = 0.15;
      fault.count = random.between(0, 6);
      ASSERT_TRUE(world.faults.set(fault).has_value());
    }
    world.start();
    for (int number = 0; number < 40; ++number) {
      world.step(number);
      if (random.chance(0.1) && world.task->status() == Status::running) {
        ASSERT_TRUE(world.task->stop().has_value());
      }
      if (random.chance(0.1)) {
        world.make();
        ASSERT_TRUE(world.task->recover().has_value());
      }
      if (random.chance(0.5) && world.task->status() == Status::stopped)
        world.start(StartType::resume_processing);
    }
    for (int i = 0; i < 40; ++i) {
      world.pass("1h");
      world.go_on();
      if (world.task->status() == Status::stopped) world.start(StartType::resume_processing);
    }
    SCOPED_TRACE("seed " + std::to_string(seed));
    EXPECT_EQ(world.durable_sequences(), straight.sequences);
    EXPECT_EQ(world.merged("people"), world.at_source("people"));
    EXPECT_EQ(world.merged("cities"), world.at_source("cities"));
    if (testing::Test::HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Everything, FailEach,
                         testing::Values(std::pair("dms.put_object", "fail_before"),
                                         std::pair("dms.put_object", "fail_after"),
                                         std::pair("dms.put_object", "duplicate"),
                                         std::pair("dms.put_object", "drop"),
                                         std::pair("dms.before_put", "crash"),
                                         std::pair("dms.after_put", "crash"),
                                         std::pair("dms.after_load_file", "crash")));

}  // namespace
}  // namespace pipeline::dms
