// Answers of AWS that were recorded from it, by the integration tests of LocalStack, and that its
// documentation does not tell.

#include "emulator/s3/checksums.h"
#include "tests/emulator/s3/rest_client.h"

namespace emulator::s3 {
namespace {

std::string crc32_of(std::string_view text) {
  const auto running = find_checksum_by_name("CRC32")->start();
  running->update(text);
  return base::to_base64(running->finish());
}

struct RecordedAnswers : testing::Test {
  RestWorld world;

  RecordedAnswers() { world.bucket("one"); }

  void keep_versions(const char* status = "Enabled") {
    const std::string text(status);
    ASSERT_EQ(world
                  .send("PUT", "/one?versioning", {},
                        "<VersioningConfiguration><Status>" + text +
                            "</Status></VersioningConfiguration>")
                  .status,
              200);
  }
};

TEST_F(RecordedAnswers, AChecksumIsAskedForInAnyCase) {
  world.send("PUT", "/one/a", {{"x-amz-checksum-crc32", crc32_of("x")}}, "x");
  for (const char* mode : {"ENABLED", "enabled"}) {
    EXPECT_EQ(
        world.send("GET", "/one/a", {{"x-amz-checksum-mode", mode}}).header("x-amz-checksum-crc32"),
        crc32_of("x"));
  }
}

TEST_F(RecordedAnswers, TwoChecksumsAreRefusedBeforeTheirValuesAreRead) {
  const Answer answer = world.send(
      "PUT", "/one/a",
      {{"x-amz-checksum-sha256", "short"}, {"x-amz-checksum-crc32", crc32_of("x")}}, "x");
  EXPECT_EQ(answer.element("Message"),
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
}

TEST_F(RecordedAnswers, ACopyDoesNotTellThatItsSourceWasTheNullVersion) {
  world.send("PUT", "/one/a", {}, "x");
  keep_versions();
  const HeaderList source{{"x-amz-copy-source", "one/a"}};
  EXPECT_FALSE(world.send("PUT", "/one/b", source).headers.has("x-amz-copy-source-version-id"));
  const std::string id = world.send("PUT", "/one/a", {}, "y").header("x-amz-version-id");
  EXPECT_EQ(world.send("PUT", "/one/b", source).header("x-amz-copy-source-version-id"), id);
}

TEST_F(RecordedAnswers, ADeleteMarkerHasNoTagsWhateverIsAskedOfThem) {
  keep_versions();
  world.send("PUT", "/one/a", {}, "x");
  world.send("DELETE", "/one/a");
  for (const char* method : {"GET", "PUT", "DELETE"}) {
    const Answer answer = world.send(method, "/one/a?tagging", {}, "<Tagging><TagSet/></Tagging>");
    EXPECT_EQ(answer.status, 405) << method;
    EXPECT_EQ(answer.element("Method"), method);
    EXPECT_EQ(answer.element("ResourceType"), "DeleteMarker");
  }
}

TEST_F(RecordedAnswers, ATaggingWithoutASetHasNoTags) {
  world.send("PUT", "/one/a", {{"x-amz-tagging", "k=v"}}, "x");
  EXPECT_EQ(world.send("PUT", "/one/a?tagging", {}, "<Tagging/>").status, 200);
  EXPECT_EQ(world.send("GET", "/one/a?tagging").element("Key"), "(none)");
}

TEST_F(RecordedAnswers, TagsInAHeaderThatAreNoQueryAreABadHeader) {
  const Answer answer =
      world.send("PUT", "/one/a", {{"x-amz-tagging", "key1=val1,key2=val2"}}, "x");
  EXPECT_EQ(answer.code(), "InvalidArgument");
  EXPECT_EQ(answer.element("ArgumentName"), "x-amz-tagging");
}

TEST_F(RecordedAnswers, AVersionThatCannotHaveBeenIsNotDeleted) {
  keep_versions();
  const std::string id = world.send("PUT", "/one/a", {}, "x").header("x-amz-version-id");
  EXPECT_EQ(world.send("DELETE", "/one/a?versionId=" + id).status, 204);
  EXPECT_EQ(world.send("DELETE", "/one/a?versionId=" + id).status, 204) << "it is gone, once more";
  const std::string never = "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD";
  EXPECT_EQ(world.send("DELETE", "/one/a?versionId=" + never).element("Message"),
            "Invalid version id specified");
  const std::string body =
      "<Delete><Object><Key>a</Key><VersionId>" + never + "</VersionId></Object></Delete>";
  EXPECT_EQ(
      world.send("POST", "/one?delete", {{"content-md5", md5_base64(body)}}, body).element("Code"),
      "NoSuchVersion");
}

TEST_F(RecordedAnswers, TheLastPageOfUploadsNamesTheLastUploadAndNoCommonPrefix) {
  world.send("POST", "/one/a/1?uploads");
  const Answer rolled_up = world.send("GET", "/one?uploads&delimiter=/");
  EXPECT_EQ(rolled_up.element("Prefix"), "a/");
  EXPECT_EQ(rolled_up.element("NextKeyMarker"), "");
  EXPECT_EQ(world.send("GET", "/one?uploads").element("NextKeyMarker"), "a/1");
}

TEST_F(RecordedAnswers, ABucketThatIsThereIsNotCreatedAgainWithTags) {
  const auto tagged = [&](const std::string& tags) {
    return world.send(
        "PUT", "/one", {},
        "<CreateBucketConfiguration><Tags>" + tags + "</Tags></CreateBucketConfiguration>");
  };
  EXPECT_EQ(tagged("").code(), "ok");
  EXPECT_EQ(tagged("<Tag><Key>a</Key><Value>1</Value></Tag>").code(), "BucketAlreadyOwnedByYou");
  EXPECT_EQ(tagged("<Tag><Key>aws:a</Key><Value>1</Value></Tag>").element("TagKey"), "(none)");
}

TEST_F(RecordedAnswers, TheOldNameOfEuropeIsToldAsItCame) {
  const std::string europe =
      "<CreateBucketConfiguration><LocationConstraint>EU</LocationConstraint></"
      "CreateBucketConfiguration>";
  ASSERT_EQ(world.send("PUT", "/two", {}, europe).code(), "ok");
  EXPECT_NE(world.send("GET", "/two?location").body.find(">EU</LocationConstraint>"),
            std::string::npos);
  EXPECT_EQ(world.send("HEAD", "/two").header("x-amz-bucket-region"), "eu-west-1");
}

TEST_F(RecordedAnswers, AHoldThatWasNeverSetIsNotToldOfAKey) {
  ASSERT_EQ(world.send("PUT", "/two", {{"x-amz-bucket-object-lock-enabled", "true"}}).code(), "ok");
  world.send("PUT", "/two/a", {}, "x");
  for (const char* what : {"retention", "legal-hold"}) {
    const Answer answer = world.send("GET", std::string("/two/a?") + what);
    EXPECT_EQ(answer.code(), "NoSuchObjectLockConfiguration");
    EXPECT_EQ(answer.element("Key"), "(none)");
  }
}

TEST_F(RecordedAnswers, APreflightThatTheBucketRefusesIsOfTheBucket) {
  const HeaderList asked{{"origin", "http://a"}, {"access-control-request-method", "PUT"}};
  for (const char* target : {"/one/a", "/none/a"}) {
    const Answer answer = world.send("OPTIONS", target, asked);
    EXPECT_EQ(answer.code(), "AccessForbidden");
    EXPECT_EQ(answer.element("ResourceType"), "BUCKET") << target;
  }
}

TEST_F(RecordedAnswers, TagsOfAKeyThatIsNotThereAreNamedWithTheBucketWhereTheyAreRead) {
  EXPECT_EQ(world.send("GET", "/one/a?tagging").element("Key"), "one/a");
  EXPECT_EQ(world.send("DELETE", "/one/a?tagging").element("Key"), "a");
}

TEST_F(RecordedAnswers, AHeaderIsNotOverriddenByWhatIsNotLatin1) {
  world.send("PUT", "/one/a", {}, "x");
  const auto ask = [&](const std::string& value) {
    return world.send("GET", "/one/a?response-cache-control=" + value,
                      {{"authorization", "AWS test:signature"}});
  };
  EXPECT_EQ(ask("%C3%A9").status, 200);
  const Answer refused = ask("%E2%80%94");
  EXPECT_EQ(refused.code(), "InvalidArgument");
  EXPECT_EQ(refused.element("ArgumentName"), "response-cache-control");
}

TEST_F(RecordedAnswers, TheKeyOfTheBucketIsUsedAsTheBucketSaysWhereARequestSaysNothing) {
  ASSERT_EQ(
      world
          .send("PUT", "/one?encryption", {},
                "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
                "<SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault>"
                "<BucketKeyEnabled>true</BucketKeyEnabled></Rule></"
                "ServerSideEncryptionConfiguration>")
          .status,
      200);
  const std::string name = "x-amz-server-side-encryption-bucket-key-enabled";
  HeaderList headers{{"x-amz-server-side-encryption", "aws:kms"}};
  EXPECT_EQ(world.send("PUT", "/one/a", headers, "x").header(name), "true");
  headers.emplace_back(name, "false");
  EXPECT_EQ(world.send("PUT", "/one/a", headers, "x").header(name), "");
}

TEST_F(RecordedAnswers, ADateOfThePastIsNamedByWhereItStood) {
  ASSERT_EQ(world.send("PUT", "/two", {{"x-amz-bucket-object-lock-enabled", "true"}}).code(), "ok");
  world.send("PUT", "/two/a", {}, "x");
  const std::string past = "2020-01-01T00:00:00Z";
  EXPECT_EQ(world
                .send("PUT", "/two/a?retention", {},
                      "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>" + past +
                          "</RetainUntilDate></Retention>")
                .element("ArgumentName"),
            "RetainUntilDate");
  const std::string header = "x-amz-object-lock-retain-until-date";
  EXPECT_EQ(
      world.send("PUT", "/two/b", {{"x-amz-object-lock-mode", "GOVERNANCE"}, {header, past}}, "x")
          .element("ArgumentName"),
      header);
}

TEST_F(RecordedAnswers, AKeyOfKmsThatDoesNotFitTheDefaultIsNamedWithoutAValue) {
  const Answer answer =
      world.send("PUT", "/one?encryption", {},
                 "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
                 "<SSEAlgorithm>AES256</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID></"
                 "ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>");
  EXPECT_EQ(answer.element("ArgumentName"), "ApplyServerSideEncryptionByDefault");
  EXPECT_EQ(answer.body.find("ArgumentValue"), std::string::npos);
}

}  // namespace
}  // namespace emulator::s3
