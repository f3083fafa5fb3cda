// What AWS tells of lifecycle rules in headers: when an object expires, when an upload in parts is
// ended.

#include <gtest/gtest.h>

#include "tests/emulator/s3/rest_client.h"

namespace emulator::s3 {
namespace {

std::string rule(const std::string& id, const std::string& filter, const std::string& action,
                 const std::string& status = "Enabled") {
  return "<Rule><ID>" + id + "</ID><Filter>" + filter + "</Filter><Status>" + status + "</Status>" +
         action + "</Rule>";
}
std::string expires_in(int days) {
  return "<Expiration><Days>" + std::to_string(days) + "</Days></Expiration>";
}

struct ExpirationWorld : RestWorld {
  explicit ExpirationWorld(const std::string& rules) {
    bucket("one");
    set(rules);
  }
  void set(const std::string& rules) {
    EXPECT_EQ(send("PUT", "/one?lifecycle", {},
                   "<LifecycleConfiguration>" + rules + "</LifecycleConfiguration>")
                  .code(),
              "ok");
  }
  std::string put(const std::string& key, const HeaderList& headers = {},
                  std::string_view body = "body") {
    return send("PUT", "/one/" + key, headers, body).header("x-amz-expiration");
  }
};

// The clock of these tests stands at 2026-01-02 03:04:05.
constexpr const char* in_a_week =
    "expiry-date=\"Sat, 10 Jan 2026 00:00:00 GMT\", rule-id=\"a%20week\"";

TEST(Expiration, IsToldWhereverAnObjectIsWrittenOrRead) {
  ExpirationWorld world(rule("a week", "<Prefix>logs/</Prefix>", expires_in(7)));
  EXPECT_EQ(world.put("logs/a"), in_a_week);
  EXPECT_EQ(world.send("GET", "/one/logs/a").header("x-amz-expiration"), in_a_week);
  EXPECT_EQ(world.send("HEAD", "/one/logs/a").header("x-amz-expiration"), in_a_week);
  EXPECT_EQ(world.send("PUT", "/one/logs/b", {{"x-amz-copy-source", "one/logs/a"}})
                .header("x-amz-expiration"),
            in_a_week);
  EXPECT_EQ(world.put("other"), "");
  EXPECT_EQ(world.send("GET", "/one/other").header("x-amz-expiration"), "");
}

TEST(Expiration, IsToldOfAnObjectThatWasThereBeforeTheRules) {
  ExpirationWorld world(rule("off", "", expires_in(1), "Disabled"));
  EXPECT_EQ(world.put("a"), "");
  world.set(rule("a week", "", expires_in(7)));
  EXPECT_EQ(world.send("HEAD", "/one/a").header("x-amz-expiration"), in_a_week);
  EXPECT_EQ(world.send("DELETE", "/one?lifecycle").status, 204);
  EXPECT_EQ(world.send("HEAD", "/one/a").header("x-amz-expiration"), "");
}

TEST(Expiration, IsTheEarliestOfTheRulesThatMatchAndOfEqualOnesTheFirst) {
  ExpirationWorld world(rule("late", "", expires_in(9)) +
                        rule("a week", "<Prefix>a</Prefix>", expires_in(7)) +
                        rule("again", "", expires_in(7)));
  EXPECT_EQ(world.put("a"), in_a_week);
  EXPECT_NE(world.put("b").find("again"), std::string::npos);
  world.set(rule("date", "", "<Expiration><Date>2026-03-01T00:00:00Z</Date></Expiration>"));
  EXPECT_EQ(world.put("a"), "expiry-date=\"Sun, 01 Mar 2026 00:00:00 GMT\", rule-id=\"date\"");
}

TEST(Expiration, AsksForSizeAndTags) {
  ExpirationWorld world(
      rule("large", "<ObjectSizeGreaterThan>20</ObjectSizeGreaterThan>", expires_in(7)) +
      rule("tagged",
           "<And><Prefix>t</Prefix><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value>2"
           "</Value></Tag><ObjectSizeLessThan>20</ObjectSizeLessThan></And>",
           expires_in(7)));
  EXPECT_NE(world.put("a", {}, std::string(21, 'x')).find("large"), std::string::npos);
  EXPECT_EQ(world.put("a", {}, std::string(20, 'x')), "");
  EXPECT_NE(world.put("t", {{"x-amz-tagging", "b=2&a=1"}}).find("tagged"), std::string::npos);
  EXPECT_EQ(world.put("t", {{"x-amz-tagging", "a=1"}}), "");
  EXPECT_EQ(world.put("t"), "");
  EXPECT_EQ(world.put("u", {{"x-amz-tagging", "b=2&a=1"}}), "");
}

TEST(Expiration, IsNotToldOfWhatIsAskedForByItsVersion) {
  ExpirationWorld world(rule("a week", "", expires_in(7)));
  ASSERT_EQ(world
                .send("PUT", "/one?versioning", {},
                      "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
                .status,
            200);
  const std::string id = world.send("PUT", "/one/a", {}, "1").header("x-amz-version-id");
  EXPECT_EQ(world.send("HEAD", "/one/a?versionId=" + id).header("x-amz-expiration"), "");
  EXPECT_EQ(world.send("HEAD", "/one/a").header("x-amz-expiration"), in_a_week);
}

TEST(Expiration, IsToldOfAnUploadInPartsAsTheDateOfItsEnd) {
  ExpirationWorld world(rule("parts", "<Prefix>a</Prefix>",
                             "<AbortIncompleteMultipartUpload><DaysAfterInitiation>7</"
                             "DaysAfterInitiation></AbortIncompleteMultipartUpload>"));
  const Answer created = world.send("POST", "/one/a?uploads");
  EXPECT_EQ(created.header("x-amz-abort-date"), "Sat, 10 Jan 2026 00:00:00 GMT");
  EXPECT_EQ(created.header("x-amz-abort-rule-id"), "parts");
  EXPECT_EQ(world.send("GET", "/one/a?uploadId=" + created.element("UploadId"))
                .header("x-amz-abort-rule-id"),
            "parts");
  EXPECT_EQ(world.send("POST", "/one/b?uploads").header("x-amz-abort-date"), "");
  EXPECT_EQ(world.put("a"), "");
}

}  // namespace
}  // namespace emulator::s3
