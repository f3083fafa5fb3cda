// CreateBucket: with all that its headers and its body say, in one write.

#include "tests/emulator/s3/counting_store.h"
#include "tests/emulator/s3/rest_client.h"

namespace emulator::s3 {
namespace {

TEST(CreateBucket, IsOneCommitWhateverComesWithIt) {
  World world;
  CountingStore counting(*world.store);
  Service service(counting, world.scheduler, world.trace, world.faults, sim::Random(1, "other"));
  base::HttpRequest request;
  request.method = "PUT";
  request.path = "/one";
  for (const auto& [name, value] : HeaderList{{"host", "127.0.0.1:4566"},
                                              {"x-amz-bucket-object-lock-enabled", "true"},
                                              {"x-amz-object-ownership", "ObjectWriter"},
                                              {"x-amz-acl", "public-read"}})
    request.headers.add(name, value);
  const std::string body =
      "<CreateBucketConfiguration><Tags><Tag><Key>a</Key><Value>1</Value></Tag></Tags>"
      "</CreateBucketConfiguration>";
  request.content_length = body.size();
  base::Reply reply = handle_rest(service, request);
  ASSERT_FALSE(reply.response.has_value());
  ASSERT_FALSE(reply.receiver->data(body).has_value());
  EXPECT_EQ(reply.receiver->finish().status, 200);
  EXPECT_EQ(counting.bucket_writes, 1u);
  const auto made = world.store->find_bucket("one").value();
  ASSERT_TRUE(made.has_value());
  for (const char* document : {"acl", "ownershipControls", "tagging", "object-lock", "versioning"})
    EXPECT_EQ(made->configurations.count(document), 1u) << document;
}

TEST(CreateBucket, HoldsTheNamesOfAnAccountsNamespaceToTheirSuffix) {
  RestWorld world;
  const auto create = [&](const std::string& name, const std::string& in) {
    return world.send("PUT", "/" + name, {{"x-amz-bucket-namespace", in}});
  };
  EXPECT_EQ(create("a-000000000000-us-east-1-an", "account-regional").code(), "ok");
  EXPECT_EQ(create("one", "global").code(), "ok");
  const Answer wrong = create("two", "account-regional");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(wrong.code(), "InvalidNamespaceHeader");
  EXPECT_EQ(create("a-000000000000-eu-west-1-an", "account-regional").code(),
            "InvalidNamespaceHeader");
  EXPECT_EQ(create("two", "mine").code(), "InvalidArgument");
  EXPECT_EQ(world.send("HEAD", "/two").status, 404);
}

}  // namespace
}  // namespace emulator::s3
