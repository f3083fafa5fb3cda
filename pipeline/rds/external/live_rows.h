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

namespace pipeline::rds::external {

// The connection with the snapshot of a load; empty while rows are read from it. Shared: a load may
// end in the middle of a table.
using Snapshot = std::shared_ptr<std::unique_ptr<SqlClient>>;

// Every row, from the snapshot while there is one. A connection lost in between, or a table altered
// since, is read as it is now: what has changed after the position comes through the log once more.
Result<void> read_rows(const ConnectOptions& server, std::unique_ptr<SqlClient>& snapshot,
                       const mysql::TablePtr& table,
                       const std::function<bool(const mysql::Row&)>& row);

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
  struct Cell {
    mysql::Cell::State state;
    std::uint32_t size;
  };
  struct Piece {
    std::string bytes;
    std::vector<Cell> cells;  // of all rows
  };

  void run();
  bool add(const mysql::Row& row);
  bool hand_over();

  const LiveRowsOptions options_;
  std::unique_ptr<SqlClient> client_;  // the snapshot's, while we have it
  Piece filling_;                      // of the thread

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Piece> pieces_;
  bool ended_ = false;
  Result<void> end_;  // once it has ended
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace pipeline::rds::external
