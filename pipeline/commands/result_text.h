#pragma once
// Result sets as a terminal shows them (MySQL's table) and as programs read them (tab-separated,
// MySQL's batch mode).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pipeline::commands {

struct ResultText {
  std::vector<std::string> columns;  // none: the statement was no query
  std::vector<std::vector<std::optional<std::string>>> rows;
  std::uint64_t affected_rows = 0;
  std::string info;
};

std::string as_table(const ResultText& result);
std::string as_tabs(const ResultText& result);  // nothing for a statement that is no query

}  // namespace pipeline::commands
