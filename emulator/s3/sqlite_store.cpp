#include "emulator/s3/sqlite_store.h"

#include <algorithm>
#include <utility>

#include "emulator/base/file.h"
#include "emulator/s3/joined_reader.h"
#include "emulator/s3/sqlite_bodies.h"
#include "emulator/s3/sqlite_buckets.h"
#include "emulator/s3/sqlite_objects.h"
#include "emulator/s3/sqlite_outbox.h"
#include "emulator/s3/sqlite_rows.h"
#include "emulator/s3/sqlite_uploads.h"

namespace emulator::s3 {
namespace {

using sqlite::Database;
using sqlite::Savepoint;
using sqlite::Transaction;

class SqliteStore final : public ObjectStore {
 public:
  SqliteStore(Database database, BodyFiles files, const StoreOptions& options)
      : database_(std::move(database)), bodies_(std::move(files)), options_(options) {}

  base::Result<void> start() {
    return bring_up_to_date(database_)
        .and_then([&] { return buckets_.prepare(database_); })
        .and_then([&] { return objects_.prepare(database_); })
        .and_then([&] { return uploads_.prepare(database_); })
        .and_then([&] { return bodies_.prepare(database_); })
        .and_then([&] { return outbox_.prepare(database_); })
        .and_then([&] { return outbox_.start(); })
        .and_then([&] { return bodies_.sweep(); });
  }

  void remove_bodies_late() {
    bodies_.remove_after([this] { return database_.execute("PRAGMA wal_checkpoint(PASSIVE)"); });
  }

  base::Result<void> put_bucket(const Bucket& bucket) override {
    return in_transaction([&] { return buckets_.put(bucket); });
  }

  base::Result<void> remove_bucket(std::string_view name) override {
    const auto any = objects_.list_versions(
        name, {.prefix = {}, .from_key = {}, .before_sequencer = {}, .limit = 1});
    if (!any) return tl::unexpected(any.error());
    if (!any->empty()) return base::fail("bucket " + std::string(name) + " is not empty");
    return removing_bodies([&](Removed& removed) {
      return remove_uploads_of(name, removed).and_then([&] { return buckets_.remove(name); });
    });
  }

  base::Result<std::vector<Bucket>> buckets() override { return buckets_.all(); }
  base::Result<std::optional<Bucket>> find_bucket(std::string_view name) override {
    return buckets_.find(name);
  }

  std::unique_ptr<BodyWriter> new_body(std::uint64_t) override {
    return bodies_.new_body(options_.inline_bytes_max);
  }
  void discard(const BodyRef& body) override { bodies_.discard(body); }

  base::Result<std::unique_ptr<BodyReader>> open(const Object& object) override {
    auto found = objects_.current_with_bytes(object.bucket, object.key);
    if (found && (!*found || (*found)->sequencer != object.sequencer))
      found = objects_.version(object.bucket, object.key, object.sequencer);
    if (!found) return tl::unexpected(found.error());
    if (*found && !(*found)->upload_id.empty()) return open_parts((*found)->upload_id);
    if (*found && (*found)->bytes) return read_bytes(*std::exchange((*found)->bytes, {}));
    if (*found && (*found)->body.id != 0) return bodies_.open((*found)->body);
    return base::fail("no body of " + object.bucket + "/" + object.key);
  }

  base::Result<void> put(const Object& object, const BodyRef& body,
                         std::span<OutboxEvent> events) override {
    std::int64_t room = 0;
    const auto write = [&](Removed&) {
      return expect_bucket(object.bucket)
          .and_then([&] { return bodies_.put(body, room); })
          .and_then([&](std::int64_t id) { return objects_.put_current(object, id); });
    };
    return adding(object, events, write, body.id.empty() ? &room : nullptr);
  }

  base::Result<void> put_delete_marker(const Object& marker,
                                       std::span<OutboxEvent> events) override {
    return adding(marker, events, [&](Removed&) {
      return expect_bucket(marker.bucket)
          .and_then([&] { return objects_.remove_current(marker.bucket, marker.key); })
          .and_then([&] { return objects_.put_version(marker, 0); });
    });
  }

