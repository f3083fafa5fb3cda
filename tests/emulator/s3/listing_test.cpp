#include "tests/emulator/s3/world.h"

namespace emulator::s3 {
namespace {

// Counts the rows that a listing reads.
class CountingStore final : public ObjectStore {
 public:
  explicit CountingStore(ObjectStore& store) : store_(store) {}
  base::Result<void> put_bucket(const Bucket& bucket) override { return store_.put_bucket(bucket); }
  base::Result<void> remove_bucket(std::string_view name) override {
    return store_.remove_bucket(name);
  }
  base::Result<std::vector<Bucket>> buckets() override { return store_.buckets(); }
  base::Result<std::optional<Bucket>> find_bucket(std::string_view name) override {
    return store_.find_bucket(name);
  }
  std::unique_ptr<BodyWriter> new_body(std::uint64_t size) override {
    return store_.new_body(size);
  }
  void discard(const BodyRef& body) override { store_.discard(body); }
  base::Result<std::unique_ptr<BodyReader>> open(const Object& object) override {
    return store_.open(object);
  }
  base::Result<void> put(const Object& object, const BodyRef& body,
                         std::span<OutboxEvent> events) override {
    return store_.put(object, body, events);
  }
  base::Result<void> describe(const Object& object, std::span<OutboxEvent> events) override {
    return store_.describe(object, events);
  }
  base::Result<void> put_delete_marker(const Object& marker,
                                       std::span<OutboxEvent> events) override {
    return store_.put_delete_marker(marker, events);
  }
  base::Result<void> remove(const Object& object, std::span<OutboxEvent> events) override {
    return store_.remove(object, events);
  }
  base::Result<std::optional<Object>> find_version(std::string_view bucket, std::string_view key,
                                                   std::string_view version_id) override {
    return store_.find_version(bucket, key, version_id);
  }
  base::Result<std::vector<ListedVersion>> list_versions(std::string_view bucket,
                                                         const VersionRange& range) override {
    auto versions = store_.list_versions(bucket, range);
    rows += versions->size();
    return versions;
  }
  base::Result<std::optional<Object>> find(std::string_view bucket, std::string_view key) override {
    return store_.find(bucket, key);
  }
  base::Result<std::vector<Object>> list(std::string_view bucket, const Range& range) override {
    auto objects = store_.list(bucket, range);
    rows += objects->size();
    return objects;
  }
  base::Result<void> put_upload(const MultipartUpload& upload) override {
    return store_.put_upload(upload);
  }
  base::Result<std::optional<MultipartUpload>> find_upload(std::string_view bucket,
                                                           std::string_view key,
                                                           std::string_view id) override {
    return store_.find_upload(bucket, key, id);
  }
  base::Result<std::vector<MultipartUpload>> uploads(std::string_view bucket,
                                                     const UploadRange& range) override {
    return store_.uploads(bucket, range);
  }
  base::Result<void> remove_upload(const MultipartUpload& upload) override {
    return store_.remove_upload(upload);
  }
  base::Result<void> put_part(const MultipartUpload& upload, const Part& part,
                              const BodyRef& body) override {
    return store_.put_part(upload, part, body);
  }
  base::Result<void> complete(const Object& object, std::span<const std::uint32_t> numbers,
                              std::span<OutboxEvent> events) override {
    return store_.complete(object, numbers, events);
  }
  base::Result<std::vector<Part>> parts(std::string_view upload_id, std::uint32_t after,
                                        std::size_t limit) override {
    return store_.parts(upload_id, after, limit);
  }
  base::Result<std::vector<OutboxEvent>> outbox() override { return store_.outbox(); }
  base::Result<void> delivered(std::uint64_t id) override { return store_.delivered(id); }
  base::Result<std::uint64_t> next_sequence() override { return store_.next_sequence(); }

  std::size_t rows = 0;

