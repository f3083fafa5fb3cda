// Rows events that are made here, byte by byte, and what is printed of them, both ways.
#include "pipeline/mysql/binlog/rows.h"

#include <gtest/gtest.h>

#include "emulator/base/bytes.h"
#include "pipeline/mysql/binlog/json_lines.h"
#include "pipeline/mysql/binlog/transaction_assembler.h"
#include "pipeline/mysql/types/json.h"
#include "tests/pipeline/mysql/binlog/bytes.h"

namespace pipeline::mysql::binlog {
namespace {

using emulator::base::append_le;

// A log with one table `d`.`t`.
class Log {
 public:
  // Type bytes, the metadata block, and the names.
  Log(std::initializer_list<int> types, std::initializer_list<int> metadata,
      std::initializer_list<std::string_view> names, const std::string& more = {}) {
    format_.server_version = "9.7.0";
    format_.post_header_lengths.assign(42, 8);
    assembler_.begin_file("log.000001");
    append_le(map_, 7, 6);
    append_le(map_, 1, 2);
    map_ += std::string("\1d\0\1t\0", 6);
    map_.push_back(static_cast<char>(types.size()));
    map_ += bytes_of(types);
    map_.push_back(static_cast<char>(metadata.size()));
    map_ += bytes_of(metadata);
    map_.append((types.size() + 7) / 8, '\xFF');
    std::string named;
    for (const std::string_view name : names) {
      named.push_back(static_cast<char>(name.size()));
      named += name;
    }
    map_ += bytes_of({4, static_cast<int>(named.size())}) + named + more;
    columns_ = static_cast<int>(types.size());
  }

  // What version 2 has before its columns: a length that counts itself, and so many bytes.
  void extra(const std::string& bytes) {
    extra_.clear();
    append_le(extra_, bytes.size() + 2, 2);
    extra_ += bytes;
  }

  // The events of one statement; the lines of it, or the error.
  std::string read(EventType type, std::initializer_list<int> present, const std::string& rows) {
    std::string body;
    append_le(body, 7, 6);
    append_le(body, 1, 2);
    if (type >= EventType::write_rows) body += extra_;
    body.push_back(static_cast<char>(columns_));
    body += bytes_of(present) + rows;
    event(EventType::table_map, map_);
    event(type, body);
    const std::string xid(8, '\0');
    return event(EventType::xid, xid);
  }

 private:
  std::string event(EventType type, std::string_view body) {
    Event event{{}, offset_, body};
    event.header.type = type;
    event.header.size = static_cast<std::uint32_t>(body.size() + header_bytes);
    offset_ = event.end();
    auto taken = assembler_.take(event, format_);
    if (!taken) return taken.error().message;
    return *taken ? lines() : "";
  }

  std::string lines() {
    std::string printed, kept_lines;
    Output out([&](std::string_view text) { printed += text; });
    auto done = JsonLines(out).print(assembler_.committed(), assembler_.committed_rows());
    out.flush();
    Transaction kept = assembler_.committed();
    auto appended = append_changes(assembler_.committed_rows(), kept);
    if (appended) appended = append_json_lines(kept_lines, kept);
    EXPECT_EQ(done.has_value(), appended.has_value());
    if (!done) return done.error().message;
    EXPECT_EQ(printed, kept_lines);
    std::string text;
    for (std::size_t at = 0; (at = printed.find("\"before\"", at)) != std::string::npos; ++at)
      text += printed.substr(at, printed.find('\n', at) - at - 1) + "\n";
    return text;
  }

