#pragma once
// The outbox of events and the store's sequence in the SQLite store. No transactions of its own:
// the store's.

#include <cstdint>
#include <span>
#include <vector>

#include "emulator/s3/model.h"
#include "emulator/sqlite/database.h"

namespace emulator::s3 {

class Outbox {
 public:
  base::Result<void> prepare(sqlite::Database& database);
  base::Result<void> start();  // goes on behind what the last process may have given

  base::Result<void> put(std::span<OutboxEvent> events);  // gives them their ids
  base::Result<std::vector<OutboxEvent>> all();
  base::Result<void> delivered(std::uint64_t id);
  base::Result<std::uint64_t> next_sequence();
  void forget_reservation() { reserved_ = sequence_; }  // its transaction was undone

 private:
  sqlite::Database* database_ = nullptr;
  sqlite::Statement put_, all_, delivered_, sequence_of_, reserve_;
  std::uint64_t sequence_ = 0;
  std::uint64_t reserved_ = 0;
};

}  // namespace emulator::s3
