// The contract of ObjectStore, over each implementation; and what only the one on disk promises:
// what was acknowledged survives SIGKILL, whole, and nothing else is left lying about.

#include "emulator/s3/object_store.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <functional>

#include "emulator/base/file.h"
#include "emulator/sim/random.h"
#include "tests/emulator/s3/object_stores.h"

namespace emulator::s3 {
namespace {

TEST_P(ObjectStoreContract, ListsBucketsByName) {
  ASSERT_TRUE(store->put_bucket(
      Bucket{.name = "zebra", .region = "eu-west-1", .created = Instant(Duration(5))}));
  ASSERT_TRUE(store->put_bucket(Bucket{.name = "ant"}));
  const auto buckets = store->buckets().value();
  ASSERT_EQ(buckets.size(), 3u);
  EXPECT_EQ(buckets[0].name, "ant");
  EXPECT_EQ(buckets[1].name, "lake");
  EXPECT_EQ(buckets[2].name, "zebra");
  EXPECT_EQ(buckets[2].region, "eu-west-1");
  EXPECT_EQ(buckets[2].created, Instant(Duration(5)));
}

TEST_P(ObjectStoreContract, ReplacesTheConfigurationsOfABucket) {
  ASSERT_TRUE(store->put_bucket(
      Bucket{.name = "lake", .configurations = {{"notification", "<a/>"}, {"cors", "<c/>"}}}));
  ASSERT_TRUE(
      store->put_bucket(Bucket{.name = "lake", .configurations = {{"notification", "<b/>"}}}));
  const auto bucket = store->find_bucket("lake").value();
  ASSERT_TRUE(bucket);
  EXPECT_EQ(bucket->configurations, (std::map<std::string, std::string>{{"notification", "<b/>"}}));
}

TEST_P(ObjectStoreContract, KeepsTheObjectsOfABucketWhoseConfigurationsChange) {
  put(*store, "a", small);
  ASSERT_TRUE(store->put_bucket(Bucket{.name = "lake", .configurations = {{"cors", "<c/>"}}}));
  EXPECT_EQ(body(*store, "a"), small);
}

TEST_P(ObjectStoreContract, RemovesEmptyBucketsOnly) {
  put(*store, "a", small);
  EXPECT_FALSE(store->remove_bucket("lake"));
  ASSERT_TRUE(store->remove(object_named("a", ""), {}));
  EXPECT_TRUE(store->remove_bucket("lake"));
  EXPECT_FALSE(store->find_bucket("lake").value());
  EXPECT_TRUE(store->remove_bucket("lake"));
}

TEST_P(ObjectStoreContract, ForgetsTheConfigurationsOfARemovedBucket) {
  ASSERT_TRUE(store->put_bucket(Bucket{.name = "lake", .configurations = {{"cors", "<c/>"}}}));
  ASSERT_TRUE(store->remove_bucket("lake"));
  ASSERT_TRUE(store->put_bucket(Bucket{.name = "lake"}));
  EXPECT_TRUE(store->find_bucket("lake").value()->configurations.empty());
}

TEST_P(ObjectStoreContract, GivesBackWhatWasPut) {
  Object object = object_named("a/b c", small);
  object.last_modified = Instant(Duration(1767225600123456));
  object.headers = {{"content-type", "text/csv"},
                    {"x-amz-meta-note", std::string("any\0byte\xff", 9)},
                    {"x-amz-meta-none", ""}};
  ASSERT_TRUE(store->put(object, write_body(*store, small), {}));
  const auto found = store->find("lake", "a/b c").value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->bucket, "lake");
  EXPECT_EQ(found->key, "a/b c");
  EXPECT_EQ(found->size, small.size());
  EXPECT_EQ(found->etag, object.etag);
  EXPECT_EQ(found->last_modified, object.last_modified);
  EXPECT_EQ(found->sequencer, object.sequencer);
  EXPECT_EQ(found->headers, object.headers);
  EXPECT_EQ(body(*store, "a/b c"), small);
}

TEST_P(ObjectStoreContract, KeepsBodiesOfEverySizeAroundTheLimitOfSmallOnes) {
  for (std::size_t size : {std::size_t{0}, std::size_t{1}, inline_bytes_max - 1, inline_bytes_max,
                           inline_bytes_max + 1, std::size_t{5000}}) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7);
    put(*store, "k", bytes);
    EXPECT_EQ(body(*store, "k"), bytes);
    EXPECT_EQ(store->open(*store->find("lake", "k").value()).value()->size(), size);
  }
}

TEST_P(ObjectStoreContract, ReadsFromAnyOffset) {
  for (const std::string& bytes : {small, large + "tail"}) {
    put(*store, "k", bytes);
    const auto reader = store->open(*store->find("lake", "k").value()).value();
    std::array<char, 4> piece{};
    EXPECT_EQ(reader->read(bytes.size() - 4, piece).value(), 4u);
    EXPECT_EQ(std::string_view(piece.data(), 4), bytes.substr(bytes.size() - 4));
    EXPECT_EQ(reader->read(bytes.size() - 1, piece).value(), 1u);
    EXPECT_EQ(reader->read(bytes.size(), piece).value(), 0u);
    EXPECT_EQ(reader->read(bytes.size() + 100, piece).value(), 0u);
  }
}

