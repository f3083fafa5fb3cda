#include "emulator/s3/sqlite_store.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "emulator/base/bytes.h"
#include "emulator/base/file.h"
#include "emulator/s3/body_files.h"

namespace emulator::s3 {
namespace {

using base::Result;
using sqlite::Database;
using sqlite::Statement;
using sqlite::Transaction;

// Bodies are apart from objects, so that a listing reads short rows only. bytes is NULL where the body is a file.
// One transaction: in full sync each would wait for the disk.
constexpr const char* schema = R"sql(
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, region TEXT NOT NULL, created INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS configurations (
  bucket TEXT NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (bucket, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS objects (
  bucket TEXT NOT NULL, key TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, last_modified INTEGER NOT NULL,
  sequencer TEXT NOT NULL, headers BLOB NOT NULL, body INTEGER NOT NULL, PRIMARY KEY (bucket, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bodies (id INTEGER PRIMARY KEY, bytes BLOB);
CREATE TABLE IF NOT EXISTS outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT, destination TEXT NOT NULL, bucket TEXT NOT NULL, key TEXT NOT NULL,
  event TEXT NOT NULL, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sequence (reserved INTEGER NOT NULL);
INSERT INTO sequence SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM sequence);
COMMIT;
)sql";

// Kept prepared for the life of the store.
struct Statements {
  Statement put_bucket, remove_bucket, clear_configurations, put_configuration;
  Statement buckets, find_bucket, configurations, any_object;
  Statement put_object, remove_object, find_object, list_from, list_after;
  Statement body_of, put_body, remove_body, find_body, read_body, last_body;
  Statement put_event, outbox, delivered, sequence, reserve;
};

struct StatementText {
  Statement Statements::*statement;
  std::string_view sql;
};

#define OBJECT_COLUMNS "key, size, etag, last_modified, sequencer, headers"
constexpr std::array statement_texts{
    StatementText{&Statements::put_bucket, "INSERT INTO buckets VALUES (?, ?, ?) ON CONFLICT DO NOTHING"},
    StatementText{&Statements::remove_bucket, "DELETE FROM buckets WHERE name = ?"},
    StatementText{&Statements::clear_configurations, "DELETE FROM configurations WHERE bucket = ?"},
    StatementText{&Statements::put_configuration, "INSERT INTO configurations VALUES (?, ?, ?)"},
    StatementText{&Statements::buckets, "SELECT name, region, created FROM buckets ORDER BY name"},
    StatementText{&Statements::find_bucket, "SELECT name, region, created FROM buckets WHERE name = ?"},
    StatementText{&Statements::configurations, "SELECT name, document FROM configurations WHERE bucket = ? ORDER BY name"},
    StatementText{&Statements::any_object, "SELECT 1 FROM objects WHERE bucket = ? LIMIT 1"},
    StatementText{&Statements::put_object, "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?)"},
    StatementText{&Statements::remove_object, "DELETE FROM objects WHERE bucket = ? AND key = ?"},
    StatementText{&Statements::find_object, "SELECT " OBJECT_COLUMNS " FROM objects WHERE bucket = ? AND key = ?"},
    StatementText{&Statements::list_from,
                  "SELECT " OBJECT_COLUMNS " FROM objects WHERE bucket = ? AND key >= ? ORDER BY key LIMIT ?"},
    StatementText{&Statements::list_after,
                  "SELECT " OBJECT_COLUMNS " FROM objects WHERE bucket = ? AND key > ? ORDER BY key LIMIT ?"},
    StatementText{&Statements::body_of,
                  "SELECT body, bytes IS NULL FROM objects JOIN bodies ON id = body WHERE bucket = ? AND key = ?"},
    StatementText{&Statements::put_body, "INSERT INTO bodies VALUES (?, ?)"},
    StatementText{&Statements::remove_body, "DELETE FROM bodies WHERE id = ?"},
    StatementText{&Statements::find_body, "SELECT 1 FROM bodies WHERE id = ? AND bytes IS NULL"},
    StatementText{&Statements::read_body, "SELECT bytes FROM bodies WHERE id = ?"},
    StatementText{&Statements::last_body, "SELECT COALESCE(MAX(id), 0) FROM bodies"},
    StatementText{&Statements::put_event,
                  "INSERT INTO outbox (destination, bucket, key, event, record) VALUES (?, ?, ?, ?, ?)"},
    StatementText{&Statements::outbox, "SELECT id, destination, bucket, key, event, record FROM outbox ORDER BY id"},
    StatementText{&Statements::delivered, "DELETE FROM outbox WHERE id = ?"},
    StatementText{&Statements::sequence, "SELECT reserved FROM sequence"},
    StatementText{&Statements::reserve, "UPDATE sequence SET reserved = ?"},
};
#undef OBJECT_COLUMNS

std::int64_t signed_value(std::uint64_t value) { return static_cast<std::int64_t>(value); }
std::uint64_t unsigned_value(std::int64_t value) { return static_cast<std::uint64_t>(value); }

// Length-prefixed, because a metadata value may hold any byte.
std::string pack_headers(const std::map<std::string, std::string>& headers) {
  std::string packed;
  for (const auto& [name, value] : headers) {
    for (const std::string* text : {&name, &value}) {
      base::append_le(packed, text->size(), 4);
      packed += *text;
    }
  }
  return packed;
}

std::map<std::string, std::string> unpack_headers(std::string_view packed) {
  std::map<std::string, std::string> headers;
  base::ByteReader reader(packed);
  while (reader.left() > 0 && !reader.failed()) {
    std::string name(reader.take(reader.u32()));
    headers.emplace_hint(headers.end(), std::move(name), reader.take(reader.u32()));
  }
  return headers;
}

// The columns of find_object and list_*.
Object read_object(std::string_view bucket, const Statement& row) {
  return Object{.bucket = std::string(bucket),
                .key = std::string(row.text(0)),
                .size = unsigned_value(row.integer(1)),
                .etag = std::string(row.text(2)),
                .last_modified = Instant(Duration(row.integer(3))),
                .sequencer = std::string(row.text(4)),
                .headers = unpack_headers(row.text(5))};
}

// Calls `take` for each row until it answers false, and leaves the statement ready for the next use.
template <class Take>
Result<void> each_row(Statement& statement, Take take) {
  while (true) {
    const auto row = statement.step();
    if (row && *row && take(static_cast<const Statement&>(statement))) continue;
    statement.reset();
    if (!row) return tl::unexpected(row.error());
    return {};
  }
}

struct StoredBody {
  std::int64_t id = 0;  // 0: none
  bool in_file = false;
};

class SqliteStore final : public ObjectStore {
 public:
  SqliteStore(Database database, BodyFiles files, const StoreOptions& options)
      : database_(std::move(database)), files_(std::move(files)), options_(options) {}

  Result<void> start() {
    return database_.execute(schema).and_then([&] { return prepare(); }).and_then([&] { return recover(); });
  }

  Result<void> put_bucket(const Bucket& bucket) override {
    return in_transaction([&] { return write_bucket(bucket); });
  }

  Result<void> remove_bucket(std::string_view name) override {
    bool holds_objects = false;
    statements_.any_object.bind(1, name);
    auto looked = each_row(statements_.any_object, [&](const Statement&) { return holds_objects = true, false; });
    if (!looked) return looked;
    if (holds_objects) return base::fail("bucket " + std::string(name) + " is not empty");
    return in_transaction([&] {
      return statements_.clear_configurations.bind(1, name).run().and_then(
          [&] { return statements_.remove_bucket.bind(1, name).run(); });
    });
  }

  Result<std::vector<Bucket>> buckets() override { return read_buckets(statements_.buckets); }

  Result<std::optional<Bucket>> find_bucket(std::string_view name) override {
    statements_.find_bucket.bind(1, name);
    auto found = read_buckets(statements_.find_bucket);
    if (!found) return tl::unexpected(found.error());
    if (found->empty()) return std::nullopt;
    return std::move(found->front());
  }

  std::unique_ptr<BodyWriter> new_body() override { return files_.new_body(options_.inline_bytes_max); }

  void discard(const BodyRef& body) override {
    if (const std::uint64_t id = body_id(body.id); id != 0) files_.remove(id);
  }

  Result<std::unique_ptr<BodyReader>> open(const Object& object) override {
    const auto body = body_of(object.bucket, object.key);
    if (!body) return tl::unexpected(body.error());
    if (body->id == 0) return base::fail("no body of " + object.bucket + "/" + object.key);
    if (body->in_file) return files_.read(unsigned_value(body->id));
    std::string bytes;
    statements_.read_body.bind(1, body->id);
    const auto read = each_row(statements_.read_body, [&](const Statement& row) {
      bytes = row.text(0);
      return false;
    });
    if (!read) return tl::unexpected(read.error());
    return read_bytes(std::move(bytes));
  }

  Result<void> put(const Object& object, const BodyRef& body, std::span<OutboxEvent> events) override {
    return replace(object.bucket, object.key, events, [&] { return write_object(object, body); });
  }

  Result<void> remove(std::string_view bucket, std::string_view key, std::span<OutboxEvent> events) override {
    return replace(bucket, key, events, [&] {
      return statements_.remove_object.bind(1, bucket).bind(2, key).run();
    });
  }

  Result<std::optional<Object>> find(std::string_view bucket, std::string_view key) override {
    std::optional<Object> found;
    statements_.find_object.bind(1, bucket).bind(2, key);
    const auto read = each_row(statements_.find_object, [&](const Statement& row) {
      found = read_object(bucket, row);
      return false;
    });
    if (!read) return tl::unexpected(read.error());
    return found;
  }

  Result<std::vector<Object>> list(std::string_view bucket, const Range& range) override {
    const bool after = range.exclusive && range.from >= range.prefix;
    Statement& scan = after ? statements_.list_after : statements_.list_from;
    scan.bind(1, bucket).bind(2, std::max(range.from, range.prefix)).bind(3, signed_value(range.limit));
    std::vector<Object> page;
    const auto read = each_row(scan, [&](const Statement& row) {
      if (!row.text(0).starts_with(range.prefix)) return false;
      page.push_back(read_object(bucket, row));
      return true;
    });
    if (!read) return tl::unexpected(read.error());
    return page;
  }

  Result<std::vector<OutboxEvent>> outbox() override {
    std::vector<OutboxEvent> all;
    const auto read = each_row(statements_.outbox, [&](const Statement& row) {
      all.push_back(OutboxEvent{.id = unsigned_value(row.integer(0)),
                                .destination_arn = std::string(row.text(1)),
                                .bucket = std::string(row.text(2)),
                                .key = std::string(row.text(3)),
                                .event_name = std::string(row.text(4)),
                                .record_json = std::string(row.text(5))});
      return true;
    });
    if (!read) return tl::unexpected(read.error());
    return all;
  }

  Result<void> delivered(std::uint64_t outbox_id) override {
    return statements_.delivered.bind(1, signed_value(outbox_id)).run();
  }

  // Reserved on disk in blocks: a restart skips the rest of a block, and no put pays for a second commit.
  Result<std::uint64_t> next_sequence() override {
    constexpr std::uint64_t block = 1024;
    if (sequence_ == reserved_) {
      auto written = statements_.reserve.bind(1, signed_value(reserved_ + block)).run();
      if (!written) return tl::unexpected(written.error());
      reserved_ += block;
    }
    return ++sequence_;
  }

 private:
  Result<void> prepare() {
    for (const StatementText& text : statement_texts) {
      auto prepared = database_.prepare(text.sql);
      if (!prepared) return tl::unexpected(prepared.error());
      statements_.*text.statement = std::move(*prepared);
    }
    return {};
  }

  Result<void> recover() {
    const auto last_body = one_integer(statements_.last_body);
    const auto reserved = one_integer(statements_.sequence);
    if (!last_body || !reserved) return tl::unexpected((last_body ? reserved : last_body).error());
    files_.set_next_id(unsigned_value(*last_body) + 1);
    sequence_ = reserved_ = unsigned_value(*reserved);
    return files_.sweep([&](std::uint64_t id) {
      bool known = false;
      statements_.find_body.bind(1, signed_value(id));
      return each_row(statements_.find_body, [&](const Statement&) { return known = true, false; })
          .map([&] { return known; });
    });
  }

  static Result<std::int64_t> one_integer(Statement& statement) {
    std::int64_t value = 0;
    return each_row(statement, [&](const Statement& row) { return value = row.integer(0), false; }).map([&] {
      return value;
    });
  }

  template <class Work>
  Result<void> in_transaction(Work work) {
    auto transaction = Transaction::begin(database_);
    if (!transaction) return tl::unexpected(transaction.error());
    return work().and_then([&] { return transaction->commit(); });
  }

  Result<void> write_bucket(const Bucket& bucket) {
    statements_.put_bucket.bind(1, bucket.name).bind(2, bucket.region).bind(3, bucket.created.time_since_epoch().count());
    auto written = statements_.put_bucket.run().and_then(
        [&] { return statements_.clear_configurations.bind(1, bucket.name).run(); });
    for (const auto& [name, document] : bucket.configurations) {
      if (!written) break;
      written = statements_.put_configuration.bind(1, bucket.name).bind(2, name).bind(3, document).run();
    }
    return written;
  }

  Result<std::vector<Bucket>> read_buckets(Statement& statement) {
    std::vector<Bucket> found;
    auto read = each_row(statement, [&](const Statement& row) {
      found.push_back(Bucket{.name = std::string(row.text(0)),
                             .region = std::string(row.text(1)),
                             .created = Instant(Duration(row.integer(2)))});
      return true;
    });
    for (Bucket& bucket : found) {
      if (!read) break;
      statements_.configurations.bind(1, bucket.name);
      read = each_row(statements_.configurations, [&](const Statement& row) {
        bucket.configurations.emplace(row.text(0), row.text(1));
        return true;
      });
    }
    if (!read) return tl::unexpected(read.error());
    return found;
  }

  Result<StoredBody> body_of(std::string_view bucket, std::string_view key) {
    StoredBody body;
    statements_.body_of.bind(1, bucket).bind(2, key);
    return each_row(statements_.body_of,
                    [&](const Statement& row) {
                      body = {row.integer(0), row.integer(1) != 0};
                      return false;
                    })
        .map([&] { return body; });
  }

  // Takes away what is under the key, writes what replaces it, and the events, in one transaction. The old body's file goes
  // after the commit: a crash in between leaves an orphan, never a row without its file.
  template <class Write>
  Result<void> replace(std::string_view bucket, std::string_view key, std::span<OutboxEvent> events, Write write) {
    StoredBody old;
    auto done = in_transaction([&]() -> Result<void> {
      const auto found = body_of(bucket, key);
      if (!found) return tl::unexpected(found.error());
      old = *found;
      Result<void> written = old.id == 0 ? Result<void>{} : statements_.remove_body.bind(1, old.id).run();
      return written.and_then(write).and_then([&] { return write_events(events); });
    });
    if (done && old.in_file) files_.remove(unsigned_value(old.id));
    return done;
  }

  Result<void> write_object(const Object& object, const BodyRef& body) {
    const auto bucket = find_bucket(object.bucket);
    if (!bucket) return tl::unexpected(bucket.error());
    if (!*bucket) return base::fail("no bucket " + object.bucket);
    const std::uint64_t file_id = body_id(body.id);
    const std::int64_t id = signed_value(file_id != 0 ? file_id : files_.take_id());
    statements_.put_body.bind(1, id);
    if (file_id != 0) {
      statements_.put_body.bind_null(2);
    } else {
      statements_.put_body.bind_blob(2, body.inline_bytes);
    }
    statements_.put_object.bind(1, object.bucket)
        .bind(2, object.key)
        .bind(3, signed_value(object.size))
        .bind(4, object.etag)
        .bind(5, object.last_modified.time_since_epoch().count())
        .bind(6, object.sequencer)
        .bind_blob(7, pack_headers(object.headers))
        .bind(8, id);
    return statements_.put_body.run().and_then([&] { return statements_.put_object.run(); });
  }

  Result<void> write_events(std::span<OutboxEvent> events) {
    for (OutboxEvent& event : events) {
      statements_.put_event.bind(1, event.destination_arn)
          .bind(2, event.bucket)
          .bind(3, event.key)
          .bind(4, event.event_name)
          .bind(5, event.record_json);
      if (auto written = statements_.put_event.run(); !written) return written;
      event.id = unsigned_value(database_.last_insert_rowid());
    }
    return {};
  }

  Database database_;  // before the statements, which must go first
  Statements statements_;
  BodyFiles files_;
  StoreOptions options_;
  std::uint64_t sequence_ = 0;
  std::uint64_t reserved_ = 0;
};

}  // namespace

Result<std::unique_ptr<ObjectStore>> sqlite_store(const std::string& folder, sqlite::Sync sync, const StoreOptions& options) {
  if (auto made = base::make_directories(folder); !made) return tl::unexpected(made.error());
  auto database = Database::open(folder + "/s3.sqlite", sync);  // takes the lock: nothing below is shared
  if (!database) return tl::unexpected(database.error());
  auto files = BodyFiles::open(folder + "/bodies", sync != sqlite::Sync::off);
  if (!files) return tl::unexpected(files.error());
  auto store = std::make_unique<SqliteStore>(std::move(*database), std::move(*files), options);
  if (auto started = store->start(); !started) return tl::unexpected(started.error());
  return store;
}

}  // namespace emulator::s3