 private:
  ObjectStore& store_;
};

std::string list(World& world, ListObjectsInput input) {
  input.bucket = "one";
  const auto output = world.service.list_objects(input);
  return output ? describe(*output) : output.error().text();
}

// Every page, joined.
std::vector<std::string> all_pages(World& world, ListObjectsInput input) {
  input.bucket = "one";
  std::vector<std::string> out;
  for (int pages = 0; pages < 1000; ++pages) {
    const ListObjectsOutput output = world.service.list_objects(input).value();
    for (const Object& object : output.objects) out.push_back(object.key);
    for (const std::string& prefix : output.common_prefixes) out.push_back(prefix);
    if (!output.truncated) return out;
    input.start_after = output.next_start_after;
  }
  ADD_FAILURE() << "the listing does not end";
  return out;
}

World& fill(World& world) {
  world.bucket("one");
  for (const char* key : {"a", "a/", "a/1", "a/2", "a0", "b/1/x", "b/2", "\xC3\xA9", "z"})
    world.put("one", key);
  return world;
}

TEST(ListObjects, AnswersInByteOrder) {
  World world;
  EXPECT_EQ(list(fill(world), {}), "a a/ a/1 a/2 a0 b/1/x b/2 z \xC3\xA9");
}

TEST(ListObjects, FiltersByPrefixAndBeginsBehindStartAfter) {
  World world;
  fill(world);
  EXPECT_EQ(list(world, {.prefix = "a/"}), "a/ a/1 a/2");
  EXPECT_EQ(list(world, {.prefix = "a/", .start_after = "a/1"}), "a/2");
  EXPECT_EQ(list(world, {.prefix = "a/", .start_after = "A"}), "a/ a/1 a/2");
  EXPECT_EQ(list(world, {.prefix = "a/", .start_after = "b"}), "");
}

TEST(ListObjects, RollsUpWhatADelimiterCuts) {
  World world;
  fill(world);
  EXPECT_EQ(list(world, {.delimiter = "/"}), "a a0 z \xC3\xA9 [a/] [b/]");
  EXPECT_EQ(list(world, {.prefix = "b/", .delimiter = "/"}), "b/2 [b/1/]");
  EXPECT_EQ(list(world, {.prefix = "a", .delimiter = "/"}), "a a0 [a/]");
  EXPECT_EQ(list(world, {.prefix = "a/", .delimiter = "/"}), "a/ a/1 a/2");
  EXPECT_EQ(list(world, {.delimiter = "/1"}), "a a/ a/2 a0 b/2 z \xC3\xA9 [a/1] [b/1]");
}

TEST(ListObjects, CountsKeysAndPrefixesAgainstMaxKeys) {
  World world;
  fill(world);
  EXPECT_EQ(list(world, {.max_keys = 0}), "");
  EXPECT_EQ(list(world, {.delimiter = "/", .max_keys = 2}), "a [a/] ...");
  EXPECT_EQ(list(world, {.delimiter = "/", .max_keys = 6}), "a a0 z \xC3\xA9 [a/] [b/]");
  EXPECT_EQ(list(world, {.max_keys = 9}), "a a/ a/1 a/2 a0 b/1/x b/2 z \xC3\xA9");
  EXPECT_EQ(list(world, {.max_keys = 8}), "a a/ a/1 a/2 a0 b/1/x b/2 z ...");
}

TEST(ListObjects, ThePagesTogetherAreTheWholeWhateverTheirSize) {
  World world;
  fill(world);
  for (std::size_t max_keys = 1; max_keys <= 10; ++max_keys) {
    EXPECT_EQ(all_pages(world, {.max_keys = max_keys}).size(), 9u) << max_keys;
    std::vector<std::string> rolled_up = all_pages(world, {.delimiter = "/", .max_keys = max_keys});
    std::sort(rolled_up.begin(), rolled_up.end());
    EXPECT_EQ(rolled_up, (std::vector<std::string>{"a", "a/", "a0", "b/", "z", "\xC3\xA9"}))
        << max_keys;
  }
}

TEST(ListObjects, SeeksPastACommonPrefix) {
  World world;
  world.bucket("one");
  for (int i = 0; i < 3000; ++i)
    world.put("one", "dir" + std::to_string(i % 3) + "/" + std::to_string(i));
  CountingStore counting(*world.store);
  Service service(counting, world.scheduler, world.trace, world.faults, sim::Random(1, "other"));
  const ListObjectsOutput output =
      service.list_objects({.bucket = "one", .delimiter = "/"}).value();
  EXPECT_EQ(describe(output), "[dir0/] [dir1/] [dir2/]");
  EXPECT_LT(counting.rows, 30u);
}

TEST(ListObjects, ReadsNoRowOfVersionsThatAreNotCurrent) {
  World world;
  world.bucket("one");
  ASSERT_TRUE(
      world.service.put_bucket_document("one", "versioning", versioning_document("Enabled")));
  for (int i = 0; i < 300; ++i) world.put("one", i % 2 == 0 ? "a" : "b");
  for (int i = 0; i < 300; ++i)
    ASSERT_TRUE(world.service.delete_object({.bucket = "one", .key = "b"}));
  CountingStore counting(*world.store);
  Service service(counting, world.scheduler, world.trace, world.faults, sim::Random(1, "other"));
  EXPECT_EQ(describe(service.list_objects({.bucket = "one"}).value()), "a");
  EXPECT_EQ(counting.rows, 1u);
}

TEST(ListObjectVersions, SeeksPastACommonPrefix) {
  World world;
  world.bucket("one");
  ASSERT_TRUE(
      world.service.put_bucket_document("one", "versioning", versioning_document("Enabled")));
  for (int i = 0; i < 900; ++i) world.put("one", "dir" + std::to_string(i % 3) + "/a");
  CountingStore counting(*world.store);
  Service service(counting, world.scheduler, world.trace, world.faults, sim::Random(1, "other"));
  const ListObjectVersionsOutput output =
      service.list_object_versions({.bucket = "one", .delimiter = "/"}).value();
  EXPECT_EQ(output.common_prefixes, (std::vector<std::string>{"dir0/", "dir1/", "dir2/"}));
  EXPECT_LT(counting.rows, 30u);
}

TEST(ListObjects, NamesTheMissingBucket) {
  World world;
  EXPECT_EQ(outcome(world.service.list_objects({.bucket = "none"})), "NoSuchBucket");
}

}  // namespace
}  // namespace emulator::s3
