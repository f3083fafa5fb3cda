#include "pipeline/rds/external/live_rows.h"

#include <utility>

#include "pipeline/rds/external/table_reader.h"

namespace pipeline::rds::external {
namespace {

constexpr int tries_max = 3;

bool is_altered(const emulator::base::Error& error) {
  return error.message.starts_with("1412 ");
}  // ER_TABLE_DEF_CHANGED

}  // namespace

Result<void> read_rows(const ConnectOptions& server, std::unique_ptr<SqlClient>& snapshot,
                       const mysql::TablePtr& table,
                       const std::function<bool(const mysql::Row&)>& row) {
  TableReader reader(table);
  std::unique_ptr<SqlClient> own;  // instead of the snapshot
  bool started = false;
  const auto counted = [&](const mysql::Row& cells) {
    started = true;
    return row(cells);
  };
  for (int tries = 0; !reader.at_end();) {
    if (!snapshot && !own) {
      auto client = SqlClient::connect(server);
      if (!client) return tl::unexpected(client.error());
      own = std::move(*client);
    }
    SqlClient& client = own ? *own : *snapshot;
    const auto done = reader.read(client, counted);
    if (done) continue;
    const bool can_go_on =
        client.is_lost() ? reader.is_chunked() || !started : is_altered(done.error()) && !started;
    if (!can_go_on || ++tries > tries_max) return done;
    if (client.is_lost() && !own) snapshot.reset();
    own.reset();
    if (snapshot) {  // altered: the other tables keep it
      auto fresh = SqlClient::connect(server);
      if (!fresh) return tl::unexpected(fresh.error());
      own = std::move(*fresh);
    }
  }
  return {};
}

LiveRows::LiveRows(LiveRowsOptions options) : options_(std::move(options)) {
  if (options_.snapshot) client_ = std::move(*options_.snapshot);
  thread_ = std::thread([this] { run(); });
}

LiveRows::~LiveRows() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
  if (options_.snapshot) *options_.snapshot = std::move(client_);
}

void LiveRows::run() {
  auto done = read_rows(options_.server, client_, options_.table,
                        [this](const mysql::Row& row) { return add(row); });
  if (!filling_.cells.empty()) hand_over();
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    end_ = std::move(done);
  }
  changed_.notify_all();
  if (options_.arrived) options_.arrived();
}

bool LiveRows::add(const mysql::Row& row) {
  for (const mysql::Cell& cell : row) {
    filling_.bytes += cell.bytes;
    filling_.cells.push_back({cell.state, static_cast<std::uint32_t>(cell.bytes.size())});
  }
  return filling_.bytes.size() < options_.piece_bytes || hand_over();
}

// Waits while enough is read ahead. False: we are to stop.
bool LiveRows::hand_over() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopping_ || pieces_.size() < options_.pieces_max; });
  if (stopping_) return false;
  pieces_.push_back(std::exchange(filling_, {}));
  const bool first = pieces_.size() == 1;
  lock.unlock();
  changed_.notify_all();
  if (first && options_.arrived) options_.arrived();
  return true;
}

Result<mysql::TableRows::Progress> LiveRows::read(
    const std::function<bool(const mysql::Row&)>& row) {
  std::unique_lock lock(mutex_);
  if (!options_.arrived) changed_.wait(lock, [this] { return ended_ || !pieces_.empty(); });
  if (pieces_.empty()) {
    if (!ended_) return Progress::waits;
    if (!end_) return tl::unexpected(end_.error());
    return Progress::end;
  }
  const Piece piece = std::move(pieces_.front());
  pieces_.pop_front();
  lock.unlock();
  changed_.notify_all();
  const std::size_t columns = options_.table->columns.size();
  mysql::Row cells(columns);
  std::size_t at = 0;
  for (std::size_t i = 0; i < piece.cells.size(); i += columns) {
    for (std::size_t column = 0; column < columns; ++column) {
      const Cell& cell = piece.cells[i + column];
      cells[column] = {cell.state, std::string_view(piece.bytes).substr(at, cell.size)};
      at += cell.size;
    }
    if (!row(cells)) return Progress::end;
  }
  return Progress::more;
}

}  // namespace pipeline::rds::external