  base::Result<void> describe(const Object& object, std::span<OutboxEvent> events) override {
    return in_transaction([&]() -> base::Result<void> {
      const auto current = objects_.current(object.bucket, object.key);
      if (!current) return tl::unexpected(current.error());
      if (*current && (*current)->sequencer == object.sequencer) {
        return objects_.put_current(object, (*current)->body.id).and_then([&] {
          return outbox_.put(events);
        });
      }
      const auto version = objects_.version(object.bucket, object.key, object.sequencer);
      if (!version) return tl::unexpected(version.error());
      if (!*version) return base::fail("no object " + object.bucket + "/" + object.key);
      return objects_.put_version(object, (*version)->body.id).and_then([&] {
        return outbox_.put(events);
      });
    });
  }

  base::Result<void> remove(const Object& object, std::span<OutboxEvent> events) override {
    return gathered(events, [&](Removed& removed) {
      return remove_version(object, removed).and_then([&] { return outbox_.put(events); });
    });
  }

  base::Result<std::optional<Object>> find(std::string_view bucket, std::string_view key) override {
    return objects_.find(bucket, key);
  }
  base::Result<std::optional<Object>> find_version(std::string_view bucket, std::string_view key,
                                                   std::string_view version_id) override {
    return objects_.find_version(bucket, key, version_id);
  }
  base::Result<std::vector<ListedObject>> list(std::string_view bucket,
                                               const Range& range) override {
    return objects_.list(bucket, range);
  }
  base::Result<std::vector<ListedVersion>> list_versions(std::string_view bucket,
                                                         const VersionRange& range) override {
    return objects_.list_versions(bucket, range);
  }

  base::Result<void> put_upload(const MultipartUpload& upload) override {
    return in_transaction([&] {
      return expect_bucket(upload.bucket).and_then([&] { return uploads_.put(upload); });
    });
  }

  base::Result<std::optional<MultipartUpload>> find_upload(std::string_view bucket,
                                                           std::string_view key,
                                                           std::string_view id) override {
    return uploads_.find(bucket, key, id);
  }

  base::Result<std::vector<MultipartUpload>> uploads(std::string_view bucket,
                                                     const UploadRange& range) override {
    return uploads_.list(bucket, range);
  }

  base::Result<void> remove_upload(const MultipartUpload& upload) override {
    return removing_bodies([&](Removed& removed) {
      return expect_upload(upload.bucket, upload.key, upload.id)
          .and_then([&] { return remove_parts(upload.id, {}, removed); })
          .and_then([&] { return uploads_.remove(upload.bucket, upload.key, upload.id); });
    });
  }

  base::Result<void> put_part(const MultipartUpload& upload, const Part& part,
                              const BodyRef& body) override {
    return gathered({}, [&](Removed& removed) {
      return expect_upload(upload.bucket, upload.key, upload.id)
          .and_then([&] { return uploads_.body_of_part(upload.id, part.number); })
          .and_then([&](const StoredBody& old) { return bodies_.remove(old, removed); })
          .and_then([&] { return bodies_.put(body); })
          .and_then([&](std::int64_t id) { return uploads_.put_part(upload.id, part, id); });
    });
  }

  base::Result<std::vector<Part>> parts(std::string_view upload_id, std::uint32_t after,
                                        std::size_t limit) override {
    return uploads_.parts(upload_id, after, limit);
  }

  base::Result<void> complete(const Object& object, std::span<const std::uint32_t> numbers,
                              std::span<OutboxEvent> events) override {
    return adding(object, events, [&](Removed& removed) {
      return expect_upload(object.bucket, object.key, object.upload_id)
          .and_then([&] { return remove_parts(object.upload_id, numbers, removed); })
          .and_then([&] { return uploads_.remove(object.bucket, object.key, object.upload_id); })
          .and_then([&] { return objects_.put_current(object, 0); });
    });
  }

