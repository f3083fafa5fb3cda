#include "emulator/s3/addressing.h"

#include <gtest/gtest.h>

#include "emulator/s3/conditions.h"

namespace emulator::s3 {
namespace {

TEST(VirtualHost, NamesTheBucketInFrontOfAKnownBase) {
  const auto bucket = [](const char* host) { return bucket_of_host(host, "s3.example.test"); };
  EXPECT_EQ(bucket("b.localhost:4566"), "b");
  EXPECT_EQ(bucket("b.s3.localhost"), "b");
  EXPECT_EQ(bucket("my.bucket.s3.localhost"), "my.bucket");
  EXPECT_EQ(bucket("b.localhost.localstack.cloud:4566"), "b");
  EXPECT_EQ(bucket("b.s3.eu-west-1.localhost.localstack.cloud"), "b");
  EXPECT_EQ(bucket("b.s3.amazonaws.com"), "b");
  EXPECT_EQ(bucket("b.s3.eu-west-1.amazonaws.com"), "b");
  EXPECT_EQ(bucket("b.s3-eu-west-1.amazonaws.com"), "b");
  EXPECT_EQ(bucket("B.S3.example.test"), "b");
  EXPECT_EQ(bucket("a.s3.b.s3.amazonaws.com"), "a.s3.b");
}

TEST(VirtualHost, LeavesOtherHostsToThePathStyle) {
  for (const char* host :
       {"localhost", "localhost:4566", "s3.localhost", "127.0.0.1:4566", "[::1]:4566",
        "s3.amazonaws.com", "s3.us-east-1.amazonaws.com", "s3.us-east-1.localhost.localstack.cloud",
        "lambda.amazonaws.com", "minio:9000", "s3.example.test", "", ".", ".localhost"}) {
    EXPECT_EQ(bucket_of_host(host, "s3.example.test"), "") << host;
  }
}

TEST(HttpDate, IsReadInItsTwoForms) {
  const auto text = [](const char* date) {
    const auto instant = parse_http_date(date);
    return instant ? base::iso_millis(*instant) : "none";
  };
  EXPECT_EQ(text("Fri, 02 Jan 2026 03:04:05 GMT"), "2026-01-02T03:04:05.000Z");
  EXPECT_EQ(text("2026-01-02T03:04:05Z"), "2026-01-02T03:04:05.000Z");
  for (const char* date :
       {"", "yesterday", "Fri, 02 Foo 2026 03:04:05 GMT", "Fri, 32 Jan 2026 03:04:05 GMT",
        "Fri, 02 Jan 2026 25:04:05 GMT", "Fri, 02 Jan 2026 03:04:05 CET"}) {
    EXPECT_EQ(text(date), "none") << date;
  }
}

}  // namespace
}  // namespace emulator::s3
