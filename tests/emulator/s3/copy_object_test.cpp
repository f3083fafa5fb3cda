// CopyObject over REST: where a copy onto itself is one, and what is said of its source.

#include "tests/emulator/s3/rest_client.h"

namespace emulator::s3 {
namespace {

struct CopyWorld : RestWorld {
  CopyWorld() {
    bucket("one");
    put("one", "a");
  }
  Answer onto_itself(HeaderList headers = {}) {
    headers.emplace_back("x-amz-copy-source", "/one/a");
    return send("PUT", "/one/a", headers);
  }
};

TEST(CopyObjectRest, OntoItselfMayChangeTheRedirectTheEncryptionOrTheClass) {
  CopyWorld world;
  EXPECT_EQ(world.onto_itself().code(), "InvalidRequest");
  EXPECT_EQ(world.onto_itself({{"x-amz-website-redirect-location", "/b"}}).code(), "ok");
  EXPECT_EQ(world.onto_itself({{"x-amz-server-side-encryption", "AES256"}}).code(), "ok");
  EXPECT_EQ(world.onto_itself({{"x-amz-storage-class", "STANDARD"}}).code(), "ok");
  EXPECT_EQ(world.send("HEAD", "/one/a").header("x-amz-storage-class"), "");
  EXPECT_EQ(world.onto_itself().code(), "InvalidRequest");
  world.send("PUT", "/one?encryption", {},
             "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
             "<SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>"
             "</ServerSideEncryptionConfiguration>");
  EXPECT_EQ(world.onto_itself().code(), "ok");
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html: "up to 5 GB in a single
// atomic action"; larger ones are copied in parts.
TEST(CopyObjectRest, CopiesAtMostFiveGibibytesAtATime) {
  CopyWorld world;
  constexpr std::uint64_t most = std::uint64_t{5} << 30;
  const Object large{
      .bucket = "one", .key = "large", .size = most + 1, .etag = "e", .sequencer = "1"};
  ASSERT_TRUE(world.store->put(large, {}, {}));  // which says that it is so large
  const HeaderList copy{{"x-amz-copy-source", "/one/large"}};
  const Answer refused = world.send("PUT", "/one/b", copy);
  EXPECT_EQ(refused.code(), "InvalidRequest");
  EXPECT_EQ(refused.element("Message"),
            "The specified copy source is larger than the maximum allowable size for a copy "
            "source: 5368709120");
  EXPECT_EQ(world.send("HEAD", "/one/b").status, 404);
  const std::string part =
      "/one/b?partNumber=1&uploadId=" + world.send("POST", "/one/b?uploads").element("UploadId");
  EXPECT_EQ(world.send("PUT", part, copy).element("Message"), refused.element("Message"));
  const auto of = [&](const std::string& range) {
    HeaderList headers = copy;
    headers.emplace_back("x-amz-copy-source-range", "bytes=" + range);
    return world.send("PUT", part, headers).element("Message");
  };
  EXPECT_EQ(of("0-5368709120"), refused.element("Message"));
  EXPECT_EQ(of("0-5368709121"),
            "Range specified is not valid for source object of size: 5368709121");
}

TEST(CopyObjectRest, TakesTheUrlOfItsSource) {
  CopyWorld world;
  for (const char* source : {"http://127.0.0.1:4566/one/a", "https://s3.amazonaws.com/one/a"})
    EXPECT_EQ(world.send("PUT", "/one/b", {{"x-amz-copy-source", source}}).code(), "ok");
  EXPECT_EQ(world.send("PUT", "/one/b", {{"x-amz-copy-source", "http://one"}}).code(),
            "InvalidArgument");
}

TEST(CopyObjectRest, NamesTheNullVersionWhereVersioningIsSuspended) {
  CopyWorld world;
  const HeaderList copy{{"x-amz-copy-source", "/one/a"}};
  EXPECT_EQ(world.send("PUT", "/one/b", copy).header("x-amz-version-id"), "");
  world.send("PUT", "/one?versioning", {},
             "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>");
  EXPECT_EQ(world.send("PUT", "/one/b", copy).header("x-amz-version-id"), "null");
}

}  // namespace
}  // namespace emulator::s3
