#pragma once
// The rows of a table of a running server, read ahead on a thread of their own: whoever takes them
// never waits for the server, and reading goes on while rows are written. Bounded, whatever the
// table's size.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/mysql/change_source.h"
#include "pipeline/rds/external/sql_client.h"
#include "pipeline/rds/external/table_reader.h"

namespace pipeline::rds::external {

// The connection with the snapshot of a load; empty while rows are read from it. Shared: a load may
// end in the middle of a table.
using Snapshot = std::shared_ptr<std::unique_ptr<SqlClient>>;

// Every row, from the snapshot while there is one. A connection lost in between, or a table altered
// since, is read as it is now: what has changed after the position comes through the log once more.
// They are appended to `rows`; `added` is told of each, and may take them; false from it ends it.
Result<void> read_rows(const ConnectOptions& server, std::unique_ptr<SqlClient>& snapshot,
                       const mysql::TablePtr& table, PackedRows& rows,
                       const std::function<bool()>& added);

struct LiveRowsOptions {
  ConnectOptions server;
  Snapshot snapshot;  // null: none
  mysql::TablePtr table;
  // On the thread that reads: there are rows, and there were none before. Empty: read() waits.
  std::function<void()> arrived = {};
  std::size_t piece_bytes = 256 * 1024;  // given at once
  std::size_t pieces_max = 16;           // read ahead
};

class LiveRows final : public mysql::TableRows {
 public:
  explicit LiveRows(LiveRowsOptions options);
  // Ends what is being read.
  ~LiveRows() override;
  LiveRows(const LiveRows&) = delete;
  LiveRows& operator=(const LiveRows&) = delete;

  Result<Progress> read(const std::function<bool(const mysql::Row&)>& row) override;

 private:
  void run();
  bool hand_over();

  const LiveRowsOptions options_;
  std::unique_ptr<SqlClient> client_;  // the snapshot's, while we have it
  PackedRows filling_;                 // of the thread

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<PackedRows> pieces_;
  std::vector<PackedRows> spare_;  // their memory, for pieces to come
  bool ended_ = false;
  Result<void> end_;  // once it has ended
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace pipeline::rds::external
