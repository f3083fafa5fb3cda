#include "emulator/s3/rest.h"

#include <map>
#include <set>

#include "emulator/base/digest.h"
#include "emulator/s3/operations/table.h"
#include "tests/emulator/s3/rest_client.h"

namespace emulator::s3 {
namespace {

HeaderList signed_for(const std::string& region) {
  return {{"authorization", "AWS4-HMAC-SHA256 Credential=AK/20260102/" + region +
                                "/s3/aws4_request, SignedHeaders=host, Signature=0"}};
}

std::string constraint(const std::string& region) {
  return "<CreateBucketConfiguration "
         "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>" +
         region + "</LocationConstraint></CreateBucketConfiguration>";
}

TEST(Rest, MakesListsAndDeletesBuckets) {
  RestWorld world;
  EXPECT_EQ(world.send("PUT", "/one").header("location"), "/one");
  world.send("PUT", "/two/");
  const Answer list = world.send("GET", "/?x-id=ListBuckets");
  EXPECT_NE(list.body.find("<Name>one</Name><CreationDate>2026-01-02T03:04:05.000Z</CreationDate>"),
            std::string::npos);
  const Answer page = world.send("GET", "/?max-buckets=1");
  EXPECT_EQ(page.element("Name"), "one");
  EXPECT_EQ(
      world.send("GET", "/?max-buckets=1&continuation-token=" + page.element("ContinuationToken"))
          .element("Name"),
      "two");
  EXPECT_EQ(world.send("HEAD", "/one").header("x-amz-bucket-region"), "us-east-1");
  for (const char* listing : {"/one", "/one?list-type=2"})
    EXPECT_EQ(world.send("GET", listing).header("x-amz-bucket-region"), "us-east-1");
  EXPECT_EQ(world.send("DELETE", "/one").status, 204);
  EXPECT_EQ(world.send("HEAD", "/one").status, 404);
  EXPECT_EQ(world.send("DELETE", "/one").code(), "NoSuchBucket");
}

TEST(Rest, MakesBucketsInTheRegionThatWasSignedFor) {
  RestWorld world;
  const auto create = [&](const std::string& name, const std::string& region,
                          const std::string& body) {
    return world.send("PUT", "/" + name, signed_for(region), body).code();
  };
  EXPECT_EQ(create("one", "eu-west-1", constraint("eu-west-1")), "ok");
  EXPECT_EQ(create("two", "eu-west-1", ""), "IllegalLocationConstraintException");
  EXPECT_EQ(create("two", "eu-west-1", constraint("us-west-2")),
            "IllegalLocationConstraintException");
  EXPECT_EQ(create("two", "us-east-1", constraint("EU")), "ok");
  EXPECT_EQ(create("two", "us-east-1", "<CreateBucketConfiguration"), "MalformedXML");
  EXPECT_EQ(create("six", "us-east-1", ""), "ok");
  EXPECT_NE(
      world.send("GET", "/one?location").body.find("2006-03-01/\">eu-west-1</LocationConstraint>"),
      std::string::npos);
  EXPECT_NE(world.send("GET", "/six?location").body.find("2006-03-01/\"/>"), std::string::npos);
}

TEST(Rest, MakesTheBucketWhereItIsIfWhatWasSignedForIsNoRegion) {
  RestWorld world;
  for (const std::string region : {"US", "auto", "garage", "", "a-b", "us-east-x"}) {
    EXPECT_EQ(world.send("PUT", "/one", signed_for(region)).code(), "ok") << region;
    EXPECT_EQ(world.send("HEAD", "/one").header("x-amz-bucket-region"), "us-east-1") << region;
    EXPECT_EQ(world.send("DELETE", "/one").status, 204) << region;
  }
  EXPECT_EQ(
      world.send("PUT", "/one", signed_for("us-gov-east-1"), constraint("us-gov-east-1")).code(),
      "ok");
}

TEST(CreateBucket, TakesTagsAndTheOwnershipThatItHasAnyway) {
  RestWorld world;
  const std::string tags =
      "<Tags><Tag><Key>b</Key><Value>2</Value></Tag><Tag><Key>a</Key><Value>1</Value></Tag></Tags>";
  const std::string body = "<CreateBucketConfiguration>" + tags + "</CreateBucketConfiguration>";
  EXPECT_EQ(
      world.send("PUT", "/one", {{"x-amz-object-ownership", "BucketOwnerEnforced"}}, body).status,
      200);
  EXPECT_NE(world.send("GET", "/one?tagging")
                .body.find("<Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key>"),
            std::string::npos);
  EXPECT_EQ(world.send("GET", "/one?ownershipControls").element("ObjectOwnership"),
            "BucketOwnerEnforced");
  EXPECT_EQ(world.send("PUT", "/one").status, 200) << "one's own bucket again";
  EXPECT_EQ(world.send("GET", "/one?tagging").status, 200) << "is left as it was";
}

TEST(CreateBucket, SaysWhatTheBucketIsCalledEverywhere) {
  RestWorld world;
  EXPECT_EQ(world.send("PUT", "/one").header("x-amz-bucket-arn"), "arn:aws:s3:::one");
  EXPECT_EQ(world.send("HEAD", "/one").header("x-amz-bucket-arn"), "arn:aws:s3:::one");
  const Answer list = world.send("GET", "/");
  EXPECT_EQ(list.element("BucketArn"), "arn:aws:s3:::one");
  EXPECT_TRUE(list.element("CreationDate").ends_with(".000Z"))
      << "in whole seconds, as all times on the wire";
}

TEST(ListBuckets, RefusesARegionThatIsNoneAndTakesAnEmptyToken) {
  RestWorld world;
  world.bucket("one");
  EXPECT_EQ(world.send("GET", "/?bucket-region=the-moon").element("Message"),
            "Argument value the-moon is not a valid AWS Region");
  EXPECT_EQ(world.send("GET", "/?bucket-region=eu-west-1").element("Name"), "(none)");
  EXPECT_EQ(world.send("GET", "/?continuation-token=").element("Name"), "one");
  EXPECT_EQ(world.send("GET", "/?max-buckets=0").element("Message"),
            "Argument max-buckets must be an integer between 1 and 10000");
}

TEST(Rest, SaysWhereASubresourceCannotBe) {
  RestWorld world;
  world.bucket("one");
  world.put("one", "a");
  EXPECT_EQ(world.send("GET", "/one/a?uploads").element("Message"),
            "Key is not expected for the GET method ?uploads subresource");
  EXPECT_EQ(world.send("GET", "/one/a?versions").element("Message"),
            "There is no such thing as the ?versions sub-resource for a key");
  EXPECT_EQ(world.send("PUT", "/one/a?partNumber=1", {}, "x").element("ArgumentName"),
            "partNumber");
  EXPECT_EQ(world.send("GET", "/one?partNumber=1").element("Message"),
            "Object must have a valid key name.");
  EXPECT_EQ(world.send("DELETE", "/one?uploadId=x").element("Message"), "A key must be specified");
  EXPECT_EQ(world.send("POST", "/").element("ResourceType"), "SERVICE");
  EXPECT_EQ(world.send("GET", "/one/a").body, "x");
}

TEST(Rest, TellsAnOwnerThatIsNoneFromAnotherOne) {
  RestWorld world;
  world.bucket("one");
  EXPECT_EQ(world.send("GET", "/one", {{"x-amz-expected-bucket-owner", "abcd"}}).code(),
            "InvalidBucketOwnerAWSAccountID");
  EXPECT_EQ(world.send("GET", "/one", {{"x-amz-expected-bucket-owner", "000000000001"}}).code(),
            "AccessDenied");
}

TEST(Rest, NamesAVersionInvalidWhereThereAreNone) {
  RestWorld world;
  world.bucket("one");
  world.put("one", "a");
  const std::string id = "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD";
  EXPECT_EQ(world.send("GET", "/one/a?versionId=" + id).element("Message"),
            "Invalid version id specified");
  EXPECT_EQ(world.send("DELETE", "/one/a?versionId=" + id).code(), "InvalidArgument");
  EXPECT_EQ(world.send("GET", "/one/a?versionId=null").status, 200);
  EXPECT_EQ(world.send("GET", "/none/a?versionId=" + id).code(), "NoSuchBucket");
}

TEST(ConditionalWrite, SaysWhatItDoesNotTake) {
  RestWorld world;
  world.bucket("one");
  const Answer etag = world.send("PUT", "/one/a", {{"if-none-match", "\"abc\""}}, "x");
  EXPECT_EQ(etag.code() + " " + etag.element("Header"), "NotImplemented If-None-Match");
  EXPECT_EQ(etag.element("additionalMessage"),
            "We don't accept the provided value of If-None-Match header for this API");
  const Answer both =
      world.send("PUT", "/one/a", {{"if-none-match", "*"}, {"if-match", "abc"}}, "x");
  EXPECT_EQ(both.code() + " " + both.element("Header"), "NotImplemented If-Match,If-None-Match");
  EXPECT_EQ(world.send("PUT", "/one/a", {{"if-match", "abc"}}, "x").element("Key"), "a");
}

TEST(ObjectLock, WantsADigestOfWhatItHolds) {
  RestWorld world;
  ASSERT_EQ(world.send("PUT", "/one", {{"x-amz-bucket-object-lock-enabled", "true"}}).code(), "ok");
  const HeaderList hold{{"x-amz-object-lock-legal-hold", "ON"}};
  EXPECT_EQ(world.send("PUT", "/one/a", hold, "x").code(), "InvalidRequest");
  HeaderList with_md5 = hold;
  with_md5.emplace_back("content-md5", base::to_base64(base::hash(base::HashKind::md5, "x")));
  EXPECT_EQ(world.send("PUT", "/one/a", with_md5, "x").code(), "ok");
}

TEST(CopyObject, LeavesWhereAWebsiteRedirectsTo) {
  RestWorld world;
  world.bucket("one");
  const HeaderList redirect{{"x-amz-website-redirect-location", "/there"}};
  ASSERT_EQ(world.send("PUT", "/one/a b", redirect, "x").code(), "ok");
  EXPECT_EQ(world.send("PUT", "/one/c", {{"x-amz-copy-source", "one/a+b"}}).code(), "ok")
      << "a blank comes as + too";
  EXPECT_EQ(world.send("HEAD", "/one/c").header("x-amz-website-redirect-location"), "");
  EXPECT_EQ(world.send("PUT", "/one/d", {{"x-amz-website-redirect-location", "there"}}, "x").code(),
            "InvalidRedirectLocation");
  EXPECT_EQ(world.send("PUT", "/one/d", {{"x-amz-copy-source", "one"}}).element("Message"),
            "Invalid copy source object key");
}

TEST(CreateBucket, RefusesWhatAwsRefuses) {
  RestWorld world;
  EXPECT_EQ(world.send("PUT", "/one", {{"x-amz-acl", "public-read"}}).code(),
            "InvalidBucketAclWithObjectOwnership");
  EXPECT_EQ(
      world
          .send("PUT", "/one",
                {{"x-amz-acl", "public-read"}, {"x-amz-object-ownership", "BucketOwnerEnforced"}})
          .code(),
      "InvalidBucketAclWithObjectOwnership");
  EXPECT_EQ(world.send("PUT", "/one", {{"x-amz-grant-read", "id=1"}}).code(), "InvalidArgument");
  EXPECT_EQ(world.send("PUT", "/one", {{"x-amz-acl", "everybody"}}).code(), "InvalidArgument");
  EXPECT_EQ(world.send("PUT", "/one", {{"x-amz-object-ownership", "Everybody"}}).code(),
            "InvalidArgument");
  EXPECT_EQ(world.send("PUT", "/one", {}, constraint("the-moon")).code(),
            "InvalidLocationConstraint");
  for (const std::string name :
       {"ab", "A-b", "a_b", "-ab", "ab-", "a..b", "a.-b", "a-.b", "192.168.5.4", "xn--ab",
        "sthree-ab", "ab-s3alias", "ab--ol-s3", "ab--x-s3", "ab.mrap"}) {
    EXPECT_EQ(world.send("PUT", "/" + name).code(), "InvalidBucketName") << name;
  }
  EXPECT_EQ(world.send("PUT", "/" + std::string(64, 'a')).code(), "InvalidBucketName");
  EXPECT_EQ(world.send("GET", "/").element("Name"), "(none)");
  EXPECT_EQ(world.send("PUT", "/" + std::string(63, 'a')).status, 200);
}

// AWS does not; but s3fs names its region always, and has to get its bucket.
TEST(CreateBucket, TakesUsEast1SaidAloud) {
  RestWorld world;
  const auto made = world.send("PUT", "/one", {}, constraint("us-east-1"));
  EXPECT_EQ(made.code(), "ok");
  EXPECT_NE(world.send("GET", "/one?location").body.find("2006-03-01/\"/>"), std::string::npos);
}

TEST(Rest, AnswersWhatIsNoRequestAsAwsDoes) {
  RestWorld world;
  const auto code = [&](int status, bool in_body) {
    const base::HttpResponse response = refuse_request(world.service, status, "why", in_body);
    EXPECT_EQ(response.headers.get("content-type"), "application/xml");
    EXPECT_EQ(response.headers.get("x-amz-request-id").size(), 16u);
    return std::to_string(response.status) + " " +
           Answer{response.status, response.body, {}}.code();
  };
  EXPECT_EQ(code(400, false), "400 BadRequest");
  EXPECT_EQ(code(400, true), "400 IncompleteBody");
  EXPECT_EQ(code(408, true), "400 RequestTimeout");
  EXPECT_EQ(code(431, false), "400 RequestHeaderSectionTooLarge");
  EXPECT_EQ(code(414, false), "414 RequestURITooLong");
  EXPECT_EQ(code(501, false), "501 NotImplemented");
}

TEST(Rest, TakesEightKibibytesOfHeaders) {
  RestWorld world;
  world.bucket("one");
  const auto put = [&](std::size_t bytes) {  // with those of the Host
    const HeaderList headers{{"x-of-mine", std::string(bytes - 13 - 22, 'v')}};
    return world.send("PUT", "/one/a", headers, "x");
  };
  EXPECT_EQ(put(8192).code(), "ok");
  const Answer refused = put(8193);
  EXPECT_EQ(refused.code(), "RequestHeaderSectionTooLarge");
  EXPECT_EQ(refused.element("MaxSizeAllowed"), "8192");
  HeaderList many;
  for (int i = 0; i < 100; ++i) many.emplace_back("x-" + std::to_string(i), std::string(100, 'v'));
  EXPECT_EQ(world.send("GET", "/one/a", many).code(), "RequestHeaderSectionTooLarge");
}

TEST(Rest, RefusesTwoSubresourcesAtOnce) {
  RestWorld world;
  world.bucket("one");
  world.put("one", "a");
  world.send("PUT", "/one?tagging", {},
             "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>");
  const std::vector<std::array<std::string, 3>> requests{
      {"DELETE", "/one?tagging&cors", "cors, tagging"},
      {"GET", "/one/a?tagging&acl=x&acl", "acl, tagging"},
      {"GET", "/one/a?partNumber=1&tagging", "partNumber, tagging"},
      {"POST", "/one/a?uploads&uploadId=x", "uploadId, uploads"},
      {"GET", "/one?website&analytics", "analytics, website"}};
  for (const auto& [method, target, both] : requests) {
    const Answer refused = world.send(method, target);
    EXPECT_EQ(refused.element("Message"), "Conflicting query string parameters: " + both);
    EXPECT_EQ(refused.element("ArgumentName"), "ResourceType");
    EXPECT_EQ(refused.element("ArgumentValue"), both.substr(0, both.find(',')));
  }
  EXPECT_EQ(world.send("GET", "/one?tagging").element("Key"), "a") << "nothing has changed";
}

TEST(Rest, HasNoHeadOfASubresource) {
  RestWorld world;
  world.bucket("one");
  world.put("one", "a");
  for (const char* target : {"/one?versioning", "/one/a?acl", "/none?policy"})
    EXPECT_EQ(world.send("HEAD", target).status, 405) << target;
}

TEST(Rest, RefusesAVersionWhereNoneCanBeNamed) {
  RestWorld world;
  world.bucket("one");
  world.put("one", "a");
  const std::string upload = world.send("POST", "/one/a?uploads").element("UploadId");
  const std::vector<std::pair<std::string, std::string>> requests{
      {"PUT", "/one/a?versionId=null"},
      {"PUT", "/one/a?versionId="},
      {"POST", "/one/a?uploads&versionId=null"},
      {"PUT", "/one/a?partNumber=1&uploadId=" + upload + "&versionId=null"},
      {"GET", "/one?versionId=null"},
      {"GET", "/one?versions&versionId=x"},
      {"PUT", "/one?tagging&versionId=x"},
      {"DELETE", "/one?versionId=x"}};
  for (const auto& [method, target] : requests) {
    const Answer refused = world.send(method, target, {}, method == "PUT" ? "x" : "");
    EXPECT_EQ(refused.element("Message"), "This operation does not accept a version-id.")
        << method << target;
    EXPECT_EQ(refused.element("ArgumentName"), "versionId");
  }
  EXPECT_EQ(world.send("GET", "/one/a?versionId=null").body, "x");
}

TEST(Rest, RefusesAQueryThatIsNotUtf8) {
  RestWorld world;
  world.bucket("one");
  for (const char* query : {"prefix=%ff", "list-type=2&start-after=%ED%A0%80",
                            "versions&key-marker=%C0%AF", "uploads&prefix=%E2%82", "%ff=1"})
    EXPECT_EQ(world.send("GET", std::string("/one?") + query).code(), "InvalidURI") << query;
  EXPECT_EQ(world.send("GET", "/one?prefix=%E2%82%AC").element("Prefix"), "\xE2\x82\xAC");
}

TEST(Rest, TakesTheBucketFromTheHost) {
  RestWorld world;
  world.bucket("one");
  EXPECT_EQ(world.send("PUT", "/dir/a%20b", {{"host", "one.s3.localhost:4566"}}, "x").status, 200);
  EXPECT_EQ(world.send("GET", "/one/dir/a%20b").body, "x");
  EXPECT_NE(world.send("GET", "/?list-type=2", {{"host", "one.localhost.localstack.cloud"}})
                .body.find("dir/a b"),
            std::string::npos);
}

TEST(Rest, KeepsTheBytesOfAKey) {
  RestWorld world;
  world.bucket("one");
  const std::map<std::string, std::string> keys{{"/one/a+b", "a+b"},
                                                {"/one/a%2Bb%20c", "a+b c"},
                                                {"/one//a", "/a"},
                                                {"/one/a/../b", "a/../b"},
                                                {"/one/%E2%82%AC%2Fx", "\xE2\x82\xAC/x"}};
  for (const auto& [path, key] : keys) {
    ASSERT_EQ(world.send("PUT", path, {}, key).status, 200);
    EXPECT_EQ(world.service.get_object("one", key)->read_all(), key);
  }
  EXPECT_EQ(world.send("PUT", "/one/%zz", {}, "").code(), "InvalidURI");
  EXPECT_EQ(world.send("PUT", "/one/%ff", {}, "").code(), "InvalidURI");
  EXPECT_EQ(world.send("PUT", "//a", {}, "").code(), "InvalidBucketName");
  EXPECT_EQ(world.send("PUT", "/one/" + std::string(1025, 'k'), {}, "").code(), "KeyTooLongError");
}

TEST(Rest, RendersErrorsAsAwsDoes) {
  RestWorld world;
  const Answer answer = world.send("GET", "/none/a%26b");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.header("content-type"), "application/xml");
  EXPECT_EQ(answer.element("Message"), "The specified bucket does not exist");
  EXPECT_EQ(answer.element("Resource"), "/none/a%26b");
  EXPECT_EQ(answer.element("RequestId"), answer.header("x-amz-request-id"));
  EXPECT_EQ(answer.element("HostId"), answer.header("x-amz-id-2"));
}

TEST(Rest, RefusesTheBucketOfAnotherOwner) {
  RestWorld world;
  world.bucket("one");
  EXPECT_EQ(world.send("GET", "/one", {{"x-amz-expected-bucket-owner", "000000000000"}}).status,
            200);
  EXPECT_EQ(world.send("GET", "/one", {{"x-amz-expected-bucket-owner", "111111111111"}}).code(),
            "AccessDenied");
}

TEST(Rest, AnswersWhatIsNotHereByName) {
  RestWorld world;
  world.bucket("one");
  world.put("one", "a", "before");
  for (const Operation& row : operations()) {
    if (row.is_implemented()) continue;
    const std::string path = row.scope == Scope::bucket ? "/one" : "/one/a";
    HeaderList headers;
    if (!row.header.empty()) headers.emplace_back(std::string(row.header), "one/a");
    const std::string query = row.subresource.empty() ? "" : "?" + std::string(row.subresource);
    const Answer answer = world.send(std::string(row.method), path + query, headers, "<x/>");
    EXPECT_EQ(answer.status, 501) << row.name;
    if (row.method == "HEAD") continue;
    EXPECT_EQ(answer.element("Message"), std::string(row.name) + " is not implemented");
  }
  EXPECT_EQ(world.service.get_object("one", "a")->read_all(), "before");
}

TEST(Rest, NeverLetsAnUnknownSubResourceFallThrough) {
  RestWorld world;
  world.bucket("one");
  world.put("one", "a", "before");
  for (const char* method : {"GET", "PUT", "DELETE", "POST"}) {
    EXPECT_GE(world.send(method, "/one/a?fancy", {}, "x").status, 400) << method;
    EXPECT_GE(world.send(method, "/one/a?policy=x", {}, "x").status, 400) << method;
  }
  EXPECT_EQ(world.service.get_object("one", "a")->read_all(), "before");
  EXPECT_EQ(world.send("GET", "/one/a?x-id=GetObject&X-Amz-Expires=1").status, 200);
  EXPECT_EQ(world.send("PATCH", "/one/a").code(), "MethodNotAllowed");
}

TEST(Rest, EachRowOfTheTableIsTheOnlyOneOfItsKind) {
  std::set<std::string> seen;
  for (const Operation& row : operations()) {
    const std::string kind = std::string(row.method) + std::to_string(static_cast<int>(row.scope)) +
                             "?" + std::string(row.subresource) + "#" + std::string(row.header);
    EXPECT_TRUE(seen.insert(kind).second) << row.name;
  }
}

TEST(ListObjectsV2, PagesWithTokens) {
  RestWorld world;
  world.bucket("one");
  for (const char* key : {"a/1", "a/2", "b", "c"}) world.put("one", key);
  const Answer first = world.send("GET", "/one?list-type=2&delimiter=/&max-keys=2");
  EXPECT_EQ(first.element("KeyCount"), "2");
  EXPECT_EQ(first.element("IsTruncated"), "true");
  EXPECT_EQ(first.element("Key"), "b");
  EXPECT_NE(first.body.find("<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>"),
            std::string::npos);
  const std::string token = base::percent_encode(first.element("NextContinuationToken"));
  const Answer second =
      world.send("GET", "/one?list-type=2&delimiter=/&max-keys=2&continuation-token=" + token);
  EXPECT_EQ(second.element("Key"), "c");
  EXPECT_EQ(second.element("IsTruncated"), "false");
  EXPECT_EQ(second.element("NextContinuationToken"), "(none)");
  EXPECT_EQ(world.send("GET", "/one?list-type=2&continuation-token=").code(), "InvalidArgument");
  EXPECT_EQ(world.send("GET", "/one?list-type=2&continuation-token=%21").code(), "InvalidArgument");
}

TEST(ListObjectsV2, WritesTheCarriageReturnOfAKeyAsAReference) {
  RestWorld world;
  world.bucket("one");
  world.put("one", "a\r\nb");  // of which a parser would make one line feed (XML 1.0, 2.11)
  EXPECT_EQ(world.send("GET", "/one?list-type=2").element("Key"), "a&#xd;\nb");
}

TEST(ListObjectsV2, EncodesNamesWhereAsked) {
  RestWorld world;
  world.bucket("one");
  world.put("one", "dir/a b&<\x01\xC3\xA9");
  const Answer encoded =
      world.send("GET", "/one?list-type=2&encoding-type=url&prefix=dir/&start-after=a%2B");
  EXPECT_EQ(encoded.element("Key"), "dir/a%20b%26%3C%01%C3%A9");
  EXPECT_EQ(encoded.element("EncodingType"), "url");
  EXPECT_EQ(encoded.element("Prefix"), "dir/");
  EXPECT_EQ(encoded.element("StartAfter"), "a%2B");
  EXPECT_EQ(world.send("GET", "/one?list-type=2").element("Key"), "dir/a b&amp;&lt;&#x1;\xC3\xA9");
  EXPECT_EQ(world.send("GET", "/one?encoding-type=base64").code(), "InvalidArgument");
  EXPECT_EQ(world.send("GET", "/one?encoding-type=URL").element("EncodingType"), "url");
  // ListObjectsV2: "If StartAfter was sent with the request, it is included in the response", be it
  // of use or not.
  const Answer further = world.send(
      "GET", "/one?list-type=2&start-after=a&continuation-token=" + base::to_base64("dir/"));
  EXPECT_EQ(further.element("StartAfter"), "a");
}

TEST(ListObjectsV2, DescribesEachObject) {
  RestWorld world;
  world.bucket("one");
  world.send("PUT", "/one/a", {{"x-amz-storage-class", "GLACIER_IR"}}, "abc");
  const Answer list = world.send("GET", "/one?list-type=2");
  EXPECT_EQ(list.element("LastModified"), "2026-01-02T03:04:05.000Z")
      << "whole seconds, as Last-Modified has";
  EXPECT_EQ(list.element("ETag"), "&quot;900150983cd24fb0d6963f7d28e17f72&quot;");
  EXPECT_EQ(list.element("Size"), "3");
  EXPECT_EQ(list.element("StorageClass"), "GLACIER_IR");
  EXPECT_EQ(list.element("ChecksumAlgorithm"), "CRC64NVME");
  EXPECT_EQ(list.element("Owner"), "(none)");
  EXPECT_NE(world.send("GET", "/one?list-type=2&fetch-owner=true").element("Owner"), "(none)");
}

TEST(Listings, EncodeEveryNameWhereAsked) {
  RestWorld world;
  world.bucket("one");
  for (const char* key : {"a b/+/1", "a b/+/2", "a b/x\n1", "a b/z"}) world.put("one", key);
  world.send("POST", "/one/a%20b/+/up?uploads");
  const auto elements = [](const Answer& answer, std::vector<std::string> names) {
    std::string out;
    for (const std::string& name : names) out += answer.element(name) + " ";
    return out;
  };
  const std::string common = "encoding-type=url&prefix=a%20b/&delimiter=%2B";
  const Answer objects = world.send("GET", "/one?marker=a%20&max-keys=1&" + common);
  EXPECT_EQ(elements(objects, {"EncodingType", "Prefix", "Delimiter", "Marker", "NextMarker"}),
            "url a%20b/ %2B a%20 a%20b/%2B ");
  EXPECT_NE(objects.body.find("<CommonPrefixes><Prefix>a%20b/%2B</Prefix>"), std::string::npos);
  const Answer versions = world.send("GET", "/one?versions&key-marker=a%20&max-keys=1&" + common);
  EXPECT_EQ(
      elements(versions, {"EncodingType", "Prefix", "Delimiter", "KeyMarker", "NextKeyMarker"}),
      "url a%20b/ %2B a%20 a%20b/%2B ");
  const Answer uploads = world.send("GET", "/one?uploads&key-marker=a%20&" + common);
  EXPECT_EQ(elements(uploads, {"EncodingType", "Delimiter", "KeyMarker"}), "url %2B a%20 ");
  EXPECT_NE(uploads.body.find("<CommonPrefixes><Prefix>a%20b/%2B</Prefix>"), std::string::npos);
  // One that cannot be printed is one like the others.
  const Answer unreadable =
      world.send("GET", "/one?encoding-type=url&prefix=a%20b/x&delimiter=%0A");
  EXPECT_EQ(elements(unreadable, {"Delimiter"}), "%0A ");
  EXPECT_NE(unreadable.body.find("<Prefix>a%20b/x%0A</Prefix>"), std::string::npos);
}

// minio-go asks so: MinIO then tells more, AWS does not know it.
TEST(ListObjectsV2, IgnoresTheMetadataThatMinioAsksFor) {
  RestWorld world;
  world.bucket("one");
  world.put("one", "a");
  EXPECT_EQ(world.send("GET", "/one?list-type=2&metadata=true").body,
            world.send("GET", "/one?list-type=2").body);
}

TEST(ListObjectsV2, LimitsMaxKeys) {
  RestWorld world;
  world.bucket("one");
  world.put("one", "a");
  const Answer none = world.send("GET", "/one?list-type=2&max-keys=0");
  EXPECT_EQ(none.element("KeyCount"), "0");
  EXPECT_EQ(none.element("IsTruncated"), "false");
  EXPECT_EQ(world.send("GET", "/one?list-type=2&max-keys=5000").element("MaxKeys"), "1000");
  EXPECT_EQ(world.send("GET", "/one?list-type=2&max-keys=-1").code(), "InvalidArgument");
  EXPECT_EQ(world.send("GET", "/one?list-type=2&max-keys=ten").code(), "InvalidArgument");
}

TEST(ListObjects, GivesTheNextMarkerOnlyWithADelimiter) {
  RestWorld world;
  world.bucket("one");
  for (const char* key : {"a/1", "b", "c"}) world.put("one", key);
  EXPECT_EQ(world.send("GET", "/one?max-keys=1").element("NextMarker"), "(none)");
  const Answer page = world.send("GET", "/one?max-keys=1&delimiter=/");
  EXPECT_EQ(page.element("NextMarker"), "a/");
  EXPECT_EQ(world.send("GET", "/one?max-keys=1&delimiter=/&marker=a/").element("Key"), "b");
  EXPECT_NE(page.element("Marker"), "(none)");
}

TEST(DeleteObjects, DeletesEachKeyAndSaysSo) {
  RestWorld world;
  world.bucket("one");
  world.put("one", "a");
  world.put("one", "b&c");
  const std::string body =
      "<Delete><Object><Key>b&amp;c</Key></Object><Object><Key>none</Key></Object>"
      "<Object><Key>a</Key><ETag>\"wrong\"</ETag></Object><Object><Key>a</Key><VersionId>7</"
      "VersionId></Object></Delete>";
  const Answer answer =
      world.send("POST", "/one?delete", {{"content-md5", md5_base64(body)}}, body);
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find("<Deleted><Key>b&amp;c</Key></Deleted><Deleted><Key>none</Key></"
                             "Deleted><Error><Key>a</Key>"
                             "<Code>PreconditionFailed</Code>"),
            std::string::npos)
      << answer.body;
  EXPECT_NE(answer.body.find("<VersionId>7</VersionId><Code>InvalidArgument</Code>"),
            std::string::npos);
  EXPECT_EQ(world.service.list_objects({.bucket = "one"})->objects.size(), 1u);
}

