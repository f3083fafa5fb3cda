#pragma once
// Reads an engine's own binlog as a replica would: from its bytes. Readers at several places each
// have a place of their own, so that going on is never reading again.

#include <list>
#include <optional>

#include "pipeline/mysql/binlog/reader.h"
#include "pipeline/mysql/binlog/transaction_assembler.h"
#include "pipeline/mysql/change_source.h"
#include "pipeline/rds/embedded/binlog_store.h"

namespace pipeline::rds::embedded {

class LogCursor {
 public:
  explicit LogCursor(const BinlogStore& store) : store_(store) {}
  mysql::Result<std::optional<mysql::Transaction>> next(const mysql::Position& from);

 private:
  struct Place {
    mysql::Position at;     // of the next transaction
    std::uint64_t fed = 0;  // bytes of the file given to the reader
    mysql::binlog::Reader reader;
    mysql::binlog::TransactionAssembler assembler;
  };
  mysql::Result<Place*> place(const mysql::Position& from);
  mysql::Result<void> feed(Place& place);
  bool next_file(Place& place);

  const BinlogStore& store_;
  std::list<Place> places_;  // last used first
};

}  // namespace pipeline::rds::embedded
