#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "emulator/base/json_document.h"
#include "tests/emulator/s3/rest_client.h"

namespace emulator::s3 {
namespace {

std::string tagging(const std::string& tags) {
  return "<Tagging><TagSet>" + tags + "</TagSet></Tagging>";
}
std::string tag(const std::string& key, const std::string& value) {
  return "<Tag><Key>" + key + "</Key><Value>" + value + "</Value></Tag>";
}

struct TaggingWorld : RestWorld {
  TaggingWorld() {
    bucket("one");
    put("one", "a", "body");
  }
};

TEST(ObjectTagging, IsPutReadAndDeletedWithoutTouchingTheObject) {
  TaggingWorld world;
  const Answer before = world.send("GET", "/one/a");
  EXPECT_NE(world.send("GET", "/one/a?tagging").body.find("<TagSet></TagSet>"), std::string::npos);
  world.scheduler.advance_by(std::chrono::hours(1));
  EXPECT_EQ(
      world.send("PUT", "/one/a?tagging", {}, tagging(tag("a b", "+1") + tag("b", "2"))).status,
      200);
  EXPECT_NE(world.send("GET", "/one/a?tagging").body.find(tag("a b", "+1") + tag("b", "2")),
            std::string::npos);
  const Answer after = world.send("GET", "/one/a");
  EXPECT_EQ(after.body, "body");
  EXPECT_EQ(after.header("etag"), before.header("etag"));
  EXPECT_EQ(after.header("last-modified"), before.header("last-modified"));
  EXPECT_EQ(after.header("x-amz-tagging-count"), "2");
  EXPECT_EQ(after.header("x-amz-tagging"), "");
  EXPECT_EQ(world.send("DELETE", "/one/a?tagging").status, 204);
  EXPECT_EQ(world.send("HEAD", "/one/a").header("x-amz-tagging-count"), "");
  EXPECT_EQ(world.send("GET", "/one/none?tagging").code(), "NoSuchKey");
  EXPECT_EQ(world.send("PUT", "/one/none?tagging", {}, tagging("")).code(), "NoSuchKey");
}

TEST(ObjectTagging, ComesWithAPutAndGoesAlongWithACopy) {
  TaggingWorld world;
  EXPECT_EQ(world.send("PUT", "/one/b", {{"x-amz-tagging", "k=v&empty="}}, "x").status, 200);
  EXPECT_EQ(world.send("HEAD", "/one/b").header("x-amz-tagging-count"), "2");
  const auto copy = [&](HeaderList headers) {
    headers.emplace_back("x-amz-copy-source", "/one/b");
    EXPECT_EQ(world.send("PUT", "/one/c", headers).code(), "ok");
    return world.send("GET", "/one/c?tagging").element("TagSet");
  };
  EXPECT_EQ(copy({}), tag("empty", "") + tag("k", "v"));
  EXPECT_EQ(copy({{"x-amz-metadata-directive", "REPLACE"}}), tag("empty", "") + tag("k", "v"));
  EXPECT_EQ(copy({{"x-amz-tagging", "n=1"}}), tag("empty", "") + tag("k", "v"));
  EXPECT_EQ(copy({{"x-amz-tagging", "n=1"}, {"x-amz-tagging-directive", "REPLACE"}}),
            tag("n", "1"));
  EXPECT_EQ(world
                .send("PUT", "/one/c",
                      {{"x-amz-copy-source", "/one/b"}, {"x-amz-tagging-directive", "MIX"}})
                .code(),
            "InvalidArgument");
}

TEST(ObjectTagging, GivesTheTagsInTheOrderOfTheirKeys) {
  RestWorld world;
  world.bucket("one");
  world.send("PUT", "/one/a", {{"x-amz-tagging", "foo=bar&bar"}}, "x");
  EXPECT_NE(world.send("GET", "/one/a?tagging")
                .body.find("<Tag><Key>bar</Key><Value></Value></Tag><Tag><Key>foo</Key>"),
            std::string::npos);
}

TEST(ObjectTagging, KeepsWithinTheLimitsOfAws) {
  TaggingWorld world;
  std::string ten, header;
  for (int i = 0; i < 10; ++i) {
    ten += tag("k" + std::to_string(i), "v");
    header += "k" + std::to_string(i) + "=v&";
  }
  const auto put = [&](const std::string& tags) {
    return world.send("PUT", "/one/a?tagging", {}, tagging(tags)).code();
  };
  EXPECT_EQ(put(ten), "ok");
  EXPECT_EQ(put(ten + tag("k10", "v")), "BadRequest");
  EXPECT_EQ(put(tag(std::string(129, 'k'), "v")), "InvalidTag");
  EXPECT_EQ(put(tag("k", std::string(257, 'v'))), "InvalidTag");
  EXPECT_EQ(put(tag("k", "1") + tag("k", "2")), "InvalidTag");
  const auto put_with = [&](const std::string& value) {
    return world.send("PUT", "/one/b", {{"x-amz-tagging", value}}, "x").code();
  };
  EXPECT_EQ(put_with(header), "ok");
  EXPECT_EQ(put_with(header + "k10=v"), "BadRequest");
  EXPECT_EQ(put_with("a=1&a=2"), "InvalidArgument");
  EXPECT_EQ(put_with("a=%zz"), "InvalidArgument");
}

TEST(ObjectTagging, IsAnEventWithAnETagAlone) {
  TaggingWorld world;
  world.notify("one", {"s3:ObjectTagging:*"});
  world.send("PUT", "/one/a?tagging", {}, tagging(tag("k", "v")));
  world.send("DELETE", "/one/a?tagging");
  world.run();
  ASSERT_EQ(world.inbox.events.size(), 2u);
  const auto record = emulator::base::read_json(world.inbox.events[0].record_json)["Records"][0];
  EXPECT_EQ(record["eventName"], "ObjectTagging:Put");
  EXPECT_EQ(record["eventVersion"], "2.3");
  EXPECT_EQ(record["s3"]["object"].dump(),
            R"({"eTag":"841a2d689ad86bd1611447453c22c6fc","key":"a"})");
  EXPECT_EQ(world.inbox.events[1].event_name, "ObjectTagging:Delete");
}

}  // namespace
}  // namespace emulator::s3