  base::Result<std::vector<OutboxEvent>> outbox() override { return outbox_.all(); }
  base::Result<void> delivered(std::uint64_t outbox_id) override {
    return outbox_.delivered(outbox_id);
  }
  base::Result<std::uint64_t> next_sequence() override { return outbox_.next_sequence(); }

  void gather(bool on) override { gathering_ = on; }
  bool has_gathered() const override { return group_ || !outcome_; }
  base::Result<void> commit_gathered() override {
    end_group();
    return std::exchange(outcome_, {});
  }

 private:
  using Removed = Bodies::Removed;

  // By itself, behind what was gathered before it.
  template <class Work>
  base::Result<void> in_transaction(Work work) {
    if (end_group(); !outcome_) return outcome_;
    auto transaction = Transaction::begin(database_);
    if (!transaction) return tl::unexpected(transaction.error());
    return work().and_then([&] { return transaction->commit(); });
  }

  template <class Work>
  base::Result<void> removing_bodies(Work work) {
    Removed removed;
    auto done = in_transaction([&] { return work(removed); });
    if (done) bodies_.remove_files(removed);
    return done;
  }

  // As removing_bodies(), but joins the group where one is gathered. Events wait for nobody: they
  // are sent as soon as this returns.
  template <class Work>
  base::Result<void> gathered(std::span<OutboxEvent> events, Work work) {
    if (!gathering_ || !events.empty()) return removing_bodies(work);
    if (!outcome_) return outcome_;
    if (!group_) {
      auto begun = Transaction::begin(database_);
      if (!begun) return tl::unexpected(begun.error());
      group_ = std::make_unique<Transaction>(std::move(*begun));
    }
    auto part = Savepoint::begin(database_);
    if (!part) return tl::unexpected(part.error());
    Removed removed;
    auto done = work(removed).and_then([&] { return part->keep(); });
    if (done) group_removed_.insert(group_removed_.end(), removed.begin(), removed.end());
    return done;
  }

  void end_group() {
    const auto group = std::exchange(group_, nullptr);
    if (!group) return;
    outcome_ = group->commit();
    const Removed removed = std::exchange(group_removed_, {});
    if (outcome_) return bodies_.remove_files(removed);
    outbox_.forget_reservation();
  }

  // Makes room for a version, writes it, and the events, in one transaction. room: if given, the
  // row of a small body that may be written over, which costs half of removing it and adding
  // another.
  template <class Write>
  base::Result<void> adding(const Object& object, std::span<OutboxEvent> events, Write write,
                            std::int64_t* room = nullptr) {
    return gathered(events, [&](Removed& removed) {
      return make_room(object, removed, room)
          .and_then([&] { return write(removed); })
          .and_then([&] { return outbox_.put(events); });
    });
  }

  // What is current becomes an older version; the null version makes way for the next.
  base::Result<void> make_room(const Object& object, Removed& removed, std::int64_t* room) {
    const auto current = objects_.current(object.bucket, object.key);
    if (!current) return tl::unexpected(current.error());
    const bool is_null = object.version_id.empty();
    if (*current && (*current)->version_id.empty() && is_null) {
      const bool is_small = (*current)->upload_id.empty() && !(*current)->body.in_file;
      if (room == nullptr || !is_small) return remove_bytes(**current, removed);
      *room = (*current)->body.id;
      return {};
    }
    base::Result<void> kept;
    if (*current) kept = objects_.keep_current(object.bucket, object.key);
    if (!kept || !is_null) return kept;
    const auto old = objects_.null_version(object.bucket, object.key);
    if (!old) return tl::unexpected(old.error());
    if (!*old) return {};
    return remove_bytes(**old, removed).and_then([&] {
      return objects_.remove_version(object.bucket, object.key, (*old)->sequencer);
    });
  }

