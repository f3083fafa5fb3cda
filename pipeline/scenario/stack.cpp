#include "pipeline/scenario/stack.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "emulator/base/file.h"
#include "emulator/s3/sqlite_store.h"
#include "pipeline/lambda/start_job_handler.h"
#include "pipeline/mysql/recorded_source.h"
#include "pipeline/rds/external/live_session.h"
#include "pipeline/rds/external/live_source.h"
#include "pipeline/rds/mysqld/server.h"

namespace pipeline::scenario {
namespace {

namespace base = emulator::base;
namespace s3 = emulator::s3;
namespace sim = emulator::sim;
namespace sqlite = emulator::sqlite;

tl::unexpected<Error> s3_failed(const Location& where, const s3::Error& error) {
  return fail_at(where, error.text());
}

tl::unexpected<Error> at(const Location& where, const Error& error) {
  return error.where.line > 0 ? tl::unexpected<Error>(error)
                              : fail_at(where, error.message, error.hint);
}

}  // namespace

struct Stack::Impl {
  Impl(const StackDefinition& what, std::uint64_t seed, Instant start)
      : definition(what),
        streams(seed),
        scheduler(start),
        trace(scheduler),
        faults(streams.stream("faults"), trace) {}

  Result<void> open(const StackOptions& options);
  Result<void> make_buckets();
  Result<void> open_database(const StackOptions& options);
  Result<void> open_recorded();
  Result<void> open_embedded(const StackOptions& options, bool is_set_up);
  Result<void> start_mysqld(const StackOptions& options, bool is_set_up);
  Result<void> open_live(const StackOptions& options);
  Result<std::string> password(const StackOptions& options) const;
  rds::Result<std::unique_ptr<rds::Session>> connect(const std::string& schema);
  mysql::ChangeSource* source();
  Result<void> set_up_database();
  Result<void> connect_function();
  void watch_input();
  Result<void> start_task();
  Result<bool> was_set_up();

