#pragma once
// Counts of a binlog: events by type, row changes by table and operation, values, transactions. For
// `sluice binlog --stats`. Every value is decoded, so that a log that counts is a log that can be
// read.

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "pipeline/mysql/binlog/event.h"
#include "pipeline/mysql/binlog/row_log.h"
#include "pipeline/mysql/change_source.h"

namespace pipeline::mysql::binlog {

class Statistics {
 public:
  void count(const Event& event);
  // `rows`: what the transaction changed.
  Result<void> count(const Transaction& transaction, const RowLog& rows);
  std::string text() const;
  std::string json() const;
  // Of the events alone, where no transaction was counted.
  std::string events_text() const;
  std::string events_json() const;

  // The sink of the rows (row_values.h).
  void begin_row(Operation operation) { ++(*counts_)[static_cast<std::size_t>(operation)]; }
  void begin_image(bool) { ++images_; }
  void value(std::size_t, const types::Value&) { ++values_; }
  void null(std::size_t) { ++nulls_; }
  void end_image() {}
  void difference(std::size_t, std::string_view) {}
  void end_row() {}

 private:
  using Counts = std::array<std::uint64_t, 3>;  // inserts, updates, deletes

  std::array<std::uint64_t, 256> events_{};
  std::map<std::string, Counts> rows_;  // by "db.table"
  const TableSchema* table_ = nullptr;  // whose counts these are
  Counts* counts_ = nullptr;
  types::Scratch scratch_;
  std::uint64_t images_ = 0;
  std::uint64_t values_ = 0;
  std::uint64_t nulls_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t transactions_ = 0;
  std::uint64_t statements_ = 0;  // DDL and the like
};

}  // namespace pipeline::mysql::binlog
