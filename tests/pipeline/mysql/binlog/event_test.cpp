// Events that control transactions, and those that are compressed, from bytes.
#include "pipeline/mysql/binlog/event.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>

#include "emulator/base/bytes.h"
#include "pipeline/mysql/binlog/gtid.h"
#include "tests/pipeline/mysql/binlog/bytes.h"

namespace pipeline::mysql::binlog {
namespace {

using emulator::base::append_le;

constexpr std::string_view uuid_bytes = "0123456789abcdef";
constexpr std::string_view uuid = "30313233-3435-3637-3839-616263646566";

std::string little_endian(std::uint64_t value, int bytes) {
  std::string out;
  append_le(out, value, bytes);
  return out;
}

std::string plain_gtid(std::uint64_t commit, const std::string& more) {
  return bytes_of({1}) + std::string(uuid_bytes) + little_endian(7, 8) + bytes_of({2}) +
         little_endian(3, 8) + little_endian(4, 8) + little_endian(commit, 7) + more;
}

TEST(GtidEvent, HasItsCommitTimeOnceWhereTheOriginalIsTheSame) {
  const auto event = parse_gtid(EventType::gtid, plain_gtid(1000, bytes_of({0xFC, 0x2C, 0x01})));
  ASSERT_TRUE(event);
  EXPECT_EQ(event->gtid.text(), std::string(uuid) + ":7");
  EXPECT_EQ(event->last_committed, 3);
  EXPECT_EQ(event->sequence_number, 4);
  EXPECT_EQ(event->immediate_commit_micros, 1000u);
  EXPECT_EQ(event->original_commit_micros, 1000u);
  EXPECT_EQ(event->transaction_length, 300u);
}

TEST(GtidEvent, HasTheOriginalCommitTimeBehindTheTopBitOfTheOther) {
  const auto event = parse_gtid(
      EventType::gtid, plain_gtid(1000 | 1ull << 55, little_endian(900, 7) + bytes_of({9})));
  ASSERT_TRUE(event);
  EXPECT_EQ(event->immediate_commit_micros, 1000u);
  EXPECT_EQ(event->original_commit_micros, 900u);
  EXPECT_EQ(event->transaction_length, 9u);
}

TEST(GtidEvent, OfMySql57EndsBehindItsSequenceNumbers) {
  const std::string body = plain_gtid(0, {});
  const auto event = parse_gtid(EventType::gtid, std::string_view(body).substr(0, 42));
  ASSERT_TRUE(event);
  EXPECT_EQ(event->sequence_number, 4);
  EXPECT_EQ(event->immediate_commit_micros, 0u);
  EXPECT_FALSE(parse_gtid(EventType::gtid, std::string_view(body).substr(0, 20)));
}

TEST(GtidEvent, WithATagHasFieldsByTheirNumber) {
  // flags 1, the uuid byte by byte, gno 1, tag "blue", 4 and 6 as the server leaves them.
  std::string fields = bytes_of({0x00, 0x02, 0x02});
  for (const char c : uuid_bytes) append_varint(fields, static_cast<unsigned char>(c));
  fields += bytes_of({0x04, 0x04, 0x06, 0x08}) + "blue" + bytes_of({0x08, 0x08, 0x0A, 0x0C});
  const auto event = parse_gtid(EventType::gtid_tagged, bytes_of({0x02, 0x70, 0x00}) + fields);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->gtid.text(), std::string(uuid) + ":blue:1");
  EXPECT_EQ(event->flags, 1);
  EXPECT_EQ(event->last_committed, 2);
  EXPECT_EQ(event->sequence_number, 3);
}

TEST(Varint, CountsItsBytesInTheLowBitsOfTheFirst) {
  for (const std::uint64_t value : {0ull, 1ull, 127ull, 128ull, 16383ull, 16384ull, 1ull << 48,
                                    (1ull << 56) - 1, 1ull << 56, ~0ull}) {
    std::string bytes;
    append_varint(bytes, value);
    emulator::base::ByteReader in(bytes);
    EXPECT_EQ(read_varint(in), value);
    EXPECT_EQ(in.left(), 0u) << value;
  }
  std::string bytes;
  append_varint(bytes, ~0ull);
  EXPECT_EQ(bytes, std::string(9, '\xFF'));
}

TEST(PreviousGtids, AreReadInThePlainAndInTheTaggedForm) {
  const std::string interval = little_endian(1, 8) + little_endian(6, 8);
  const auto plain = GtidSet::decode(little_endian(1, 8) + std::string(uuid_bytes) +
                                     little_endian(1, 8) + interval);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->text(), std::string(uuid) + ":1-5");
  const auto tagged =
      GtidSet::decode(bytes_of({1, 2, 0, 0, 0, 0, 0, 1}) + std::string(uuid_bytes) + bytes_of({0}) +
                      little_endian(1, 8) + interval + std::string(uuid_bytes) + bytes_of({8}) +
                      "blue" + little_endian(1, 8) + interval);
  ASSERT_TRUE(tagged) << tagged.error().message;
  EXPECT_EQ(tagged->text(), std::string(uuid) + ":1-5:blue:1-5");
}

