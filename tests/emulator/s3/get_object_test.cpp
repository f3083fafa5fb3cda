// GetObject and HeadObject over REST: ranges, conditions, overrides (s3.md section 4).

#include "tests/emulator/s3/rest_client.h"

namespace emulator::s3 {
namespace {

struct GetObjectRest : testing::Test {
  GetObjectRest() {
    world.bucket("one");
    etag =
        world.send("PUT", "/one/a", {{"cache-control", "no-store"}}, "0123456789").header("etag");
  }
  Answer get(const HeaderList& headers, const std::string& query = {}) {
    return world.send("GET", "/one/a" + query, headers);
  }

  RestWorld world;
  std::string etag;
};

TEST_F(GetObjectRest, FindsNoRangeInAnEmptyObject) {
  world.send("PUT", "/one/a");
  for (const char* range : {"bytes=0-", "bytes=0-0", "bytes=-1"}) {
    const Answer answer = get({{"range", range}});
    EXPECT_EQ(answer.code(), "InvalidRange") << range;
    EXPECT_EQ(answer.header("content-range"), "bytes */0");
  }
  EXPECT_EQ(get({}).status, 200);
}

TEST_F(GetObjectRest, AnswersAByteRange) {
  struct Row {
    const char* range;
    const char* body;
    const char* content_range;
  };
  for (const Row& row :
       {Row{"bytes=0-0", "0", "bytes 0-0/10"}, Row{"bytes=2-4", "234", "bytes 2-4/10"},
        Row{"bytes=7-", "789", "bytes 7-9/10"}, Row{"bytes=-3", "789", "bytes 7-9/10"},
        Row{"bytes=8-100", "89", "bytes 8-9/10"},
        Row{"bytes=-100", "0123456789", "bytes 0-9/10"}}) {
    const Answer answer = get({{"range", row.range}, {"x-amz-checksum-mode", "ENABLED"}});
    EXPECT_EQ(answer.status, 206) << row.range;
    EXPECT_EQ(answer.body, row.body) << row.range;
    EXPECT_EQ(answer.header("content-range"), row.content_range);
    EXPECT_EQ(answer.headers.has("x-amz-checksum-crc64nvme"), answer.body.size() == 10)
        << "a checksum of the whole does not fit a part, and a range may be the whole";
  }
}

TEST_F(GetObjectRest, IgnoresRangesThatAreNone) {
  for (const char* range :
       {"bytes=4-2", "bytes=a-b", "bytes=0-1,3-4", "lines=1-2", "bytes=", "bytes=-", "bytes= -1",
        "bytes=0 -1", "0-1", "bytes=99999999999999999999-"}) {
    const Answer answer = get({{"range", range}});
    EXPECT_EQ(answer.status, 200) << range;
    EXPECT_EQ(answer.body, "0123456789") << range;
  }
}

TEST_F(GetObjectRest, ChecksThePartNumberBeforeTheObject) {
  for (const char* number : {"0", "-1", "x", "10001", ""}) {
    EXPECT_EQ(world.send("GET", std::string("/one/none?partNumber=") + number).code(),
              "InvalidArgument")
        << number;
    EXPECT_EQ(world.send("HEAD", std::string("/one/none?partNumber=") + number).status, 400)
        << number;
  }
}

TEST_F(GetObjectRest, RefusesARangeBehindTheEnd) {
  for (const char* range : {"bytes=10-", "bytes=10-11", "bytes=-0"}) {
    const Answer answer = get({{"range", range}});
    EXPECT_EQ(answer.status, 416) << range;
    EXPECT_EQ(answer.code(), "InvalidRange");
    EXPECT_EQ(answer.header("content-range"), "bytes */10");
    EXPECT_EQ(answer.element("ActualObjectSize"), "10");
  }
  world.put("one", "empty", "");
  EXPECT_EQ(world.send("GET", "/one/empty", {{"range", "bytes=0-"}}).status, 416);
  EXPECT_EQ(world.send("GET", "/one/empty").status, 200);
}

TEST_F(GetObjectRest, HoldsConditions) {
  const std::string stored = "Fri, 02 Jan 2026 03:04:05 GMT",
                    before = "Fri, 02 Jan 2026 03:04:04 GMT",
                    later = "Fri, 02 Jan 2026 03:04:06 GMT";
  EXPECT_EQ(get({{"if-match", etag}}).status, 200);
  EXPECT_EQ(get({{"if-match", "\"other\""}}).status, 412);
  EXPECT_EQ(get({{"if-none-match", etag}}).status, 304);
  EXPECT_EQ(get({{"if-none-match", "*"}}).status, 304);
  EXPECT_EQ(get({{"if-none-match", "\"other\""}}).status, 200);
  EXPECT_EQ(get({{"if-modified-since", stored}}).status, 304);
  EXPECT_EQ(get({{"if-modified-since", before}}).status, 200);
  EXPECT_EQ(get({{"if-modified-since", later}}).status, 200) << "a date in the future is ignored";
  EXPECT_EQ(get({{"if-unmodified-since", stored}}).status, 200);
  EXPECT_EQ(get({{"if-unmodified-since", before}}).status, 412);
  EXPECT_EQ(get({{"if-match", etag}, {"if-unmodified-since", before}}).status, 200);
  EXPECT_EQ(get({{"if-none-match", "\"other\""}, {"if-modified-since", stored}}).status, 200);
  EXPECT_EQ(get({{"if-modified-since", "yesterday"}}).status, 200);
}

TEST_F(GetObjectRest, NotModifiedHasTheETagAndNoBody) {
  const Answer answer = get({{"if-none-match", etag}});
  EXPECT_EQ(answer.header("etag"), etag);
  EXPECT_TRUE(answer.headers.has("last-modified"));
  EXPECT_EQ(answer.body, "");
}

TEST_F(GetObjectRest, OverridesHeadersForThoseWhoSigned) {
  const std::string query =
      "?response-content-type=text%2Fplain&response-cache-control=max-age%3D1";
  EXPECT_EQ(get({}, query).code(), "InvalidRequest");
  const Answer answer =
      get({{"authorization", "AWS4-HMAC-SHA256 Credential=a/20260102/us-east-1/s3/aws4_request"}},
          query);
  EXPECT_EQ(answer.header("content-type"), "text/plain");
  EXPECT_EQ(answer.headers.count("content-type"), 1u);
  EXPECT_EQ(answer.header("cache-control"), "max-age=1");
}

TEST_F(GetObjectRest, NamesWhatIsMissing) {
  EXPECT_EQ(world.send("GET", "/one/none").code(), "NoSuchKey");
  EXPECT_EQ(world.send("GET", "/one/none").element("Key"), "none");
  EXPECT_EQ(world.send("GET", "/none/a").element("BucketName"), "none");
  EXPECT_EQ(world.send("GET", "/No_Name/a").code(), "InvalidBucketName");
  EXPECT_EQ(get({}, "?versionId=abc").code(), "InvalidArgument");
  EXPECT_EQ(get({}, "?versionId=null").status, 200);
}

TEST_F(GetObjectRest, HeadTellsTheSameWithoutABody) {
  const Answer head = world.send("HEAD", "/one/a");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(head.header("content-length"), "10");
  EXPECT_EQ(head.header("etag"), etag);
  EXPECT_EQ(head.header("content-type"), "binary/octet-stream");
  EXPECT_EQ(head.header("x-amz-server-side-encryption"), "AES256");
  const Answer part = world.send("HEAD", "/one/a", {{"range", "bytes=0-3"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.header("content-length"), "4");
  const Answer missing = world.send("HEAD", "/one/none");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.body, "");
  EXPECT_TRUE(missing.headers.has("x-amz-request-id"));
}

}  // namespace
}  // namespace emulator::s3
