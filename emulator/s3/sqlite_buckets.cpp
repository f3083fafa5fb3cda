#include "emulator/s3/sqlite_buckets.h"

#include <string>
#include <utility>

#include "emulator/s3/sqlite_rows.h"

namespace emulator::s3 {

using sqlite::Statement;

base::Result<void> BucketTables::prepare(sqlite::Database& database) {
  using Row = StatementRow<BucketTables>;
  constexpr std::array rows{
      Row{&BucketTables::put_, "INSERT INTO buckets VALUES (?, ?, ?) ON CONFLICT DO NOTHING"},
      Row{&BucketTables::remove_, "DELETE FROM buckets WHERE name = ?"},
      Row{&BucketTables::all_, "SELECT name, region, created FROM buckets ORDER BY name"},
      Row{&BucketTables::find_, "SELECT name, region, created FROM buckets WHERE name = ?"},
      Row{&BucketTables::clear_configurations_, "DELETE FROM configurations WHERE bucket = ?"},
      Row{&BucketTables::put_configuration_, "INSERT INTO configurations VALUES (?, ?, ?)"},
      Row{&BucketTables::configurations_,
          "SELECT name, document FROM configurations WHERE bucket = ? ORDER BY name"},
  };
  return prepare_all(database, *this, rows);
}

base::Result<void> BucketTables::put(const Bucket& bucket) {
  forget(bucket.name);
  put_.bind(1, bucket.name)
      .bind(2, bucket.region)
      .bind(3, bucket.created.time_since_epoch().count());
  auto written =
      put_.run().and_then([&] { return clear_configurations_.bind(1, bucket.name).run(); });
  for (const auto& [name, document] : bucket.configurations) {
    if (!written) break;
    written = put_configuration_.bind(1, bucket.name).bind(2, name).bind(3, document).run();
  }
  return written;
}

base::Result<void> BucketTables::remove(std::string_view name) {
  forget(name);
  return clear_configurations_.bind(1, name).run().and_then(
      [&] { return remove_.bind(1, name).run(); });
}

base::Result<std::vector<Bucket>> BucketTables::all() { return read(all_); }

base::Result<std::optional<Bucket>> BucketTables::find(std::string_view name) {
  if (const auto known = read_.find(name); known != read_.end()) return known->second;
  find_.bind(1, name);
  auto found = read(find_);
  if (!found) return tl::unexpected(found.error());
  if (found->empty()) return std::nullopt;
  return read_.insert_or_assign(std::string(name), std::move(found->front())).first->second;
}

void BucketTables::forget(std::string_view name) {
  if (const auto known = read_.find(name); known != read_.end()) read_.erase(known);
}

base::Result<std::vector<Bucket>> BucketTables::read(Statement& statement) {
  std::vector<Bucket> found;
  auto read = each_row(statement, [&](const Statement& row) {
    found.push_back(Bucket{.name = std::string(row.text(0)),
                           .region = std::string(row.text(1)),
                           .created = Instant(Duration(row.integer(2)))});
    return true;
  });
  for (Bucket& bucket : found) {
    if (!read) break;
    configurations_.bind(1, bucket.name);
    read = each_row(configurations_, [&](const Statement& row) {
      bucket.configurations.emplace(row.text(0), row.text(1));
      return true;
    });
  }
  if (!read) return tl::unexpected(read.error());
  return found;
}

}  // namespace emulator::s3
