#include "emulator/sim/random.h"

#include <gtest/gtest.h>

namespace emulator::sim {
namespace {

TEST(Random, GivesEachStreamNumbersOfItsOwnThatNoOtherDrawMoves) {
  RandomStreams streams(7);
  Random s3 = streams.stream("s3"), dms = streams.stream("dms"), again = streams.stream("s3");
  EXPECT_NE(s3.next(), dms.next());
  again.next();
  EXPECT_EQ(s3.next(), again.next());
}

// Golden: a change here changes every recorded seed.
TEST(Random, IsTheSameOnEveryMachine) {
  Random random(1, "golden");
  EXPECT_EQ(random.next(), 15680886806208828396ull);
  std::vector<int> order{1, 2, 3, 4, 5};
  random.shuffle(order);
  EXPECT_EQ(order, (std::vector<int>{5, 4, 1, 3, 2}));
  EXPECT_EQ(random.uuid(), "ebf16407-a33d-4c3b-a2df-596591790481");
}

}  // namespace
}  // namespace emulator::sim
