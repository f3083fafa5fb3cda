// What clients see of server-side encryption (AWS: "Using server-side encryption with AWS KMS
// keys"): the algorithm and the key are answered by whatever names the object.

#include "tests/emulator/s3/rest_client.h"

namespace emulator::s3 {
namespace {

const HeaderList kms{{"x-amz-server-side-encryption", "aws:kms"}};

std::string configuration(const std::string& by_default) {
  return "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>" +
         by_default +
         "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule>"
         "</ServerSideEncryptionConfiguration>";
}

struct EncryptionWorld : RestWorld {
  EncryptionWorld() { bucket("one"); }
  // "aws:kms KEY"
  std::string of(const Answer& answer) {
    const std::string key = answer.header("x-amz-server-side-encryption-aws-kms-key-id");
    return answer.header("x-amz-server-side-encryption") + (key.empty() ? "" : " ") + key;
  }
  std::string of(const std::string& target) { return of(send("HEAD", target)); }
};

TEST(Encryption, IsAnsweredAsTheObjectWasPut) {
  EncryptionWorld world;
  EXPECT_EQ(world.of(world.send("PUT", "/one/a", {}, "x")), "AES256");
  const std::string managed = "aws:kms arn:aws:kms:us-east-1:000000000000:alias/aws/s3";
  EXPECT_EQ(world.of(world.send("PUT", "/one/b", kms, "x")), managed);
  EXPECT_EQ(world.of("/one/b"), managed);
  HeaderList own = kms;
  own.emplace_back("x-amz-server-side-encryption-aws-kms-key-id", "1234-abcd");
  own.emplace_back("x-amz-server-side-encryption-bucket-key-enabled", "true");
  world.send("PUT", "/one/c", own, "x");
  EXPECT_EQ(world.of("/one/c"), "aws:kms arn:aws:kms:us-east-1:000000000000:key/1234-abcd");
  EXPECT_EQ(world.send("GET", "/one/c").header("x-amz-server-side-encryption-bucket-key-enabled"),
            "true");
}

TEST(Encryption, OfACopyIsThatOfItsRequestAndNotOfItsSource) {
  EncryptionWorld world;
  world.send("PUT", "/one/a", kms, "x");
  EXPECT_EQ(world.of(world.send("PUT", "/one/b", {{"x-amz-copy-source", "one/a"}})), "AES256");
  HeaderList copy = kms;
  copy.emplace_back("x-amz-copy-source", "one/b");
  EXPECT_TRUE(world.of(world.send("PUT", "/one/c", copy)).starts_with("aws:kms arn:"));
  EXPECT_TRUE(world.of("/one/c").starts_with("aws:kms arn:"));
}

TEST(Encryption, OfAnUploadInPartsIsChosenWhenItIsCreated) {
  EncryptionWorld world;
  const Answer created = world.send("POST", "/one/a?uploads", kms);
  EXPECT_TRUE(world.of(created).starts_with("aws:kms arn:"));
  const std::string upload = "/one/a?uploadId=" + created.element("UploadId");
  const Answer part = world.send("PUT", upload + "&partNumber=1", {}, "x");
  EXPECT_TRUE(world.of(part).starts_with("aws:kms arn:"));
  world.send("POST", upload, {},
             "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" +
                 part.header("etag") + "</ETag></Part></CompleteMultipartUpload>");
  EXPECT_TRUE(world.of("/one/a").starts_with("aws:kms arn:"));
}

TEST(Encryption, IsTheBucketsWhereTheRequestSaysNothing) {
  EncryptionWorld world;
  EXPECT_EQ(world
                .send("PUT", "/one?encryption", {},
                      configuration("<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>alias/"
                                    "mine</KMSMasterKeyID>"))
                .code(),
            "ok");
  EXPECT_EQ(world.send("GET", "/one?encryption").element("KMSMasterKeyID"), "alias/mine");
  const std::string mine = "aws:kms arn:aws:kms:us-east-1:000000000000:alias/mine";
  EXPECT_EQ(world.of(world.send("PUT", "/one/a", {}, "x")), mine);
  EXPECT_EQ(world.of("/one/a"), mine);
  EXPECT_EQ(
      world.of(world.send("PUT", "/one/b", {{"x-amz-server-side-encryption", "AES256"}}, "x")),
      "AES256");
  EXPECT_EQ(world.of("/one/b"), "AES256");
  EXPECT_EQ(world.of(world.send("PUT", "/one/c", {{"x-amz-copy-source", "one/b"}})), mine);
  world.send("DELETE", "/one?encryption");
  EXPECT_EQ(world.of(world.send("PUT", "/one/d", {}, "x")), "AES256");
}

TEST(Encryption, ThatIsNoneIsRefused) {
  EncryptionWorld world;
  EXPECT_EQ(world.send("PUT", "/one/a", {{"x-amz-server-side-encryption", "rot13"}}, "x").code(),
            "InvalidArgument");
  EXPECT_EQ(world
                .send("PUT", "/one/a",
                      {{"x-amz-server-side-encryption", "AES256"},
                       {"x-amz-server-side-encryption-aws-kms-key-id", "k"}},
                      "x")
                .code(),
            "InvalidArgument");
  EXPECT_EQ(world
                .send("PUT", "/one?encryption", {},
                      configuration("<SSEAlgorithm>AES256</SSEAlgorithm><KMSMasterKeyID>k</"
                                    "KMSMasterKeyID>"))
                .code(),
            "InvalidArgument");
  EXPECT_EQ(world
                .send("PUT", "/one/a",
                      {{"x-amz-server-side-encryption-customer-algorithm", "AES256"}}, "x")
                .code(),
            "NotImplemented");
}

}  // namespace
}  // namespace emulator::s3
