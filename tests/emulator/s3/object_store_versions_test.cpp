// The part of ObjectStore's contract that is about versions, over each implementation; and the one
// on disk, killed.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <vector>

#include "emulator/s3/version_id.h"
#include "emulator/sim/random.h"
#include "tests/emulator/s3/object_stores.h"

namespace emulator::s3 {
namespace {

std::string sequencer(std::uint64_t number) {
  std::string digits = std::to_string(number);  // decimal digits are hex digits, too
  return std::string(16 - digits.size(), '0') + digits;
}

// Gives versions their ids and their order.
class Versions {
 public:
  Object next(const std::string& key, bool is_null = false) {
    Object object{.bucket = "lake", .key = key, .etag = "e", .sequencer = sequencer(++last_)};
    if (!is_null) object.version_id = new_version_id(random_, object.sequencer);
    return object;
  }

 private:
  sim::Random random_{1, "versions"};
  std::uint64_t last_ = 0;
};

Object put_version(ObjectStore& store, Object object, std::string_view bytes) {
  object.size = bytes.size();
  const auto done = store.put(object, write_body(store, bytes), {});
  EXPECT_TRUE(done) << done.error().text();
  return object;
}

Object put_marker(ObjectStore& store, Object marker) {
  marker.is_delete_marker = true;
  marker.etag.clear();
  const auto done = store.put_delete_marker(marker, {});
  EXPECT_TRUE(done) << done.error().text();
  return marker;
}

std::string bytes_of(ObjectStore& store, const Object& object) {
  auto reader = store.open(object);
  return reader ? read_all(**reader) : "(none)";
}

// "a:2* a:1" by sequence: * the latest, d a delete marker, n the null version. In pages of `page`
// rows.
std::string versions(ObjectStore& store, const std::string& prefix = {}, std::size_t page = 1000) {
  std::string text;
  ObjectStore::VersionRange range{
      .prefix = prefix, .from_key = {}, .before_sequencer = {}, .limit = page};
  while (true) {
    const auto rows = store.list_versions("lake", range).value();
    for (const ListedVersion& row : rows) {
      const Object& object = row.object;
      text += text.empty() ? "" : " ";
      text += object.key + ":" + std::to_string(std::stoi(object.sequencer)) +
              (row.is_latest ? "*" : "") + (object.is_delete_marker ? "d" : "") +
              (object.version_id.empty() ? "n" : "");
      range.from_key = object.key;
      range.before_sequencer = object.sequencer;
    }
    if (rows.size() < page) return text;
  }
}

class StoreOfVersions : public ObjectStoreContract {
 protected:
  Versions next;
};

TEST_P(StoreOfVersions, KeepsWhatWasCurrentUnderItsId) {
  const Object first = put_version(*store, next.next("k"), small),
               second = put_version(*store, next.next("k"), large),
               third = put_version(*store, next.next("k"), "third");
  EXPECT_EQ(body(*store, "k"), "third");
  EXPECT_EQ(keys(*store, {}), "k");
  EXPECT_EQ(versions(*store), "k:3* k:2 k:1");
  EXPECT_EQ(store->find_version("lake", "k", first.version_id).value()->sequencer, first.sequencer);
  EXPECT_EQ(store->find_version("lake", "k", third.version_id).value()->sequencer, third.sequencer);
  EXPECT_EQ(bytes_of(*store, first), small);
  EXPECT_EQ(bytes_of(*store, second), large);
  EXPECT_FALSE(store->find_version("lake", "k", "").value());
  EXPECT_FALSE(store->find_version("lake", "other", first.version_id).value());
  EXPECT_FALSE(store->find_version("lake", "k", "no id").value());
}

TEST_P(StoreOfVersions, DoesNotTakeAnIdForAnotherOfTheSamePlace) {
  const Object object = put_version(*store, next.next("k"), small);
  sim::Random other(2, "versions");
  EXPECT_FALSE(store->find_version("lake", "k", new_version_id(other, object.sequencer)).value());
}

TEST_P(StoreOfVersions, ReplacesTheNullVersionWhereverItLies) {
  put_version(*store, next.next("k", true), large);
  put_version(*store, next.next("k", true), "2");
  EXPECT_EQ(versions(*store), "k:2*n");
  put_version(*store, next.next("k"), "3");
  EXPECT_EQ(versions(*store), "k:3* k:2n");
  EXPECT_EQ(bytes_of(*store, *store->find_version("lake", "k", "").value()), "2");
  put_version(*store, next.next("k", true), "4");
  EXPECT_EQ(versions(*store), "k:4*n k:3");
  put_marker(*store, next.next("k", true));
  EXPECT_EQ(versions(*store), "k:5*dn k:3");
  put_version(*store, next.next("k", true), "6");
  EXPECT_EQ(versions(*store), "k:6*n k:3");
  EXPECT_EQ(body(*store, "k"), "6");
}

TEST_P(StoreOfVersions, HidesAKeyBehindADeleteMarkerUntilThatIsRemoved) {
  put_version(*store, next.next("k"), small);
  const Object marker = put_marker(*store, next.next("k"));
  EXPECT_EQ(versions(*store), "k:2*d k:1");
  EXPECT_EQ(keys(*store, {}), "");
  EXPECT_FALSE(store->find("lake", "k").value());
  EXPECT_TRUE(store->find_version("lake", "k", marker.version_id).value()->is_delete_marker);
  EXPECT_EQ(bytes_of(*store, marker), "(none)");
  const Object second = put_marker(*store, next.next("k"));
  EXPECT_EQ(versions(*store), "k:3*d k:2d k:1");
  ASSERT_TRUE(store->remove(marker, {}));
  EXPECT_EQ(keys(*store, {}), "");
  ASSERT_TRUE(store->remove(second, {}));
  EXPECT_EQ(versions(*store), "k:1*");
  EXPECT_EQ(body(*store, "k"), small);
}

TEST_P(StoreOfVersions, MakesTheNextOneCurrentWhenTheLatestIsRemoved) {
  const Object first = put_version(*store, next.next("k"), large),
               second = put_version(*store, next.next("k"), small),
               third = put_version(*store, next.next("k"), "3");
  ASSERT_TRUE(store->remove(third, {}));
  EXPECT_EQ(body(*store, "k"), small);
  ASSERT_TRUE(store->remove(third, {}));  // again: nothing
  ASSERT_TRUE(store->remove(first, {}));
  EXPECT_EQ(versions(*store), "k:2*");
  EXPECT_EQ(bytes_of(*store, first), "(none)");
  ASSERT_TRUE(store->remove(second, {}));
  EXPECT_EQ(versions(*store), "");
  EXPECT_EQ(keys(*store, {}), "");
}

TEST_P(StoreOfVersions, DescribesAnyVersionAnew) {
  Object first = put_version(*store, next.next("k"), large);
  const Object second = put_version(*store, next.next("k"), small);
  first.headers["x-amz-tagging"] = "a=1";
  ASSERT_TRUE(store->describe(first, {}));
  EXPECT_EQ(store->find_version("lake", "k", first.version_id).value()->headers, first.headers);
  EXPECT_TRUE(store->find("lake", "k").value()->headers.empty());
  EXPECT_EQ(bytes_of(*store, first), large);
  EXPECT_EQ(versions(*store), "k:2* k:1");
  EXPECT_FALSE(store->describe(next.next("k"), {}));
}

TEST_P(StoreOfVersions, ListsFromAnyPlaceAndByPrefix) {
  for (const char* key : {"a", "b/1", "b/2", "c"}) {
    put_version(*store, next.next(key), "1");
    put_version(*store, next.next(key), "2");
  }
  put_marker(*store, next.next("b/1"));
  const std::string all = "a:2* a:1 b/1:9*d b/1:4 b/1:3 b/2:6* b/2:5 c:8* c:7";
  for (const std::size_t page : {1u, 2u, 3u, 4u, 100u}) {
    EXPECT_EQ(versions(*store, "", page), all);
    EXPECT_EQ(versions(*store, "b/", page), "b/1:9*d b/1:4 b/1:3 b/2:6* b/2:5");
    EXPECT_EQ(versions(*store, "x", page), "");
  }
  const auto row =
      store
          ->list_versions("lake",
                          {.prefix = "b/", .from_key = "a", .before_sequencer = "0", .limit = 1})
          .value();
  EXPECT_EQ(row.at(0).object.key, "b/1");
  EXPECT_TRUE(store->list_versions("other", {}).value().empty());
}

// A client that deletes what a page showed goes on behind a version that is gone.
TEST_P(StoreOfVersions, ListsOnFromAPlaceThatIsGone) {
  const Object first = put_version(*store, next.next("k"), "1"),
               second = put_version(*store, next.next("k"), "2"),
               third = put_version(*store, next.next("k"), "3");
  ASSERT_TRUE(store->remove(third, {}));
  const auto rows =
      store
          ->list_versions("lake",
                          {.prefix = {}, .from_key = "k", .before_sequencer = third.sequencer})
          .value();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].object.version_id, second.version_id);
  EXPECT_TRUE(rows[0].is_latest);
  EXPECT_EQ(rows[1].object.version_id, first.version_id);
}

