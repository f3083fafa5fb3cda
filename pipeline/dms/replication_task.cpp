#include "pipeline/dms/replication_task.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "emulator/base/text.h"
#include "pipeline/dms/change_capture.h"
#include "pipeline/dms/checkpoint.h"
#include "pipeline/dms/full_load.h"
#include "pipeline/dms/prerequisites.h"
#include "pipeline/dms/s3_target.h"
#include "pipeline/dms/task_context.h"
#include "pipeline/dms/task_settings.h"

namespace pipeline::dms {
namespace {

namespace base = emulator::base;
namespace s3 = emulator::s3;
namespace sim = emulator::sim;

constexpr base::Duration starting_time =
    std::chrono::seconds(1);  // virtual time from start to running

bool wants_load(MigrationType type) { return type != MigrationType::cdc; }
bool wants_changes(MigrationType type) { return type != MigrationType::full_load; }
bool is_active(Status status) {
  return status == Status::starting || status == Status::running || status == Status::stopping;
}

tl::unexpected<base::Error> invalid_state(std::string_view why) {
  return base::fail(fmt::format("InvalidResourceStateFault: {}", why));
}

// One life of a task, from a start to its stop, failure or crash. Shared: the scheduled steps hold
// it weakly (task_context.h).
struct Run {
  Run(TaskContext c) : context(std::move(c)), target(context) {}

  TaskContext context;
  S3Target target;
  SourceTables tables;
  std::optional<FullLoad> load;
  std::optional<ChangeCapture> capture;
};

}  // namespace

struct ReplicationTask::Impl : TaskHost {
  Impl(ReplicationTaskOptions o, mysql::ChangeSource& source_, s3::Service& service,
       emulator::sqlite::Database& state, sim::Scheduler& scheduler_, sim::Trace& trace_,
       sim::Faults& faults_, sim::Random random_)
      : options(std::move(o)),
        source(source_),
        s3(service),
        scheduler(scheduler_),
        trace(trace_),
        faults(faults_),
        random(random_),
        put_link(std::make_shared<sim::Link>("dms.put_object", scheduler_, faults_, trace_)),
        store(state, options.identifier) {
    opened = open();
  }

  // TaskHost
  void crash(std::string_view point) override;
  void fail(const std::string& message) override;
  void warn(const std::string& message) override;
  bool save() override;
  void load_finished() override;
  void cached_changes_applied() override;
  void flushed() override;

  Result<void> open();
  Result<void> may_start(StartType type) const;
  Result<void> start(StartType type);
  Result<void> stop();
  Result<void> recover();

  void set_status(Status status, std::string reason = {});
  void forget();
  void launch();
  void prepare();
  void begin();
  bool meets_prerequisites();
  bool select_tables();
  bool plan();
  bool prepare_target();
  void start_capture();
  void end(Status status, const std::string& reason);

