// CSV of anybody: the parser, and the merge with the input both as changes and as base.

#include <cstdint>
#include <string>
#include <string_view>

#include "emulator/base/csv.h"
#include "pipeline/glue/merge/csv_merge.h"

namespace merge = pipeline::glue::merge;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::uint8_t bits = data[0];
  const std::size_t cut = 1 + data[1] * (size - 1) / 256;
  static_cast<void>(emulator::base::parse_csv(text.substr(1)));

  merge::ChangeSet changes({.key_columns = {bits & 3u},
                            .has_header = (bits & 4) != 0,
                            .columns_after_op = (bits >> 3) & 1u,
                            .has_sequence = (bits & 16) != 0});
  static_cast<void>(changes.add("changes", std::string(text.substr(1, cut - 1))));
  std::string_view base = text.substr(cut);
  const merge::Base source{
      .read = [base](std::span<char> into) mutable -> merge::Result<std::size_t> {
        const std::size_t taken = base.copy(into.data(), into.size());
        base.remove_prefix(taken);
        return taken;
      },
      .leading_columns = (bits >> 5) & 1u,
      .trailing_column = (bits & 64) != 0};
  static_cast<void>(merge::merge_csv(std::span(&source, 1), changes,
                                     [](std::string_view) { return merge::Result<void>(); }));
  return 0;
}
