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

}  // namespace
}  // namespace emulator::s3