TEST_P(StoreOfVersions, KeepsABucketThatHoldsNothingButADeleteMarker) {
  const Object marker = put_marker(*store, next.next("k"));
  EXPECT_FALSE(store->remove_bucket("lake"));
  ASSERT_TRUE(store->remove(marker, {}));
  EXPECT_TRUE(store->remove_bucket("lake"));
}

TEST_P(StoreOfVersions, KeepsThePartsOfAnOlderVersion) {
  const MultipartUpload upload{.bucket = "lake", .key = "k", .id = "u"};
  ASSERT_TRUE(store->put_upload(upload));
  ASSERT_TRUE(
      store->put_part(upload, Part{.number = 1, .size = large.size()}, write_body(*store, large)));
  ASSERT_TRUE(
      store->put_part(upload, Part{.number = 2, .size = small.size()}, write_body(*store, small)));
  Object object = next.next("k");
  object.upload_id = "u";
  object.size = large.size() + small.size();
  ASSERT_TRUE(store->complete(object, std::array<std::uint32_t, 2>{1, 2}, {}));
  put_version(*store, next.next("k"), "2");
  EXPECT_EQ(bytes_of(*store, object), large + small);
  EXPECT_EQ(store->parts("u").value().size(), 2u);
  ASSERT_TRUE(store->remove(object, {}));
  EXPECT_TRUE(store->parts("u").value().empty());
  EXPECT_EQ(body(*store, "k"), "2");
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreOfVersions, testing::Values(Kind::memory, Kind::sqlite),
                         [](const auto& kind) {
                           return kind.param == Kind::memory ? "Memory" : "Sqlite";
                         });