  StackDefinition definition;
  sim::RandomStreams streams;
  sim::Scheduler scheduler;
  sim::Trace trace;
  sim::Faults faults;
  base::File lock;  // of the folder: before all that is in it
  sqlite::Database state;
  std::unique_ptr<s3::ObjectStore> store;
  std::unique_ptr<s3::Service> objects;
  std::unique_ptr<emulator::sqs::Service> queues;
  std::unique_ptr<rds::embedded::Engine> engine;
  std::unique_ptr<rds::mysqld::Server> server;
  std::unique_ptr<rds::external::LiveSource> live;
  mysql::protocol::ConnectOptions address;  // of the live source's server
  std::unique_ptr<mysql::ChangeSource> recorded;
  std::unique_ptr<mysql::ChangeSource> recorded_truth;
  std::unique_ptr<glue::Engine> job_engine;
  std::unique_ptr<glue::Service> jobs;
  std::unique_ptr<lambda::Service> functions;
  std::unique_ptr<dms::ReplicationTask> task;
};

Result<void> Stack::Impl::open(const StackOptions& options) {
  const bool in_memory = options.folder.empty();
  if (!in_memory) {
    if (auto made = base::make_directories(options.folder); !made) return made;
    auto held = base::lock_folder(options.folder);
    if (!held) return tl::unexpected<Error>(held.error());
    lock = std::move(*held);
  }
  auto opened = sqlite::Database::open(in_memory ? ":memory:" : options.folder + "/state.sqlite",
                                       options.sync);
  if (!opened) return tl::unexpected<Error>(opened.error());
  state = std::move(*opened);
  if (auto made =
          state.execute("CREATE TABLE IF NOT EXISTS stack (done TEXT PRIMARY KEY) WITHOUT ROWID");
      !made)
    return made;
  if (in_memory) {
    store = s3::memory_store();
  } else {
    auto files = s3::sqlite_store(options.folder, options.sync);
    if (!files) return tl::unexpected<Error>(files.error());
    store = std::move(*files);
  }
  objects = std::make_unique<s3::Service>(
      *store, scheduler, trace, faults, streams.stream("s3"),
      s3::ServiceOptions{.workers = options.workers, .event_version = options.event_version});
  queues = std::make_unique<emulator::sqs::Service>(
      state, scheduler, trace, streams.stream("sqs"),
      emulator::sqs::ServiceOptions{.policy_required = options.queue_policy_required});
  objects->register_service("sqs", *queues);
  return queues->open();
}

Result<void> Stack::Impl::make_buckets() {
  for (const BucketDefinition& bucket : definition.buckets) {
    if (objects->head_bucket(bucket.name)) continue;
    if (auto made = objects->create_bucket(bucket.name); !made)
      return s3_failed(bucket.where, made.error());
  }
  return {};
}

Result<bool> Stack::Impl::was_set_up() {
  auto query = state.prepare("SELECT 1 FROM stack WHERE done = 'database'");
  if (!query) return tl::unexpected<Error>(query.error());
  return query->step();
}

Result<void> Stack::Impl::open_database(const StackOptions& options) {
  const std::string& kind = definition.database->engine;
  if (kind == "recorded") return open_recorded();
  const auto set_up = was_set_up();
  if (!set_up) return tl::unexpected<Error>(set_up.error());
  Result<void> opened;
  if (kind == "embedded") opened = open_embedded(options, *set_up);
  if (kind == "mysqld") opened = start_mysqld(options, *set_up);
  if (opened && kind != "embedded") opened = open_live(options);
  if (!opened || *set_up) return opened;
  return set_up_database();
}

Result<void> Stack::Impl::open_recorded() {
  const DatabaseDefinition& database = *definition.database;
  auto source = mysql::RecordedSource::open(
      {.binlogs = database.binlogs, .state = database.state, .variables = database.parameters});
  if (!source) return at(database.where, source.error());
  recorded = std::move(*source);
  if (database.truth.empty()) return {};
  auto truth = mysql::RecordedSource::open({.binlogs = database.binlogs, .state = database.truth});
  if (!truth) return at(database.where, truth.error());
  recorded_truth = std::move(*truth);
  return {};
}

// A setup script that was cut short by a kill starts anew: here, and in start_mysqld.
Result<void> Stack::Impl::open_embedded(const StackOptions& options, bool is_set_up) {
  const DatabaseDefinition& database = *definition.database;
  if (!is_set_up && !options.folder.empty()) {
    std::error_code ignored;
    for (const char* suffix : {".sqlite", ".sqlite-wal", ".sqlite-shm", "-binlog"}) {
      std::filesystem::remove_all(options.folder + "/" + database.identifier + suffix, ignored);
    }
  }
  auto opened = rds::embedded::Engine::open({.identifier = database.identifier,
                                             .folder = options.folder,
                                             .sync = options.sync,
                                             .parameters = database.parameters},
                                            scheduler, trace, streams.stream("rds"));
  if (!opened) return at(database.where, opened.error());
  engine = std::move(*opened);
  return {};
}

Result<void> Stack::Impl::start_mysqld(const StackOptions& options, bool is_set_up) {
  const DatabaseDefinition& database = *definition.database;
  rds::mysqld::ServerOptions wanted{.program = database.program,
                                    .folder = "",
                                    .port = database.port,
                                    .parameters = database.parameters};
  if (options.environment) wanted.search_path = options.environment("PATH").value_or("");
  if (!options.folder.empty()) {
    wanted.folder = options.folder + "/" + database.identifier + "-mysqld";
    std::error_code ignored;
    if (!is_set_up) std::filesystem::remove_all(wanted.folder, ignored);
  }
  const auto secret = password(options);
  if (!secret) return tl::unexpected<Error>(secret.error());
  if (!database.user.empty()) wanted.user = database.user;
  if (!secret->empty()) wanted.password = *secret;
  auto started = rds::mysqld::Server::start(std::move(wanted));
  if (!started) return at(database.where, started.error());
  server = std::move(*started);
  return {};
}

Result<std::string> Stack::Impl::password(const StackOptions& options) const {
  const DatabaseDefinition& database = *definition.database;
  if (database.password_env.empty()) return database.password;
  auto value = options.environment ? options.environment(database.password_env) : std::nullopt;
  if (value) return std::move(*value);
  return fail_at(database.where,
                 fmt::format("the environment has no variable {}, which password_env names",
                             database.password_env));
}

Result<void> Stack::Impl::open_live(const StackOptions& options) {
  const DatabaseDefinition& database = *definition.database;
  if (server) {
    address = server->address();
  } else {
    const auto secret = password(options);
    if (!secret) return tl::unexpected<Error>(secret.error());
    address.host = database.host;
    if (database.port != 0) address.port = database.port;
    address.user = database.user;
    address.password = *secret;
    address.tls = mysql::protocol::parse_tls_mode(database.tls).value_or(address.tls);
    address.ca_file = database.ca_file;
  }
  auto source = rds::external::LiveSource::connect(
      {.server = address, .post = options.post, .note = [this](const std::string& message) {
         trace.record("rds", "connection",
                      {{"instance", definition.database->identifier}, {"message", message}});
       }});
  if (!source)
    return fail_at(database.where, fmt::format("cannot connect to {}:{} as {}: {}", address.host,
                                               address.port, address.user, source.error().message));
  live = std::move(*source);
  return {};
}

mysql::ChangeSource* Stack::Impl::source() {
  if (recorded) return recorded.get();
  if (live) return live.get();
  return engine.get();
}

rds::Result<std::unique_ptr<rds::Session>> Stack::Impl::connect(const std::string& schema) {
  if (live) return rds::external::connect_session(address, schema);
  return engine->connect(schema);
}

Result<void> Stack::Impl::set_up_database() {
  const DatabaseDefinition& database = *definition.database;
  if (!database.sql.text.empty()) {
    auto session = connect("");
    if (!session) return fail_at(database.where, session.error().text());
    if (auto done = (*session)->execute_script(database.sql.text); !done) {
      return fail_at(database.sql.at(done.error().offset), done.error().text());
    }
  }
  return state.execute("INSERT INTO stack VALUES ('database')");
}

Result<void> Stack::Impl::connect_function() {
  const FunctionDefinition& function = *definition.function;
  const std::string arn = functions->create_function(
      function.function, lambda::start_job_handler(
                             {.job_name = definition.job->name, .decode_key = function.decode_key},
                             *jobs, scheduler, faults, trace));
  objects->register_destination(arn, functions->destination(function.function.name));
  const s3::Notification notification{.id = "start-" + definition.job->name,
                                      .arn = arn,
                                      .events = function.events,
                                      .prefix = function.prefix,
                                      .suffix = function.suffix};
  auto put = objects->put_bucket_notification_configuration(function.bucket,
                                                            {.notifications = {notification}});
  if (!put) return s3_failed(function.where, put.error());
  return {};
}

// A lost event is only a delay if somebody waits for the sweep that finds its file.
void Stack::Impl::watch_input() {
  trace.listen([this](const sim::TraceLine& line) {
    const bool is_new = line.kind == "put" || line.kind == "copy" || line.kind == "complete_upload";
    if (line.actor == "s3" && is_new && line.field("bucket") == definition.function->bucket)
      jobs->input_arrived(definition.job->name);
  });
}

// A task of an earlier life of the folder goes on where it was.
Result<void> Stack::Impl::start_task() {
  const TaskDefinition& planned = *definition.task;
  task = std::make_unique<dms::ReplicationTask>(planned.options, *source(), *objects, state,
                                                scheduler, trace, faults, streams.stream("dms"));
  Result<void> done;
  if (task->status() != dms::Status::ready)
    done = task->recover();
  else if (planned.start)
    done = task->start(dms::StartType::start_replication);
  if (!done) return at(planned.where, done.error());
  return {};
}

Stack::Stack(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Stack::~Stack() = default;

Result<std::unique_ptr<Stack>> Stack::create(const StackDefinition& definition, std::uint64_t seed,
                                             Instant start, const StackOptions& options) {
  auto impl = std::make_unique<Impl>(definition, seed, start);
  for (const auto& listener : options.listeners) impl->trace.listen(listener);
  if (auto done = impl->open(options); !done) return tl::unexpected<Error>(done.error());
  if (auto done = impl->make_buckets(); !done) return tl::unexpected<Error>(done.error());
  if (definition.database) {
    if (auto done = impl->open_database(options); !done) return tl::unexpected<Error>(done.error());
  }
  impl->job_engine = glue::native_engine();
  impl->jobs = std::make_unique<glue::Service>(*impl->job_engine, *impl->objects, impl->state,
                                               impl->scheduler, impl->trace, impl->faults,
                                               impl->streams.stream("glue"));
  impl->functions = std::make_unique<lambda::Service>(impl->scheduler, impl->trace,
                                                      impl->streams.stream("lambda"));
  if (definition.job) {
    if (auto made = impl->jobs->create_job(*definition.job); !made)
      return base::fail(made.error().code + ": " + made.error().message);
  }
  if (definition.job && definition.job->schedule && definition.function) impl->watch_input();
  if (definition.function) {
    if (auto done = impl->connect_function(); !done) return tl::unexpected<Error>(done.error());
  }
  if (auto latency = definition.latencies.find("s3.notification");
      latency != definition.latencies.end()) {
    impl->objects->notification_link().set_latency(latency->second);
  }
  impl->jobs->recover();
  impl->objects->redeliver();
  if (definition.task) {
    if (auto done = impl->start_task(); !done) return tl::unexpected<Error>(done.error());
  }
  return std::unique_ptr<Stack>(new Stack(std::move(impl)));
}

sim::Scheduler& Stack::scheduler() { return impl_->scheduler; }
sim::Trace& Stack::trace() { return impl_->trace; }
sim::Faults& Stack::faults() { return impl_->faults; }
s3::Service& Stack::s3() { return *impl_->objects; }
emulator::sqs::Service& Stack::sqs() { return *impl_->queues; }
rds::embedded::Engine* Stack::database() { return impl_->engine.get(); }
mysql::ChangeSource* Stack::source() { return impl_->source(); }
rds::Result<std::unique_ptr<rds::Session>> Stack::connect(const std::string& schema) {
  return impl_->connect(schema);
}
bool Stack::runs_sql() const { return impl_->engine != nullptr || impl_->live != nullptr; }
void Stack::catch_up() {
  if (impl_->live) impl_->live->wake();
}
void Stack::stop_reading() {
  if (impl_->live) impl_->live->stop_reading();
}
mysql::ChangeSource* Stack::truth() {
  return impl_->recorded_truth ? impl_->recorded_truth.get() : source();
}
dms::ReplicationTask* Stack::task() { return impl_->task.get(); }
lambda::Service& Stack::lambda() { return *impl_->functions; }
glue::Service& Stack::glue() { return *impl_->jobs; }
const StackDefinition& Stack::definition() const { return impl_->definition; }

}  // namespace pipeline::scenario
