#include "pipeline/commands/result_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/text.h"

namespace pipeline::commands {
namespace {

using emulator::base::utf8_length;

std::string_view shown(const std::optional<std::string>& value) {
  return value ? std::string_view(*value) : std::string_view("NULL");
}

std::string_view plural(std::size_t count, std::string_view one, std::string_view many) {
  return count == 1 ? one : many;
}

std::string rule(const std::vector<std::size_t>& widths) {
  std::string line = "+";
  for (std::size_t width : widths) line.append(width + 2, '-').push_back('+');
  return line + "\n";
}

void append_cell(std::string& line, std::string_view text, std::size_t width) {
  line.append(" ").append(text).append(width - utf8_length(text) + 1, ' ').push_back('|');
}

// As mysql --batch: what would break a line or a column is escaped.
void append_escaped(std::string& out, std::string_view text) {
  for (char c : text) {
    switch (c) {
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\0':
        out += "\\0";
        break;
      default:
        out.push_back(c);
    }
  }
}

template <class Fields, class Text>
void append_tabs(std::string& out, const Fields& fields, Text text) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out.push_back('\t');
    append_escaped(out, text(fields[i]));
  }
  out.push_back('\n');
}

}  // namespace

std::string as_table(const ResultText& result) {
  if (result.columns.empty()) {
    std::string text = fmt::format("Query OK, {} {} affected\n", result.affected_rows,
                                   plural(result.affected_rows, "row", "rows"));
    return result.info.empty() ? text : text + result.info + "\n";
  }
  if (result.rows.empty()) return "Empty set\n";
  std::vector<std::size_t> widths;
  for (const std::string& column : result.columns) widths.push_back(utf8_length(column));
  for (const auto& row : result.rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], utf8_length(shown(row[i])));
  }
  std::string text = rule(widths) + "|";
  for (std::size_t i = 0; i < widths.size(); ++i) append_cell(text, result.columns[i], widths[i]);
  text += "\n" + rule(widths);
  for (const auto& row : result.rows) {
    text += "|";
    for (std::size_t i = 0; i < row.size(); ++i) append_cell(text, shown(row[i]), widths[i]);
    text += "\n";
  }
  return text + rule(widths) +
         fmt::format("{} {} in set\n", result.rows.size(),
                     plural(result.rows.size(), "row", "rows"));
}

std::string as_tabs(const ResultText& result) {
  std::string text;
  if (result.columns.empty() || result.rows.empty())
    return text;  // as mysql --batch: no header without rows
  append_tabs(text, result.columns, [](const std::string& name) { return std::string_view(name); });
  for (const auto& row : result.rows) append_tabs(text, row, shown);
  return text;
}

}  // namespace pipeline::commands