TEST_P(ObjectStoreContract, ReplacesAnObjectOfTheSameKey) {
  put(*store, "k", large);
  put(*store, "k", small);
  EXPECT_EQ(body(*store, "k"), small);
  put(*store, "k", large);
  EXPECT_EQ(body(*store, "k"), large);
  EXPECT_EQ(keys(*store, {}), "k");
}

TEST_P(ObjectStoreContract, GoesOnReadingABodyThatWasReplacedOrRemoved) {
  for (const std::string& bytes : {small, large}) {
    put(*store, "k", bytes);
    const auto first = store->open(*store->find("lake", "k").value()).value();
    put(*store, "k", "other");
    EXPECT_EQ(read_all(*first), bytes);
    put(*store, "k", bytes);
    const auto second = store->open(*store->find("lake", "k").value()).value();
    ASSERT_TRUE(store->remove(object_named("k", ""), {}));
    EXPECT_EQ(read_all(*second), bytes);
  }
}

TEST_P(ObjectStoreContract, RefusesAnObjectInABucketThatIsNotThere) {
  Object object = object_named("k", small);
  object.bucket = "desert";
  std::array events{event_of("k")};
  EXPECT_FALSE(store->put(object, write_body(*store, small), events));
  EXPECT_TRUE(store->outbox().value().empty());
}

TEST_P(ObjectStoreContract, RemovesAnAbsentKeyWithoutComplaint) {
  EXPECT_TRUE(store->remove(object_named("nothing", ""), {}));
  EXPECT_FALSE(store->find("lake", "nothing").value());
  EXPECT_FALSE(store->open(object_named("nothing", "")));
}

TEST_P(ObjectStoreContract, ListsKeysInByteOrder) {
  for (const char* key : {"b", "a/b", "a", "\xc3\xa9", "a b", "A", "\xf0\x9f\x98\x80", "a//b"})
    put(*store, key, small);
  EXPECT_EQ(keys(*store, {}), "A a a b a//b a/b b \xc3\xa9 \xf0\x9f\x98\x80");
}

TEST_P(ObjectStoreContract, ListsByPrefixStartAndLimit) {
  for (const char* key : {"a", "p/1", "p/2", "p/3", "p0", "z"}) put(*store, key, small);
  EXPECT_EQ(keys(*store, {.prefix = "p/"}), "p/1 p/2 p/3");
  EXPECT_EQ(keys(*store, {.prefix = "p/", .limit = 2}), "p/1 p/2");
  EXPECT_EQ(keys(*store, {.prefix = "p/", .from = "p/2"}), "p/2 p/3");
  EXPECT_EQ(keys(*store, {.prefix = "p/", .from = "p/2", .exclusive = true}), "p/3");
  EXPECT_EQ(keys(*store, {.prefix = "p/", .from = "a", .exclusive = true}), "p/1 p/2 p/3");
  EXPECT_EQ(keys(*store, {.prefix = "p/", .from = "q"}), "");
  EXPECT_EQ(keys(*store, {.from = "p/3", .exclusive = true}), "p0 z");
  EXPECT_EQ(keys(*store, {.prefix = "none"}), "");
  EXPECT_EQ(keys(*store, {.limit = 0}), "");
}

TEST_P(ObjectStoreContract, ListsOneBucketOnly) {
  ASSERT_TRUE(store->put_bucket(Bucket{.name = "lake2"}));
  put(*store, "a", small);
  EXPECT_TRUE(store->list("lake2", {}).value().empty());
  EXPECT_TRUE(store->list("laken't", {}).value().empty());
}

TEST_P(ObjectStoreContract, NumbersTheEventsOfAPutAndKeepsThemUntilTheyAreDelivered) {
  std::array events{event_of("a"), event_of("a")};
  put(*store, "a", small, events);
  EXPECT_LT(0u, events[0].id);
  EXPECT_LT(events[0].id, events[1].id);
  const auto outbox = store->outbox().value();
  ASSERT_EQ(outbox.size(), 2u);
  EXPECT_EQ(outbox[0].id, events[0].id);
  EXPECT_EQ(outbox[0].destination_arn, events[0].destination_arn);
  EXPECT_EQ(outbox[0].bucket, "lake");
  EXPECT_EQ(outbox[0].key, "a");
  EXPECT_EQ(outbox[0].event_name, "ObjectCreated:Put");
  EXPECT_EQ(outbox[0].record_json, events[0].record_json);

  ASSERT_TRUE(store->delivered(events[0].id));
  ASSERT_EQ(store->outbox().value().size(), 1u);
  EXPECT_EQ(store->outbox().value()[0].id, events[1].id);
}

