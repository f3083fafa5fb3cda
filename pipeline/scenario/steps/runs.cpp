// Job runs and the function's dead letters: start_job_run, expect_runs, expect_dead_letters.
#include <fmt/format.h>

#include "pipeline/scenario/fields.h"
#include "pipeline/scenario/steps/steps.h"

namespace pipeline::scenario::steps {
namespace {

// Counted from the trace, so that a retried run counts once per end.
struct RunKind {
  std::string_view name;
  std::string_view trace_kind;
};
constexpr RunKind run_kinds[] = {{"started", "run_started"},
                                 {"succeeded", "run_succeeded"},
                                 {"failed", "run_failed"},
                                 {"refused", "refused"}};

std::int64_t count_lines(const World& world, std::string_view actor, std::string_view kind) {
  std::int64_t count = 0;
  for (const auto& line : world.lines) count += line.actor == actor && line.kind == kind;
  return count;
}

}  // namespace

Result<Action> parse_start_job_run(const Value& value, const ParseContext& context) {
  if (!context.stack.job) return fail_at(value.where, "the stack has no job", "add [job] to it");
  if (value.kind != Value::Kind::table)
    return tl::unexpected<Error>(wrong_type(value, "start_job_run", "a table of arguments"));
  glue::Arguments arguments;
  for (const auto& [name, argument, where] : value.entries) {
    if (!is_scalar(argument))
      return tl::unexpected<Error>(wrong_type(argument, name, "a single value"));
    arguments[name] = scalar_text(argument);
  }
  return Action([arguments, where = value.where](World& world) -> Result<Outcome> {
    auto run = world.stack.glue().start_job_run(world.stack.definition().job->name, arguments);
    if (!run) return fail_at(where, run.error().code + ": " + run.error().message);
    return Outcome{true, *run};
  });
}

Result<Action> parse_expect_runs(const Value& value, const ParseContext& context) {
  if (!context.stack.job) return fail_at(value.where, "the stack has no job", "add [job] to it");
  Fields fields(value, "expect_runs");
  std::vector<std::pair<RunKind, std::int64_t>> wanted;
  for (const RunKind& kind : run_kinds) {
    std::optional<std::int64_t> count;
    fields.read(kind.name, count);
    if (count) wanted.emplace_back(kind, *count);
  }
  if (auto done = fields.finish(); !done) return tl::unexpected<Error>(done.error());
  return Action([wanted](World& world) -> Result<Outcome> {
    std::string found;
    bool held = true;
    for (const auto& [kind, count] : wanted) {
      const std::int64_t seen = count_lines(world, "glue", kind.trace_kind);
      held = held && seen == count;
      found += fmt::format("{}{} {}", found.empty() ? "" : ", ", seen, kind.name);
      if (seen != count) found += fmt::format(" (not {})", count);
    }
    return Outcome{held, "job runs: " + found};
  });
}

Result<Action> parse_expect_dead_letters(const Value& value, const ParseContext& context) {
  if (!context.stack.function)
    return fail_at(value.where, "the stack has no function", "add [function] to it");
  if (value.kind != Value::Kind::integer || value.integer < 0)
    return fail_at(value.where, "expect_dead_letters must be a count");
  return Action([count = value.integer](World& world) -> Result<Outcome> {
    const auto& letters =
        world.stack.lambda().dead_letters(world.stack.definition().function->function.name);
    const auto found = static_cast<std::int64_t>(letters.size());
    std::vector<std::string> details;
    for (const auto& letter : letters)
      details.push_back(fmt::format("{}: {}", letter.error_type, letter.error_message));
    if (found == count) return Outcome{true, counted(letters.size(), "dead letter")};
    return Outcome{false, fmt::format("{} dead letters, not {}", found, count), details};
  });
}

}  // namespace pipeline::scenario::steps
