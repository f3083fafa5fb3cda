// Recorded logs with FULL metadata, read once as they are and once with their TABLE_MAPs cut down
// to what MySQL's MINIMAL has, and to nothing at all (MySQL 5.7, MariaDB's NO_LOG): the tracker
// must make the same of all three.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "emulator/base/file.h"
#include "emulator/base/text.h"
#include "pipeline/mysql/binlog/file.h"
#include "pipeline/mysql/binlog/json_lines.h"
#include "pipeline/mysql/binlog/reader.h"
#include "pipeline/mysql/binlog/table_map.h"
#include "pipeline/mysql/binlog/transaction_assembler.h"
#include "pipeline/mysql/table_state.h"
#include "tests/source_path.h"

namespace pipeline::mysql {
namespace {

using binlog::Event;
using binlog::EventType;
using binlog::Metadata;
using emulator::base::ByteReader;

const std::set<Metadata> minimal{Metadata::signedness, Metadata::default_charset,
                                 Metadata::column_charsets, Metadata::label_default_charset,
                                 Metadata::label_column_charsets};

// A TABLE_MAP's body with these optional fields only.
std::string cut_down(std::string_view body, const std::set<Metadata>& kept) {
  ByteReader in(body);
  in.skip(8);
  in.skip(in.u8() + 1u);
  in.skip(in.u8() + 1u);
  const std::uint64_t columns = binlog::read_lenenc(in);
  in.skip(columns);
  in.skip(binlog::read_lenenc(in));
  in.skip((columns + 7) / 8);
  std::string out(body.substr(0, in.offset()));
  while (in.left() > 0) {
    const std::size_t start = in.offset();
    const auto field = static_cast<Metadata>(in.u8());
    in.skip(binlog::read_lenenc(in));
    if (kept.count(field) > 0) out += body.substr(start, in.offset() - start);
  }
  return out;
}

// What comes out of a log; `kept` is null for the log as it is.
class Reading {
 public:
  explicit Reading(const std::set<Metadata>* kept) : kept_(kept) {}
  binlog::TransactionAssembler& assembler() { return assembler_; }
  const std::vector<std::string>& warnings() const { return warnings_; }

  std::string add(const Event& event, const binlog::FormatDescriptionEvent& format) {
    std::string out;
    if (kept_ && event.header.type == EventType::transaction_payload) {
      EXPECT_TRUE(
          binlog::for_each_packed_event(event, [&](const Event& inner) -> binlog::Result<void> {
            out += add(inner, format);
            return {};
          }));
      return out;
    }
    Event cut = event;
    std::string body;
    if (kept_ && event.header.type == EventType::table_map) {
      body = cut_down(event.body, *kept_);
      cut.body = body;
    }
    const auto transaction = assembler_.add(cut, format);
    EXPECT_TRUE(transaction) << transaction.error().text();
    if (transaction && *transaction) {
      const auto done = binlog::append_json_lines(out, **transaction);
      EXPECT_TRUE(done) << done.error().text();
    }
    return out;
  }

 private:
  const std::set<Metadata>* kept_;
  std::vector<std::string> warnings_;
  binlog::TransactionAssembler assembler_{
      [this](const Position&, const std::string& message) { warnings_.push_back(message); }};
};

struct Log {
  std::string path, state_before;
};

// Every file of a server's manifest, with the state before its part.
std::vector<Log> logs_of(const std::string& folder) {
  std::vector<Log> out;
  const std::string manifest = emulator::base::read_file(folder + "/manifest.tsv").value_or("");
  for (const std::string_view line : emulator::base::split(manifest, '\n')) {
    const auto cells = emulator::base::split(line, '\t');
    if (cells.size() != 4) continue;
    const int part = std::atoi(std::string(cells[0].substr(0, 2)).c_str());
    const int first = std::atoi(std::string(cells[1].substr(cells[1].size() - 6)).c_str()),
              last = std::atoi(std::string(cells[2].substr(cells[2].size() - 6)).c_str());
    for (int number = first; number <= last; ++number) {
      char name[32];
      std::snprintf(name, sizeof name, "/binlog.%06d", number);
      char state[32];
      std::snprintf(state, sizeof state, "/state-%02d.jsonl.gz", part - 1);
      const std::string path = folder + name;
      out.push_back({std::filesystem::exists(path) ? path : path + ".gz",
                     number == first ? folder + state : ""});
    }
  }
  return out;
}

class UnnamedLogs : public testing::TestWithParam<const char*> {};

TEST_P(UnnamedLogs, AreReadLikeNamedOnes) {
  const char* named = std::getenv("SLUICE_CORPORA");
  const std::string folder =
      (named ? std::string(named) + "/binlog/" : tests::source_path("fixtures/binlog/")) +
      GetParam();
  const std::set<Metadata> nothing;
  Reading full(nullptr), reduced(&minimal), bare(&nothing);
  bool from_the_start = false;
  std::size_t lines = 0;
  for (const Log& log : logs_of(folder)) {
    if (!log.state_before.empty() && !from_the_start) {  // tables older than the log
      const auto states = read_table_states(log.state_before);
      ASSERT_TRUE(states) << states.error().text();
      from_the_start = states->empty();
      for (Reading* reading : {&full, &reduced, &bare})
        for (const TableState& state : *states)
          reading->assembler().schema().set_table(*state.schema, collation_utf8mb4);
    }
    const auto bytes = binlog::read_possibly_gzipped(log.path);
    ASSERT_TRUE(bytes) << bytes.error().text();
    auto reader = binlog::Reader::over(binlog::log_name(log.path), *bytes);
    for (Reading* reading : {&full, &reduced, &bare})
      reading->assembler().begin_file(reader.file());
    while (true) {
      const auto event = reader.next();
      ASSERT_TRUE(event) << event.error().text();
      if (!*event) break;
      const std::string expected = full.add(**event, reader.format());
      lines += static_cast<std::size_t>(std::count(expected.begin(), expected.end(), '\n'));
      ASSERT_EQ(reduced.add(**event, reader.format()), expected) << "MINIMAL";
      ASSERT_EQ(bare.add(**event, reader.format()), expected) << "no metadata";
    }
  }
  EXPECT_GT(lines, 50u);
  EXPECT_EQ(reduced.warnings(), full.warnings());
  EXPECT_EQ(bare.warnings(), full.warnings());
}

INSTANTIATE_TEST_SUITE_P(, UnnamedLogs, testing::Values("mysql-9.7", "mariadb-10.11"),
                         [](const auto& one) { return std::string(one.param).substr(0, 5); });

}  // namespace
}  // namespace pipeline::mysql
