#pragma once
// Counts of a binlog: events by type, row changes by table and operation, transactions. For `sluice binlog --stats`.

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "pipeline/mysql/binlog/event.h"
#include "pipeline/mysql/change_source.h"

namespace pipeline::mysql::binlog {

class Statistics {
 public:
  void count(const Event& event);
  void count(const Transaction& transaction);
  std::string text() const;
  std::string json() const;

 private:
  std::map<std::uint8_t, std::uint64_t> events_;
  std::map<std::string, std::array<std::uint64_t, 3>> rows_;  // by "db.table": inserts, updates, deletes
  std::uint64_t bytes_ = 0;
  std::uint64_t transactions_ = 0;
  std::uint64_t statements_ = 0;  // DDL and the like
};

}  // namespace pipeline::mysql::binlog