  TransactionAssembler assembler_;
  FormatDescriptionEvent format_;
  std::uint64_t offset_ = 4;
  std::string map_;
  std::string extra_ = std::string("\2\0", 2);
  int columns_ = 0;
};

std::string json_value(std::string_view text) {
  std::string out;
  EXPECT_TRUE(types::append_json_binary(out, *types::json_from_text(text)));
  return out;
}

std::string diff(int operation, std::string_view path, std::string_view json) {
  std::string out = bytes_of({operation, static_cast<int>(path.size())});
  out += path;
  if (operation == 2) return out;
  const std::string value = json_value(json);
  out.push_back(static_cast<char>(value.size()));
  return out + value;
}

std::string sized(const std::string& bytes) {
  std::string out;
  append_le(out, bytes.size(), 4);
  return out + bytes;
}

TEST(PartialUpdateRows, ChangeTheDocumentThatTheImageBeforeShows) {
  Log log({3, 245}, {4}, {"id", "doc"});
  EXPECT_EQ(log.read(EventType::partial_update_rows, {3, 3},
                     bytes_of({0, 1, 0, 0, 0}) + sized(json_value(R"({"a": 1})")) +
                         bytes_of({1, 1, 0, 1, 0, 0, 0}) + sized(diff(0, "$.a", "5"))),
            "\"before\":{\"id\":\"1\",\"doc\":\"{\\\"a\\\": 1}\"},"
            "\"after\":{\"id\":\"1\",\"doc\":\"{\\\"a\\\": 5}\"}\n");
}

TEST(PartialUpdateRows, OfAMinimalImageSayWhatChangedInADocumentThatIsNotInTheLog) {
  Log log({3, 245, 3}, {4}, {"id", "doc", "n"});
  const std::string second = bytes_of({0, 2, 0, 0, 0}) + bytes_of({1, 0, 0}) +
                             sized(json_value("[1]")) + bytes_of({9, 0, 0, 0});
  EXPECT_EQ(
      log.read(EventType::partial_update_rows, {1, 6},
               bytes_of({0, 1, 0, 0, 0}) + bytes_of({1, 1, 0}) +
                   sized(diff(0, "$.a", "\"x\"") + diff(1, "$.b[2]", "{}") + diff(2, "$.c", "")) +
                   bytes_of({8, 0, 0, 0}) + second),
      R"("before":{"id":"1"},"after":{"n":"8"},"partial":{"doc":[{"op":"replace","path":"$.a","value":"\"x\""},{"op":"insert","path":"$.b[2]","value":"{}"},{"op":"remove","path":"$.c"}]})"
      "\n"
      R"("before":{"id":"2"},"after":{"doc":"[1]","n":"9"})"
      "\n");
}

TEST(PartialUpdateRows, AreRefusedWhereTheirDiffsAreCutShort) {
  Log log({3, 245}, {4}, {"id", "doc"});
  EXPECT_EQ(log.read(EventType::partial_update_rows, {1, 2},
                     bytes_of({0, 1, 0, 0, 0}) + bytes_of({1, 1, 0}) + sized("\1\5$.a")),
            "the rows at 52: a JSON diff is cut short");
}

TEST(Rows, HaveNullBitsForTheirPresentColumnsOnly) {
  Log log({3, 3, 3}, {}, {"a", "b", "c"});
  // b and c are there; b is NULL: the first bit.
  EXPECT_EQ(log.read(EventType::write_rows, {6}, bytes_of({1, 9, 0, 0, 0})),
            R"("before":{},"after":{"b":null,"c":"9"})"
            "\n");
}

TEST(Rows, OfMoreThanEightColumnsHaveAsManyBytesOfBits) {
  Log log({1, 1, 1, 1, 1, 1, 1, 1, 1}, {}, {"a", "b", "c", "d", "e", "f", "g", "h", "i"});
  EXPECT_EQ(log.read(EventType::delete_rows, {0x81, 1}, bytes_of({4, 5, 255})),
            R"("before":{"a":"5","h":"-1","i":null},"after":{})"
            "\n");
}

TEST(Rows, HaveImagesOfDifferentColumnsBeforeAndAfter) {
  Log log({3, 15, 3}, {10, 0}, {"id", "v", "n"});
  EXPECT_EQ(log.read(EventType::update_rows, {1, 6},
                     bytes_of({0, 1, 0, 0, 0}) + bytes_of({0, 1, 'x', 2, 0, 0, 0}) +
                         bytes_of({0, 2, 0, 0, 0}) + bytes_of({3})),
            R"("before":{"id":"1"},"after":{"v":"x","n":"2"})"
            "\n"
            R"("before":{"id":"2"},"after":{"v":null,"n":null})"
            "\n");
}

TEST(Rows, OfVersion1HaveNoExtraDataAndThoseOfVersion2AnyAmount) {
  Log log({3}, {}, {"id"});
  const std::string line = R"("before":{},"after":{"id":"7"})"
                           "\n",
                    row = bytes_of({0, 7, 0, 0, 0});
  EXPECT_EQ(log.read(EventType::write_rows_v1, {1}, row), line);
  EXPECT_EQ(log.read(EventType::write_rows, {1}, row), line);
  log.extra(bytes_of({1, 3, 0}));  // the partition
  EXPECT_EQ(log.read(EventType::write_rows, {1}, row), line);
  log.extra(bytes_of({1, 3, 0, 4, 0}));  // the partitions after and before
  EXPECT_EQ(log.read(EventType::write_rows, {1}, row), line);
  log.extra(bytes_of({0, 4, 0, 1, 2}));  // NDB's
  EXPECT_EQ(log.read(EventType::write_rows, {1}, row), line);
}