TEST(MariadbGtid, TellsADomainAndWhetherTheNextEventIsAll) {
  const auto group = parse_mariadb_gtid(little_endian(9, 8) + little_endian(2, 4) +
                                        bytes_of({0x0C}) + std::string(6, '\0'));
  ASSERT_TRUE(group);
  EXPECT_EQ(group->text(1), "2-1-9");
  EXPECT_FALSE(group->standalone());
  const auto ddl = parse_mariadb_gtid(little_endian(10, 8) + little_endian(0, 4) +
                                      bytes_of({0x29}) + std::string(6, '\0'));
  EXPECT_TRUE(ddl->standalone());
  EXPECT_FALSE(ddl->alters_nothing());
}

std::string query(const std::string& status, std::string_view sql) {
  return little_endian(5, 4) + little_endian(0, 4) + bytes_of({2}) + little_endian(0, 2) +
         little_endian(status.size(), 2) + status + "db" + std::string(1, '\0') + std::string(sql);
}

// What is read points into the body.
TEST(QueryEvent, HasTheCharsetsOfItsSessionAmongItsStatus) {
  const std::string body =
      query(bytes_of({0, 0, 0, 0, 0, 1}) + little_endian(0x400000, 8) + bytes_of({6, 3}) + "std" +
                bytes_of({4, 8, 0, 8, 0, 33, 0, 5, 3}) + "UTC" + bytes_of({7, 0, 0, 8, 1, 0}) +
                bytes_of({12, 2}) + std::string("a\0b\0", 4) + bytes_of({13, 1, 2, 3}),
            "SELECT 1");
  std::string storage;
  const auto event = parse_query(EventType::query, body, storage);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->client_collation, 8u);
  EXPECT_EQ(event->server_collation, 33u);
  EXPECT_EQ(event->sql_mode, 0x400000u);
  EXPECT_EQ(event->microseconds, 0x030201u);
  EXPECT_EQ(event->schema, "db");
  EXPECT_EQ(event->sql, "SELECT 1");
}