TEST(DeleteObjects, WantsItsXmlWellFormed) {
  RestWorld world;
  world.bucket("one");
  const auto outcome_of = [&](const std::string& body) {
    world.put("one", "a");
    world.put("one", "a & b");
    const Answer answer =
        world.send("POST", "/one?delete", {{"content-md5", md5_base64(body)}}, body);
    const std::size_t left = world.service.list_objects({.bucket = "one"})->objects.size();
    return answer.code() + ", left: " + std::to_string(left);
  };
  const auto of_key = [](const std::string& key) {
    return "<Delete><Object><Key>" + key + "</Key></Object></Delete>";
  };
  const std::string refused = "MalformedXML, left: 2";
  for (const char* key : {"a & b", "a&amp b", "&unknown;", "a&#0;b", "a&#x0;", "&#xD800;",
                          "&#x110000;", "&#;", "&#xg;", "\xFF", "a</Key><Key>"})
    EXPECT_EQ(outcome_of(of_key(key)), refused) << key;
  EXPECT_EQ(outcome_of(of_key("a") + of_key("a")), refused);
  EXPECT_EQ(outcome_of(of_key("a") + "x"), refused);
  EXPECT_EQ(outcome_of("x" + of_key("a")), refused);
  EXPECT_EQ(outcome_of("<!DOCTYPE Delete>" + of_key("a")), refused);
  EXPECT_EQ(outcome_of("<!-- no end" + of_key("a")), refused);
  for (const char* key : {"a", "&#97;", "&#x61;", "<![CDATA[a]]>", "<!-- & -->a", "a &amp; b"})
    EXPECT_EQ(outcome_of(of_key(key)), "ok, left: 1") << key;
  EXPECT_EQ(outcome_of("\xEF\xBB\xBF<?xml version='1.0'?>\n<!-- > -->" + of_key("a") + "\n"),
            "ok, left: 1");
  EXPECT_EQ(outcome_of("<Delete xmlns='http://s3.amazonaws.com/doc/2006-03-01/' a=\">\"><Quiet/>" +
                       of_key("a").substr(8)),
            "ok, left: 1");
}