TEST_P(ObjectStoreContract, NeverGivesAnIdOfTheOutboxTwice) {
  std::array first{event_of("a")};
  put(*store, "a", small, first);
  ASSERT_TRUE(store->delivered(first[0].id));
  std::array second{event_of("a")};
  ASSERT_TRUE(store->remove(object_named("a", ""), second));
  EXPECT_LT(first[0].id, second[0].id);
}

TEST_P(ObjectStoreContract, CountsItsSequenceUpwards) {
  std::uint64_t before = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::uint64_t value = store->next_sequence().value();
    ASSERT_LT(before, value);
    before = value;
  }
}

MultipartUpload upload_of(const std::string& key, const std::string& id) {
  return MultipartUpload{.bucket = "lake", .key = key, .id = id};
}

MultipartUpload begin_upload(ObjectStore& store, const std::string& key, const std::string& id) {
  const MultipartUpload upload = upload_of(key, id);
  EXPECT_TRUE(store.put_upload(upload));
  return upload;
}

void put_part(ObjectStore& store, const MultipartUpload& upload, std::uint32_t number,
              std::string_view bytes) {
  const Part part{.number = number, .size = bytes.size(), .etag = "p" + std::to_string(number)};
  const auto done = store.put_part(upload, part, write_body(store, bytes));
  ASSERT_TRUE(done) << done.error().text();
}

void complete(ObjectStore& store, const MultipartUpload& upload,
              const std::vector<std::uint32_t>& numbers, std::span<OutboxEvent> events = {}) {
  Object object = object_named(upload.key, "");
  object.upload_id = upload.id;
  const auto done = store.complete(object, numbers, events);
  ASSERT_TRUE(done) << done.error().text();
}

// "1=p1 3=p3", number and ETag.
std::string parts(ObjectStore& store, const std::string& upload_id, std::uint32_t after = 0,
                  std::size_t limit = parts_max) {
  std::string text;
  const auto page = store.parts(upload_id, after, limit).value();
  for (const Part& part : page)
    text += (text.empty() ? "" : " ") + std::to_string(part.number) + "=" + part.etag;
  return text;
}

// "k/1 k/2", key and id.
std::string uploads(ObjectStore& store, const ObjectStore::UploadRange& range) {
  std::string text;
  const auto page = store.uploads("lake", range).value();
  for (const MultipartUpload& upload : page)
    text += (text.empty() ? "" : " ") + upload.key + "/" + upload.id;
  return text;
}

TEST_P(ObjectStoreContract, GivesBackAnUploadAsItWasBegun) {
  MultipartUpload upload = upload_of("a b", "u1");
  upload.initiated = Instant(Duration(1767225600123456));
  upload.headers = {{"content-type", "text/csv"}};
  upload.checksum_algorithm = "CRC32";
  upload.checksum_type = "COMPOSITE";
  ASSERT_TRUE(store->put_upload(upload));
  const auto found = store->find_upload("lake", "a b", "u1").value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->bucket, "lake");
  EXPECT_EQ(found->initiated, upload.initiated);
  EXPECT_EQ(found->headers, upload.headers);
  EXPECT_EQ(found->checksum_algorithm, "CRC32");
  EXPECT_EQ(found->checksum_type, "COMPOSITE");
  EXPECT_FALSE(store->find_upload("lake", "a", "u1").value());
  EXPECT_FALSE(store->find_upload("pond", "a b", "u1").value());
  EXPECT_EQ(keys(*store, {}), "") << "no object yet";
}

TEST_P(ObjectStoreContract, ListsUploadsByKeyAndId) {
  for (const char* key : {"p/b", "p/a", "z", "a"}) begin_upload(*store, key, "1");
  begin_upload(*store, "p/a", "2");
  EXPECT_EQ(uploads(*store, {}), "a/1 p/a/1 p/a/2 p/b/1 z/1");
  EXPECT_EQ(uploads(*store, {.prefix = "p/"}), "p/a/1 p/a/2 p/b/1");
  EXPECT_EQ(uploads(*store, {.prefix = "p/", .limit = 2}), "p/a/1 p/a/2");
  EXPECT_EQ(uploads(*store, {.from_key = "p/a", .after_id = "1"}), "p/a/2 p/b/1 z/1");
  EXPECT_EQ(uploads(*store, {.prefix = "p/", .from_key = "a", .after_id = "1"}),
            "p/a/1 p/a/2 p/b/1");
  EXPECT_EQ(uploads(*store, {.from_key = "zz"}), "");
}

TEST_P(ObjectStoreContract, KeepsTheLastOfThePartsOfOneNumber) {
  const MultipartUpload upload = begin_upload(*store, "k", "u");
  for (const std::string& bytes : {large, small, large + "!"}) put_part(*store, upload, 2, bytes);
  put_part(*store, upload, 1, small);
  EXPECT_EQ(parts(*store, "u"), "1=p1 2=p2");
  complete(*store, upload, {1, 2});
  EXPECT_EQ(body(*store, "k"), small + large + "!");
}

