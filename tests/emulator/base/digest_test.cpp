#include "emulator/base/digest.h"

#include <gtest/gtest.h>

#include <string>

#include "emulator/base/background_hash.h"
#include "emulator/base/hmac.h"
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
    const std::string_view first = std::string_view(text).substr(0, at), rest = std::string_view(text).substr(at);
    EXPECT_EQ(crc32(rest, crc32(first)), crc32(text));
    EXPECT_EQ(crc64nvme(rest, crc64nvme(first)), crc64nvme(text));
  }
}

// RFC 4231, test cases 2 and 6.
TEST(Hmac, SignsManyTextsWithOneKey) {
  Hmac jefe(HashKind::sha256, "Jefe");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(to_hex(jefe.of("what do ya want for nothing?")), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  }
  EXPECT_EQ(to_hex(hmac(HashKind::sha256, std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(BackgroundHash, HasTheValueOfTheHashWhateverItsPieces) {
  const std::string text = pattern(5'000'000);
  WorkerPool workers(2);
  for (WorkerPool* pool : {static_cast<WorkerPool*>(nullptr), &workers}) {
    for (const std::size_t piece : {1'000u, 70'000u, 512'000u, 5'000'000u}) {
      BackgroundHash running(HashKind::md5, pool);
      for (std::size_t at = 0; at < text.size(); at += piece) {
        running.update(std::string_view(text).substr(at, piece));
        running.update({});
      }
      EXPECT_EQ(running.finish(), hash(HashKind::md5, text)) << piece;
    }
  }
}

TEST(BackgroundHash, CanBeDroppedWhileAWorkerIsAtIt) {
  WorkerPool workers(1);
  const std::string text = pattern(3'000'000);
  for (int i = 0; i < 20; ++i) {
    BackgroundHash running(HashKind::sha256, &workers);
    running.update(text);
    running.update(text);
  }
}

}  // namespace
}  // namespace emulator::base