TEST(DeleteObjects, IsQuietWhereAsked) {
  RestWorld world;
  world.bucket("one");
  const std::string body = "<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object></Delete>";
  const Answer answer =
      world.send("POST", "/one?delete", {{"content-md5", md5_base64(body)}}, body);
  EXPECT_EQ(answer.body.find("Deleted"), std::string::npos);
}

TEST(DeleteObjects, WantsItsBodyWholeAndProtected) {
  RestWorld world;
  world.bucket("one");
  const auto code = [&](const std::string& body, const std::string& md5_of) {
    return world.send("POST", "/one?delete", {{"content-md5", md5_base64(md5_of)}}, body).code();
  };
  const std::string good = "<Delete><Object><Key>a</Key></Object></Delete>";
  EXPECT_EQ(world.send("POST", "/one?delete", {}, good).code(), "InvalidRequest");
  EXPECT_EQ(code(good, "other"), "BadDigest");
  EXPECT_EQ(code("<Delete></Delete>", "<Delete></Delete>"), "MalformedXML");
  EXPECT_EQ(code("<Delete", "<Delete"), "MalformedXML");
  std::string many = "<Delete>";
  for (int i = 0; i < 1001; ++i) many += "<Object><Key>a</Key></Object>";
  many += "</Delete>";
  EXPECT_EQ(code(many, many), "MalformedXML");
}