TEST_P(ObjectStoreContract, GivesBackPartsInPages) {
  const MultipartUpload upload = begin_upload(*store, "k", "u");
  for (const std::uint32_t number : {7u, 10000u, 1u, 3u}) put_part(*store, upload, number, small);
  EXPECT_EQ(parts(*store, "u", 0, 2), "1=p1 3=p3");
  EXPECT_EQ(parts(*store, "u", 3, 2), "7=p7 10000=p10000");
  EXPECT_EQ(parts(*store, "u", 10000), "");
  EXPECT_EQ(parts(*store, "other"), "");
}

TEST_P(ObjectStoreContract, MakesAnObjectOfTheNamedPartsInTheirOrder) {
  const MultipartUpload upload = begin_upload(*store, "k", "u");
  put_part(*store, upload, 5, "tail");
  put_part(*store, upload, 1, large);
  put_part(*store, upload, 2, "left out");
  put_part(*store, upload, 3, small);
  std::array events{event_of("k")};
  complete(*store, upload, {1, 3, 5}, events);
  EXPECT_EQ(body(*store, "k"), large + small + "tail");
  EXPECT_EQ(store->find("lake", "k").value()->upload_id, "u");
  EXPECT_EQ(parts(*store, "u"), "1=p1 3=p3 5=p5");
  EXPECT_FALSE(store->find_upload("lake", "k", "u").value());
  EXPECT_EQ(uploads(*store, {}), "");
  EXPECT_EQ(store->outbox().value().size(), 1u);
  EXPECT_LT(0u, events[0].id);
}

TEST_P(ObjectStoreContract, ReadsAcrossTheEdgesOfPartsFromAnyOffset) {
  const MultipartUpload upload = begin_upload(*store, "k", "u");
  const std::array<std::string, 4> pieces{large, "", std::string(500, 'y'), "z"};
  std::string whole;
  for (std::uint32_t number = 1; number <= pieces.size(); ++number) {
    put_part(*store, upload, number, pieces[number - 1]);
    whole += pieces[number - 1];
  }
  complete(*store, upload, {1, 2, 3, 4});
  const auto reader = store->open(*store->find("lake", "k").value()).value();
  EXPECT_EQ(reader->size(), whole.size());
  for (const std::size_t at : {std::size_t{1500}, std::size_t{999}, std::size_t{1000},
                               std::size_t{0}, std::size_t{1499}}) {
    char byte = 0;
    ASSERT_EQ(reader->read(at, std::span(&byte, 1)).value(), 1u);
    EXPECT_EQ(byte, whole[at]);
  }
  char byte;
  EXPECT_EQ(reader->read(whole.size(), std::span(&byte, 1)).value(), 0u);
}

TEST_P(ObjectStoreContract, GoesOnReadingPartsOfAnObjectThatWasReplacedOrRemoved) {
  for (const char* id : {"u1", "u2"}) {
    const MultipartUpload upload = begin_upload(*store, "k", id);
    put_part(*store, upload, 1, large);
    put_part(*store, upload, 2, large + "2");
    put_part(*store, upload, 3, small);
    complete(*store, upload, {1, 2, 3});
    const auto first = store->open(*store->find("lake", "k").value()).value();
    const auto second = store->open(*store->find("lake", "k").value()).value();
    if (std::string_view(id) == "u1")
      put(*store, "k", small);
    else
      ASSERT_TRUE(store->remove(object_named("k", ""), {}));
    EXPECT_EQ(parts(*store, id), "");
    EXPECT_EQ(read_all(*first), large + large + "2" + small);
    EXPECT_EQ(read_all(*second), large + large + "2" + small);
  }
}

TEST_P(ObjectStoreContract, ForgetsAnUploadThatIsRemovedAndRefusesWhatComesLate) {
  const MultipartUpload upload = begin_upload(*store, "k", "u");
  put_part(*store, upload, 1, large);
  ASSERT_TRUE(store->remove_upload(upload));
  EXPECT_EQ(parts(*store, "u"), "");
  EXPECT_FALSE(store->find_upload("lake", "k", "u").value());
  EXPECT_FALSE(store->remove_upload(upload));
  EXPECT_FALSE(store->put_part(upload, Part{.number = 1}, write_body(*store, large)));
  Object object = object_named("k", "");
  object.upload_id = "u";
  std::array events{event_of("k")};
  EXPECT_FALSE(store->complete(object, std::array<std::uint32_t, 1>{1}, events));
  EXPECT_TRUE(store->outbox().value().empty());
  EXPECT_EQ(keys(*store, {}), "");
}

