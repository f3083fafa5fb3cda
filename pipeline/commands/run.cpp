#include <fcntl.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "emulator/base/file.h"
#include "pipeline/commands/command.h"
#include "pipeline/commands/environment.h"
#include "pipeline/scenario/report.h"
#include "pipeline/scenario/story.h"

namespace pipeline::commands {
namespace {

namespace base = emulator::base;
using emulator::sim::TraceLine;
using scenario::RunReport;
using scenario::Scenario;

struct RunOptions {
  std::vector<std::string> paths;
  std::optional<std::uint64_t> seed;
  std::string trace;
  std::string junit;
  std::size_t repeat = 1;
  bool json = false;
  bool story = false;
};

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

// Compares the traces of repeated runs line by line and keeps the first place where they part.
class Repetition {
 public:
  void begin_run() {
    ++run_;
    at_ = 0;
  }
  void take(const TraceLine& line) {
    if (run_ == 1) {
      first_.push_back(line.text);
    } else if (difference_.empty() && (at_ >= first_.size() || first_[at_] != line.text)) {
      difference_ = fmt::format("run 1: {}\nrun {}: {}\n",
                                at_ < first_.size() ? first_[at_] : "(ended)", run_, line.text);
    }
    ++at_;
  }
  void end_run() {
    if (difference_.empty() && at_ < first_.size())
      difference_ = fmt::format("run 1: {}\nrun {}: (ended)\n", first_[at_], run_);
  }
  const std::string& difference() const { return difference_; }

 private:
  std::size_t run_ = 0, at_ = 0;
  std::vector<std::string> first_;
  std::string difference_;
};

class RunCommand {
 public:
  explicit RunCommand(const RunOptions& options) : options_(options) {}

  int run() {
    auto scenarios = scenario::read_scenarios(options_.paths);
    if (!scenarios) return complain(scenarios.error(), exit_usage);
    if (!options_.trace.empty()) {
      auto file = base::File::open(options_.trace, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC);
      if (!file) return complain(file.error(), exit_environment);
      trace_ = std::move(*file);
    }
    for (const Scenario& scenario : *scenarios) {
      if (auto stop = run_one(scenario)) return *stop;
    }
    return finish();
  }

 private:
  // An exit code: no further scenario is run.
  std::optional<int> run_one(const Scenario& scenario) {
    Repetition repetition;
    for (std::size_t i = 0; i < options_.repeat; ++i) {
      std::string lines;
      scenario::RunOptions run{.seed = options_.seed,
                               .trace = {},
                               .keep_lines = options_.story && i == 0,
                               .environment = environment_variable};
      const bool written = i == 0 && trace_.is_open();
      const bool compared = options_.repeat > 1;
      if (written || compared) {
        run.trace = [&](const TraceLine& line) {
          if (written) lines += line.text + '\n';
          if (compared) repetition.take(line);
        };
      }
      repetition.begin_run();
      auto report = scenario::run_scenario(scenario, run);
      if (!report) return complain(report.error(), exit_usage);
      repetition.end_run();
      if (auto done = written ? trace_.write_all(lines) : base::Result<void>(); !done)
        return complain(done.error(), exit_environment);
      if (i == 0) show(std::move(*report));
    }
    if (!repetition.difference().empty()) {
      nondeterministic_ = true;
      std::fprintf(stderr, "sluice: %s: two runs of one seed differ, first here\n%s",
                   scenario.path.c_str(), repetition.difference().c_str());
    }
    return std::nullopt;
  }

  void show(RunReport report) {
    print(options_.json    ? json_report(report)
          : options_.story ? tell(report)
                           : text_report(report));
    std::fflush(stdout);
    report.lines = {};
    reports_.push_back(std::move(report));
  }

  int finish() {
    if (!options_.junit.empty()) {
      if (auto done = base::write_file_atomically(options_.junit, junit_report(reports_)); !done)
        return complain(done.error(), exit_environment);
    }
    std::size_t failed = 0;
    base::Duration time{};
    for (const RunReport& report : reports_) {
      failed += report.passed() ? 0 : 1;
      time += report.real_time;
    }
    if (reports_.size() > 1) {
      std::fprintf(
          stderr, "%zu scenarios, %zu failed, %lld ms%s\n", reports_.size(), failed,
          static_cast<long long>(time.count() / 1000),
          options_.repeat > 1 ? fmt::format(", each run {} times", options_.repeat).c_str() : "");
    }
    if (nondeterministic_) return exit_nondeterministic;
    return failed > 0 ? exit_failed : exit_ok;
  }

  const RunOptions& options_;
  base::File trace_;
  std::vector<RunReport> reports_;
  bool nondeterministic_ = false;
};

}  // namespace

std::function<int()> declare_run(CLI::App& command) {
  auto options =
      std::make_shared<RunOptions>();  // shared: CLI11 writes into it, the action reads it
  command.add_option("FILE", options->paths, "Scenario files, or folders of them")
      ->required()
      ->type_name("FILE|DIR");
  command.add_option("--seed", options->seed, "Seed, instead of each file's")->type_name("N");
  command
      .add_option("--trace", options->trace, "Write every line of the trace there, as JSON lines")
      ->type_name("OUT.jsonl");
  command.add_option("--junit", options->junit, "Write a JUnit report there")->type_name("OUT.xml");
  command.add_option("--repeat", options->repeat, "Run each so often and compare the traces")
      ->type_name("N")
      ->check(CLI::Range(1, 1000));
  command.add_flag("--json", options->json, "One JSON object a scenario");
  command.add_flag("--story", options->story, "Tell each run: step by step, what came into being");
  return [options] { return RunCommand(*options).run(); };
}

}  // namespace pipeline::commands