TEST(CopyObject, OverRestReadsTheSourceFromItsHeader) {
  RestWorld world;
  world.bucket("one");
  world.send("PUT", "/one/a%2B%20%25%E2%82%AC",
             {{"content-type", "text/csv"}, {"x-amz-meta-k", "v"}}, "body");
  const HeaderList source{{"x-amz-copy-source", "/one/a%2B%20%25%E2%82%AC"}};
  const Answer copied = world.send("PUT", "/one/b", source);
  EXPECT_EQ(copied.status, 200) << copied.body;
  EXPECT_NE(copied.element("ETag"), "(none)");
  EXPECT_EQ(world.send("GET", "/one/b").header("x-amz-meta-k"), "v");
  HeaderList replacing = source;
  replacing.emplace_back("x-amz-metadata-directive", "REPLACE");
  replacing.emplace_back("x-amz-meta-other", "w");
  EXPECT_EQ(world.send("PUT", "/one/b", replacing).status, 200);
  const Answer got = world.send("GET", "/one/b");
  EXPECT_FALSE(got.headers.has("x-amz-meta-k"));
  EXPECT_EQ(got.header("x-amz-meta-other"), "w");
  EXPECT_EQ(got.body, "body");
}

TEST(CopyObject, ComputesTheChecksumThatIsAskedFor) {
  RestWorld world;
  world.bucket("one");
  world.send("PUT", "/one/a", {{"x-amz-checksum-crc32", "DUoRhQ=="}}, "hello world");
  const Answer copied = world.send(
      "PUT", "/one/b", {{"x-amz-copy-source", "/one/a"}, {"x-amz-checksum-algorithm", "SHA256"}});
  const std::string sha256 = base::to_base64(base::hash(base::HashKind::sha256, "hello world"));
  EXPECT_EQ(copied.element("ChecksumSHA256") + copied.element("ChecksumCRC32"), sha256 + "(none)");
  const Answer head = world.send("HEAD", "/one/b", {{"x-amz-checksum-mode", "ENABLED"}});
  EXPECT_EQ(head.header("x-amz-checksum-sha256") + head.header("x-amz-checksum-type"),
            sha256 + "FULL_OBJECT");
  EXPECT_FALSE(head.headers.has("x-amz-checksum-crc32"));
  EXPECT_EQ(world
                .send("PUT", "/one/b",
                      {{"x-amz-copy-source", "/one/a"}, {"x-amz-checksum-algorithm", "MD4"}})
                .code(),
            "InvalidRequest");
}

