// The archive classes: what they refuse until a RestoreObject (AWS: "Restoring an archived
// object").

#include "tests/emulator/s3/rest_client.h"

namespace emulator::s3 {
namespace {

struct ArchiveWorld : RestWorld {
  explicit ArchiveWorld(const std::string& storage_class = "GLACIER") {
    bucket("one");
    send("PUT", "/one/a", {{"x-amz-storage-class", storage_class}}, "cold");
  }
  Answer restore(const std::string& days = "2") {
    return send("POST", "/one/a?restore", {},
                "<RestoreRequest><Days>" + days +
                    "</Days><GlacierJobParameters><Tier>Bulk</Tier></GlacierJobParameters>"
                    "</RestoreRequest>");
  }
};

TEST(Archive, KeepsItsBytesToItselfUntilTheyAreRestored) {
  for (const char* storage_class : {"GLACIER", "DEEP_ARCHIVE"}) {
    ArchiveWorld world(storage_class);
    const Answer refused = world.send("GET", "/one/a");
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.code(), "InvalidObjectState");
    EXPECT_EQ(refused.element("StorageClass"), storage_class);
    EXPECT_EQ(world.send("HEAD", "/one/a").header("x-amz-storage-class"), storage_class);
    EXPECT_EQ(world.send("PUT", "/one/b", {{"x-amz-copy-source", "/one/a"}}).code(),
              "ObjectNotInActiveTierError");
    EXPECT_EQ(world.restore().status, 202);
    EXPECT_EQ(world.send("GET", "/one/a").body, "cold");
    EXPECT_EQ(world.send("PUT", "/one/b", {{"x-amz-copy-source", "/one/a"}}).status, 200);
    // The copy is no archive, and nothing that was restored.
    EXPECT_EQ(world.send("GET", "/one/b").header("x-amz-restore"), "");
  }
}

TEST(Archive, IsOpenedUntilTheMidnightBehindTheDaysAskedFor) {
  ArchiveWorld world;
  world.restore("2");
  EXPECT_EQ(world.send("HEAD", "/one/a").header("x-amz-restore"),
            "ongoing-request=\"false\", expiry-date=\"Mon, 05 Jan 2026 00:00:00 GMT\"");
  EXPECT_EQ(world.restore("4").status, 200);
  world.scheduler.run_until_idle(std::chrono::hours(1));
  world.scheduler.after(std::chrono::hours(24 * 5), "days", [] {});
  world.scheduler.run_until_idle(std::chrono::hours(24 * 6));
  EXPECT_EQ(world.send("GET", "/one/a").code(), "InvalidObjectState");
}

TEST(Archive, IsRestoredOnlyWhereThereIsOne) {
  ArchiveWorld world("STANDARD_IA");
  EXPECT_EQ(world.restore().status, 403);
  EXPECT_EQ(world.restore().code(), "InvalidObjectState");
  EXPECT_EQ(world.restore().element("StorageClass"), "STANDARD_IA");
  EXPECT_EQ(ArchiveWorld("STANDARD").restore().element("StorageClass"), "STANDARD");
  ArchiveWorld archive;
  EXPECT_EQ(archive.restore("0").code(), "InvalidArgument");
  EXPECT_EQ(archive.send("POST", "/one/a?restore", {}, "<RestoreRequest/>").code(), "MalformedXML");
  EXPECT_EQ(
      archive
          .send("POST", "/one/none?restore", {}, "<RestoreRequest><Days>1</Days></RestoreRequest>")
          .code(),
      "NoSuchKey");
}

TEST(Archive, TellsThatARestoreBeganAndThatItEnded) {
  ArchiveWorld world;
  world.notify("one", {"s3:ObjectRestore:*"});
  world.restore();
  world.run();
  ASSERT_EQ(world.inbox.events.size(), 2u);
  EXPECT_NE(world.inbox.events[0].record_json.find("\"ObjectRestore:Post\""), std::string::npos);
  EXPECT_NE(world.inbox.events[1].record_json.find(
                "\"glacierEventData\":{\"restoreEventData\":{\"lifecycleRestorationExpiryTime\":"
                "\"2026-01-05T00:00:00.000Z\",\"lifecycleRestoreStorageClass\":\"GLACIER\"}}"),
            std::string::npos)
      << world.inbox.events[1].record_json;
}

TEST(StorageClass, IsOneOfThoseOfGeneralPurposeBuckets) {
  RestWorld world;
  world.bucket("one");
  for (const char* name : {"OUTPOSTS", "SNOW", "EXPRESS_ONEZONE", "Cheap"}) {
    const Answer answer = world.send("PUT", "/one/a", {{"x-amz-storage-class", name}}, "x");
    EXPECT_EQ(answer.code(), "InvalidStorageClass");
    EXPECT_EQ(answer.element("StorageClassRequested"), name);
  }
}

}  // namespace
}  // namespace emulator::s3
