// The ten faults of the reference (determinism, section 3), each on both merges: random workloads
// of fourteen changes, one fault each. The tutorial's merge must go wrong at least once under every
// fault and never without one; the sound one never differs from the source.

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <optional>

#include "emulator/base/text.h"
#include "world.h"

namespace pipeline::glue {
namespace {

using emulator::sim::Random;

enum class FaultKind {
  none,
  event_twice,
  events_swapped,
  load_event_late,
  event_lost,
  runs_overlap,
  dms_dies_after_put,
  job_dies,
  load_split,
  snapshot_overlaps
};

struct Case {
  FaultKind kind;
  const char* name;
};
constexpr Case cases[] = {
    {FaultKind::none, "None"},
    {FaultKind::event_twice, "OneEventTwice"},
    {FaultKind::events_swapped, "TwoEventsSwapped"},
    {FaultKind::load_event_late, "LoadEventAfterTheFirstChange"},
    {FaultKind::event_lost, "EventLost"},
    {FaultKind::runs_overlap, "TwoRunsOverlap"},
    {FaultKind::dms_dies_after_put, "DmsDiesBetweenPutAndCheckpoint"},
    {FaultKind::job_dies, "JobDiesAndIsRetried"},
    {FaultKind::load_split, "FullLoadSplit"},
    {FaultKind::snapshot_overlaps, "SnapshotOverlapsTheChanges"},
};

using Rows = std::map<int, std::string>;  // id -> "name,city"

std::string text_of(const Rows& rows) {
  std::vector<std::string> lines;
  for (const auto& [id, rest] : rows) lines.push_back(std::to_string(id) + "," + rest);
  std::sort(lines.begin(), lines.end());
  std::string out;
  for (const std::string& line : lines) out += (out.empty() ? "" : "|") + line;
  return out;
}
std::string csv_of(const Rows& rows) {
  std::string out;
  for (const auto& [id, rest] : rows) out += std::to_string(id) + "," + rest + "\n";
  return out;
}

// A source table and what DMS would have written of it.
struct Workload {
  std::vector<Rows> states;  // states[p]: after p changes
  std::vector<std::string>
      changes;  // changes[p]: takes states[p] to states[p + 1], as a line of a change file

  Workload(Random& random, std::size_t count) {
    Rows rows;
    for (int id = 0; id < 3; ++id) rows[id] = value(random);
    states.push_back(rows);
    while (changes.size() < count) {
      const int id = static_cast<int>(random.below(6));
      const bool there = rows.count(id) != 0;
      // The last row stays: the tutorial's job cannot read an empty output, which is a fault of its
      // own.
      const bool removes = there && rows.size() > 1 && random.below(3) == 0;
      const std::string before = there ? rows[id] : "";
      if (removes)
        rows.erase(id);
      else
        rows[id] = value(random);
      const char op = removes ? 'D' : there ? 'U' : 'I';
      changes.push_back(std::string(1, op) + "," + std::to_string(id) + "," +
                        (removes ? before : rows[id]) + "\n");
      states.push_back(rows);
    }
  }
  static std::string value(Random& random) { return "n" + random.hex(3) + ",c" + random.hex(2); }

  std::string file(std::size_t from, std::size_t to) const {
    std::string out;
    for (std::size_t p = from; p < to; ++p) out += changes[p];
    return out;
  }
};

struct File {
  std::string name;
  std::string text;
};

// What happens: files are put and events arrive.
struct Happening {
  enum class Kind { put, event } kind;
  std::size_t file;
  bool overlaps = false;  // the next event does not wait for this run
};

class Play {
 public:
  Play(const std::string& script, FaultKind fault, std::uint64_t seed)
      : fault_(fault),
        random_(seed, "workload"),
        workload_(random_, 14),
        world_(job(script, fault), seed) {
    make_files();
    make_happenings();
    if (fault == FaultKind::job_dies)
      world_.crash_at(
          script == "tutorial" ? "glue.between_delete_and_write" : "glue.before_publish",
          static_cast<std::int64_t>(random_.below(files_.size())));
  }

  std::string run() {
    for (const Happening& happening : happenings_) {
      const File& file = files_[happening.file];
      if (happening.kind == Happening::Kind::put) {
        world_.put(folder + file.name, file.text);
        continue;
      }
      world_.start(folder + file.name);
      if (happening.overlaps)
        world_.scheduler.advance_by(std::chrono::seconds(10));
      else
        world_.settle();
    }
    // The job's own schedule comes round once more.
    world_.scheduler.advance_by(std::chrono::hours(2));
    return world_.rows();
  }
  std::string truth() const { return text_of(workload_.states.back()); }