TEST(CopyObject, OverRestNamesWhatIsWrong) {
  RestWorld world;
  world.bucket("one");
  const std::string etag = world.put("one", "a").etag;
  const auto code = [&](HeaderList headers) { return world.send("PUT", "/one/b", headers).code(); };
  EXPECT_EQ(code({{"x-amz-copy-source", "one"}}), "InvalidArgument");
  EXPECT_EQ(code({{"x-amz-copy-source", "/one/"}}), "InvalidArgument");
  EXPECT_EQ(code({{"x-amz-copy-source", "one/none"}}), "NoSuchKey");
  EXPECT_EQ(code({{"x-amz-copy-source", "none/a"}}), "NoSuchBucket");
  EXPECT_EQ(code({{"x-amz-copy-source", "one/a?versionId=7"}}), "InvalidArgument");
  EXPECT_EQ(code({{"x-amz-copy-source", "one/a"}, {"x-amz-metadata-directive", "MOVE"}}),
            "InvalidArgument");
  EXPECT_EQ(code({{"x-amz-copy-source", "one/a"}, {"x-amz-copy-source-if-none-match", etag}}),
            "PreconditionFailed");
  EXPECT_EQ(code({{"x-amz-copy-source", "one/a"}, {"x-amz-copy-source-if-match", etag}}), "ok");
  EXPECT_EQ(world.send("PUT", "/one/a", {{"x-amz-copy-source", "one/a"}}).code(), "InvalidRequest");
  EXPECT_EQ(world
                .send("PUT", "/one/a",
                      {{"x-amz-copy-source", "one/a"}, {"x-amz-storage-class", "STANDARD_IA"}})
                .code(),
            "ok");
}

