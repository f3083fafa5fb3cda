// Object Lock over REST. What AWS answers: "Locking objects with Object Lock" and the pages of the
// operations. The world's time is 2026-01-02T03:04:05.678Z.

#include "emulator/base/digest.h"
#include "tests/emulator/s3/rest_client.h"

namespace emulator::s3 {
namespace {

struct LockWorld : RestWorld {
  LockWorld() {
    EXPECT_EQ(send("PUT", "/one", {{"x-amz-bucket-object-lock-enabled", "true"}}).status, 200);
  }

  std::string put_version(HeaderList headers = {}) {
    headers.emplace_back("content-md5",
                         "ndTkYSaMgDT1yFZOFVxnpg==");  // of "x": what is held wants a digest
    return send("PUT", "/one/a", headers, "x").header("x-amz-version-id");
  }
  Answer configure(const std::string& content, const std::string& bucket_name = "one") {
    return send("PUT", "/" + bucket_name + "?object-lock", {},
                "<ObjectLockConfiguration>" + content + "</ObjectLockConfiguration>");
  }
  Answer retain(const std::string& mode, const std::string& until, const HeaderList& headers = {}) {
    return send("PUT", "/one/a?retention", headers,
                "<Retention><Mode>" + mode + "</Mode><RetainUntilDate>" + until +
                    "</RetainUntilDate></Retention>");
  }
  Answer hold(const std::string& status) {
    return send("PUT", "/one/a?legal-hold", {},
                "<LegalHold><Status>" + status + "</Status></LegalHold>");
  }
  Answer remove(const std::string& version, const HeaderList& headers = {}) {
    return send("DELETE", "/one/a?versionId=" + version, headers);
  }
};

const HeaderList bypass{{"x-amz-bypass-governance-retention", "true"}};

std::string with_default(const std::string& mode, const std::string& period) {
  return "<ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>" + mode +
         "</Mode>" + period + "</DefaultRetention></Rule>";
}

TEST(ObjectLock, ComesWithVersionsThatCannotBeSuspended) {
  LockWorld world;
  EXPECT_EQ(world.send("GET", "/one?versioning").element("Status"), "Enabled");
  EXPECT_EQ(world.send("GET", "/one?object-lock").element("ObjectLockEnabled"), "Enabled");
  const Answer suspended =
      world.send("PUT", "/one?versioning", {},
                 "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>");
  EXPECT_EQ(suspended.status, 409);
  EXPECT_EQ(suspended.code(), "InvalidBucketState");
}

TEST(ObjectLock, IsForABucketThatKeepsVersions) {
  LockWorld world;
  world.bucket("two");
  EXPECT_EQ(world.configure(with_default("GOVERNANCE", "<Days>1</Days>"), "two").code(),
            "InvalidBucketState");
  EXPECT_EQ(world.send("GET", "/two?object-lock").code(), "ObjectLockConfigurationNotFoundError");
  world.send("PUT", "/two?versioning", {},
             "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
  EXPECT_EQ(world.configure(with_default("GOVERNANCE", "<Days>1</Days>"), "two").code(), "ok");
  EXPECT_EQ(world.send("GET", "/two?object-lock").element("Days"), "1");
}

TEST(ObjectLock, RefusesDefaultsThatAreNone) {
  LockWorld world;
  EXPECT_EQ(world.configure(with_default("GOVERNANCE", "<Days>1</Days><Years>1</Years>")).code(),
            "MalformedXML");
  EXPECT_EQ(world.configure(with_default("GOVERNANCE", "")).code(), "MalformedXML");
  EXPECT_EQ(world.configure(with_default("governance", "<Days>1</Days>")).code(), "MalformedXML");
  EXPECT_EQ(world.configure("<ObjectLockEnabled>Disabled</ObjectLockEnabled>").code(),
            "MalformedXML");
  EXPECT_EQ(world.configure(with_default("GOVERNANCE", "<Days>0</Days>")).code(),
            "InvalidRetentionPeriod");
  EXPECT_EQ(world.configure(with_default("COMPLIANCE", "<Years>-1</Years>")).code(),
            "InvalidRetentionPeriod");
  EXPECT_EQ(world.configure(with_default("COMPLIANCE", "<Years>101</Years>")).code(),
            "InvalidRetentionPeriod");
}

TEST(ObjectLock, GivesNewVersionsTheDefaultOfTheBucket) {
  LockWorld world;
  ASSERT_EQ(world.configure(with_default("GOVERNANCE", "<Days>2</Days>")).code(), "ok");
  const std::string id = world.put_version();
  const Answer head = world.send("HEAD", "/one/a");
  EXPECT_EQ(head.header("x-amz-object-lock-mode"), "GOVERNANCE");
  EXPECT_EQ(head.header("x-amz-object-lock-retain-until-date"), "2026-01-04T03:04:05.678Z");
  EXPECT_EQ(world.remove(id).code(), "AccessDenied");
  ASSERT_EQ(world.configure(with_default("COMPLIANCE", "<Years>1</Years>")).code(), "ok");
  world.put_version();
  EXPECT_EQ(world.send("GET", "/one/a?retention").element("RetainUntilDate"),
            "2027-01-02T03:04:05.678Z");
  world.put_version({{"x-amz-object-lock-mode", "GOVERNANCE"},
                     {"x-amz-object-lock-retain-until-date", "2026-02-01T00:00:00Z"}});
  EXPECT_EQ(world.send("GET", "/one/a?retention").element("Mode"), "GOVERNANCE");
}

TEST(Retention, OfGovernanceGivesWayToTheBypassOnly) {
  LockWorld world;
  const std::string id = world.put_version();
  EXPECT_EQ(world.send("GET", "/one/a?retention").code(), "NoSuchObjectLockConfiguration");
  EXPECT_EQ(world.retain("GOVERNANCE", "2030-01-01T00:00:00Z").header("x-amz-version-id"), id);
  EXPECT_EQ(world.retain("GOVERNANCE", "2031-01-01T00:00:00Z").code(), "ok");
  EXPECT_EQ(world.retain("GOVERNANCE", "2030-01-01T00:00:00Z").code(), "AccessDenied");
  EXPECT_EQ(world.retain("COMPLIANCE", "2032-01-01T00:00:00Z").code(), "AccessDenied");
  EXPECT_EQ(world.send("PUT", "/one/a?retention", {}, "<Retention/>").code(), "AccessDenied");
  EXPECT_EQ(world.retain("GOVERNANCE", "2030-01-01T00:00:00Z", bypass).code(), "ok");
  EXPECT_EQ(world.remove(id).status, 403);
  EXPECT_EQ(world.remove(id, bypass).status, 204);
}

TEST(Retention, CanBeTakenAwayWithTheBypass) {
  LockWorld world;
  const std::string id = world.put_version();
  world.retain("GOVERNANCE", "2030-01-01T00:00:00Z");
  EXPECT_EQ(world.send("PUT", "/one/a?retention", bypass, "<Retention/>").code(), "ok");
  EXPECT_EQ(world.remove(id).status, 204);
}

TEST(Retention, OfComplianceOnlyGrows) {
  LockWorld world;
  const std::string id = world.put_version();
  EXPECT_EQ(world.retain("COMPLIANCE", "2030-01-01T00:00:00Z").code(), "ok");
  EXPECT_EQ(world.retain("COMPLIANCE", "2029-01-01T00:00:00Z", bypass).code(), "AccessDenied");
  EXPECT_EQ(world.retain("GOVERNANCE", "2030-01-01T00:00:00Z", bypass).code(), "AccessDenied");
  EXPECT_EQ(world.retain("COMPLIANCE", "2030-01-02T00:00:00Z").code(), "ok");
  EXPECT_EQ(world.remove(id, bypass).code(), "AccessDenied");
}

TEST(Retention, EndsWithItsTime) {
  LockWorld world;
  const std::string id = world.put_version();
  world.retain("COMPLIANCE", "2026-01-02T04:00:00Z");
  EXPECT_EQ(world.remove(id).status, 403);
  world.scheduler.advance_by(std::chrono::hours(1));
  EXPECT_EQ(world.remove(id).status, 204);
}

TEST(Retention, RefusesWhatIsNone) {
  LockWorld world;
  world.put_version();
  EXPECT_EQ(world.retain("governance", "2030-01-01T00:00:00Z").code(), "MalformedXML");
  EXPECT_EQ(world.retain("GOVERNANCE", "tomorrow").code(), "MalformedXML");
  EXPECT_EQ(world.retain("GOVERNANCE", "2020-01-01T00:00:00Z").code(), "InvalidArgument");
  EXPECT_EQ(
      world.send("PUT", "/one/a?retention", {}, "<Retention><Mode>GOVERNANCE</Mode></Retention>")
          .code(),
      "MalformedXML");
  EXPECT_EQ(world.send("PUT", "/one/none?retention", {}, "<Retention/>").code(), "NoSuchKey");
  world.bucket("two");
  world.put("two", "a");
  EXPECT_EQ(world.send("GET", "/two/a?retention").code(), "InvalidRequest");
  EXPECT_EQ(world.send("PUT", "/two/a?legal-hold", {}, "<LegalHold><Status>ON</Status></LegalHold>")
                .code(),
            "InvalidRequest");
}

TEST(LegalHold, KeepsAVersionUntilItIsOff) {
  LockWorld world;
  const std::string id = world.put_version();
  EXPECT_EQ(world.send("GET", "/one/a?legal-hold").code(), "NoSuchObjectLockConfiguration");
  EXPECT_EQ(world.hold("on").code(), "MalformedXML");
  EXPECT_EQ(world.hold("ON").code(), "ok");
  EXPECT_EQ(world.send("GET", "/one/a?legal-hold").element("Status"), "ON");
  EXPECT_EQ(world.remove(id, bypass).code(), "AccessDenied");
  EXPECT_EQ(world.hold("OFF").code(), "ok");
  EXPECT_EQ(world.send("GET", "/one/a?legal-hold").element("Status"), "OFF");
  EXPECT_EQ(world.remove(id).status, 204);
}

TEST(LockedObject, CanBeHiddenAndOverwrittenButNotRemoved) {
  LockWorld world;
  const std::string id = world.put_version({{"x-amz-object-lock-legal-hold", "ON"}});
  EXPECT_EQ(world.send("DELETE", "/one/a").header("x-amz-delete-marker"), "true");
  world.put_version();
  EXPECT_EQ(world.send("GET", "/one/a?versionId=" + id).body, "x");
  const std::string list =
      "<Delete><Object><Key>a</Key><VersionId>" + id + "</VersionId></Object></Delete>";
  const Answer many =
      world.send("POST", "/one?delete",
                 {{"content-md5", base::to_base64(base::hash(base::HashKind::md5, list))}}, list);
  EXPECT_EQ(many.status, 200);
  EXPECT_NE(many.body.find("<Error><Key>a</Key><VersionId>" + id +
                           "</VersionId><Code>AccessDenied</Code>"),
            std::string::npos)
      << many.body;
}

TEST(LockHeaders, AreHeldToTheirForm) {
  LockWorld world;
  const auto code = [&](const HeaderList& headers, const std::string& bucket_name = "one") {
    return world.send("PUT", "/" + bucket_name + "/a", headers, "x").code();
  };
  const HeaderList mode{{"x-amz-object-lock-mode", "GOVERNANCE"}};
  EXPECT_EQ(code(mode), "InvalidArgument");
  EXPECT_EQ(code({{"x-amz-object-lock-mode", "NONE"},
                  {"x-amz-object-lock-retain-until-date", "2030-01-01T00:00:00Z"}}),
            "InvalidArgument");
  EXPECT_EQ(code({{"x-amz-object-lock-mode", "GOVERNANCE"},
                  {"x-amz-object-lock-retain-until-date", "soon"}}),
            "InvalidArgument");
  EXPECT_EQ(code({{"x-amz-object-lock-mode", "GOVERNANCE"},
                  {"x-amz-object-lock-retain-until-date", "2020-01-01T00:00:00Z"}}),
            "InvalidArgument");
  EXPECT_EQ(code({{"x-amz-object-lock-legal-hold", "maybe"}}), "InvalidArgument");
  world.bucket("two");
  EXPECT_EQ(code({{"x-amz-object-lock-legal-hold", "ON"}}, "two"), "InvalidRequest");
  EXPECT_EQ(world.send("GET", "/one/a").code(), "NoSuchKey");
}

TEST(LockHeaders, WorkOnCopiesAndUploadsInPartsAndAreNotCopied) {
  LockWorld world;
  const HeaderList held{{"x-amz-object-lock-legal-hold", "ON"}};
  world.put_version(held);
  EXPECT_EQ(world.send("PUT", "/one/b", {{"x-amz-copy-source", "one/a"}}).status, 200);
  EXPECT_EQ(world.send("HEAD", "/one/b").header("x-amz-object-lock-legal-hold"), "");
  EXPECT_EQ(world.send("PUT", "/one/b", {{"x-amz-copy-source", "one/a"}, held[0]}).status, 200);
  EXPECT_EQ(world.send("HEAD", "/one/b").header("x-amz-object-lock-legal-hold"), "ON");
  const std::string upload = world.send("POST", "/one/c?uploads", held).element("UploadId");
  const std::string etag =
      world.send("PUT", "/one/c?partNumber=1&uploadId=" + upload, {}, "x").header("etag");
  world.send("POST", "/one/c?uploadId=" + upload, {},
             "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + etag +
                 "</ETag></Part></CompleteMultipartUpload>");
  EXPECT_EQ(world.send("HEAD", "/one/c").header("x-amz-object-lock-legal-hold"), "ON");
}

}  // namespace
}  // namespace emulator::s3