 private:
  static Job job(const std::string& script, FaultKind fault) {
    Job job = job_of(script);
    if (fault == FaultKind::runs_overlap) job.max_concurrent_runs = 2;
    if (fault == FaultKind::job_dies) job.max_retries = 1;
    // A sweep needs no event; the tutorial's job cannot do without one.
    if (script == "merge") job.schedule = std::chrono::hours(1);
    return job;
  }

  std::size_t any_change_file() { return loads_ + random_.below(files_.size() - loads_); }

  void make_files() {
    const std::size_t snapshot = fault_ == FaultKind::snapshot_overlaps ? 1 + random_.below(7) : 0;
    Rows rows = workload_.states[snapshot];
    if (fault_ == FaultKind::load_split) {
      Rows first{*rows.begin()};
      rows.erase(rows.begin());
      files_.push_back({"LOAD00000001.csv", csv_of(first)});
    }
    files_.push_back({"LOAD0000000" + std::to_string(files_.size() + 1) + ".csv", csv_of(rows)});
    loads_ = files_.size();
    const std::size_t dies_at = fault_ == FaultKind::dms_dies_after_put ? random_.below(3) : 99;
    std::size_t from = 0;
    for (std::size_t to = 0; to < workload_.changes.size();) {
      to = std::min(workload_.changes.size(), to + 1 + random_.below(4));
      add_change_file(from, to);
      // Where the checkpoint was not saved, the next file begins where this one did.
      if (files_.size() - loads_ - 1 != dies_at) from = to;
    }
  }
  void add_change_file(std::size_t from, std::size_t to) {
    const std::string number = std::to_string(100 + files_.size());
    files_.push_back({"20260101-000" + number + "003.csv", workload_.file(from, to)});
  }

  void make_happenings() {
    using Kind = Happening::Kind;
    std::vector<std::size_t> events;
    for (std::size_t i = 0; i < files_.size(); ++i) events.push_back(i);
    const std::size_t chosen = any_change_file();
    if (fault_ == FaultKind::event_lost)
      events.erase(events.begin() + static_cast<std::ptrdiff_t>(chosen));
    if (fault_ == FaultKind::event_twice) {
      const std::size_t later = chosen + 1 + random_.below(files_.size() - chosen);
      events.insert(events.begin() + static_cast<std::ptrdiff_t>(later), chosen);
    }
    if (fault_ == FaultKind::events_swapped && files_.size() > 2) {
      const std::size_t first = loads_ + random_.below(files_.size() - loads_ - 1);
      std::swap(events[first], events[first + 1]);
    }
    if (fault_ == FaultKind::load_event_late) std::swap(events[0], events[1]);

    std::size_t put = 0;
    for (std::size_t event : events) {
      for (; put <= event; ++put) happenings_.push_back({Kind::put, put});
      happenings_.push_back(
          {Kind::event, event, fault_ == FaultKind::runs_overlap && event == chosen});
    }
    for (; put < files_.size(); ++put) happenings_.push_back({Kind::put, put});
  }

  FaultKind fault_;
  Random random_;
  Workload workload_;
  World world_;
  std::vector<File> files_;
  std::size_t loads_ = 0;
  std::vector<Happening> happenings_;
};

class TenFaults : public ::testing::TestWithParam<Case> {};

TEST_P(TenFaults, NeverMakeTheSoundMergeDiffer) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Play play("merge", GetParam().kind, seed);
    ASSERT_EQ(play.run(), play.truth()) << "seed " << seed;
  }
}

TEST_P(TenFaults, MakeTheTutorialsMergeDifferSooner) {
  const std::uint64_t seeds = 60;
  int differing = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    Play play("tutorial", GetParam().kind, seed);
    differing += play.run() != play.truth();
  }
  RecordProperty("differing", differing);
  std::printf("%-32s %3d of %d differ\n", GetParam().name, differing, static_cast<int>(seeds));
  if (GetParam().kind == FaultKind::none)
    EXPECT_EQ(differing, 0);
  else
    EXPECT_GT(differing, 0);
}

std::string name_of(const ::testing::TestParamInfo<Case>& each) { return each.param.name; }
INSTANTIATE_TEST_SUITE_P(Each, TenFaults, ::testing::ValuesIn(cases), name_of);

}  // namespace
}  // namespace pipeline::glue