TEST(BucketNotification, LooksForItsDestinationUnlessItIsToldNotTo) {
  RestWorld world;
  world.bucket("one");
  const std::string absent = "arn:aws:lambda:us-east-1:000000000000:function:absent";
  const std::string body =
      "<NotificationConfiguration><CloudFunctionConfiguration><CloudFunction>" + absent +
      "</CloudFunction><Event>s3:ObjectCreated:*</Event></CloudFunctionConfiguration>"
      "</NotificationConfiguration>";
  const Answer refused = world.send("PUT", "/one?notification", {}, body);
  EXPECT_EQ(refused.element("Message"),
            "Unable to validate the following destination configurations");
  EXPECT_EQ(refused.element("ArgumentName"), absent);
  EXPECT_EQ(
      world.send("PUT", "/one?notification", {{"x-amz-skip-destination-validation", "true"}}, body)
          .code(),
      "ok");
  EXPECT_EQ(world.send("GET", "/one?notification").element("CloudFunction"), absent);
}

TEST(BucketNotification, OverRestIsStoredAndAnswered) {
  RestWorld world;
  world.bucket("one");
  const std::string body =
      std::string(
          "<NotificationConfiguration><CloudFunctionConfiguration><Id>x</Id><CloudFunction>") +
      function_arn +
      "</CloudFunction><Event>s3:ObjectCreated:*</Event></CloudFunctionConfiguration>" +
      "</NotificationConfiguration>";
  EXPECT_EQ(world.send("PUT", "/one?notification", {}, body).status, 200);
  const Answer got = world.send("GET", "/one?notification");
  EXPECT_EQ(got.element("CloudFunction"), function_arn);
  EXPECT_EQ(world.send("PUT", "/one?notification", {}, "<NotificationConfiguration/>").status, 200);
  EXPECT_EQ(world.send("GET", "/one?notification").element("CloudFunction"), "(none)");
  EXPECT_EQ(world.send("PUT", "/none?notification", {}, "<NotificationConfiguration/>").code(),
            "NoSuchBucket");
  EXPECT_EQ(world.send("PUT", "/one?notification", {}, "").code(), "MissingRequestBodyError");
  EXPECT_EQ(
      world
          .send(
              "PUT", "/one?notification", {},
              "<NotificationConfiguration><EventBridgeConfiguration/></NotificationConfiguration>")
          .code(),
      "NotImplemented");
}

