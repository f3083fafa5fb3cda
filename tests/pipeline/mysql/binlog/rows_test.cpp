// Rows events that are made here, byte by byte, and what is printed of them, both ways.
#include "pipeline/mysql/binlog/rows.h"

#include <gtest/gtest.h>

#include "emulator/base/bytes.h"
#include "pipeline/mysql/binlog/json_lines.h"
#include "pipeline/mysql/binlog/transaction_assembler.h"
#include "pipeline/mysql/types/json.h"

namespace pipeline::mysql::binlog {
namespace {

using emulator::base::append_le;

std::string bytes_of(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out.push_back(static_cast<char>(value));
  return out;
}

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

  // The events of one statement; the lines of it, or the error.
  std::string read(EventType type, std::initializer_list<int> present, const std::string& rows) {
    std::string body;
    append_le(body, 7, 6);
    append_le(body, 1, 2);
    append_le(body, 2, 2);
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

}  // namespace
}  // namespace pipeline::mysql::binlog