// Random writes on a few keys, the same for every store; each puts one event in the outbox.
class Script {
 public:
  explicit Script(std::uint64_t seed) : random_(seed, "script") {}

  base::Result<void> step(ObjectStore& store) {
    const std::string key(1, static_cast<char>('a' + random_.below(3)));
    const bool is_null = random_.chance(0.3);
    std::array events{event_of(std::to_string(++steps_))};
    std::vector<Object>& known = known_[key];
    if (random_.chance(0.3) && !known.empty()) {
      const std::size_t at = random_.below(known.size());
      const Object gone = known[at];
      known.erase(known.begin() + static_cast<std::ptrdiff_t>(at));
      return store.remove(gone, events);
    }
    Object object{.bucket = "lake", .key = key, .etag = "e", .sequencer = sequencer(steps_)};
    if (!is_null) object.version_id = new_version_id(random_, object.sequencer);
    object.is_delete_marker = random_.chance(0.25);
    known.push_back(object);
    if (object.is_delete_marker) return store.put_delete_marker(object, events);
    const std::string bytes =
        std::string(random_.chance(0.5) ? 10 : 500, 'x') + std::to_string(steps_);
    object.size = bytes.size();
    return store.put(object, write_body(store, bytes), events);
  }

 private:
  sim::Random random_;
  std::uint64_t steps_ = 0;
  std::map<std::string, std::vector<Object>> known_;
};