// SET NAMES cp1251 and an ALTER in two phases, as MariaDB 11.8.9 wrote them: 131 stands before the
// charsets, 130 at the end.
TEST(QueryEvent, HasItsCharsetsBehindTheDefaultCollationsOfMariadb11) {
  const std::string body =
      query(bytes_of({0, 0, 0, 0, 1, 1, 0, 0, 0x20, 0x54, 0, 0, 0, 0, 6, 3}) + "std" +
                bytes_of({0x83, 5, 0x21, 0,    0, 8, 0x23, 0, 0,    0x0a, 0x2d, 0, 0, 9, 0x36,
                          0,    0, 0x0b, 0x3c, 0, 0, 12,   4, 0x33, 0,    0,    9, 0, 9}),
            "CREATE TABLE t");
  std::string storage;
  EXPECT_EQ(parse_query(EventType::query, body, storage)->client_collation, 0x33u);
  const std::string second_phase =
      query(bytes_of({0x82, 4, 3, 0, 0, 0, 0, 0, 0, 0, 4, 8, 0, 8, 0, 8, 0}), "ALTER TABLE t");
  EXPECT_EQ(parse_query(EventType::query, second_phase, storage)->client_collation, 8u);
  const std::string first_phase = query(bytes_of({0x82, 2, 4, 8, 0, 8, 0, 8, 0}), "ALTER TABLE t");
  EXPECT_EQ(parse_query(EventType::query, first_phase, storage)->client_collation, 8u);
}

TEST(QueryEvent, GoesOnBehindAStatusThatIsNotKnown) {
  const std::string body = query(bytes_of({0xF0, 1, 2, 3, 4, 5, 6}), "DROP TABLE t");
  std::string storage;
  const auto event = parse_query(EventType::query, body, storage);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->sql, "DROP TABLE t");
}

// As log_bin_compress writes it: a head byte, the length big-endian, a zlib stream.
std::string mariadb_compressed(std::string_view text) {
  std::string out(compressBound(text.size()), '\0');
  auto size = static_cast<uLongf>(out.size());
  compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
           text.size());
  out.resize(size);
  return bytes_of({0x82, static_cast<int>(text.size() >> 8), static_cast<int>(text.size() & 255)}) +
         out;
}

TEST(QueryEvent, OfMariadbMayBeCompressedBehindItsDatabase) {
  const std::string sql = "CREATE TABLE t (" + std::string(400, 'c') + ")";
  const std::string body = query({}, mariadb_compressed(sql));
  std::string storage;
  const auto event = parse_query(EventType::mariadb_query_compressed, body, storage);
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(event->sql, sql);
}

TEST(CompressedRows, SayHowLongTheyAreAndAreRefusedWhereThatIsNotSo) {
  const std::string text(1000, 'x'), packed = mariadb_compressed(text);
  EXPECT_EQ(inflate_mariadb(packed).value(), text);
  std::string longer = packed;
  longer[2] = '\xE9';
  EXPECT_FALSE(inflate_mariadb(longer));
  EXPECT_FALSE(inflate_mariadb(std::string_view(packed).substr(0, packed.size() - 1)));
  EXPECT_FALSE(inflate_mariadb(bytes_of({0x84, 0x7F, 0xFF, 0xFF, 0xFF, 1})));  // bounded by input
}

TEST(XaPrepare, NamesItsTransactionAsXaCommitDoes) {
  const auto two = parse_xa_prepare(bytes_of({0}) + little_endian(1, 4) + little_endian(2, 4) +
                                    little_endian(1, 4) + "x1b");
  ASSERT_TRUE(two);
  EXPECT_FALSE(two->one_phase);
  EXPECT_EQ(two->xid, "X'7831',X'62',1");
  EXPECT_TRUE(parse_xa_prepare(bytes_of({1}) + little_endian(1, 4) + little_endian(1, 4) +
                               little_endian(0, 4) + "x")
                  ->one_phase);
}

std::string event_bytes(int type, std::string_view body) {
  return little_endian(0, 4) + bytes_of({type}) + little_endian(1, 4) +
         little_endian(header_bytes + body.size(), 4) + std::string(6, '\0') + std::string(body);
}

std::string frame(std::string_view bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
  return out;
}

std::string payload(int compression, std::size_t size, std::string_view bytes) {
  return bytes_of({2, 1, compression, 3, 3, 0xFC}) + little_endian(size, 2) +
         bytes_of({1, 3, 0xFC}) + little_endian(bytes.size(), 2) + bytes_of({0}) +
         std::string(bytes);
}

