#include "pipeline/glue/run_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "emulator/base/json_document.h"

namespace pipeline::glue {
namespace {

using emulator::base::fail;
using emulator::base::json_text;
using emulator::base::read_json;
using emulator::base::Result;
using Json = nlohmann::json;

struct StateName {
  RunState state;
  std::string_view text;
};
constexpr std::array state_names{
    StateName{RunState::starting, "STARTING"},   StateName{RunState::running, "RUNNING"},
    StateName{RunState::stopping, "STOPPING"},   StateName{RunState::stopped, "STOPPED"},
    StateName{RunState::succeeded, "SUCCEEDED"}, StateName{RunState::failed, "FAILED"},
    StateName{RunState::timeout, "TIMEOUT"},
};

Instant instant(std::int64_t microseconds) { return Instant(Duration(microseconds)); }
std::int64_t microseconds(Instant at) { return at.time_since_epoch().count(); }

Result<JobRun> read_run(const emulator::sqlite::Statement& row) {
  JobRun run;
  run.id = row.text(0);
  run.job_name = row.text(1);
  run.attempt = static_cast<int>(row.integer(2));
  const std::string_view state = row.text(3);
  auto name = std::find_if(state_names.begin(), state_names.end(),
                           [&](const StateName& n) { return n.text == state; });
  const Json arguments = read_json(row.text(4));
  const Json output = read_json(row.text(8));
  if (name == state_names.end() || !arguments.is_object() || !output.is_array())
    return fail(fmt::format("the state database holds a job run that cannot be read: {}", run.id));
  run.state = name->state;
  for (const auto& [key, value] : arguments.items())
    if (value.is_string()) run.arguments[key] = value.get<std::string>();
  run.started_on = instant(row.integer(5));
  if (!row.is_null(6)) run.completed_on = instant(row.integer(6));
  run.error_message = row.text(7);
  for (const Json& line : output)
    if (line.is_string()) run.output.push_back(line.get<std::string>());
  return run;
}

}  // namespace

std::string_view run_state_text(RunState state) {
  for (const StateName& name : state_names)
    if (name.state == state) return name.text;
  return "";
}

Result<void> RunStore::create_table() {
  return state_.execute(
      "CREATE TABLE IF NOT EXISTS glue_job_run (sequence INTEGER PRIMARY KEY, id TEXT NOT NULL "
      "UNIQUE, job TEXT NOT NULL, "
      "attempt INTEGER NOT NULL, state TEXT NOT NULL, arguments TEXT NOT NULL, started_us INTEGER "
      "NOT NULL, "
      "completed_us INTEGER, error TEXT NOT NULL, output TEXT NOT NULL)");
}

Result<std::vector<JobRun>> RunStore::load() {
  if (auto made = create_table(); !made) return tl::unexpected(made.error());
  auto select = state_.prepare(
      "SELECT id, job, attempt, state, arguments, started_us, completed_us, error, output FROM "
      "glue_job_run ORDER BY sequence");
  if (!select) return tl::unexpected(select.error());
  std::vector<JobRun> runs;
  while (true) {
    auto row = select->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return runs;
    auto run = read_run(*select);
    if (!run) return tl::unexpected(run.error());
    runs.push_back(std::move(*run));
  }
}

Result<void> RunStore::save(const JobRun& run) {
  auto upsert = state_.prepare(
      "INSERT INTO glue_job_run (id, job, attempt, state, arguments, started_us, completed_us, "
      "error, output) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id) DO UPDATE SET state = "
      "excluded.state, "
      "started_us = excluded.started_us, completed_us = excluded.completed_us, error = "
      "excluded.error, output = excluded.output");
  if (!upsert) return tl::unexpected(upsert.error());
  Json arguments = Json::object();
  for (const auto& [key, value] : run.arguments) arguments[key] = value;
  upsert->bind(1, run.id)
      .bind(2, run.job_name)
      .bind(3, std::int64_t{run.attempt})
      .bind(4, run_state_text(run.state));
  upsert->bind(5, json_text(arguments)).bind(6, microseconds(run.started_on));
  if (run.completed_on)
    upsert->bind(7, microseconds(*run.completed_on));
  else
    upsert->bind_null(7);
  upsert->bind(8, run.error_message).bind(9, json_text(Json(run.output)));
  return upsert->run();
}

}  // namespace pipeline::glue
