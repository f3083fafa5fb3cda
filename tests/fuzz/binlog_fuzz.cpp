// The whole way of a binlog from bytes to printed rows. The checksum byte of the FORMAT_DESCRIPTION decides whether events have one; a fuzzer
// gets past them with files that have none.

#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/mysql/binlog/json_lines.h"
#include "pipeline/mysql/binlog/reader.h"
#include "pipeline/mysql/binlog/transaction_assembler.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pipeline::mysql::binlog;
  auto reader = Reader::over("fuzz.000001", std::string_view(reinterpret_cast<const char*>(data), size));
  TransactionAssembler assembler([](const pipeline::mysql::Position&, const std::string&) {});
  assembler.begin_file("fuzz.000001");
  while (true) {
    auto event = reader.next();
    if (!event || !*event) break;
    auto transaction = assembler.add(**event, reader.format());
    if (!transaction) break;
    std::string out;
    if (*transaction && !append_json_lines(out, **transaction)) break;
  }
  return 0;
}
