#include "pipeline/rds/external/live_rows.h"

#include <utility>

namespace pipeline::rds::external {
namespace {

constexpr int tries_max = 3;
constexpr std::size_t spare_max = 4;

bool is_altered(const emulator::base::Error& error) {
  return error.message.starts_with("1412 ");
}  // ER_TABLE_DEF_CHANGED

}  // namespace

Result<void> read_rows(const ConnectOptions& server, std::unique_ptr<SqlClient>& snapshot,
                       const mysql::TablePtr& table, PackedRows& rows,
                       const std::function<bool()>& added) {
  TableReader reader(table);
  std::unique_ptr<SqlClient> own;  // instead of the snapshot
  bool started = false;
  const auto counted = [&] {
    started = true;
    return added();
  };
  for (int tries = 0; !reader.at_end();) {
    if (!snapshot && !own) {
      auto client = SqlClient::connect(server);
      if (!client) return tl::unexpected(client.error());
      own = std::move(*client);
    }
    SqlClient& client = own ? *own : *snapshot;
    const auto done = reader.read(client, rows, counted);
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
  auto done = read_rows(options_.server, client_, options_.table, filling_, [this] {
    return filling_.bytes.size() < options_.piece_bytes || hand_over();
  });
  if (!filling_.cells.empty()) hand_over();
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    end_ = std::move(done);
  }
  changed_.notify_all();
  if (options_.arrived) options_.arrived();
}

// Waits while enough is read ahead. False: we are to stop.
bool LiveRows::hand_over() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopping_ || pieces_.size() < options_.pieces_max; });
  if (stopping_) return false;
  pieces_.push_back(std::exchange(filling_, {}));
  if (!spare_.empty()) {
    filling_ = std::move(spare_.back());
    spare_.pop_back();
  }
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
  PackedRows piece = std::move(pieces_.front());
  pieces_.pop_front();
  lock.unlock();
  changed_.notify_all();
  const bool goes_on = piece.for_each(options_.table->columns.size(), row);
  if (piece.bytes.capacity() <= 4 * options_.piece_bytes) {  // no memory of a giant row
    piece.clear();
    lock.lock();
    if (spare_.size() < spare_max) spare_.push_back(std::move(piece));
  }
  return goes_on ? Progress::more : Progress::end;
}

}  // namespace pipeline::rds::external
