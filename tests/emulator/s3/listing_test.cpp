#include "tests/emulator/s3/counting_store.h"
#include "tests/emulator/s3/world.h"

namespace emulator::s3 {
namespace {

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
    for (const ListedObject& object : output.objects) out.push_back(object.key);
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
