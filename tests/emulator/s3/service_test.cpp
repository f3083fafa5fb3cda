#include "emulator/s3/service.h"

#include "emulator/base/digest.h"
#include "emulator/base/text.h"
#include "tests/emulator/s3/world.h"

namespace emulator::s3 {
namespace {

TEST(CreateBucket, RefusesBadNames) {
  World world;
  for (const char* name : {"ab", "Upper", "a_b", "-ab", "ab-", "a..b", "192.168.0.1", "xn--abc",
                           "sthree-abc", "abc-s3alias", "abc--ol-s3", ""}) {
    EXPECT_EQ(outcome(world.service.create_bucket(name)), "InvalidBucketName") << name;
  }
  EXPECT_EQ(outcome(world.service.create_bucket(std::string(64, 'a'))), "InvalidBucketName");
  EXPECT_EQ(outcome(world.service.create_bucket("my.bucket-1")), "ok");
}

TEST(CreateBucket, AgainIsFineInUsEast1Only) {
  World world;
  world.bucket("one");
  EXPECT_EQ(outcome(world.service.create_bucket("one")), "ok");
  EXPECT_EQ(outcome(world.service.create_bucket("two", "eu-west-1")), "ok");
  EXPECT_EQ(outcome(world.service.create_bucket("two", "eu-west-1")), "BucketAlreadyOwnedByYou");
  EXPECT_EQ(world.service.list_buckets()->size(), 2u);
}

TEST(DeleteBucket, NeedsAnEmptyBucket) {
  World world;
  world.bucket("one");
  world.put("one", "a");
  EXPECT_EQ(outcome(world.service.delete_bucket("one")), "BucketNotEmpty");
  ASSERT_TRUE(world.service.delete_object({.bucket = "one", .key = "a"}));
  EXPECT_EQ(outcome(world.service.delete_bucket("one")), "ok");
  EXPECT_EQ(outcome(world.service.head_bucket("one")), "NoSuchBucket");
}

TEST(PutObject, ReplacesTheBodyAndTheETag) {
  World world;
  world.bucket("one");
  EXPECT_EQ(world.put("one", "a", "old").etag,
            base::to_hex(base::hash(base::HashKind::md5, "old")));
  const PutObjectOutput second = world.put("one", "a", "newer");
  const ObjectBody got = world.service.get_object("one", "a").value();
  EXPECT_EQ(got.read_all(), "newer");
  EXPECT_EQ(got.object.etag, second.etag);
  EXPECT_EQ(got.object.size, 5u);
  EXPECT_EQ(got.object.last_modified, world.service.now());
}

TEST(PutObject, RefusesKeysThatS3Refuses) {
  World world;
  world.bucket("one");
  EXPECT_EQ(outcome(world.service.put_object({.bucket = "one", .key = std::string(1025, 'k')}, "")),
            "KeyTooLongError");
  EXPECT_EQ(outcome(world.service.put_object({.bucket = "one", .key = std::string(1024, 'k')}, "")),
            "ok");
  EXPECT_EQ(outcome(world.service.put_object({.bucket = "one", .key = ""}, "")), "InvalidRequest");
  EXPECT_EQ(outcome(world.service.put_object({.bucket = "one", .key = "\xff"}, "")), "InvalidURI");
  EXPECT_EQ(outcome(world.service.put_object({.bucket = "none", .key = "k"}, "")), "NoSuchBucket");
}

TEST(PutObject, KeepsKeysApartThatAFileSystemWouldNot) {
  World world;
  world.bucket("one");
  for (const char* key : {"a", "a/b", "a//b", "/a", "a/../b", "./a", "a/"})
    world.put("one", key, key);
  for (const char* key : {"a", "a/b", "a//b", "/a", "a/../b", "./a", "a/"}) {
    EXPECT_EQ(world.service.get_object("one", key)->read_all(), key);
  }
}

TEST(PutObject, SequencersGrowAsText) {
  World world;
  world.bucket("one");
  const std::string first = world.put("one", "a").sequencer;
  const std::string second = world.put("one", "a").sequencer;
  EXPECT_EQ(first.size(), 16u);
  EXPECT_LT(first, second);
}

TEST(PutObject, HoldsItsConditions) {
  World world;
  world.bucket("one");
  const auto put = [&](Conditions conditions) {
    return outcome(world.service.put_object(
        {.bucket = "one", .key = "a", .conditions = std::move(conditions)}, "body"));
  };
  EXPECT_EQ(put({.if_match = "\"abc\""}), "NoSuchKey");
  EXPECT_EQ(put({.if_none_match = "*"}), "ok");
  EXPECT_EQ(put({.if_none_match = "*"}), "PreconditionFailed");
  EXPECT_EQ(put({.if_none_match = "\"abc\""}), "NotImplemented");
  EXPECT_EQ(put({.if_match = "\"abc\""}), "PreconditionFailed");
  EXPECT_EQ(put({.if_match = "\"" + base::to_hex(base::hash(base::HashKind::md5, "body")) + "\""}),
            "ok");
}

TEST(Upload, StoresWhatArrivedInPieces) {
  World world;
  world.bucket("one");
  auto upload = world.service.begin_put_object({.bucket = "one", .key = "a"},
                                               world.service.new_request_ids());
  ASSERT_TRUE(upload);
  ASSERT_TRUE((*upload)->append("ab"));
  ASSERT_TRUE((*upload)->append("cd"));
  EXPECT_EQ(outcome(world.service.head_object("one", "a")), "NoSuchKey");
  ASSERT_TRUE((*upload)->finish());
  EXPECT_EQ(world.service.get_object("one", "a")->read_all(), "abcd");
}

TEST(Upload, LeavesNothingWhenItIsDropped) {
  World world;
  world.bucket("one");
  world.service.begin_put_object({.bucket = "one", .key = "a"}, world.service.new_request_ids())
      .value()
      .reset();
  EXPECT_EQ(outcome(world.service.head_object("one", "a")), "NoSuchKey");
  EXPECT_EQ(
      outcome(world.service.put_object({.bucket = "one", .key = "a", .expected_md5 = "00"}, "b")),
      "BadDigest");
  EXPECT_EQ(outcome(world.service.head_object("one", "a")), "NoSuchKey");
}

TEST(Upload, TheFirstOfTwoConditionalWritesToFinishWins) {
  World world;
  world.bucket("one");
  const PutObjectInput input{.bucket = "one", .key = "a", .conditions = {.if_none_match = "*"}};
  auto first = world.service.begin_put_object(input, world.service.new_request_ids()).value();
  auto second = world.service.begin_put_object(input, world.service.new_request_ids()).value();
  EXPECT_EQ(outcome(second->finish()), "ok");
  EXPECT_EQ(outcome(first->finish()), "PreconditionFailed");
  auto third = world.service
                   .begin_put_object({.bucket = "one", .key = "a", .conditions = {.if_match = "*"}},
                                     world.service.new_request_ids())
                   .value();
  ASSERT_TRUE(world.service.delete_object({.bucket = "one", .key = "a"}));
  EXPECT_EQ(outcome(third->finish()), "ConditionalRequestConflict");
}

TEST(GetObject, GoesOnReadingTheOldBodyAfterAnOverwrite) {
  World world;
  world.bucket("one");
  world.put("one", "a", "old");
  const ObjectBody old = world.service.get_object("one", "a").value();
  world.put("one", "a", "new");
  EXPECT_EQ(old.read_all(), "old");
}

TEST(PutObject, ForgivesAnEtagOneOfItsQuotes) {
  World world;
  world.bucket("one");
  const std::string etag = world.put("one", "a").etag;
  for (const std::string& given : {etag, etag + "\"", "\"" + etag}) {
    EXPECT_EQ(outcome(world.service.put_object(
                  {.bucket = "one", .key = "a", .conditions = {.if_match = given}}, "x")),
              "ok")
        << given;
  }
}

TEST(DeleteObject, HoldsIfMatchAndForgivesAnAbsentKey) {
  World world;
  world.bucket("one");
  const std::string etag = world.put("one", "a").etag;
  EXPECT_EQ(outcome(world.service.delete_object({.bucket = "one", .key = "none"})), "ok");
  EXPECT_EQ(outcome(world.service.delete_object(
                {.bucket = "one", .key = "none", .conditions = {.if_match = "*"}})),
            "NoSuchKey");
  EXPECT_EQ(outcome(world.service.delete_object(
                {.bucket = "one", .key = "a", .conditions = {.if_match = "abc"}})),
            "PreconditionFailed");
  EXPECT_EQ(outcome(world.service.delete_object(
                {.bucket = "one", .key = "a", .conditions = {.if_match = etag}})),
            "ok");
  EXPECT_EQ(outcome(world.service.delete_object({.bucket = "none", .key = "a"})), "NoSuchBucket");
}

TEST(CopyObject, CopiesBodyAndHeadersOrReplacesThem) {
  World world;
  world.bucket("one");
  ASSERT_TRUE(world.service.put_object(
      {.bucket = "one",
       .key = "a",
       .headers = {{"content-type", "text/csv"}, {"x-amz-checksum-crc32", "AAAA"}}},
      "body"));
  CopyObjectInput input{.source_bucket = "one", .source_key = "a", .bucket = "one", .key = "b"};
  EXPECT_EQ(world.service.copy_object(input)->object.headers.at("content-type"), "text/csv");
  input.replace_headers = true;
  input.headers = {{"content-type", "text/plain"}};
  const Object replaced = world.service.copy_object(input)->object;
  EXPECT_EQ(replaced.headers.at("content-type"), "text/plain");
  EXPECT_EQ(replaced.headers.at("x-amz-checksum-crc32"), "AAAA");
  EXPECT_EQ(world.service.get_object("one", "b")->read_all(), "body");
  EXPECT_EQ(replaced.etag, base::to_hex(base::hash(base::HashKind::md5, "body")));
}

TEST(CopyObject, OntoItselfNeedsAChange) {
  World world;
  world.bucket("one");
  world.put("one", "a");
  CopyObjectInput input{.source_bucket = "one", .source_key = "a", .bucket = "one", .key = "a"};
  EXPECT_EQ(outcome(world.service.copy_object(input)), "InvalidRequest");
  input.replace_headers = true;
  EXPECT_EQ(outcome(world.service.copy_object(input)), "ok");
}

TEST(CopyObject, HoldsTheConditionsOfBothSides) {
  World world;
  world.bucket("one");
  const std::string etag = world.put("one", "a").etag;
  CopyObjectInput input{.source_bucket = "one", .source_key = "a", .bucket = "one", .key = "b"};
  input.source_conditions = {.if_none_match = etag};
  EXPECT_EQ(outcome(world.service.copy_object(input)), "PreconditionFailed");
  input.source_conditions = {.if_match = etag};
  input.conditions = {.if_none_match = "*"};
  EXPECT_EQ(outcome(world.service.copy_object(input)), "ok");
  EXPECT_EQ(outcome(world.service.copy_object(input)), "PreconditionFailed");
}

}  // namespace
}  // namespace emulator::s3