// All that can be read of a store.
std::string content(ObjectStore& store) {
  std::string text = versions(store) + " | " + versions(store, {}, 2) + " | " + keys(store, {});
  const auto rows = store.list_versions("lake", {}).value();
  for (const ListedVersion& row : rows) {
    const Object& object = row.object;
    const auto found = store.find_version("lake", object.key, object.version_id).value();
    text += "\n" + object.key + " " + (found ? found->sequencer : "(lost)") + " " +
            object.version_id + " " + bytes_of(store, object);
  }
  return text;
}

TEST(Stores, AgreeAfterAnyWrites) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    TemporaryFolder folder;
    auto memory = memory_store(), disk = open_on_disk(folder.path());
    Script of_memory(seed), of_disk(seed);
    for (ObjectStore* store : {memory.get(), disk.get()})
      ASSERT_TRUE(store->put_bucket(Bucket{.name = "lake"}));
    for (int i = 0; i < 60; ++i) {
      ASSERT_TRUE(of_memory.step(*memory));
      ASSERT_TRUE(of_disk.step(*disk));
      ASSERT_EQ(content(*memory), content(*disk)) << "seed " << seed << ", step " << i;
    }
    const std::string before = content(*disk);
    disk.reset();
    disk = open_on_disk(folder.path());
    ASSERT_EQ(content(*disk), before);
  }
}

// Runs the script until it is killed, a byte on the pipe for each step.
void write_for_ever(const std::string& folder, int acknowledged) {
  auto store = open_on_disk(folder, sqlite::Sync::normal);
  if (!store->put_bucket(Bucket{.name = "lake"})) return;
  Script script(7);
  while (script.step(*store) && ::write(acknowledged, "x", 1) == 1) continue;
}

class KilledVersions : public testing::TestWithParam<int> {};

TEST_P(KilledVersions, AreThoseOfTheStepsThatWereDone) {
  TemporaryFolder folder;
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(pipe[0]);
    write_for_ever(folder.path(), pipe[1]);
    ::_exit(2);
  }
  ::close(pipe[1]);
  int acknowledged = 0;
  char byte;
  while (acknowledged < GetParam() && ::read(pipe[0], &byte, 1) == 1) ++acknowledged;
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  while (::read(pipe[0], &byte, 1) == 1) ++acknowledged;  // steps that ended before the signal
  ::close(pipe[0]);

  auto store = open_on_disk(folder.path());
  const int done = static_cast<int>(store->outbox().value().size());
  ASSERT_LE(acknowledged, done);
  ASSERT_LE(done, acknowledged + 1);  // one may have been committed but not yet told
  auto memory = memory_store();
  ASSERT_TRUE(memory->put_bucket(Bucket{.name = "lake"}));
  Script script(7);
  for (int i = 0; i < done; ++i) ASSERT_TRUE(script.step(*memory));
  EXPECT_EQ(content(*store), content(*memory));
  std::size_t large_bodies = 0;
  const auto rows = memory->list_versions("lake", {}).value();
  for (const ListedVersion& row : rows) large_bodies += row.object.size > inline_bytes_max;
  EXPECT_EQ(files_in(folder.path() + "/bodies"), large_bodies);
}

INSTANTIATE_TEST_SUITE_P(AfterSteps, KilledVersions, testing::Values(1, 5, 30, 61));

}  // namespace
}  // namespace emulator::s3
