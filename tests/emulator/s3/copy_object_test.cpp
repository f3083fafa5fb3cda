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
