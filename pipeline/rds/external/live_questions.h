#pragma once
// What a task asks a running server when it starts: its variables, grants and tables, and a
// position with the snapshot that belongs to it. Asked on a thread of their own, so that whoever
// owns the source does not wait for the server.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/mysql/change_source.h"
#include "pipeline/mysql/schema_tracker.h"
#include "pipeline/rds/external/sql_client.h"

namespace pipeline::rds::external {

struct SnapshotPosition {
  mysql::Position at;
  mysql::SchemaTracker schema;              // the tables as they were there
  std::unique_ptr<SqlClient> client;        // in the snapshot's transaction
  std::vector<std::string> notes;           // what went less well
  std::optional<mysql::Position> prepared;  // where XA transactions begin that end behind it
};
Result<SnapshotPosition> take_position(const ConnectOptions& server);

using Variables = std::map<std::string, std::string, std::less<>>;  // names in lower case
Result<Variables> read_variables(SqlClient& client);
Result<std::vector<std::string>> read_grants(SqlClient& client);

struct Answers {
  Result<Variables> variables;
  Result<std::vector<std::string>> grants;
  Result<std::vector<mysql::TablePtr>> tables;
  std::optional<Result<SnapshotPosition>> position = std::nullopt;  // if it was asked for
};

class LiveQuestions {
 public:
  // `answered` is called on the thread.
  LiveQuestions(ConnectOptions server, bool with_position,
                std::function<void(std::shared_ptr<Answers>)> answered);
  ~LiveQuestions() { thread_.join(); }
  LiveQuestions(const LiveQuestions&) = delete;
  LiveQuestions& operator=(const LiveQuestions&) = delete;

 private:
  std::thread thread_;
};

}  // namespace pipeline::rds::external
