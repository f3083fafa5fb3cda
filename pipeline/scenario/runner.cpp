#include "pipeline/scenario/runner.h"

#include <algorithm>

#include "emulator/sim/clock.h"

namespace pipeline::scenario {
namespace {

using emulator::sim::TraceLine;

Result<StepReport> run_step(const Step& step, std::size_t number, World& world) {
  Stack& stack = world.stack;
  const auto id = stack.trace().record("scenario", "step",
                                       {{"number", static_cast<std::uint64_t>(number)},
                                        {"step", step.kind},
                                        {"value", step.summary}});
  emulator::sim::Cause scope(stack.scheduler(), id);
  auto outcome = step.run(world);
  if (!outcome) return tl::unexpected<Error>(outcome.error());
  if (!outcome->held) stack.trace().record("scenario", "failed", {{"message", outcome->message}});
  return StepReport{
      step.kind,         step.summary, step.where, std::move(*outcome), stack.scheduler().now(),
      world.lines.size()};
}

}  // namespace

bool RunReport::passed() const {
  return std::all_of(steps.begin(), steps.end(),
                     [](const StepReport& step) { return step.outcome.held; });
}

Result<RunReport> run_scenario(const Scenario& scenario, const RunOptions& options) {
  const emulator::sim::Stopwatch watch;
  RunReport report;
  report.path = scenario.path;
  report.title = scenario.title;
  report.seed = options.seed.value_or(scenario.stack.seed);
  report.started = scenario.stack.start;

  std::vector<TraceLine> lines;
  StackOptions stack_options;
  stack_options.listeners.push_back([&lines](const TraceLine& line) { lines.push_back(line); });
  stack_options.environment = options.environment;
  if (options.trace) stack_options.listeners.push_back(options.trace);
  auto stack = Stack::create(scenario.stack, report.seed, scenario.stack.start, stack_options);
  if (!stack) return tl::unexpected<Error>(stack.error());
  report.setup_lines = lines.size();

  World world{**stack, lines};
  for (const Step& step : scenario.steps) {
    auto done = run_step(step, report.steps.size() + 1, world);
    if (!done) return tl::unexpected<Error>(done.error());
    report.steps.push_back(std::move(*done));
  }
  report.virtual_time = (*stack)->scheduler().now() - scenario.stack.start;
  report.trace_hash = (*stack)->trace().hash_text();
  world.session.reset();  // before the database that it talks to
  stack->reset();
  if (options.keep_lines) report.lines = std::move(lines);
  report.real_time = watch.elapsed();
  return report;
}

}  // namespace pipeline::scenario
