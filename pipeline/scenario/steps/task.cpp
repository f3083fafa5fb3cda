// task and expect_task: the replication task's buttons and its state.
#include <fmt/format.h>

#include <algorithm>

#include "pipeline/scenario/fields.h"
#include "pipeline/scenario/steps/steps.h"

namespace pipeline::scenario::steps {
namespace {

using dms::ReplicationTask;
using dms::StartType;

struct TaskAction {
  std::string_view name;
  Result<void> (*run)(ReplicationTask& task);
};
constexpr TaskAction actions[] = {
    {"start", [](ReplicationTask& task) { return task.start(StartType::start_replication); }},
    {"stop", [](ReplicationTask& task) { return task.stop(); }},
    {"resume", [](ReplicationTask& task) { return task.start(StartType::resume_processing); }},
    {"reload", [](ReplicationTask& task) { return task.start(StartType::reload_target); }},
};

struct Wanted {
  std::optional<std::string> status, stop_reason, message;
};

// Stop reasons are all "Stop Reason X": the X is enough.
bool reason_matches(std::string_view wanted, std::string_view found) {
  return wanted == found || (found.substr(0, 12) == "Stop Reason " && found.substr(12) == wanted);
}

Outcome check(const ReplicationTask& task, const Wanted& wanted) {
  const std::string reason = task.stop_reason(), message = task.last_failure_message();
  if (wanted.status && *wanted.status != task.status_text()) {
    return {false,
            fmt::format("the task is {}, not {}", task.status_text(), *wanted.status),
            {reason, message}};
  }
  if (wanted.stop_reason && !reason_matches(*wanted.stop_reason, reason)) {
    return {false,
            fmt::format("the stop reason is \"{}\", not \"{}\"", reason, *wanted.stop_reason),
            {message}};
  }
  if (wanted.message && !emulator::sim::glob_matches(*wanted.message, message)) {
    return {false,
            fmt::format("the last failure message is \"{}\", not \"{}\"", message, *wanted.message),
            {}};
  }
  return {true, fmt::format("the task is {}", task.status_text()), {}};
}

Result<void> needs_task(const Value& value, const ParseContext& context) {
  if (!context.stack.task)
    return fail_at(value.where, "the stack has no replication task", "add [task] to it");
  return {};
}

}  // namespace

Result<Action> parse_task(const Value& value, const ParseContext& context) {
  if (auto there = needs_task(value, context); !there) return tl::unexpected<Error>(there.error());
  if (value.kind != Value::Kind::string)
    return tl::unexpected<Error>(wrong_type(value, "task", "a string"));
  std::vector<std::string> names;
  for (const TaskAction& action : actions) {
    if (action.name == value.text.text) {
      return Action([action, where = value.where](World& world) -> Result<Outcome> {
        if (auto done = action.run(*world.stack.task()); !done)
          return fail_at(where, done.error().message, done.error().hint);
        return Outcome{};
      });
    }
    names.emplace_back(action.name);
  }
  return fail_at(value.where, fmt::format("unknown task action {}", value.text.text),
                 hint_for(value.text.text, names));
}

Result<Action> parse_expect_task(const Value& value, const ParseContext& context) {
  if (auto there = needs_task(value, context); !there) return tl::unexpected<Error>(there.error());
  Fields fields(value, "expect_task");
  Wanted wanted;
  const Value* status = fields.find("status", Value::Kind::string);
  if (status != nullptr) {
    const std::vector<std::string> known = {"ready",    "starting", "running",
                                            "stopping", "stopped",  "failed"};
    wanted.status = status->text.text;
    if (std::find(known.begin(), known.end(), *wanted.status) == known.end()) {
      fields.refuse(status->where, fmt::format("unknown status {}", *wanted.status),
                    hint_for(*wanted.status, known));
    }
  }
  fields.read("stop_reason", wanted.stop_reason);
  fields.read("message", wanted.message);
  if (auto done = fields.finish(); !done) return tl::unexpected<Error>(done.error());
  return Action(
      [wanted](World& world) -> Result<Outcome> { return check(*world.stack.task(), wanted); });
}

}  // namespace pipeline::scenario::steps