TEST_P(ObjectStoreContract, DescribesAnObjectAnewAndKeepsItsBody) {
  const MultipartUpload upload = begin_upload(*store, "parts", "u");
  put_part(*store, upload, 1, large);
  put_part(*store, upload, 2, small);
  complete(*store, upload, {1, 2});
  put(*store, "small", small);
  put(*store, "large", large);
  for (const char* key : {"parts", "small", "large"}) {
    const std::string bytes = body(*store, key);
    Object object = *store->find("lake", key).value();
    object.headers["x-amz-meta-note"] = "new";
    std::array events{event_of(key)};
    ASSERT_TRUE(store->describe(object, events));
    EXPECT_LT(0u, events[0].id);
    EXPECT_EQ(store->find("lake", key).value()->headers, object.headers);
    EXPECT_EQ(body(*store, key), bytes);
  }
  EXPECT_FALSE(store->describe(object_named("absent", ""), {}));
  EXPECT_EQ(keys(*store, {}), "large parts small");
}

TEST_P(ObjectStoreContract, RemovesABucketWithItsUploads) {
  put_part(*store, begin_upload(*store, "k", "u"), 1, large);
  ASSERT_TRUE(store->remove_bucket("lake"));
  ASSERT_TRUE(store->put_bucket(Bucket{.name = "lake"}));
  EXPECT_EQ(uploads(*store, {}), "");
  EXPECT_EQ(parts(*store, "u"), "");
}

TEST_P(ObjectStoreContract, RefusesAnUploadInABucketThatIsNotThere) {
  MultipartUpload upload = upload_of("k", "u");
  upload.bucket = "desert";
  EXPECT_FALSE(store->put_upload(upload));
}

INSTANTIATE_TEST_SUITE_P(Stores, ObjectStoreContract, testing::Values(Kind::memory, Kind::sqlite),
                         [](const auto& kind) {
                           return kind.param == Kind::memory ? "Memory" : "Sqlite";
                         });

TEST(SqliteStore, IsTheSameAfterItWasClosedAndOpened) {
  TemporaryFolder folder;
  std::uint64_t sequence = 0;
  {
    auto store = open_on_disk(folder.path());
    ASSERT_TRUE(
        store->put_bucket(Bucket{.name = "lake", .configurations = {{"notification", "<n/>"}}}));
    std::array events{event_of("big")};
    put(*store, "big", large, events);
    put(*store, "little", small);
    sequence = store->next_sequence().value();
  }
  auto store = open_on_disk(folder.path());
  EXPECT_EQ(store->find_bucket("lake").value()->configurations.at("notification"), "<n/>");
  EXPECT_EQ(body(*store, "big"), large);
  EXPECT_EQ(body(*store, "little"), small);
  EXPECT_EQ(store->outbox().value().size(), 1u);
  EXPECT_LT(sequence, store->next_sequence().value());
}

TEST(SqliteStore, KeepsOneFileForEachLargeBodyAndNoneForOthers) {
  TemporaryFolder folder;
  auto store = open_on_disk(folder.path());
  ASSERT_TRUE(store->put_bucket(Bucket{.name = "lake"}));
  put(*store, "little", small);
  EXPECT_EQ(files_in(folder.path() + "/bodies"), 0u);
  put(*store, "big", large);
  put(*store, "big", large);
  EXPECT_EQ(files_in(folder.path() + "/bodies"), 1u);
  put(*store, "big", small);
  EXPECT_EQ(files_in(folder.path() + "/bodies"), 0u);
}

TEST(SqliteStore, KeepsTheFilesOfPartsAsLongAsTheyAreNeeded) {
  TemporaryFolder folder;
  const std::string bodies = folder.path() + "/bodies";
  auto store = open_on_disk(folder.path());
  ASSERT_TRUE(store->put_bucket(Bucket{.name = "lake"}));
  const MultipartUpload upload = begin_upload(*store, "k", "u");
  for (const std::uint32_t number : {1u, 2u, 3u, 3u}) put_part(*store, upload, number, large);
  EXPECT_EQ(files_in(bodies), 3u);
  complete(*store, upload, {1, 3});
  EXPECT_EQ(files_in(bodies), 2u);
  auto first = store->open(*store->find("lake", "k").value()).value();
  auto second = store->open(*store->find("lake", "k").value()).value();
  put(*store, "k", small);
  EXPECT_EQ(files_in(bodies), 2u) << "still read";
  first.reset();
  EXPECT_EQ(files_in(bodies), 2u);
  store.reset();
  EXPECT_EQ(read_all(*second), large + large);
  second.reset();
  EXPECT_EQ(files_in(bodies), 0u);
}

TEST(SqliteStore, LeavesNoFilesOfAnUploadThatIsRemoved) {
  TemporaryFolder folder;
  auto store = open_on_disk(folder.path());
  ASSERT_TRUE(store->put_bucket(Bucket{.name = "lake"}));
  const MultipartUpload upload = begin_upload(*store, "k", "u");
  put_part(*store, upload, 1, large);
  ASSERT_TRUE(store->remove_upload(upload));
  put_part(*store, begin_upload(*store, "k", "v"), 1, large);
  ASSERT_TRUE(store->remove_bucket("lake"));
  EXPECT_EQ(files_in(folder.path() + "/bodies"), 0u);
}

