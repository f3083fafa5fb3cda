// The whole way of a binlog from bytes to printed rows, both ways that it is read: rows decoded one
// by one (`sluice binlog`), and cells that a transaction keeps (DMS); they must print the same.
// Checksums and positions are put right first, so that a fuzzer gets past them.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "emulator/base/bytes.h"
#include "emulator/base/digest.h"
#include "pipeline/mysql/binlog/json_lines.h"
#include "pipeline/mysql/binlog/reader.h"
#include "pipeline/mysql/binlog/statistics.h"
#include "pipeline/mysql/binlog/transaction_assembler.h"

namespace {

using namespace pipeline::mysql::binlog;

constexpr std::size_t end_position_offset = 13;

// Gives each event that looks whole the checksum that it should have.
std::string with_checksums(std::string_view bytes) {
  std::string out(bytes);
  for (std::size_t at = magic.size(); at + header_bytes <= out.size();) {
    const std::size_t size = emulator::base::ByteReader(std::string_view(out).substr(at + 9)).u32();
    if (size < header_bytes + checksum_bytes || size > out.size() - at) break;
    out.replace(at + end_position_offset, 4, 4, '\0');  // 0: it does not say where it ends
    const std::size_t covered = size - checksum_bytes;
    const std::uint32_t sum = emulator::base::crc32(std::string_view(out).substr(at, covered));
    for (std::size_t i = 0; i < checksum_bytes; ++i)
      out[at + covered + i] = static_cast<char>(sum >> (8 * i));
    at += size;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes = with_checksums({reinterpret_cast<const char*>(data), size});
  auto reader = Reader::over("fuzz.000001", bytes);
  TransactionAssembler assembler([](const pipeline::mysql::Position&, const std::string&) {});
  assembler.begin_file("fuzz.000001");
  Statistics statistics;
  std::string printed;
  Output out([&](std::string_view text) { printed += text; });
  JsonLines lines(out);
  while (true) {
    auto event = reader.next();
    if (!event || !*event) break;
    auto taken = assembler.take(**event, reader.format());
    if (!taken) break;
    if (!*taken) continue;
    const pipeline::mysql::Transaction& committed = assembler.committed();
    const RowLog& rows = assembler.committed_rows();
    const bool printable = lines.print(committed, rows).has_value();
    const bool countable = statistics.count(committed, rows).has_value();
    pipeline::mysql::Transaction kept = committed;
    std::string kept_lines;
    const bool keepable =
        append_changes(rows, kept) && append_json_lines(kept_lines, kept).has_value();
    if (printable != keepable || printable != countable) std::abort();
    if (!printable) break;
    out.flush();
    if (printed != kept_lines) std::abort();
    printed.clear();
  }
  return 0;
}
