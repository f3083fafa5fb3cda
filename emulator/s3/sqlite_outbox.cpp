#include "emulator/s3/sqlite_outbox.h"

#include <string>

#include "emulator/s3/sqlite_rows.h"

namespace emulator::s3 {

using sqlite::Statement;

base::Result<void> Outbox::prepare(sqlite::Database& database) {
  using Row = StatementRow<Outbox>;
  constexpr std::array rows{
      Row{&Outbox::put_,
          "INSERT INTO outbox (destination, bucket, key, event, record) VALUES (?, ?, ?, ?, ?)"},
      Row{&Outbox::all_,
          "SELECT id, destination, bucket, key, event, record FROM outbox ORDER BY id"},
      Row{&Outbox::delivered_, "DELETE FROM outbox WHERE id = ?"},
      Row{&Outbox::sequence_of_, "SELECT reserved FROM sequence"},
      Row{&Outbox::reserve_, "UPDATE sequence SET reserved = ?"},
  };
  database_ = &database;
  return prepare_all(database, *this, rows);
}

base::Result<void> Outbox::start() {
  return one_integer(sequence_of_).map([&](std::int64_t reserved) {
    sequence_ = reserved_ = unsigned_value(reserved);
  });
}

base::Result<void> Outbox::put(std::span<OutboxEvent> events) {
  for (OutboxEvent& event : events) {
    put_.bind(1, event.destination_arn)
        .bind(2, event.bucket)
        .bind(3, event.key)
        .bind(4, event.event_name)
        .bind(5, event.record_json);
    if (auto written = put_.run(); !written) return written;
    event.id = unsigned_value(database_->last_insert_rowid());
  }
  return {};
}

base::Result<std::vector<OutboxEvent>> Outbox::all() {
  std::vector<OutboxEvent> events;
  const auto read = each_row(all_, [&](const Statement& row) {
    events.push_back(OutboxEvent{.id = unsigned_value(row.integer(0)),
                                 .destination_arn = std::string(row.text(1)),
                                 .bucket = std::string(row.text(2)),
                                 .key = std::string(row.text(3)),
                                 .event_name = std::string(row.text(4)),
                                 .record_json = std::string(row.text(5))});
    return true;
  });
  if (!read) return tl::unexpected(read.error());
  return events;
}

base::Result<void> Outbox::delivered(std::uint64_t id) {
  return delivered_.bind(1, signed_value(id)).run();
}

// Reserved on disk in blocks: a restart skips the rest of a block, and no put pays for a second
// commit.
base::Result<std::uint64_t> Outbox::next_sequence() {
  constexpr std::uint64_t block = 1024;
  if (sequence_ == reserved_) {
    auto written = reserve_.bind(1, signed_value(reserved_ + block)).run();
    if (!written) return tl::unexpected(written.error());
    reserved_ += block;
  }
  return ++sequence_;
}

}  // namespace emulator::s3
