#include "emulator/base/digest.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "emulator/base/background_hash.h"
#include "emulator/base/hmac.h"
#include "emulator/base/md5.h"
#include "emulator/base/text.h"
#include "emulator/base/worker_pool.h"

namespace emulator::base {
namespace {

std::string pattern(std::size_t size) {
  std::string out(size, '\0');
  std::uint32_t state = 1;
  for (char& c : out) {
    state = state * 1664525 + 1013904223;
    c = static_cast<char>(state >> 24);
  }
  return out;
}

// Bit by bit: the definition.
template <class Word>
Word slow_crc(std::string_view bytes, Word polynomial) {
  Word crc = ~Word{0};
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ polynomial : crc >> 1;
  }
  return ~crc;
}

TEST(Crc, HasThePublishedCheckValues) {
  EXPECT_EQ(crc32("123456789"), 0xCBF43926u);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc64nvme("123456789"), 0xAE8B14860A799888ull);
}

TEST(Crc, IsTheSameOfAnyLengthWhetherFoldedOrNot) {
  const std::string text = pattern(700);
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::string_view bytes = std::string_view(text).substr(0, size);
    ASSERT_EQ(crc32(bytes), slow_crc<std::uint32_t>(bytes, 0xEDB88320u)) << size;
    ASSERT_EQ(crc32c(bytes), slow_crc<std::uint32_t>(bytes, 0x82F63B78u)) << size;
    ASSERT_EQ(crc64nvme(bytes), slow_crc<std::uint64_t>(bytes, 0x9A6C9329AC4BC9B5ull)) << size;
  }
}

TEST(Crc, GoesOnFromWhereItWas) {
  const std::string text = pattern(1000);
  for (const std::size_t at : {1u, 63u, 64u, 200u, 999u}) {
    const std::string_view first = std::string_view(text).substr(0, at),
                           rest = std::string_view(text).substr(at);
    EXPECT_EQ(crc32(rest, crc32(first)), crc32(text));
    EXPECT_EQ(crc64nvme(rest, crc64nvme(first)), crc64nvme(text));
  }
}

// RFC 4231, test cases 2 and 6.
TEST(Hmac, SignsManyTextsWithOneKey) {
  Hmac jefe(HashKind::sha256, "Jefe");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(to_hex(jefe.of("what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  }
  EXPECT_EQ(to_hex(hmac(HashKind::sha256, std::string(131, '\xaa'),
                        "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Md5, OfTextsSideBySideIsThatOfEach) {
  const std::string text = pattern(3'000);
  std::uint32_t state = 1;  // Numerical Recipes' generator: sizes that look like chance
  const auto below = [&state](std::uint32_t limit) {
    return ((state = state * 1664525 + 1013904223) >> 8) % limit;
  };
  for (int i = 0; i < 200; ++i) {
    std::vector<Md5> running(1 + below(6));
    std::vector<std::string> fed(running.size());
    for (int round = 0; round < 4; ++round) {
      std::vector<Md5::Piece> pieces;
      for (std::size_t each = 0; each < running.size(); ++each) {
        const std::string_view piece = std::string_view(text).substr(below(2'000), below(500));
        fed[each] += piece;
        pieces.push_back({&running[each], piece});
      }
      Md5::update_together(pieces);
    }
    for (std::size_t each = 0; each < running.size(); ++each)
      ASSERT_EQ(running[each].finish(), hash(HashKind::md5, fed[each]));
  }
}

template <class Text>
class BackgroundHash : public testing::Test {};
using Kinds = testing::Types<BackgroundMd5, BackgroundSha256>;
TYPED_TEST_SUITE(BackgroundHash, Kinds);
template <class Text>
constexpr HashKind kind = std::is_same_v<Text, BackgroundMd5> ? HashKind::md5 : HashKind::sha256;

TYPED_TEST(BackgroundHash, HasTheValueOfTheHashWhateverItsPieces) {
  const std::string text = pattern(5'000'000);
  WorkerPool workers(2), none(0);
  for (WorkerPool* pool : {static_cast<WorkerPool*>(nullptr), &none, &workers}) {
    for (const std::size_t piece : {1'000u, 70'000u, 512'000u, 5'000'000u}) {
      TypeParam running(pool);
      for (std::size_t at = 0; at < text.size(); at += piece) {
        running.update(std::string_view(text).substr(at, piece));
        running.update({});
      }
      EXPECT_EQ(running.finish(), hash(kind<TypeParam>, text)) << piece;
    }
  }
}

TYPED_TEST(BackgroundHash, HasTheValueOfTheHashBesideOthersThatStopOrGo) {
  const std::string text = pattern(4'000'000);
  WorkerPool workers(2);
  std::vector<std::unique_ptr<TypeParam>> running;
  for (int i = 0; i < 6; ++i) running.push_back(std::make_unique<TypeParam>(&workers));
  for (std::size_t at = 0; at < text.size(); at += 100'000) {
    for (std::size_t each = 0; each < running.size(); ++each) {
      if (each == 5 && at > 1'000'000) continue;  // says nothing more
      if (running[each]) running[each]->update(std::string_view(text).substr(at, 100'000));
    }
    if (at == 2'000'000) running[0].reset();
  }
  for (std::size_t each = 1; each < 5; ++each)
    EXPECT_EQ(running[each]->finish(), hash(kind<TypeParam>, text)) << each;
}

TYPED_TEST(BackgroundHash, CanBeDroppedWhileAWorkerIsAtIt) {
  WorkerPool workers(1);
  const std::string text = pattern(3'000'000);
  for (int i = 0; i < 20; ++i) {
    TypeParam running(&workers);
    running.update(text);
    running.update(text);
  }
}

}  // namespace
}  // namespace emulator::base
