// Any bytes to the SQL parser: the first byte chooses the sql_mode, the rest is the text.
#include <cstddef>
#include <cstdint>

#include "pipeline/rds/sql/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace sql = pipeline::rds::sql;
  if (size == 0) return 0;
  const sql::ParseOptions options{.ansi_quotes = (data[0] & 1) != 0,
                                  .no_backslash_escapes = (data[0] & 2) != 0,
                                  .pipes_as_concat = (data[0] & 4) != 0,
                                  .ignore_space = (data[0] & 8) != 0,
                                  .high_not_precedence = (data[0] & 16) != 0};
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  (void)sql::parse(text, options);
  (void)sql::parse_expression(text, options);
  (void)sql::split_script(text, options);
  return 0;
}
