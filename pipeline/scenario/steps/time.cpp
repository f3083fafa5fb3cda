// run_until and run_for: the only steps in which time passes.
#include <fmt/format.h>

#include "pipeline/scenario/fields.h"
#include "pipeline/scenario/steps/steps.h"

namespace pipeline::scenario::steps {
namespace {

constexpr Duration idle_limit =
    std::chrono::hours(24 * 7);  // of virtual time; past it something goes on for ever

Action run_to(Instant until, const Location& where) {
  return [until, where](World& world) -> Result<Outcome> {
    if (until < world.stack.scheduler().now())
      return fail_at(where, "that instant has passed",
                     "it is " + emulator::base::iso_millis(world.stack.scheduler().now()));
    world.stack.catch_up();
    world.stack.scheduler().advance_to(until);
    return Outcome{};
  };
}

Result<Outcome> run_to_idle(World& world) {
  world.stack.catch_up();
  if (world.stack.scheduler().run_until_idle(idle_limit)) return Outcome{};
  return Outcome{false, fmt::format("after {} of virtual time there is still work under way",
                                    emulator::base::duration_text(idle_limit))};
}

}  // namespace

Result<Action> parse_run_until(const Value& value, const ParseContext&) {
  if (value.kind == Value::Kind::instant) return run_to(value.instant, value.where);
  if (value.kind == Value::Kind::string && value.text.text == "idle") return Action(run_to_idle);
  return fail_at(value.where, "run_until must be \"idle\" or a date and time",
                 "2026-01-01T00:05:00Z, without quotes");
}

Result<Action> parse_run_for(const Value& value, const ParseContext&) {
  const auto duration = value.kind == Value::Kind::string
                            ? emulator::base::parse_duration(value.text.text)
                            : std::nullopt;
  if (!duration)
    return fail_at(value.where, "run_for must be a duration in quotes",
                   "\"90s\", \"2m\", \"1h30m\"");
  return Action([duration = *duration](World& world) -> Result<Outcome> {
    world.stack.catch_up();
    world.stack.scheduler().advance_by(duration);
    return Outcome{};
  });
}

}  // namespace pipeline::scenario::steps
