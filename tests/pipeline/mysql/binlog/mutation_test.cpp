// Damaged logs end in an error or in success, never in a crash: every truncation of the recorded
// logs, and seeded byte flips, with the checksum of the damaged event put right so that the damage
// gets past it.

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>

#include "emulator/base/bytes.h"
#include "emulator/sim/random.h"
#include "pipeline/mysql/binlog/file.h"
#include "pipeline/mysql/binlog/json_lines.h"
#include "pipeline/mysql/binlog/reader.h"
#include "pipeline/mysql/binlog/transaction_assembler.h"
#include "tests/source_path.h"

namespace pipeline::mysql::binlog {
namespace {

struct Outcome {
  std::string error;  // "" = read to its end
  std::size_t transactions = 0;
};

Outcome decode(std::string_view bytes) {
  Outcome out;
  auto reader = Reader::over("binlog.000001", bytes);
  TransactionAssembler assembler([](const Position&, const std::string&) {});
  assembler.begin_file("binlog.000001");
  std::string text;
  while (true) {
    auto event = reader.next();
    if (!event) return out.error = event.error().text(), out;
    if (!*event) break;
    auto transaction = assembler.add(**event, reader.format());
    if (!transaction) return out.error = transaction.error().text(), out;
    if (!*transaction) continue;
    ++out.transactions;
    text.clear();
    if (auto done = append_json_lines(text, **transaction); !done)
      return out.error = done.error().text(), out;
  }
  if (auto done = reader.finish(); !done) out.error = done.error().text();
  return out;
}

std::vector<std::string> recorded_logs() {
  std::vector<std::string> logs;
  for (const char* name : {"mysql-9.7/binlog.000005", "mysql-9.7/binlog.000009",
                           "mariadb-10.11/binlog.000005", "mariadb-10.11/binlog.000009"}) {
    auto bytes = read_possibly_gzipped(tests::source_path("fixtures/binlog/") + name);
    EXPECT_TRUE(bytes) << bytes.error().text();
    if (bytes) logs.push_back(std::move(*bytes));
  }
  return logs;
}

struct Extent {
  std::size_t start, size;
};
std::vector<Extent> extents_of(std::string_view log) {
  std::vector<Extent> out;
  for (std::size_t at = magic.size(); at < log.size();) {
    const std::size_t size = parse_header(log.substr(at))->size;
    out.push_back({at, size});
    at += size;
  }
  return out;
}

void put_checksum_right(std::string& log, Extent event) {
  const auto* bytes = reinterpret_cast<const Bytef*>(log.data() + event.start);
  const auto crc =
      static_cast<std::uint32_t>(crc32(0, bytes, static_cast<uInt>(event.size - checksum_bytes)));
  std::string packed;
  emulator::base::append_le(packed, crc, 4);
  log.replace(event.start + event.size - checksum_bytes, checksum_bytes, packed);
}

TEST(DamagedBinlog, EveryTruncationIsAnErrorOrEndsBetweenEvents) {
  const auto logs = recorded_logs();
  for (const std::string& log :
       {logs.at(0), logs.at(2)}) {  // a MySQL's and a MariaDB's: the time is the square of the size
    const auto events = extents_of(log);
    ASSERT_EQ(decode(log).error, "");
    std::size_t next = 0;
    for (std::size_t size = 0; size < log.size(); ++size) {
      while (next < events.size() && events[next].start < size) ++next;
      const bool between =
          size > magic.size() && next < events.size() && events[next].start == size;
      EXPECT_EQ(decode(std::string_view(log).substr(0, size)).error.empty(), between) << size;
    }
  }
}

TEST(DamagedBinlog, EveryFlippedByteIsCaughtByItsChecksum) {
  emulator::sim::Random random(1, "flips");
  for (const std::string& log : recorded_logs()) {
    for (int i = 0; i < 200; ++i) {
      std::string damaged = log;
      const std::size_t at = random.below(log.size());
      damaged[at] = static_cast<char>(damaged[at] ^ static_cast<char>(1 + random.below(255)));
      EXPECT_NE(decode(damaged).error, "") << at;
    }
  }
}

// SLUICE_FLIPS asks for more of them than the quick run of every day.
std::size_t flips_wanted() {
  const char* asked = std::getenv("SLUICE_FLIPS");
  return asked ? static_cast<std::size_t>(std::strtoul(asked, nullptr, 10)) : 2000;
}

TEST(DamagedBinlog, FlipsBehindTheChecksumNeverCrash) {
  emulator::sim::Random random(2, "flips");
  const std::size_t wanted = flips_wanted();
  const auto logs = recorded_logs();
  std::size_t errors = 0;
  for (std::size_t i = 0; i < wanted; ++i) {
    std::string damaged = logs[i % logs.size()];
    const auto events = extents_of(damaged);
    const Extent event = events[random.below(events.size())];
    const std::size_t body = event.size - header_bytes - checksum_bytes;
    for (std::uint64_t flips = 1 + random.below(3); body > 0 && flips > 0; --flips) {
      const std::size_t at = event.start + header_bytes + random.below(body);
      damaged[at] = static_cast<char>(random.below(256));
    }
    put_checksum_right(damaged, event);
    errors += !decode(damaged).error.empty();
  }
  EXPECT_GT(errors, wanted / 20);
  EXPECT_LT(errors, wanted);
}

}  // namespace
}  // namespace pipeline::mysql::binlog
