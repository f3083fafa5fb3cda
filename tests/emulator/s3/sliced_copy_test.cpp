// Copies of much are done in slices: others have their turn in between. AWS: CopyObject,
// UploadPartCopy.

#include <gtest/gtest.h>

#include "emulator/base/digest.h"
#include "emulator/base/worker_pool.h"
#include "tests/emulator/s3/rest_client.h"

namespace emulator::s3 {
namespace {

std::string long_text() {
  std::string text(3'500'000, ' ');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i * i % 23);
  return text;
}

struct SlicedCopy : ::testing::Test {
  SlicedCopy() {
    world.bucket("one");
    world.put("one", "source", text);
  }
  // The answer to a copy, which is still to come.
  base::HttpResponse begin(const std::string& target = "/one/copy") {
    base::HttpRequest request;
    request.method = "PUT";
    request.path = target;
    request.headers.add("host", "127.0.0.1");
    request.headers.add("x-amz-copy-source", "/one/source");
    return std::move(*handle_rest(world.service, request).response);
  }
  RestWorld world;
  const std::string text = long_text();
  const std::string etag = base::to_hex(base::hash(base::HashKind::md5, text));
};

TEST_F(SlicedCopy, LetsOtherRequestsInBetweenAndIsWholeInTheEnd) {
  base::HttpResponse answer = begin();
  int slices = 1;  // at once
  for (; answer.pending; ++slices) {
    EXPECT_EQ(world.send("GET", "/one/copy").status, 404) << "not there before it is whole";
    answer = world.next_answer(std::move(answer.pending));
  }
  EXPECT_EQ(slices, 4);
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.headers.has("x-amz-request-id"));
  EXPECT_NE(answer.body.find("&quot;" + etag + "&quot;"), std::string::npos) << answer.body;
  EXPECT_EQ(world.send("GET", "/one/copy").body, text);
}

TEST_F(SlicedCopy, OfASourceThatIsReplacedMeanwhileCopiesTheOldBytes) {
  base::HttpResponse response = begin();
  world.put("one", "source", "new");
  EXPECT_EQ(world.wait_for(std::move(response)).status, 200);
  EXPECT_EQ(world.send("GET", "/one/copy").body, text);
}

TEST_F(SlicedCopy, LeavesNothingWhenTheClientGoesAway) {
  {
    base::HttpResponse response = begin();
    response = world.next_answer(std::move(response.pending));
    EXPECT_TRUE(response.pending);
  }
  world.run();
  EXPECT_EQ(world.send("GET", "/one/copy").status, 404);
}

TEST_F(SlicedCopy, AnswersThatItStopsWhenTheServerDoes) {
  base::HttpResponse response = begin();
  EXPECT_EQ(response.pending->give_up().status, 503);
}

TEST_F(SlicedCopy, OfAPartIsTheSame) {
  const std::string id = world.send("POST", "/one/parts?uploads").element("UploadId");
  const Answer answer = world.send("PUT", "/one/parts?partNumber=1&uploadId=" + id,
                                   {{"x-amz-copy-source", "/one/source"}});
  EXPECT_EQ(answer.element("ETag"), "&quot;" + etag + "&quot;");
}

TEST(HashedOnWorkers, AnObjectHasTheETagOfItsBytes) {
  base::WorkerPool workers(2);
  World world;
  Service service(*world.store, world.scheduler, world.trace, world.faults, sim::Random(2, "s3"),
                  {.workers = &workers});
  ASSERT_TRUE(service.create_bucket("one"));
  const std::string text = long_text();
  EXPECT_EQ(service.put_object({.bucket = "one", .key = "a"}, text)->etag,
            base::to_hex(base::hash(base::HashKind::md5, text)));
}

}  // namespace
}  // namespace emulator::s3
