#include "emulator/s3/memory_bodies.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace emulator::s3 {
namespace {

constexpr std::uint64_t small_bytes_max = 64;

BodyRef written(MemoryBodies& bodies, std::string_view bytes, std::uint64_t expected,
                std::size_t piece_bytes) {
  auto writer = bodies.new_body(expected);
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece_bytes, bytes.size())))
    EXPECT_TRUE(writer->append(bytes.substr(0, piece_bytes)));
  return writer->finish().value();
}

std::string read_from(BodyReader& reader, std::uint64_t offset) {
  std::string bytes;
  std::array<char, 10'007> piece;
  while (const std::size_t size = reader.read(offset + bytes.size(), piece).value())
    bytes.append(piece.data(), size);
  return bytes;
}

std::unique_ptr<BodyReader> reader_of(const BodyRef& body) {
  return MemoryBodies::read(body.inline_bytes, body.pages);
}

std::string counted(std::size_t size, char from) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(from + i / 1000 % 50);
  return bytes;
}

struct Sockets {
  Sockets() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0); }
  ~Sockets() {
    for (const int end : ends) base::File(end).close();
  }
  std::string received() {
    std::string bytes;
    std::array<char, 4096> piece;
    for (ssize_t size = 0; (size = ::recv(ends[1], piece.data(), piece.size(), 0)) > 0;)
      bytes.append(piece.data(), static_cast<std::size_t>(size));
    return bytes;
  }
  std::array<int, 2> ends{};
};

TEST(MemoryBodies, KeepsSmallBodiesWhereTheyCanBeTakenFromAndLargeOnesInPages) {
  MemoryBodies bodies(small_bytes_max);
  const BodyRef small = written(bodies, std::string(64, 's'), 0, 7);
  EXPECT_EQ(reader_of(small)->bytes(60), "ssss");
  const BodyRef large = written(bodies, std::string(65, 'l'), 0, 7);
  EXPECT_EQ(reader_of(large)->bytes(0), "");
  EXPECT_EQ(read_from(*reader_of(large), 0), std::string(65, 'l'));
}

TEST(MemoryBodies, ReadsALargeBodyFromAnyOffsetWhateverWasExpectedOfIt) {
  const std::string bytes = counted(700'000, 'A');
  for (const std::uint64_t expected :
       {std::uint64_t{0}, std::uint64_t{700'000}, std::uint64_t{100'000}, ~std::uint64_t{0}}) {
    MemoryBodies bodies(small_bytes_max);
    const BodyRef body = written(bodies, bytes, expected, 9'999);
    EXPECT_EQ(body.size, bytes.size());
    const auto reader = reader_of(body);
    EXPECT_EQ(reader->size(), bytes.size());
    for (const std::size_t offset : {0, 1, 65'535, 65'536, 131'072, 400'001, 699'999, 700'000})
      EXPECT_EQ(read_from(*reader, offset), bytes.substr(offset)) << offset << " " << expected;
  }
}

TEST(MemoryBodies, SendsALargeBodyFromWhereItLies) {
  MemoryBodies bodies(small_bytes_max);
  const std::string bytes = counted(200'000, 'A');
  const auto reader = reader_of(written(bodies, bytes, 0, 50'000));
  Sockets sockets;
  std::string received;
  while (received.size() < bytes.size()) {
    const auto sent = reader->send_to(sockets.ends[0], received.size(), 1'000'000);
    ASSERT_TRUE(sent);
    ASSERT_TRUE(*sent);
    received += sockets.received();
  }
  EXPECT_EQ(received, bytes);
}

TEST(MemoryBodies, WritesNothingOverWhatASocketStillHolds) {
  MemoryBodies bodies(small_bytes_max);
  const std::string bytes = counted(60'000, 'A');
  Sockets sockets;
  std::size_t sent = 0;
  {
    const auto reader = reader_of(written(bodies, bytes, bytes.size(), bytes.size()));
    sent = reader->send_to(sockets.ends[0], 0, bytes.size())->value();
  }
  ASSERT_GT(sent, 0u);
  std::vector<BodyRef> others;
  for (int i = 0; i < 4; ++i)
    others.push_back(written(bodies, std::string(60'000, 'z'), 0, 60'000));
  EXPECT_EQ(sockets.received(), bytes.substr(0, sent));
}

TEST(MemoryBodies, UsesThePlacesOfBodiesThatAreGoneForOthers) {
  MemoryBodies bodies(small_bytes_max);
  for (int i = 0; i < 50; ++i) {
    const std::string bytes =
        counted(100'000 + static_cast<std::size_t>(i) * 7'000, static_cast<char>('A' + i % 3));
    const BodyRef kept = written(bodies, bytes, bytes.size(), 30'000);
    const BodyRef next = written(bodies, counted(90'000, 'a'), 0, 30'000);
    EXPECT_EQ(read_from(*reader_of(kept), 0), bytes);
    EXPECT_EQ(read_from(*reader_of(next), 0), counted(90'000, 'a'));
  }
}

}  // namespace
}  // namespace emulator::s3
