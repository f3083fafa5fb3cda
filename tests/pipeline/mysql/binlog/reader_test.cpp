#include "pipeline/mysql/binlog/reader.h"

#include <gtest/gtest.h>

#include "emulator/base/bytes.h"
#include "pipeline/mysql/binlog/encode.h"
#include "pipeline/mysql/binlog/file.h"
#include "pipeline/mysql/binlog/writer.h"
#include "tests/source_path.h"

namespace pipeline::mysql::binlog {
namespace {

const emulator::base::Instant noon = emulator::base::from_civil({2026, 1, 2, 12, 0, 0, 0});

std::string empty_log() {
  Writer writer;
  std::string log;
  writer.begin_file(log, noon, {});
  return log;
}

// Every event's name, or the error.
std::string events_of(Reader reader) {
  std::string out;
  while (true) {
    auto event = reader.next();
    if (!event) return out + event.error().text();
    if (!*event) break;
    out += std::string(event_name((**event).header.type)) + " ";
  }
  auto done = reader.finish();
  return done ? out : out + done.error().text();
}
std::string events_of(std::string_view bytes) {
  return events_of(Reader::over("binlog.000001", bytes));
}

TEST(Reader, ReadsPiecesOfAnySize) {
  auto log = read_possibly_gzipped(tests::source_path("fixtures/binlog/mysql-9.7/binlog.000009"));
  ASSERT_TRUE(log);
  const std::string whole = events_of(*log);
  for (const std::size_t piece : {1u, 7u, 100u, 4096u}) {
    Reader reader("binlog.000009");
    std::string seen;
    for (std::size_t at = 0; at < log->size(); at += piece) {
      reader.feed(std::string_view(*log).substr(at, piece));
      while (true) {
        auto event = reader.next();
        ASSERT_TRUE(event) << event.error().text();
        if (!*event) break;
        seen += std::string(event_name((**event).header.type)) + " ";
      }
    }
    EXPECT_TRUE(reader.finish());
    EXPECT_EQ(reader.offset(), log->size());
    EXPECT_EQ(seen, whole);
  }
}

TEST(Reader, NamesFileAndPositionOfWhatIsWrong) {
  std::string log = empty_log();
  EXPECT_EQ(events_of(log), "FORMAT_DESCRIPTION PREVIOUS_GTIDS ");
  EXPECT_EQ(events_of(""), "binlog.000001 at 0: not a binlog: the file has less than four bytes");
  EXPECT_EQ(events_of("GIF89a"),
            "binlog.000001 at 0: not a binlog: it does not start with FE 62 69 6E");
  EXPECT_EQ(events_of("\xFD"
                      "bin..."),
            "binlog.000001 at 0: the binlog is encrypted (MySQL's binlog_encryption): that is not "
            "supported");
  EXPECT_EQ(events_of(log.substr(0, 4)),
            "binlog.000001 at 4: the file ends before its FORMAT_DESCRIPTION event");
  EXPECT_EQ(events_of(log.substr(0, log.size() - 1)).substr(0, 66),
            "FORMAT_DESCRIPTION binlog.000001 at 127: the file ends inside an e");
  std::string flipped = log;
  flipped[130] = static_cast<char>(flipped[130] ^ 1);
  EXPECT_NE(events_of(flipped).find("binlog.000001 at 127: the checksum of the event is wrong"),
            std::string::npos);
  std::string absurd = log;
  absurd.replace(127 + 9, 4, "\xFF\xFF\xFF\x7F");
  EXPECT_EQ(events_of(absurd),
            "FORMAT_DESCRIPTION binlog.000001 at 127: an event of 2147483647 bytes");
  absurd.replace(127 + 9, 4, std::string("\x05\0\0\0", 4));
  EXPECT_EQ(events_of(absurd), "FORMAT_DESCRIPTION binlog.000001 at 127: an event of 5 bytes");
}

TEST(Reader, SkipsUnknownEventsOnlyIfTheyMayBeSkipped) {
  for (const bool ignorable : {true, false}) {
    std::string log = empty_log();
    const std::uint64_t position = log.size();
    const std::size_t start =
        begin_event(log, {static_cast<EventType>(77), 0, 1,
                          static_cast<std::uint16_t>(ignorable ? event_flag::ignorable : 0)});
    log += "who knows";
    finish_event(log, start);
    seal_events(log, start, position);
    EXPECT_EQ(events_of(log), ignorable ? "FORMAT_DESCRIPTION PREVIOUS_GTIDS  "
                                        : "FORMAT_DESCRIPTION PREVIOUS_GTIDS binlog.000001 at 158: "
                                          "event type 77 is not known and may not be skipped");
  }
}

TEST(Reader, RefusesEncryptedMariadbLogsByName) {
  std::string log = empty_log();
  const std::uint64_t position = log.size();
  const std::size_t start = begin_event(log, {EventType::mariadb_start_encryption, 0, 1, 0});
  finish_event(log, start);
  seal_events(log, start, position);
  EXPECT_NE(events_of(log).find(
                "the binlog is encrypted (MariaDB's encrypt_binlog): that is not supported"),
            std::string::npos);
}

TEST(Reader, AcceptsALogThatIsStillInUse) {
  std::string log = empty_log();
  log[4 + 17] = 1;  // the flag that a closed file has not; the checksum leaves it out
  EXPECT_EQ(events_of(log), "FORMAT_DESCRIPTION PREVIOUS_GTIDS ");
}

// MySQL 5.5: no checksum algorithm and no checksum, not even in the FORMAT_DESCRIPTION itself.
TEST(Reader, ReadsLogsOfServersThatKnowNoChecksums) {
  std::string log(magic);
  std::string body;
  emulator::base::append_le(body, 4, 2);
  std::string version = "5.5.62-log";
  version.resize(50);
  body += version;
  emulator::base::append_le(body, 1, 4);
  body.push_back(static_cast<char>(header_bytes));
  body.append(27, '\x08');
  const auto append = [&](EventType type, std::string_view what) {
    emulator::base::append_le(log, 1, 4);
    emulator::base::append_le(log, static_cast<std::uint64_t>(type), 1);
    emulator::base::append_le(log, 1, 4);
    emulator::base::append_le(log, header_bytes + what.size(), 4);
    emulator::base::append_le(log, log.size() + what.size() + 6, 4);
    emulator::base::append_le(log, 0, 2);
    log += what;
  };
  append(EventType::format_description, body);
  append(EventType::xid, "12345678");
  EXPECT_EQ(events_of(log), "FORMAT_DESCRIPTION XID ");
}

// An event's header has 32 bits for its end: past 4 GiB they wrap.
TEST(Reader, KnowsPositionsPast4GiB) {
  const std::string log = empty_log();
  Reader reader("binlog.000001");
  ASSERT_TRUE(reader.take(std::string_view(log).substr(4, 123)));  // the FORMAT_DESCRIPTION
  constexpr std::uint64_t start = (1ull << 32) - 10;
  reader.begin_file("binlog.000001", start);
  std::string events;
  for (std::uint64_t position = start; position < start + 60;) {
    std::string event;
    const std::size_t at = begin_event(event, {EventType::xid, 0, 1, 0});
    event += "12345678";
    finish_event(event, at);
    seal_events(event, at, position);
    auto taken = reader.take(event);
    ASSERT_TRUE(taken) << taken.error().text();
    EXPECT_EQ(taken->offset, position);
    position += event.size();
    EXPECT_EQ(reader.offset(), position);
  }
  EXPECT_GT(reader.offset(), 1ull << 32);
}

TEST(GtidSet, MergesIntervals) {
  const std::string uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
  EXPECT_EQ(GtidSet::parse(uuid + ":5:1-3:4")->text(), uuid + ":1-5");
  EXPECT_EQ(GtidSet::parse(uuid + ":1-2:4-5:3")->text(), uuid + ":1-5");
  auto set = GtidSet::parse(uuid + ":1-3:blue:7").value();
  const std::string raw = uuid_from_text(uuid).value();
  EXPECT_TRUE(set.contains({raw, 3}));
  EXPECT_FALSE(set.contains({raw, 4}));
  EXPECT_TRUE(set.contains({raw, 7, "blue"}));
  EXPECT_EQ(set.next_number(raw), 4);
  EXPECT_EQ(GtidSet::decode(set.encode()).value(), set);
  for (const char* bad : {"nonsense", "3e11fa47-71ca-11e1-9e33-c80aa9429562:0",
                          "3e11fa47-71ca-11e1-9e33-c80aa9429562:3-1"})
    EXPECT_FALSE(GtidSet::parse(bad)) << bad;
}

}  // namespace
}  // namespace pipeline::mysql::binlog
