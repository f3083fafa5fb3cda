#include "pipeline/rds/external/log_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "emulator/base/text.h"
#include "pipeline/mysql/binlog/logged_changes.h"
#include "pipeline/rds/external/schema_at.h"

namespace pipeline::rds::external {
namespace {

using mysql::protocol::BinlogStream;
using mysql::protocol::Connection;
using namespace std::chrono_literals;

constexpr Duration heartbeat =
    500ms;  // also tells how far the log goes when events are left out at its end
constexpr Duration first_pause = 100ms;
constexpr Duration longest_pause = 30s;

std::uint64_t bytes_of(const Transaction& transaction) {
  return sizeof(Transaction) + (transaction.packed ? transaction.packed->bytes() : 0);
}

// In the words of a DMS task log (AWS knowledge center, dms-cdc-error-1236-msql).
std::string failure_text(const mysql::protocol::Error& error, const Position& at) {
  if (error.number == mysql::protocol::error_number::fatal_reading_binlog)
    return fmt::format("Error {} ({}) reading binary log; position in binlog '{}' at {}",
                       error.number, error.message, at.file, at.offset);
  return error.text();
}

}  // namespace

LogReader::LogReader(LogReaderOptions options, const ReaderHistory::Start& start)
    : options_(std::move(options)), resume_(start.from), known_(start.known) {
  assembler_.schema() = *known_->schema;
  known_version_ = assembler_.schema().version();
  thread_ = std::thread([this] { run(); });
}

LogReader::~LogReader() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (stream_ != nullptr) stream_->cancel();
  }
  changed_.notify_all();
  thread_.join();
}

Result<std::optional<LogReader::Read>> LogReader::take() {
  const std::lock_guard lock(mutex_);
  if (!queue_.empty()) {
    Read read = std::move(queue_.front().read);
    queued_bytes_ -= queue_.front().bytes;
    queue_.pop_front();
    changed_.notify_all();
    return std::optional<Read>(std::move(read));
  }
  if (failure_) return emulator::base::fail(*failure_);
  return std::nullopt;
}

void LogReader::wait_until_read(const Position& end) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !queue_.empty() || failure_ || !is_before(read_to_, end); });
}

// The tables of now, for rows that nothing before tells of. Once, while the server begins to send.
void LogReader::ask_for_tables() {
  if (std::exchange(has_asked_for_tables_, true)) return;
  auto tables = tables_now(options_.server);
  if (tables)
    assembler_.schema().fall_back_on(std::move(*tables));
  else if (options_.note)
    options_.note("the tables of the server cannot be read: " + tables.error().text());
}

void LogReader::run() {
  int failures = 0;
  while (!is_stopping()) {
    has_read_ = false;
    const auto followed = follow();
    if (is_stopping()) return;
    if (!followed.error().is_lost_connection()) return end(failure_text(followed.error(), resume_));
    failures = has_read_ ? 0 : failures + 1;
    if (options_.note && failures <= 1)
      options_.note(
          fmt::format("{}; trying again from {}", followed.error().text(), resume_.text()));
    if (!pause(failures)) return end(followed.error().text());
  }
}

// 100 ms, 200 ms ... 30 s. False: it has taken too long.
bool LogReader::pause(int failures) {
  const Duration wait =
      std::min<Duration>(first_pause * (1 << std::min(failures, 10)), longest_pause);
  const Duration spent = first_pause * ((1 << std::min(failures, 20)) - 1);
  if (options_.give_up_after && spent > *options_.give_up_after) return false;
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, wait, [this] { return stopping_; });
  return true;
}

// Ends in an Error, always.
mysql::protocol::Result<void> LogReader::follow() {
  auto connection = Connection::connect(options_.server);
  if (!connection) return tl::unexpected(connection.error());
  auto stream = BinlogStream::open(std::move(*connection), resume_, {.heartbeat = heartbeat});
  if (!stream) return tl::unexpected(stream.error());
  assembler_.forget_open_transaction();
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return {};
    stream_ = &*stream;
  }
  ask_for_tables();
  auto done = follow(*stream);
  const std::lock_guard lock(mutex_);
  stream_ = nullptr;
  return done;
}

mysql::protocol::Result<void> LogReader::follow(BinlogStream& stream) {
  const auto damaged = [&](const emulator::base::Error& error) {
    return mysql::protocol::fail(mysql::protocol::error_number::malformed_packet,
                                 fmt::format("{} at {}", error.text(), stream.position().text()));
  };
  while (true) {
    auto event = stream.next();
    if (!event) return tl::unexpected(event.error());
    if (!*event)
      return mysql::protocol::fail(mysql::protocol::error_number::lost_connection,
                                   "Lost connection: the server ended the log");
    has_read_ = true;
    if (stream.began_file()) {
      assembler_.begin_file(stream.file());
    } else {
      const auto committed = assembler_.take(**event, stream.format());
      if (!committed) return damaged(committed.error());
      if (*committed && !hand_over(committed_transaction())) return {};
    }
    if (!stream.has_buffered()) reached(stream.position());
  }
}

// Its rows stay as they came: whoever takes it unpacks them, on a thread of his own.
Transaction LogReader::committed_transaction() {
  Transaction out = assembler_.committed();
  if (!assembler_.committed_rows().empty())
    out.packed = std::make_shared<const mysql::binlog::LoggedChanges>(
        assembler_.take_committed_rows(spare_->take()), spare_);
  return out;
}

// DDL is rare: a tracker each time it changes costs little.
void LogReader::note_known() {
  const std::optional<Position> prepared = assembler_.oldest_prepared();
  const bool same_schema = assembler_.schema().version() == known_version_;
  if (same_schema && prepared == known_->oldest_prepared) return;
  known_version_ = assembler_.schema().version();
  known_ = std::make_shared<const Known>(
      Known{same_schema ? known_->schema
                        : std::make_shared<const mysql::SchemaTracker>(assembler_.schema()),
            prepared});
}

// Waits while the queue is full. False: we are to stop.
bool LogReader::hand_over(Transaction transaction) {
  const std::uint64_t bytes = bytes_of(transaction);
  resume_ = transaction.end;
  note_known();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    return stopping_ || queue_.empty() || queued_bytes_ + bytes <= options_.bytes_max;
  });
  if (stopping_) return false;
  queue_.push_back({{std::move(transaction), known_}, bytes});
  queued_bytes_ += bytes;
  const bool first = queue_.size() == 1;
  lock.unlock();
  changed_.notify_all();
  if (first && options_.arrived) options_.arrived();
  return true;
}

void LogReader::reached(const Position& position) {
  {
    const std::lock_guard lock(mutex_);
    if (!is_before(read_to_, position)) return;
    read_to_ = position;
  }
  changed_.notify_all();
}

void LogReader::end(std::string message) {
  {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(message);
  }
  changed_.notify_all();
  if (options_.arrived) options_.arrived();
}

bool LogReader::is_stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

}  // namespace pipeline::rds::external