  ReplicationTaskOptions options;
  TaskSettings settings;
  mysql::ChangeSource& source;
  s3::Service& s3;
  sim::Scheduler& scheduler;
  sim::Trace& trace;
  sim::Faults& faults;
  sim::Random random;
  std::shared_ptr<sim::Link> put_link;
  TaskStore store;
  TaskRecord record;
  Result<void> opened;  // of the settings and the saved record; where it failed, every call says so
  std::shared_ptr<Run> run;
  std::string reason_of_stop;  // once it is flushed
};

// Reads the settings and what an earlier process saved.
Result<void> ReplicationTask::Impl::open() {
  const Result<TaskSettingsDocument> document = parse_task_settings(options.settings_json);
  if (!document) return tl::unexpected(document.error());
  settings = document->settings;
  if (Result<void> made = store.open(); !made) return made;
  Result<TaskRecord> loaded = store.load();
  if (!loaded) return tl::unexpected(loaded.error());
  record = std::move(*loaded);
  return {};
}

// StartReplicationTask, StartReplicationTaskType: which one is valid when.
Result<void> ReplicationTask::Impl::may_start(StartType type) const {
  if (is_active(record.status)) {
    return invalid_state(fmt::format("Replication Task cannot be started, it is in {} state",
                                     status_name(record.status)));
  }
  const bool first = record.status == Status::ready;
  if (type == StartType::start_replication && !first && wants_load(options.migration_type)) {
    return invalid_state(
        "Start Type : START_REPLICATION, valid only for tasks running for the first time");
  }
  if (type != StartType::start_replication && first) {
    return invalid_state("a task that has never run is started with start-replication");
  }
  if (type == StartType::reload_target && !wants_load(options.migration_type)) {
    return invalid_state(
        "Start Type : RELOAD_TARGET, not valid for a cdc task: it has nothing to load");
  }
  return {};
}

Result<void> ReplicationTask::Impl::start(StartType type) {
  if (!opened) return opened;
  if (Result<void> allowed = may_start(type); !allowed) return allowed;
  if (type != StartType::resume_processing) forget();
  launch();
  return {};
}

// All but the counter of AR_H_CHANGE_SEQ, which never goes back.
void ReplicationTask::Impl::forget() {
  record.planned = false;
  record.load_done = false;
  record.tables.clear();
  record.forgets_tables = true;
}

void ReplicationTask::Impl::launch() {
  record.failure.clear();
  reason_of_stop.clear();
  set_status(Status::starting);
  run = std::make_shared<Run>(TaskContext{options,
                                          settings,
                                          source,
                                          s3,
                                          scheduler,
                                          trace,
                                          faults,
                                          put_link,
                                          random,
                                          record,
                                          *this,
                                          {}});
  run->context.life = run;
  if (!save()) return;
  run->context.after(starting_time, "dms.start", [this] { prepare(); });
}

void ReplicationTask::Impl::prepare() {
  source.prepare(!record.planned, run->context.guarded([this] { begin(); }));
}

void ReplicationTask::Impl::begin() {
  if (wants_changes(options.migration_type)) {
    if (!meets_prerequisites()) return;
  }
  if (const s3::Result<s3::Bucket> bucket = s3.head_bucket(options.target.bucket_name); !bucket) {
    return fail(fmt::format("Failed to reach bucket {}: {}", options.target.bucket_name,
                            bucket.error().text()));
  }
  if (!select_tables() || !plan() || !prepare_target()) return;
  set_status(Status::running);
  if (!save()) return;
  if (record.load_done) return start_capture();
  run->load.emplace(run->context, run->target, run->tables);
  run->load->start();
}

// A task finds out when it starts, not when the endpoint is tested.
bool ReplicationTask::Impl::meets_prerequisites() {
  for (const Finding& finding : check_source(source)) {
    if (finding.verdict == Finding::Verdict::warning) warn(finding.message);
    if (finding.verdict != Finding::Verdict::failed) continue;
    fail(finding.message);
    return false;
  }
  return true;
}

bool ReplicationTask::Impl::select_tables() {
  const Result<std::vector<mysql::TablePtr>> tables = source.tables();
  if (!tables) {
    fail(tables.error().message);
    return false;
  }
  for (const mysql::TablePtr& table : *tables) {
    if (options.mappings.selects(table->schema, table->table))
      run->tables[{table->schema, table->table}] = table;
  }
  if (!run->tables.empty() || record.planned || !settings.fail_on_no_tables) return true;
  fail(
      "No tables were found at task initialization. Either the selected table(s) no longer exist "
      "or no match was found for "
      "the table selection pattern(s).");
  return false;
}

// Of a fresh start: which tables there are, and the position from which changes are captured:
// before the load.
bool ReplicationTask::Impl::plan() {
  if (record.planned) return true;
  const Result<mysql::Position> position = source.position();
  if (!position && wants_changes(options.migration_type)) {
    fail(position.error().message);
    return false;
  }
  for (const auto& [name, schema] : run->tables) {
    TableRecord table;
    table.statistics.schema = name.first;
    table.statistics.table = name.second;
    table.loaded = !wants_load(options.migration_type);
    if (table.loaded) table.statistics.state = "Table completed";
    record.tables[name] = std::move(table);
  }
  if (position) {
    const ChangeSequence sequence =
        record.checkpoint ? record.checkpoint->sequence : ChangeSequence{};
    record.checkpoint = Checkpoint{*position, sequence};
    record.reader_state = source.reader_state(*position);
  }
  record.planned = true;
  record.load_done = !wants_load(options.migration_type);
  return true;
}

// TargetTablePrepMode: for S3, dropping and truncating both mean that the objects of the table's
// folder go.
bool ReplicationTask::Impl::prepare_target() {
  if (settings.prep_mode == TargetTablePrepMode::do_nothing) return true;
  for (const auto& [name, table] : record.tables) {
    if (table.loaded) continue;
    const s3::Result<std::uint64_t> deleted = run->target.delete_folder(name.first, name.second);
    if (!deleted) {
      fail(fmt::format("Failed to prepare table {}.{}: {}", name.first, name.second,
                       deleted.error().text()));
      return false;
    }
    trace.record("dms", "prepare",
                 {{"task", options.identifier},
                  {"table", name.first + "." + name.second},
                  {"deleted", *deleted}});
  }
  return true;
}

void ReplicationTask::Impl::load_finished() {
  record.load_done = true;
  source.release_snapshot();
  if (!save()) return;
  if (!wants_changes(options.migration_type))
    return end(Status::stopped, "Stop Reason FULL_LOAD_ONLY_FINISHED");
  if (settings.stop_before_cached_changes)
    return end(Status::stopped, "Stop Reason STOPPED_AFTER_FULL_LOAD");
  start_capture();
}

void ReplicationTask::Impl::start_capture() {
  if (!wants_changes(options.migration_type))
    return end(Status::stopped, "Stop Reason FULL_LOAD_ONLY_FINISHED");
  if (!record.checkpoint) return fail("the task has no position to go on from: reload it");
  if (record.reader_state) {
    if (auto restored = source.restore_reader(record.checkpoint->position, *record.reader_state);
        !restored)
      return fail(restored.error().message);
  }
  const bool after_load = run->load.has_value();
  run->capture.emplace(run->context, run->target, run->tables);
  run->capture->start(*record.checkpoint, after_load && settings.stop_after_cached_changes);
}

void ReplicationTask::Impl::cached_changes_applied() {
  reason_of_stop = "Stop Reason STOPPED_AFTER_CACHED_EVENTS";
  set_status(Status::stopping);
  run->capture->flush();
}

Result<void> ReplicationTask::Impl::stop() {
  if (!opened) return opened;
  if (record.status != Status::running) {
    return invalid_state(fmt::format("Replication Task cannot be stopped, it is in {} state",
                                     status_name(record.status)));
  }
  reason_of_stop = "Stop Reason NORMAL";
  set_status(Status::stopping);
  if (!save()) return base::fail(record.failure);
  if (run == nullptr) {
    flushed();  // of a former process, and not recovered
  } else if (run->capture) {
    run->capture->flush();
  } else {
    // In the middle of the load: nothing to flush, the unfinished tables are loaded again on
    // resume.
    run->context.after({}, "dms.stop", [this] { flushed(); });
  }
  return {};
}

void ReplicationTask::Impl::flushed() { end(Status::stopped, reason_of_stop); }

Result<void> ReplicationTask::Impl::recover() {
  if (!opened) return opened;
  if (run || !is_active(record.status)) return {};
  if (record.status != Status::stopping) {
    launch();
    return {};
  }
  set_status(Status::stopped, "Stop Reason NORMAL");
  if (!save()) return base::fail(record.failure);
  return {};
}

void ReplicationTask::Impl::set_status(Status status, std::string reason) {
  record.status = status;
  record.stop_reason = std::move(reason);
  std::vector<sim::Field> fields{{"task", options.identifier}, {"status", status_name(status)}};
  if (!record.stop_reason.empty()) fields.emplace_back("reason", record.stop_reason);
  trace.record("dms", "status", std::move(fields));
}

void ReplicationTask::Impl::end(Status status, const std::string& reason) {
  if (run && run->capture) source.on_commit({});
  source.release_snapshot();
  run.reset();
  set_status(status, reason);
  save();
}

void ReplicationTask::Impl::fail(const std::string& message) {
  record.failure = fmt::format(
      "Last Error {} Task error notification received from subtask 0, thread 0 "
      "[reptask/replicationtask.c:2883] [1020401] "
      "Stop Reason FATAL_ERROR Error Level FATAL",
      message);
  warn(message);
  end(Status::failed, "Stop Reason FATAL_ERROR");
}

// As if the process of the task had died: what counts afterwards is what was saved.
void ReplicationTask::Impl::crash(std::string_view point) {
  if (run && run->capture) source.on_commit({});
  run.reset();
  if (Result<TaskRecord> saved = store.load()) record = std::move(*saved);
  record.failure = fmt::format(
      "Last Error Replication task died at {} Stop Reason RECOVERABLE_ERROR Error Level "
      "RECOVERABLE",
      point);
  set_status(Status::failed, "Stop Reason RECOVERABLE_ERROR");
  save();
}

void ReplicationTask::Impl::warn(const std::string& message) {
  trace.record("dms", "warning", {{"task", options.identifier}, {"message", message}});
}

bool ReplicationTask::Impl::save() {
  const Result<void> saved = store.save(record);
  if (saved) return true;
  run.reset();
  record.failure = "Last Error The state of the task could not be saved: " + saved.error().message;
  set_status(Status::failed, "Stop Reason FATAL_ERROR");
  return false;
}

ReplicationTask::ReplicationTask(ReplicationTaskOptions options, mysql::ChangeSource& source,
                                 s3::Service& s3, emulator::sqlite::Database& state,
                                 sim::Scheduler& scheduler, sim::Trace& trace, sim::Faults& faults,
                                 sim::Random random)
    : impl_(std::make_unique<Impl>(std::move(options), source, s3, state, scheduler, trace, faults,
                                   random)) {}

ReplicationTask::~ReplicationTask() {
  if (impl_->run && impl_->run->capture) impl_->source.on_commit({});
}

Result<void> ReplicationTask::start(StartType type) { return impl_->start(type); }
Result<void> ReplicationTask::stop() { return impl_->stop(); }
Result<void> ReplicationTask::recover() { return impl_->recover(); }

Status ReplicationTask::status() const { return impl_->record.status; }
std::string_view ReplicationTask::status_text() const { return status_name(impl_->record.status); }
std::string ReplicationTask::stop_reason() const { return impl_->record.stop_reason; }
std::string ReplicationTask::last_failure_message() const { return impl_->record.failure; }

// AWS's form; the meaning of its further fields is not documented.
std::string ReplicationTask::recovery_checkpoint() const {
  if (!impl_->record.checkpoint) return {};
  const Checkpoint& checkpoint = *impl_->record.checkpoint;
  const std::string position = checkpoint.position.text();
  return fmt::format("checkpoint:V1#1#{}:-1:{}:{}#0#0#*#0#{}", position, checkpoint.position.offset,
                     position, checkpoint.sequence.counter);
}

std::vector<TableStatistics> ReplicationTask::table_statistics() const {
  std::vector<TableStatistics> all;
  for (const auto& [name, table] : impl_->record.tables) all.push_back(table.statistics);
  return all;
}

int ReplicationTask::full_load_progress_percent() const {
  if (!wants_load(impl_->options.migration_type) || impl_->record.tables.empty()) return 0;
  std::size_t loaded = 0;
  for (const auto& [name, table] : impl_->record.tables) loaded += table.loaded ? 1 : 0;
  return static_cast<int>(loaded * 100 / impl_->record.tables.size());
}

const ReplicationTaskOptions& ReplicationTask::options() const { return impl_->options; }

}  // namespace pipeline::dms
