#pragma once
// The live MySQL reader: a thread that follows a server's binlog and hands committed transactions
// over a bounded queue, in order. It connects again when the connection is lost, from the end of
// the last transaction that it gave, so nothing is lost and nothing comes twice. What trying again
// cannot help (a purged log, a wrong password, damage) is its last word.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "pipeline/mysql/binlog/transaction_assembler.h"
#include "pipeline/mysql/change_source.h"
#include "pipeline/mysql/protocol/binlog_stream.h"
#include "pipeline/rds/external/reader_history.h"

namespace pipeline::rds::external {

using emulator::base::Duration;
using emulator::base::Result;
using mysql::Position;
using mysql::Transaction;

struct LogReaderOptions {
  mysql::protocol::ConnectOptions server;
  // How long to try to connect again, from the last byte that came; nullopt: for ever.
  std::optional<Duration> give_up_after = std::nullopt;
  std::uint64_t bytes_max =
      64 * 1024 * 1024;  // of transactions that wait to be taken; one may be larger
  // On the reader's thread: there is something to take, and there was not before.
  std::function<void()> arrived = {};
  // On the reader's thread: the connection was lost, or found again.
  std::function<void(const std::string& message)> note = {};
};

class LogReader {
 public:
  struct Read {
    Transaction transaction;
    KnownPtr known;  // after it
  };

  // From a position, with what is known there.
  LogReader(LogReaderOptions options, const ReaderHistory::Start& start);
  ~LogReader();
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  // The next transaction if it is there. After an Error there is nothing more to come.
  Result<std::optional<Read>> take();
  // Waits until there is something to take, or all that is before `end` has been taken.
  void wait_until_read(const Position& end);

 private:
  using Failure = mysql::protocol::Error;
  struct Waiting {
    Read read;
    std::uint64_t bytes;
  };

  void run();
  Transaction committed_transaction();
  void note_known();
  void ask_for_tables();
  mysql::protocol::Result<void> follow();
  mysql::protocol::Result<void> follow(mysql::protocol::BinlogStream& stream);
  bool hand_over(Transaction transaction);
  bool pause(int failures);
  void end(std::string message);
  bool is_stopping();
  void reached(const Position& position);

  const LogReaderOptions options_;
  Position resume_;  // of the thread: the end of the last transaction handed over
  mysql::binlog::TransactionAssembler assembler_;
  std::shared_ptr<mysql::binlog::SpareMemory> spare_ =
      std::make_shared<mysql::binlog::SpareMemory>();  // shared: transactions outlive the reader
  KnownPtr known_;                                     // after the last transaction
  std::uint64_t known_version_ = 0;                    // of its schema
  bool has_read_ = false;                              // since the last try to connect
  bool has_asked_for_tables_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> queue_;
  std::uint64_t queued_bytes_ = 0;
  Position read_to_;
  std::optional<std::string> failure_;
  mysql::protocol::BinlogStream* stream_ = nullptr;  // to be cancelled
  bool stopping_ = false;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace pipeline::rds::external
