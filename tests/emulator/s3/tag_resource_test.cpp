// The tags of a bucket by way of S3 Control, as Terraform asks for them.

#include <gtest/gtest.h>

#include "tests/emulator/s3/rest_client.h"

namespace emulator::s3 {
namespace {

struct ControlWorld : RestWorld {
  ControlWorld() { bucket("one"); }

  Answer control(const std::string& method, const std::string& path, const std::string& body = {}) {
    return send(method, "/v20180820/" + path,
                {{"host", "000000000000.localhost:4566"}, {"x-amz-account-id", "000000000000"}},
                body);
  }
  Answer tag(const std::string& tags, const std::string& bucket = "one") {
    return control("POST", "tags/arn%3Aaws%3As3%3A%3A%3A" + bucket,
                   "<TagResourceRequest xmlns=\"http://awss3control.amazonaws.com/doc/"
                   "2018-08-20/\"><Tags>" +
                       tags + "</Tags></TagResourceRequest>");
  }
  std::string tags() { return control("GET", "tags/arn%3Aaws%3As3%3A%3A%3Aone").element("Tags"); }
};

std::string tag_xml(const std::string& key, const std::string& value) {
  return "<Tag><Key>" + key + "</Key><Value>" + value + "</Value></Tag>";
}

TEST(TagResource, AddsToTheTagsOfTheBucketAndReplacesTheirValues) {
  ControlWorld world;
  EXPECT_EQ(world.control("GET", "tags/arn:aws:s3:::one").status, 200);
  EXPECT_EQ(world.tag(tag_xml("b", "1")).status, 204);
  EXPECT_EQ(world.tag(tag_xml("a", "2") + tag_xml("b", "3")).status, 204);
  EXPECT_EQ(world.tags(), tag_xml("a", "2") + tag_xml("b", "3"));
  EXPECT_NE(world.send("GET", "/one?tagging").body.find(tag_xml("a", "2")), std::string::npos);
}

TEST(TagResource, IsHeldToTheRulesOfTags) {
  ControlWorld world;
  EXPECT_EQ(world.tag(tag_xml("aws:a", "1")).code(), "InvalidTag");
  EXPECT_EQ(world.tag("<Tag><Key>a</Key></Tag>").code(), "MalformedXML");
  EXPECT_EQ(world.control("POST", "tags/arn:aws:s3:::one", "<Tags/>").code(), "MalformedXML");
  std::string many;
  for (int i = 0; i < 50; ++i) many += tag_xml("k" + std::to_string(i), "v");
  EXPECT_EQ(world.tag(many).status, 204);
  EXPECT_EQ(world.tag(tag_xml("one-more", "v")).code(), "BadRequest");
  EXPECT_EQ(world.tag(tag_xml("k7", "w")).status, 204);
}

TEST(UntagResource, TakesTheNamedTagsAndLeavesNoSetWithoutAny) {
  ControlWorld world;
  world.tag(tag_xml("a b", "1") + tag_xml("c", "2") + tag_xml("d", "3"));
  EXPECT_EQ(
      world.control("DELETE", "tags/arn:aws:s3:::one?tagKeys=a%20b&tagKeys=d&tagKeys=x").status,
      204);
  EXPECT_EQ(world.tags(), tag_xml("c", "2"));
  EXPECT_EQ(world.control("DELETE", "tags/arn:aws:s3:::one?tagKeys=c").status, 204);
  EXPECT_EQ(world.send("GET", "/one?tagging").code(), "NoSuchTagSet");
}

TEST(ListTagsForResource, OfNoBucketIsNoSuchResourceInS3ControlsFormOfErrors) {
  ControlWorld world;
  const Answer none = world.control("GET", "tags/arn%3Aaws%3As3%3A%3A%3Anone");
  EXPECT_EQ(none.status, 404);
  EXPECT_EQ(none.code(), "NoSuchResource");
  EXPECT_NE(none.body.find("<ErrorResponse><Error><Code>"), std::string::npos) << none.body;
  EXPECT_NE(none.body.find("</Error><RequestId>"), std::string::npos) << none.body;
  EXPECT_EQ(world.tag(tag_xml("a", "1"), "none").code(), "NoSuchResource");
}

TEST(S3Control, RefusesByNameWhatIsNotHere) {
  ControlWorld world;
  const Answer jobs = world.control("GET", "jobs");
  EXPECT_EQ(jobs.status, 501);
  EXPECT_EQ(jobs.element("Message"), "S3 Control: GET jobs is not implemented");
  EXPECT_EQ(world.control("GET", "tags/arn:aws:s3:us-east-1:000000000000:accesspoint/a").status,
            501);
}

TEST(S3Control, IsAskedWithAnAccountElseItsPathIsABucketsLikeAnyOther) {
  ControlWorld world;
  world.bucket("v20180820");
  EXPECT_EQ(world.send("PUT", "/v20180820/tags/a", {}, "x").status, 200);
  EXPECT_EQ(world.send("GET", "/v20180820/tags/a").body, "x");
}

}  // namespace
}  // namespace emulator::s3