TEST(SqliteStore, GoesOnWithAnUploadAfterItWasClosedAndOpened) {
  TemporaryFolder folder;
  const MultipartUpload upload = upload_of("k", "u");
  {
    auto store = open_on_disk(folder.path());
    ASSERT_TRUE(store->put_bucket(Bucket{.name = "lake"}));
    ASSERT_TRUE(store->put_upload(upload));
    put_part(*store, upload, 1, large);
  }
  {
    auto store = open_on_disk(folder.path());
    put_part(*store, upload, 2, small);
    EXPECT_EQ(parts(*store, "u"), "1=p1 2=p2");
    complete(*store, upload, {1, 2});
  }
  auto store = open_on_disk(folder.path());
  EXPECT_EQ(body(*store, "k"), large + small);
}

// The tables as they were before multipart uploads.
void make_folder_of_the_first_version(const std::string& folder) {
  auto database = sqlite::Database::open(folder + "/s3.sqlite", sqlite::Sync::off).value();
  const auto made = database.execute(R"sql(
CREATE TABLE buckets (name TEXT PRIMARY KEY, region TEXT NOT NULL, created INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE configurations (
  bucket TEXT NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (bucket, name)) WITHOUT ROWID;
CREATE TABLE objects (
  bucket TEXT NOT NULL, key TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, last_modified INTEGER NOT NULL,
  sequencer TEXT NOT NULL, headers BLOB NOT NULL, body INTEGER NOT NULL, PRIMARY KEY (bucket, key)) WITHOUT ROWID;
CREATE TABLE bodies (id INTEGER PRIMARY KEY, bytes BLOB);
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT, destination TEXT NOT NULL, bucket TEXT NOT NULL, key TEXT NOT NULL,
  event TEXT NOT NULL, record TEXT NOT NULL);
CREATE TABLE sequence (reserved INTEGER NOT NULL);
INSERT INTO sequence VALUES (1024);
INSERT INTO buckets VALUES ('lake', 'us-east-1', 0);
INSERT INTO bodies VALUES (1, 'old bytes');
INSERT INTO objects VALUES ('lake', 'old', 9, 'e', 0, '00F1', x'', 1);
)sql");
  ASSERT_TRUE(made) << made.error().text();
}

TEST(SqliteStore, OpensAFolderThatAnOlderVersionMade) {
  TemporaryFolder folder;
  make_folder_of_the_first_version(folder.path());
  for (int time = 0; time < 2; ++time) {
    auto store = open_on_disk(folder.path());
    EXPECT_EQ(body(*store, "old"), "old bytes");
    const MultipartUpload upload = begin_upload(*store, "new", "u" + std::to_string(time));
    put_part(*store, upload, 1, large);
    complete(*store, upload, {1});
    EXPECT_EQ(body(*store, "new"), large);
    EXPECT_LT(1024u, store->next_sequence().value());
  }
}

TEST(SqliteStore, RefusesAFolderThatANewerVersionMade) {
  TemporaryFolder folder;
  open_on_disk(folder.path()).reset();
  ASSERT_TRUE(sqlite::Database::open(folder.path() + "/s3.sqlite")
                  .value()
                  .execute("PRAGMA user_version = 1000"));
  const auto store = sqlite_store(folder.path(), sqlite::Sync::off);
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().text().find("newer version"), std::string::npos);
}