emulator::base::Result<std::string> unpacked(std::string_view body) {
  std::string out;
  Event event{{}, 4, body};
  auto done = for_each_packed_event(event, [&](const Event& inner) -> Result<void> {
    out +=
        std::to_string(static_cast<int>(inner.header.type)) + ":" + std::string(inner.body) + " ";
    return {};
  });
  if (!done) return tl::unexpected(done.error());
  return out;
}

TEST(TransactionPayload, HoldsEventsWithoutChecksumsInFramesThatFollowEachOther) {
  const std::string events = event_bytes(2, "one") + event_bytes(16, "two");
  const std::string halves =
      frame(std::string_view(events).substr(0, 25)) + frame(std::string_view(events).substr(25));
  EXPECT_EQ(unpacked(payload(0, events.size(), frame(events))).value(), "2:one 16:two ");
  EXPECT_EQ(unpacked(payload(0, events.size(), halves)).value(), "2:one 16:two ");
}

// Without its size, as whoever compresses a stream writes it.
std::string streamed_frame(std::string_view bytes, int window_bits) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_bits);
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  ZSTD_inBuffer none{nullptr, 0, 0}, in{bytes.data(), bytes.size(), 0};
  ZSTD_compressStream2(context, &to, &in, ZSTD_e_continue);
  ZSTD_compressStream2(context, &to, &none, ZSTD_e_end);
  ZSTD_freeCCtx(context);
  return out.substr(0, to.pos);
}

TEST(TransactionPayload, IsUnpackedWhateverWindowItAsksFor) {
  std::string events;
  for (int i = 0; i < 200; ++i) events += event_bytes(2, std::string(300, 'x') + std::to_string(i));
  ASSERT_LT(events.size(), 1u << 16);
  const std::string wide = streamed_frame(events, 27);  // 128 MiB, of a transaction of 64 KiB
  const std::string narrow = streamed_frame(events, 12);
  const auto from_wide = unpacked(payload(0, events.size(), wide));
  const auto from_narrow = unpacked(payload(0, events.size(), narrow));
  ASSERT_TRUE(from_wide && from_narrow);
  EXPECT_EQ(*from_wide, *from_narrow);
  EXPECT_EQ(std::count(from_wide->begin(), from_wide->end(), ' '), 200);
  EXPECT_FALSE(unpacked(payload(0, events.size(), wide.substr(0, wide.size() - 1))));
  EXPECT_FALSE(unpacked(payload(0, events.size(), narrow.substr(0, narrow.size() - 1))));
}

TEST(TransactionPayload, IsRefusedWhereItSaysMoreThanItsBytesCanHold) {
  const std::string packed = frame(event_bytes(2, "one"));
  const auto refused =
      unpacked(bytes_of({2, 1, 0, 3, 9, 0xFE}) + little_endian(1u << 30, 8) + bytes_of({1, 1}) +
               little_endian(packed.size(), 1) + bytes_of({0}) + packed);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("cannot hold"), std::string::npos)
      << refused.error().text();
}

TEST(TransactionPayload, MayBeStoredAsItIs) {
  const std::string events = event_bytes(2, "one");
  const std::string body = bytes_of({2, 3, 0xFC, 255, 0, 1, 1}) +
                           bytes_of({static_cast<int>(events.size()), 0}) + events;
  EXPECT_EQ(unpacked(body).value(), "2:one ");
}

TEST(TransactionPayload, IsRefusedWhereItsSizesAreWrongOrItEndsInsideAnEvent) {
  const std::string events = event_bytes(2, "one");
  EXPECT_FALSE(unpacked(payload(0, events.size() - 1, frame(events))));
  EXPECT_FALSE(unpacked(payload(0, events.size() + 1, frame(events))));
  const std::string cut = events.substr(0, events.size() - 1);
  EXPECT_FALSE(unpacked(payload(0, cut.size(), frame(cut))));
  EXPECT_FALSE(unpacked(payload(7, events.size(), events)));
}

}  // namespace
}  // namespace pipeline::mysql::binlog