TEST(Rows, AreRefusedWhereTheyDoNotFitTheirTable) {
  Log log({3, 3}, {}, {"a", "b"});
  EXPECT_EQ(log.read(EventType::write_rows, {3}, bytes_of({0, 1, 0, 0, 0, 2, 0})),
            "the rows at 48: a rows event that is cut short");
  EXPECT_EQ(log.read(EventType::write_rows, {0}, bytes_of({0, 1})),
            "the rows at 157: a rows event whose rows have no columns");
}

TEST(RowValues, HaveAPrefixAsWideAsTheLongestValueNeeds) {
  Log log({15, 15, 254, 254}, {255, 0, 0, 1, 0xFE, 4, 0xEE, 44}, {"v255", "v256", "c4", "c300"});
  EXPECT_EQ(log.read(EventType::write_rows, {15},
                     bytes_of({0}) + bytes_of({1, 'a', 1, 0, 'b', 1, 'c', 1, 0, 'd'})),
            R"("before":{},"after":{"v255":"a","v256":"b","c4":"c","c300":"d"})"
            "\n");
}

TEST(RowValues, OfBinaryGetTheZerosBackThatTheLogStripped) {
  Log log({254}, {0xFE, 4}, {"b"}, bytes_of({3, 1, 63}));
  EXPECT_EQ(log.read(EventType::write_rows, {1}, bytes_of({0, 1, 0xAB})),
            R"("before":{},"after":{"b":"0xAB000000"})"
            "\n");
}

TEST(RowValues, OfBitAreBigEndianAndOfIntegersLittleEndian) {
  Log log({16, 2, 9}, {1, 1}, {"b", "s", "m"});
  EXPECT_EQ(log.read(EventType::write_rows, {7}, bytes_of({0, 1, 0, 1, 0, 0xFF, 0xFF, 0xFF})),
            R"("before":{},"after":{"b":"256","s":"1","m":"-1"})"
            "\n");
}

TEST(RowValues, OfTimeAreNegativeAsOneNumberWithTheirFraction) {
  Log log({19, 19, 19}, {2, 1, 6}, {"t2", "t1", "t6"});
  EXPECT_EQ(
      log.read(EventType::write_rows, {7},
               bytes_of({0}) + bytes_of({0x7F, 0xFF, 0xFF, 0xFF}) +  // -1/100 s
                   bytes_of({0x7F, 0xFF, 0xFE, 0xCE}) +              // -1.5 s
                   bytes_of({0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF})),  // -1 us
      R"("before":{},"after":{"t2":"-00:00:00.01","t1":"-00:00:01.5","t6":"-00:00:00.000001"})"
      "\n");
}

TEST(RowValues, OfTemporalTypesMayBeZeroOrHalfADate) {
  Log log({10, 17, 18, 13}, {3, 0}, {"d", "ts", "dt", "y"});
  EXPECT_EQ(
      log.read(EventType::write_rows, {15},
               bytes_of({0, 0x00, 0xD0, 0x0F, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0})),
      R"("before":{},"after":{"d":"2024-00-00","ts":"0000-00-00 00:00:00.000","dt":"0000-00-00 00:00:00","y":"0000"})"
      "\n");
}

TEST(RowValues, OfGeometryHaveTheirSridBeforeTheirWkb) {
  Log log({255}, {4}, {"g"});
  std::string point;
  append_le(point, 25, 4);
  append_le(point, 4326, 4);
  point += bytes_of({1, 1, 0, 0, 0}) + std::string(16, '\0');
  EXPECT_EQ(log.read(EventType::write_rows, {1}, bytes_of({0}) + point),
            R"("before":{},"after":{"g":"wkb:010100000000000000000000000000000000000000:4326"})"
            "\n");
}

TEST(RowValues, OfJsonThatAreEmptyAreNull) {
  Log log({245}, {4}, {"j"});
  EXPECT_EQ(log.read(EventType::write_rows, {1}, bytes_of({0, 0, 0, 0, 0})),
            R"("before":{},"after":{"j":"null"})"
            "\n");
}

}  // namespace
}  // namespace pipeline::mysql::binlog