TEST(SqliteStore, HoldsABodyThatWentToTheDiskWhileItCame) {
  TemporaryFolder folder;
  auto store = open_on_disk(folder.path(), sqlite::Sync::normal);
  ASSERT_TRUE(store->put_bucket(Bucket{.name = "lake"}));
  std::string bytes(25'000'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(i * 2654435761u >> 13);
  auto writer = store->new_body();
  for (std::size_t at = 0; at < bytes.size(); at += 300'000)
    ASSERT_TRUE(writer->append(std::string_view(bytes).substr(at, 300'000)));
  ASSERT_TRUE(store->put(object_named("big", bytes), writer->finish().value(), {}));
  std::string read(bytes.size(), '\0');
  EXPECT_EQ(store->open(store->find("lake", "big")->value()).value()->read(0, read).value(),
            bytes.size());
  EXPECT_TRUE(read == bytes);
}

TEST(SqliteStore, CommitsWhatIsGatheredTogetherAndSeesItBefore) {
  TemporaryFolder folder;
  auto store = open_on_disk(folder.path());
  ASSERT_TRUE(store->put_bucket(Bucket{.name = "lake"}));
  put(*store, "old", large);
  store->gather(true);
  put(*store, "new", small);
  put(*store, "old", small);
  EXPECT_TRUE(store->has_gathered());
  EXPECT_EQ(body(*store, "new"), small);
  EXPECT_EQ(files_in(folder.path() + "/bodies"), 1u)
      << "the old body stays until its row is gone for certain";
  ASSERT_TRUE(store->commit_gathered());
  EXPECT_FALSE(store->has_gathered());
  EXPECT_EQ(files_in(folder.path() + "/bodies"), 0u);
  put(*store, "late", small);
  store.reset();  // as a crash: nobody was told of it
  store = open_on_disk(folder.path());
  EXPECT_EQ(keys(*store, {}), "new old");
}

TEST(SqliteStore, CommitsWhatIsGatheredWithTheNextOtherWrite) {
  TemporaryFolder folder;
  auto store = open_on_disk(folder.path());
  ASSERT_TRUE(store->put_bucket(Bucket{.name = "lake"}));
  store->gather(true);
  put(*store, "a", small);
  std::array events{event_of("b")};
  put(*store, "b", small, events);
  EXPECT_FALSE(store->has_gathered()) << "what has events is told at once";
  put(*store, "c", small);
  store->gather(false);
  put(*store, "d", small);
  EXPECT_FALSE(store->has_gathered());
  store.reset();
  store = open_on_disk(folder.path());
  EXPECT_EQ(keys(*store, {}), "a b c d");
  EXPECT_EQ(store->outbox()->size(), 1u);
}

TEST(SqliteStore, UndoesOnlyWhatFailsOfWhatIsGathered) {
  TemporaryFolder folder;
  auto store = open_on_disk(folder.path());
  ASSERT_TRUE(store->put_bucket(Bucket{.name = "lake"}));
  store->gather(true);
  put(*store, "a", small);
  Object nowhere = object_named("b", small);
  nowhere.bucket = "nowhere";
  EXPECT_FALSE(store->put(nowhere, write_body(*store, small), {}));
  put(*store, "c", small);
  ASSERT_TRUE(store->commit_gathered());
  store.reset();
  store = open_on_disk(folder.path());
  EXPECT_EQ(keys(*store, {}), "a c");
}

TEST(SqliteStore, LeavesNothingOfABodyThatWasDroppedOrDiscarded) {
  TemporaryFolder folder;
  auto store = open_on_disk(folder.path());
  auto writer = store->new_body();
  ASSERT_TRUE(writer->append(large));
  EXPECT_EQ(files_in(folder.path() + "/bodies"), 1u);
  writer.reset();
  EXPECT_EQ(files_in(folder.path() + "/bodies"), 0u);
  store->discard(write_body(*store, large));
  EXPECT_EQ(files_in(folder.path() + "/bodies"), 0u);
}

TEST(SqliteStore, SweepsOrphansAtTheStartButNoStrangers) {
  TemporaryFolder folder;
  {
    auto store = open_on_disk(folder.path());
    ASSERT_TRUE(store->put_bucket(Bucket{.name = "lake"}));
    put(*store, "big", large);
    write_body(*store, large);  // finished, never put
  }
  const std::string bodies = folder.path() + "/bodies";
  ASSERT_TRUE(base::write_file_atomically(bodies + "/00000000000000ff.part", "half"));
  ASSERT_TRUE(base::write_file_atomically(bodies + "/notes.txt", "a user's"));
  auto store = open_on_disk(folder.path());
  EXPECT_EQ(files_in(bodies), 2u);
  EXPECT_EQ(body(*store, "big"), large);
}

TEST(SqliteStore, StillHoldsTheOldObjectIfThePutFails) {
  TemporaryFolder folder;
  auto store = open_on_disk(folder.path());
  ASSERT_TRUE(store->put_bucket(Bucket{.name = "lake"}));
  put(*store, "k", large);
  // The same file cannot belong to two objects: the second row of this id breaks the transaction
  // half-way.
  const BodyRef body_ref = write_body(*store, large + large);
  ASSERT_TRUE(store->put(object_named("other", large + large), body_ref, {}));
  std::array events{event_of("k")};
  EXPECT_FALSE(store->put(object_named("k", large + large), body_ref, events));
  EXPECT_EQ(body(*store, "k"), large);
  EXPECT_TRUE(store->outbox().value().empty());
}

// Runs `work` in a child process.
pid_t in_child(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    work();
    ::_exit(0);
  }
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

TEST(SqliteStore, RefusesASecondProcessOnTheSameFolder) {
  TemporaryFolder folder;
  auto store = open_on_disk(folder.path());
  const pid_t child = in_child([&] {
    const auto second = sqlite_store(folder.path(), sqlite::Sync::off);
    ::_exit(second ? 1 : 0);
  });
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_TRUE(store->put_bucket(Bucket{.name = "lake"}));
}

std::string numbered_body(int number) {
  // Small and large bodies in turn, each told from the others.
  return std::string(number % 2 == 0 ? 20 : 3000, static_cast<char>('a' + number % 26)) +
         std::to_string(number);
}
std::string numbered_key(int number) { return "key-" + std::to_string(number % 7); }

// Puts for ever, overwriting a few keys, and tells each acknowledged put by a byte on the pipe.
void put_for_ever(const std::string& folder, int acknowledged) {
  auto store = open_on_disk(folder, sqlite::Sync::normal);
  if (!store->put_bucket(Bucket{.name = "lake"})) return;
  for (int number = 0;; ++number) {
    std::array events{event_of(std::to_string(number))};
    put(*store, numbered_key(number), numbered_body(number), events);
    if (::write(acknowledged, "x", 1) != 1) return;
  }
}

class KilledStore : public testing::TestWithParam<int> {};

TEST_P(KilledStore, HoldsEverythingThatWasAcknowledgedAndNothingByHalves) {
  TemporaryFolder folder;
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  const pid_t child = in_child([&] {
    ::close(pipe[0]);
    put_for_ever(folder.path(), pipe[1]);
  });
  ::close(pipe[1]);
  int acknowledged = 0;
  char byte;
  while (acknowledged < GetParam() && ::read(pipe[0], &byte, 1) == 1) ++acknowledged;
  ::kill(child, SIGKILL);
  EXPECT_TRUE(WIFSIGNALED(wait_for(child)));
  while (::read(pipe[0], &byte, 1) == 1) ++acknowledged;  // puts that ended before the signal
  ::close(pipe[0]);
  ASSERT_LE(GetParam(), acknowledged);

  auto store = open_on_disk(folder.path());
  const auto outbox = store->outbox().value();
  const int stored = static_cast<int>(outbox.size());
  ASSERT_LE(acknowledged, stored);
  ASSERT_LE(stored, acknowledged + 1);  // one may have been committed but not yet told
  std::size_t large_bodies = 0;
  for (int number = 0; number < stored; ++number) {
    EXPECT_EQ(outbox[static_cast<std::size_t>(number)].key, std::to_string(number));
    if (number + 7 < stored) continue;  // overwritten since
    EXPECT_EQ(body(*store, numbered_key(number)), numbered_body(number));
    large_bodies += number % 2 == 0 ? 0 : 1;
  }
  EXPECT_EQ(files_in(folder.path() + "/bodies"), large_bodies);
}

INSTANTIATE_TEST_SUITE_P(AfterPuts, KilledStore, testing::Values(0, 1, 2, 9, 40, 41));

// Uploads of three parts each for ever, all to one key; a byte on the pipe for each begin, part and
// completion.
void upload_for_ever(const std::string& folder, int acknowledged) {
  auto store = open_on_disk(folder, sqlite::Sync::normal);
  if (!store->put_bucket(Bucket{.name = "lake"})) return;
  const auto tell = [&] { return ::write(acknowledged, "x", 1) == 1; };
  for (int number = 0;; ++number) {
    const MultipartUpload upload = begin_upload(*store, "k", std::to_string(number));
    if (!tell()) return;
    for (const std::uint32_t part : {1u, 2u, 3u}) {
      put_part(*store, upload, part, numbered_body(static_cast<int>(part)));
      if (!tell()) return;
    }
    std::array events{event_of(upload.id)};
    complete(*store, upload, {1, 2, 3}, events);
    if (!tell()) return;
  }
}

class KilledUpload : public testing::TestWithParam<int> {};

TEST_P(KilledUpload, HoldsThePartsThatWereAcknowledgedAndNoObjectByHalves) {
  TemporaryFolder folder;
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  const pid_t child = in_child([&] {
    ::close(pipe[0]);
    upload_for_ever(folder.path(), pipe[1]);
  });
  ::close(pipe[1]);
  int told = 0;
  char byte;
  while (told < GetParam() && ::read(pipe[0], &byte, 1) == 1) ++told;
  ::kill(child, SIGKILL);
  EXPECT_TRUE(WIFSIGNALED(wait_for(child)));
  while (::read(pipe[0], &byte, 1) == 1) ++told;
  ::close(pipe[0]);

  auto store = open_on_disk(folder.path());
  const std::string whole = numbered_body(1) + numbered_body(2) + numbered_body(3);
  const int completed = static_cast<int>(store->outbox().value().size());
  const auto open_uploads = store->uploads("lake", {}).value();
  ASSERT_LE(open_uploads.size(), 1u);
  const std::size_t parts_of_open =
      open_uploads.empty() ? 0 : store->parts(open_uploads[0].id).value().size();
  const int steps =
      completed * 5 + (open_uploads.empty() ? 0 : 1 + static_cast<int>(parts_of_open));
  ASSERT_LE(told, steps);
  ASSERT_LE(steps, told + 1);  // one may have been committed but not yet told
  EXPECT_EQ(body(*store, "k"), completed == 0 ? "(absent)" : whole);
  // Of the three bodies the first and the third are files.
  EXPECT_EQ(files_in(folder.path() + "/bodies"),
            (completed == 0 ? 0u : 2u) + (parts_of_open + 1) / 2);
  if (parts_of_open == 3) {
    complete(*store, open_uploads[0], {1, 2, 3});
    EXPECT_EQ(body(*store, "k"), whole);
  }
}

INSTANTIATE_TEST_SUITE_P(AfterSteps, KilledUpload, testing::Values(1, 2, 4, 5, 6, 23, 24, 40));

}  // namespace
}  // namespace emulator::s3
