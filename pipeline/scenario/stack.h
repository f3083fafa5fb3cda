#pragma once
// A stack: the world that a scenario runs in and `sluice serve --stack` brings up: buckets, DB
// instance, replication task, function, job, wired by constructors. The same objects in both; only
// the clock that paces the scheduler and the stores differ.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emulator/s3/service.h"
#include "emulator/sim/fault.h"
#include "emulator/sim/random.h"
#include "emulator/sim/scheduler.h"
#include "emulator/sim/trace.h"
#include "emulator/sqlite/database.h"
#include "emulator/sqs/service.h"
#include "pipeline/dms/replication_task.h"
#include "pipeline/glue/service.h"
#include "pipeline/lambda/service.h"
#include "pipeline/rds/embedded/engine.h"
#include "pipeline/rds/session.h"
#include "pipeline/scenario/document.h"

namespace pipeline::scenario {

// The description, as read from TOML (definition.h has the parser). Every part may be absent: a
// bucket alone is a stack.
struct BucketDefinition {
  std::string name;
  Location where;
};
struct DatabaseDefinition {
  std::string identifier = "database-1";
  std::string engine = "embedded";  // or recorded, mysqld, external
  std::map<std::string, std::string> parameters;
  std::string schema;                // default database of sql steps
  SourceText sql;                    // run once when the instance is created
  std::vector<std::string> binlogs;  // recorded: files, in order
  std::string state;                 // recorded: state file before the first, for the full load
  std::string truth;                 // recorded: state file after the last, for expect_equal
  std::string program;               // mysqld: path or name; "" = what the PATH has
  std::string host = "127.0.0.1";    // external
  std::uint16_t port = 0;            // external: 3306 unless given; mysqld: a free one
  std::string user, password;        // mysqld: admin, admin unless given
  std::string password_env;          // the environment variable that has the password
  std::string tls = "preferred", ca_file;
  Location where;
};
struct TaskDefinition {
  dms::ReplicationTaskOptions options;
  bool start = true;  // started as soon as the stack is up
  Location where;
};
struct FunctionDefinition {
  lambda::Function function;
  std::string job;
  std::string bucket;  // whose notifications invoke it
  std::string prefix, suffix;
  std::vector<std::string> events = {"s3:ObjectCreated:*"};
  bool decode_key = false;
  Location where;
};
struct StackDefinition {
  std::string title;
  Instant start{};
  std::uint64_t seed = 1;
  std::vector<BucketDefinition> buckets;
  std::optional<DatabaseDefinition> database;
  std::optional<TaskDefinition> task;
  std::optional<FunctionDefinition> function;
  std::optional<glue::Job> job;
  std::map<std::string, Duration> latencies;  // of links, by name
};

struct StackOptions {
  std::string folder;  // "" = all in memory; else --data DIR
  emulator::sqlite::Sync sync = emulator::sqlite::Sync::full;
  std::vector<emulator::sim::Trace::Listener> listeners =
      {};                              // hear the trace from its first line on
  bool queue_policy_required = false;  // before S3 may send to a queue
  std::string event_version = {};      // of S3's records; "" = AWS's own
  // From any thread: runs a task on the stack's thread. Empty: nobody paces the stack, and a live
  // source is waited for.
  std::function<void(std::function<void()>)> post = {};
  std::function<std::optional<std::string>(const std::string& name)> environment = {};
  emulator::base::WorkerPool* workers = nullptr;  // for hashes; must outlive the stack
};

class Stack {
 public:
  // Opens stores, creates what is not there yet (a folder may hold an earlier life), starts the
  // task or lets it recover.
  static Result<std::unique_ptr<Stack>> create(const StackDefinition& definition,
                                               std::uint64_t seed, Instant start,
                                               const StackOptions& options = {});
  ~Stack();

  emulator::sim::Scheduler& scheduler();
  emulator::sim::Trace& trace();
  emulator::sim::Faults& faults();
  emulator::s3::Service& s3();
  emulator::sqs::Service& sqs();
  rds::embedded::Engine* database();  // null: none, or another engine
  // A session of the database, which must be one that runs SQL.
  rds::Result<std::unique_ptr<rds::Session>> connect(const std::string& schema);
  bool runs_sql() const;
  // Reads what a live source has committed by now.
  void catch_up();
  // Ends the thread of a live source: nothing is posted any more.
  void stop_reading();
  mysql::ChangeSource* source();  // null: none
  mysql::ChangeSource* truth();  // what expectations compare with: the source, or the state after a
                                 // recording; null: none
  dms::ReplicationTask* task();  // null: none
  lambda::Service& lambda();
  glue::Service& glue();
  const StackDefinition& definition() const;

 private:
  struct Impl;
  explicit Stack(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pipeline::scenario