// Bad bytes anywhere in a request end in an answer, never in a crash.
TEST(Rest, AnswersWhateverItIsSent) {
  RestWorld world;
  world.bucket("one");
  sim::Random random(7, "requests");
  const std::vector<std::string> methods{"GET", "PUT", "POST", "DELETE", "HEAD", "X"};
  const std::string target =
      "/one/a%20b?list-type=2&prefix=%41&max-keys=3&delete&notification&partNumber=1";
  const std::string body =
      "5;chunk-signature=abc\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n<Delete><Object>"
      "<Key>a</Key></Object></Delete>";
  for (int i = 0; i < 3000; ++i) {
    std::string path = target.substr(0, random.below(target.size()) + 1),
                sent = body.substr(0, random.below(body.size() + 1));
    path[random.below(path.size())] = static_cast<char>(random.next());
    if (!sent.empty()) sent[random.below(sent.size())] = static_cast<char>(random.next());
    HeaderList headers{
        {"x-amz-content-sha256",
         random.chance(0.5) ? "STREAMING-UNSIGNED-PAYLOAD-TRAILER" : "UNSIGNED-PAYLOAD"},
        {"x-amz-decoded-content-length", std::to_string(random.below(20))},
        {"range", "bytes=" + random.text(4, "0123-,")},
        {"content-md5", md5_base64(sent)}};
    if (random.chance(0.3)) headers.emplace_back("x-amz-copy-source", random.text(9, "one/a%20?"));
    const Answer answer = world.send(methods[random.below(methods.size())], path, headers, sent);
    EXPECT_TRUE(answer.status >= 200 && answer.status < 600 && answer.status != 500)
        << path << answer.body;
  }
}

}  // namespace
}  // namespace emulator::s3
