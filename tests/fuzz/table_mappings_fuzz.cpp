// Any bytes as a table-mappings document: an Error or rules that can be asked, never a crash.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "pipeline/dms/table_mappings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto mappings = pipeline::dms::parse_table_mappings(text);
  if (mappings) {
    for (const pipeline::dms::SelectionRule& rule : mappings->selection) {
      static_cast<void>(mappings->selects(rule.schema, rule.table));
      static_cast<void>(mappings->load_order(rule.table, rule.schema));
    }
  }
  static_cast<void>(
      pipeline::dms::pattern_matches(text.substr(0, size / 2), text.substr(size / 2)));
  return 0;
}