  base::Result<void> remove_version(const Object& object, Removed& removed) {
    const auto current = objects_.current(object.bucket, object.key);
    if (!current) return tl::unexpected(current.error());
    if (*current && (*current)->sequencer == object.sequencer) {
      return remove_bytes(**current, removed)
          .and_then([&] { return objects_.remove_current(object.bucket, object.key); })
          .and_then([&] { return objects_.promote_latest(object.bucket, object.key); });
    }
    const auto version = objects_.version(object.bucket, object.key, object.sequencer);
    if (!version) return tl::unexpected(version.error());
    if (!*version) return {};
    auto done = remove_bytes(**version, removed).and_then([&] {
      return objects_.remove_version(object.bucket, object.key, object.sequencer);
    });
    if (!done || *current) return done;
    return objects_.promote_latest(object.bucket, object.key);
  }

  base::Result<void> remove_bytes(const StoredVersion& version, Removed& removed) {
    if (version.upload_id.empty()) return bodies_.remove(version.body, removed);
    return remove_parts(version.upload_id, {}, removed);
  }

  // All parts of an upload but those of `kept`, which ascend.
  base::Result<void> remove_parts(std::string_view upload_id, std::span<const std::uint32_t> kept,
                                  Removed& removed) {
    const auto parts = uploads_.stored_parts(upload_id);
    if (!parts) return tl::unexpected(parts.error());
    for (const StoredPart& part : *parts) {
      if (std::binary_search(kept.begin(), kept.end(), part.number)) continue;
      auto done = bodies_.remove(part.body, removed).and_then([&] {
        return uploads_.remove_part(upload_id, part.number);
      });
      if (!done) return done;
    }
    return {};
  }

  base::Result<void> remove_uploads_of(std::string_view bucket, Removed& removed) {
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

  // Small parts are read at once (S3 allows a small one only at the end); files are opened when
  // their turn comes.
  base::Result<std::unique_ptr<BodyReader>> open_parts(std::string_view upload_id) {
    const auto parts = uploads_.stored_parts(upload_id);
    if (!parts) return tl::unexpected(parts.error());
    std::vector<BodyPiece> pieces;
    for (const StoredPart& part : *parts) {
      auto open = bodies_.opener(part.body);
      if (!open) return tl::unexpected(open.error());
      pieces.push_back({part.size, std::move(*open)});
    }
    return read_joined(std::move(pieces));
  }

  base::Result<void> expect_bucket(std::string_view name) {
    const auto bucket = find_bucket(name);
    if (!bucket) return tl::unexpected(bucket.error());
    if (!*bucket) return base::fail("no bucket " + std::string(name));
    return {};
  }

  base::Result<void> expect_upload(std::string_view bucket, std::string_view key,
                                   std::string_view id) {
    const auto upload = uploads_.find(bucket, key, id);
    if (!upload) return tl::unexpected(upload.error());
    if (!*upload) return base::fail("no upload " + std::string(id));
    return {};
  }

  Database database_;  // before the tables, whose statements must go first
  BucketTables buckets_;
  ObjectTables objects_;
  UploadTables uploads_;
  Bodies bodies_;
  Outbox outbox_;
  StoreOptions options_;
  bool gathering_ = false;
  std::unique_ptr<Transaction> group_;  // after database_: goes first
  Removed group_removed_;
  base::Result<void> outcome_;  // of the last group, until commit_gathered() tells it
};

}  // namespace

base::Result<std::unique_ptr<ObjectStore>> sqlite_store(const std::string& folder,
                                                        sqlite::Sync sync,
                                                        const StoreOptions& options) {
  if (auto made = base::make_directories(folder); !made) return tl::unexpected(made.error());
  auto database =
      Database::open(folder + "/s3.sqlite", sync);  // takes the lock: nothing below is shared
  if (!database) return tl::unexpected(database.error());
  auto files = BodyFiles::open(folder + "/bodies", sync != sqlite::Sync::off);
  if (!files) return tl::unexpected(files.error());
  auto store = std::make_unique<SqliteStore>(std::move(*database), std::move(*files), options);
  if (sync == sqlite::Sync::normal) store->remove_bodies_late();
  if (auto started = store->start(); !started) return tl::unexpected(started.error());
  return store;
}

}  // namespace emulator::s3
