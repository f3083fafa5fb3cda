// GTID sets of anybody, as text and as the bytes of PREVIOUS_GTIDS: what is read prints and encodes
// to what reads as the same set.

#include <cstdint>
#include <string_view>

#include "emulator/base/check.h"
#include "pipeline/mysql/binlog/gtid.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using pipeline::mysql::binlog::GtidSet;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto set = GtidSet::parse(bytes)) {
    const auto again = GtidSet::parse(set->text());
    CHECK(again && *again == *set);
  }
  if (const auto set = GtidSet::decode(bytes)) {
    const auto again = GtidSet::decode(set->encode());
    CHECK(again && *again == *set);
  }
  return 0;
}
