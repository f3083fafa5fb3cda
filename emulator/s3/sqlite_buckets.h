#pragma once
// The tables of buckets and of their configurations in the SQLite store. No transactions of its
// own: the store's.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/s3/model.h"
#include "emulator/sqlite/database.h"

namespace emulator::s3 {

class BucketTables {
 public:
  base::Result<void> prepare(sqlite::Database& database);

  base::Result<void> put(const Bucket& bucket);
  base::Result<void> remove(std::string_view name);
  base::Result<std::vector<Bucket>> all();
  base::Result<std::optional<Bucket>> find(std::string_view name);

 private:
  base::Result<std::vector<Bucket>> read(sqlite::Statement& statement);
  void forget(std::string_view name);

  sqlite::Statement put_, remove_, all_, find_;
  std::map<std::string, Bucket, std::less<>>
      read_;  // by name, since each request asks for its bucket
  sqlite::Statement clear_configurations_, put_configuration_, configurations_;
};

}  // namespace emulator::s3
