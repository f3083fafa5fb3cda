#include "emulator/s3/sqlite_store.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "emulator/base/file.h"
#include "emulator/s3/body_files.h"
#include "emulator/s3/joined_reader.h"
#include "emulator/s3/sqlite_rows.h"
#include "emulator/s3/sqlite_uploads.h"

namespace emulator::s3 {
namespace {

using base::Result;
using sqlite::Database;
using sqlite::Statement;
using sqlite::Transaction;

// Kept prepared for the life of the store.
struct Statements {
  Statement put_bucket, remove_bucket, clear_configurations, put_configuration;
  Statement buckets, find_bucket, configurations, any_object;
  Statement put_object, remove_object, find_object, list_from, list_after;
  Statement body_of, body_of_part, put_body, remove_body, find_body, read_body, last_body;
  Statement put_event, outbox, delivered, sequence, reserve;
};

struct StatementText {
  Statement Statements::*statement;
  std::string_view sql;
};

#define OBJECT_COLUMNS "key, size, etag, last_modified, sequencer, headers, upload"
constexpr std::array statement_texts{
    StatementText{&Statements::put_bucket, "INSERT INTO buckets VALUES (?, ?, ?) ON CONFLICT DO NOTHING"},
    StatementText{&Statements::remove_bucket, "DELETE FROM buckets WHERE name = ?"},
    StatementText{&Statements::clear_configurations, "DELETE FROM configurations WHERE bucket = ?"},
    StatementText{&Statements::put_configuration, "INSERT INTO configurations VALUES (?, ?, ?)"},
    StatementText{&Statements::buckets, "SELECT name, region, created FROM buckets ORDER BY name"},
    StatementText{&Statements::find_bucket, "SELECT name, region, created FROM buckets WHERE name = ?"},
    StatementText{&Statements::configurations, "SELECT name, document FROM configurations WHERE bucket = ? ORDER BY name"},
    StatementText{&Statements::any_object, "SELECT 1 FROM objects WHERE bucket = ? LIMIT 1"},
    StatementText{&Statements::put_object, "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"},
    StatementText{&Statements::remove_object, "DELETE FROM objects WHERE bucket = ? AND key = ?"},
    StatementText{&Statements::find_object, "SELECT " OBJECT_COLUMNS " FROM objects WHERE bucket = ? AND key = ?"},
    StatementText{&Statements::list_from,
                  "SELECT " OBJECT_COLUMNS " FROM objects WHERE bucket = ? AND key >= ? ORDER BY key LIMIT ?"},
    StatementText{&Statements::list_after,
                  "SELECT " OBJECT_COLUMNS " FROM objects WHERE bucket = ? AND key > ? ORDER BY key LIMIT ?"},
    StatementText{&Statements::body_of,
                  "SELECT body, bytes IS NULL, upload FROM objects LEFT JOIN bodies ON id = body WHERE bucket = ? AND key = ?"},
    StatementText{&Statements::body_of_part,
                  "SELECT body, bytes IS NULL FROM parts JOIN bodies ON id = body WHERE upload = ? AND number = ?"},
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

// The columns of find_object and list_*.
Object read_object(std::string_view bucket, const Statement& row) {
  return Object{.bucket = std::string(bucket),
                .key = std::string(row.text(0)),
                .size = unsigned_value(row.integer(1)),
                .etag = std::string(row.text(2)),
                .last_modified = Instant(Duration(row.integer(3))),
                .sequencer = std::string(row.text(4)),
                .headers = unpack_headers(row.text(5)),
                .upload_id = std::string(row.text(6))};
}

class SqliteStore final : public ObjectStore {
 public:
  SqliteStore(Database database, BodyFiles files, const StoreOptions& options)
      : database_(std::move(database)), files_(std::move(files)), options_(options) {}

  Result<void> start() {
    return bring_up_to_date(database_)
        .and_then([&] { return prepare(); })
        .and_then([&] { return uploads_.prepare(database_); })
        .and_then([&] { return recover(); });
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
    return removing_bodies([&](Removed& removed) {
      return remove_uploads_of(name, removed)
          .and_then([&] { return statements_.clear_configurations.bind(1, name).run(); })
          .and_then([&] { return statements_.remove_bucket.bind(1, name).run(); });
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
    const auto content = content_of(object.bucket, object.key);
    if (!content) return tl::unexpected(content.error());
    if (!content->upload_id.empty()) return open_parts(content->upload_id);
    if (content->body.id == 0) return base::fail("no body of " + object.bucket + "/" + object.key);
    return open_body(content->body);
  }

  Result<void> put(const Object& object, const BodyRef& body, std::span<OutboxEvent> events) override {
    return replace(object.bucket, object.key, events, [&](Removed&) {
      return expect_bucket(object.bucket)
          .and_then([&] { return write_body(body); })
          .and_then([&](std::int64_t id) { return write_object(object, id); });
    });
  }

  Result<void> describe(const Object& object, std::span<OutboxEvent> events) override {
    return in_transaction([&]() -> Result<void> {
      const auto content = content_of(object.bucket, object.key);
      if (!content) return tl::unexpected(content.error());
      if (content->body.id == 0 && content->upload_id.empty()) {
        return base::fail("no object " + object.bucket + "/" + object.key);
      }
      return write_object(object, content->body.id).and_then([&] { return write_events(events); });
    });
  }

  Result<void> remove(std::string_view bucket, std::string_view key, std::span<OutboxEvent> events) override {
    return replace(bucket, key, events, [&](Removed&) {
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

  Result<void> put_upload(const MultipartUpload& upload) override {
    return in_transaction([&] {
      return expect_bucket(upload.bucket).and_then([&] { return uploads_.put(upload); });
    });
  }

  Result<std::optional<MultipartUpload>> find_upload(std::string_view bucket, std::string_view key,
                                                     std::string_view id) override {
    return uploads_.find(bucket, key, id);
  }

  Result<std::vector<MultipartUpload>> uploads(std::string_view bucket, const UploadRange& range) override {
    return uploads_.list(bucket, range);
  }

  Result<void> remove_upload(const MultipartUpload& upload) override {
    return removing_bodies([&](Removed& removed) {
      return expect_upload(upload.bucket, upload.key, upload.id)
          .and_then([&] { return remove_parts(upload.id, {}, removed); })
          .and_then([&] { return uploads_.remove(upload.bucket, upload.key, upload.id); });
    });
  }

  Result<void> put_part(const MultipartUpload& upload, const Part& part, const BodyRef& body) override {
    return removing_bodies([&](Removed& removed) {
      return expect_upload(upload.bucket, upload.key, upload.id)
          .and_then([&] { return remove_part(upload.id, part.number, removed); })
          .and_then([&] { return write_body(body); })
          .and_then([&](std::int64_t id) { return uploads_.put_part(upload.id, part, id); });
    });
  }

  Result<std::vector<Part>> parts(std::string_view upload_id, std::uint32_t after, std::size_t limit) override {
    return uploads_.parts(upload_id, after, limit);
  }

  Result<void> complete(const Object& object, std::span<const std::uint32_t> numbers,
                        std::span<OutboxEvent> events) override {
    return replace(object.bucket, object.key, events, [&](Removed& removed) {
      return expect_upload(object.bucket, object.key, object.upload_id)
          .and_then([&] { return remove_parts(object.upload_id, numbers, removed); })
          .and_then([&] { return uploads_.remove(object.bucket, object.key, object.upload_id); })
          .and_then([&] { return write_object(object, 0); });
    });
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

  // Where the bytes of the object under a key are.
  struct Content {
    StoredBody body;
    std::string upload_id;
  };
  Result<Content> content_of(std::string_view bucket, std::string_view key) {
    Content content;
    statements_.body_of.bind(1, bucket).bind(2, key);
    return each_row(statements_.body_of,
                    [&](const Statement& row) {
                      content = {{row.integer(0), row.integer(1) != 0}, std::string(row.text(2))};
                      return false;
                    })
        .map([&] { return content; });
  }

  Result<std::string> read_row(std::int64_t body) {
    std::string bytes;
    statements_.read_body.bind(1, body);
    return each_row(statements_.read_body,
                    [&](const Statement& row) {
                      bytes = row.text(0);
                      return false;
                    })
        .map([&] { return std::move(bytes); });
  }

  Result<std::unique_ptr<BodyReader>> open_body(const StoredBody& body) {
    if (body.in_file) return files_.read(unsigned_value(body.id));
    return read_row(body.id).map([](std::string bytes) { return read_bytes(std::move(bytes)); });
  }

  // Small parts are read at once (S3 allows a small one only at the end); files are opened when their turn comes.
  Result<std::unique_ptr<BodyReader>> open_parts(std::string_view upload_id) {
    const auto parts = uploads_.stored_parts(upload_id);
    if (!parts) return tl::unexpected(parts.error());
    std::vector<BodyPiece> pieces;
    for (const StoredPart& part : *parts) {
      if (part.body.in_file) {
        pieces.push_back({part.size, files_.pinned(unsigned_value(part.body.id))});
        continue;
      }
      auto bytes = read_row(part.body.id);
      if (!bytes) return tl::unexpected(bytes.error());
      pieces.push_back({part.size, [kept = std::move(*bytes)]() -> Result<std::unique_ptr<BodyReader>> {
                          return read_bytes(kept);
                        }});
    }
    return read_joined(std::move(pieces));
  }

  // Ids of files whose rows a transaction removes. The files go after the commit: a crash in between leaves an orphan,
  // never a row without its file.
  using Removed = std::vector<std::uint64_t>;

  template <class Work>
  Result<void> removing_bodies(Work work) {
    Removed removed;
    auto done = in_transaction([&] { return work(removed); });
    if (!done) return done;
    for (const std::uint64_t id : removed) files_.remove(id);
    return {};
  }

  Result<void> remove_body(const StoredBody& body, Removed& removed) {
    if (body.id == 0) return {};
    if (body.in_file) removed.push_back(unsigned_value(body.id));
    return statements_.remove_body.bind(1, body.id).run();
  }

  // All parts of an upload but those of `kept`, which ascend.
  Result<void> remove_parts(std::string_view upload_id, std::span<const std::uint32_t> kept, Removed& removed) {
    const auto parts = uploads_.stored_parts(upload_id);
    if (!parts) return tl::unexpected(parts.error());
    for (const StoredPart& part : *parts) {
      if (std::binary_search(kept.begin(), kept.end(), part.number)) continue;
      auto done = remove_body(part.body, removed).and_then([&] { return uploads_.remove_part(upload_id, part.number); });
      if (!done) return done;
    }
    return {};
  }

  Result<void> remove_part(std::string_view upload_id, std::uint32_t number, Removed& removed) {
    StoredBody body;
    statements_.body_of_part.bind(1, upload_id).bind(2, std::int64_t{number});
    return each_row(statements_.body_of_part,
                    [&](const Statement& row) {
                      body = {row.integer(0), row.integer(1) != 0};
                      return false;
                    })
        .and_then([&] { return remove_body(body, removed); });
  }

  Result<void> remove_uploads_of(std::string_view bucket, Removed& removed) {
    while (true) {
      const auto some = uploads_.list(bucket, {});
      if (!some) return tl::unexpected(some.error());
      if (some->empty()) return {};
      for (const MultipartUpload& upload : *some) {
        auto done = remove_parts(upload.id, {}, removed).and_then([&] {
          return uploads_.remove(bucket, upload.key, upload.id);
        });
        if (!done) return done;
      }
    }
  }

  // Takes away what is under the key, writes what replaces it, and the events, in one transaction.
  template <class Write>
  Result<void> replace(std::string_view bucket, std::string_view key, std::span<OutboxEvent> events, Write write) {
    return removing_bodies([&](Removed& removed) -> Result<void> {
      const auto old = content_of(bucket, key);
      if (!old) return tl::unexpected(old.error());
      Result<void> cleared = old->upload_id.empty() ? remove_body(old->body, removed) : remove_parts(old->upload_id, {}, removed);
      return cleared.and_then([&] { return write(removed); }).and_then([&] { return write_events(events); });
    });
  }

  Result<void> expect_bucket(std::string_view name) {
    const auto bucket = find_bucket(name);
    if (!bucket) return tl::unexpected(bucket.error());
    if (!*bucket) return base::fail("no bucket " + std::string(name));
    return {};
  }

  Result<void> expect_upload(std::string_view bucket, std::string_view key, std::string_view id) {
    const auto upload = uploads_.find(bucket, key, id);
    if (!upload) return tl::unexpected(upload.error());
    if (!*upload) return base::fail("no upload " + std::string(id));
    return {};
  }

  // Gives the body its row, and the row's id.
  Result<std::int64_t> write_body(const BodyRef& body) {
    const std::uint64_t file_id = body_id(body.id);
    const std::int64_t id = signed_value(file_id != 0 ? file_id : files_.take_id());
    statements_.put_body.bind(1, id);
    if (file_id != 0) {
      statements_.put_body.bind_null(2);
    } else {
      statements_.put_body.bind_blob(2, body.inline_bytes);
    }
    return statements_.put_body.run().map([&] { return id; });
  }

  Result<void> write_object(const Object& object, std::int64_t body) {
    return statements_.put_object.bind(1, object.bucket)
        .bind(2, object.key)
        .bind(3, signed_value(object.size))
        .bind(4, object.etag)
        .bind(5, object.last_modified.time_since_epoch().count())
        .bind(6, object.sequencer)
        .bind_blob(7, pack_headers(object.headers))
        .bind(8, body)
        .bind(9, object.upload_id)
        .run();
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
  UploadTables uploads_;
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
