#include "emulator/base/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace emulator::base {
namespace {

class CsvParser {
 public:
  CsvParser(std::string_view text, const CsvOptions& options) : text_(text), options_(options) {}

  Result<std::vector<CsvRow>> parse() {
    std::vector<CsvRow> rows;
    while (at_ < text_.size()) {
      line_start_ = at_;
      auto row = parse_row();
      if (!row) return tl::unexpected(row.error());
      rows.push_back(std::move(*row));
      ++line_;
    }
    return rows;
  }

 private:
  Result<CsvRow> parse_row() {
    CsvRow row;
    while (true) {
      CsvField field;
      if (at_ < text_.size() && text_[at_] == '"') {
        if (auto read = read_quoted(field); !read) return tl::unexpected(read.error());
      } else {
        std::size_t end = std::min(text_.find_first_of(stops_, at_), text_.size());
        field.text = text_.substr(at_, end - at_);
        at_ = end;
      }
      row.push_back(std::move(field));
      if (at_ >= text_.size()) {
        if (!options_.last_line_may_be_torn)
          return located("the last line has no line feed: the file is torn");
        return row;
      }
      char stop = text_[at_++];
      if (stop == '\n') return row;
    }
  }

  Result<void> read_quoted(CsvField& field) {
    field.quoted = true;
    ++at_;
    while (true) {
      std::size_t quote = text_.find('"', at_);
      if (quote == std::string_view::npos) return located("a quote is never closed");
      field.text += text_.substr(at_, quote - at_);
      at_ = quote + 1;
      if (at_ < text_.size() && text_[at_] == '"') {
        field.text += '"';
        ++at_;
        continue;
      }
      if (at_ < text_.size() && text_[at_] != options_.delimiter && text_[at_] != '\n')
        return located("there is text after a closing quote");
      return {};
    }
  }

  tl::unexpected<Error> located(std::string message) const {
    Error error{std::move(message), {}, {}};
    error.where.line = line_;
    error.where.column = static_cast<int>(std::min(at_, text_.size()) - line_start_) + 1;
    error.message =
        fmt::format("line {}, column {}: {}", error.where.line, error.where.column, error.message);
    return tl::unexpected(error);
  }

  std::string_view text_;
  const CsvOptions& options_;
  const std::string stops_ = std::string(1, options_.delimiter) + '\n';
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  int line_ = 1;
};

// Eight bytes at a step.
bool needs_quotes(std::string_view field, char delimiter) {
  constexpr std::uint64_t ones = 0x0101010101010101ull, high_bits = 0x8080808080808080ull;
  const std::uint64_t delimiters = ones * static_cast<unsigned char>(delimiter);
  const auto zero_bytes = [](std::uint64_t word) { return (word - ones) & ~word; };
  std::size_t at = 0;
  for (; field.size() - at >= sizeof(std::uint64_t); at += sizeof(std::uint64_t)) {
    std::uint64_t word;
    std::memcpy(&word, field.data() + at, sizeof word);
    const std::uint64_t found = zero_bytes(word ^ delimiters) | zero_bytes(word ^ ones * '"') |
                                zero_bytes(word ^ ones * '\n') | zero_bytes(word ^ ones * '\r');
    if ((found & high_bits) != 0) return true;
  }
  return std::any_of(field.begin() + static_cast<std::ptrdiff_t>(at), field.end(),
                     [&](char c) { return c == delimiter || c == '"' || c == '\n' || c == '\r'; });
}

}  // namespace

void append_csv_field(std::string& out, std::string_view field, char delimiter) {
  if (!needs_quotes(field, delimiter)) {
    out += field;
    return;
  }
  out.push_back('"');
  for (char c : field) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
}

Result<std::vector<CsvRow>> parse_csv(std::string_view text, const CsvOptions& options) {
  return CsvParser(text, options).parse();
}

}  // namespace emulator::base
