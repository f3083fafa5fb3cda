#include "pipeline/glue/native/spark_csv.h"

namespace pipeline::glue::native {
namespace {

constexpr char quote = '"';
constexpr char escape = '\\';
constexpr char delimiter = ',';

bool is_blank(char c) { return static_cast<unsigned char>(c) <= ' '; }
bool is_special(char c) { return c == quote || c == escape; }

// One line, one row. A step that reads past the end of the line returns false, all the way up; what
// was read so far then is the last value.
class LineReader {
 public:
  explicit LineReader(std::string_view line) : line_(line) {}

  SparkRow read() {
    if (advance()) {
      while (read_value() && advance()) {
      }
    }
    end_of_line();
    return std::move(row_);
  }

 private:
  bool advance() {
    if (at_ >= line_.size()) return false;
    current_ = line_[at_++];
    return true;
  }

  // Leaves current_ at the delimiter.
  bool read_value() {
    salvaged_ = false;
    before_ = '\0';
    if (current_ == delimiter) {
      row_.emplace_back();
      return true;
    }
    if (current_ != quote) {
      if (!take_to_delimiter()) return false;
      keep_value();
      return true;
    }
    if (auto plain = take_well_formed()) {
      row_.push_back(plain->empty() ? SparkValue() : SparkValue(std::string(*plain)));
      return advance();
    }
    if (!read_quoted()) return false;
    keep_value();
    return true;
  }

  void keep_value() {
    row_.push_back(value_.empty() ? SparkValue() : SparkValue(std::move(value_)));
    value_.clear();
  }

  // At the end of the line current_ stays what it was before: end_of_line() asks for it.
  bool take_to_delimiter() {
    for (char c = current_; c != delimiter; c = line_[at_++]) {
      value_.push_back(c);
      if (at_ >= line_.size()) return false;
    }
    current_ = delimiter;
    return true;
  }
  bool take_to_special() {
    char c = current_;
    for (; !is_special(c); c = line_[at_++]) {
      value_.push_back(c);
      if (at_ >= line_.size()) return false;
    }
    current_ = c;
    return true;
  }

  // "..." with nothing odd inside and a delimiter right behind.
  std::optional<std::string_view> take_well_formed() {
    for (std::size_t i = at_; i < line_.size(); ++i) {
      if (line_[i] == quote) {
        if (line_[i - 1] == escape || i + 1 >= line_.size() || line_[i + 1] != delimiter)
          return std::nullopt;
        std::string_view value = line_.substr(at_, i - at_);
        at_ = i + 1;
        return value;
      }
      if (line_[i] == escape && i + 1 < line_.size() && is_special(line_[i + 1]))
        return std::nullopt;
    }
    return std::nullopt;
  }

  bool read_quoted() {
    if (!advance()) return false;
    while (!(before_ == quote && (is_blank(current_) || current_ == delimiter))) {
      if (is_special(current_)) {
        if (!resolve_special()) return false;
        before_ = current_;
        if (!advance()) return false;
        if (salvaged_ && current_ == delimiter) return true;
        continue;
      }
      if (before_ == quote) {  // text behind what looked like the closing quote: from here to the
                               // delimiter as it stands
        salvaged_ = true;
        value_.push_back(quote);
        value_.push_back(current_);
        return salvage();
      }
      if (before_ == escape) value_.push_back(escape);
      if (!take_to_special()) return false;
      before_ = current_;
      if (!advance()) return false;
    }
    return current_ == delimiter || read_after_quotes();
  }

  // The quotes did not quote: they become part of the value.
  bool salvage() {
    before_ = current_;
    value_.insert(value_.begin(), quote);
    return advance() && take_to_delimiter();
  }

  // Blanks behind the closing quote are dropped, unless more text follows.
  bool read_after_quotes() {
    std::string blanks;
    do {
      blanks.push_back(current_);
      if (!advance()) return false;
    } while (is_blank(current_));
    if (current_ == delimiter) return true;
    value_.push_back(quote);
    value_ += blanks;
    value_.push_back(current_);
    return salvage();
  }

  // current_ is a quote or an escape, inside quotes.
  bool resolve_special() {
    if (current_ == escape && before_ == escape) {
      value_.push_back(escape);
      current_ = '\0';
    } else if (before_ == escape) {
      value_.push_back(current_ == quote ? quote : before_);
      if (current_ == quote) current_ = '\0';
    } else if (before_ == quote) {
      value_.push_back(quote);
      if (current_ == escape) return read_unquoted_with_escapes();
    }
    return true;
  }

  // A backslash right behind the closing quote: escapes go on working up to the delimiter.
  bool read_unquoted_with_escapes() {
    before_ = current_;
    while (current_ != delimiter) {
      if (!is_special(current_)) {
        if (before_ == quote) value_.push_back(quote);
        value_.push_back(current_);
      } else if (!resolve_special()) {
        return false;
      }
      if (current_ == delimiter) break;
      before_ = current_;
      if (!advance()) return false;
    }
    return true;
  }

  void end_of_line() {
    if (current_ == quote && before_ != quote && !salvaged_) value_.push_back(quote);
    const bool open = before_ != '\0' && current_ != delimiter;
    if (!value_.empty() || open || current_ == delimiter) keep_value();
  }

  std::string_view line_;
  std::size_t at_ = 0;
  char current_ = '\0';
  char before_ = '\0';  // the last quote or escape, if it was just before
  bool salvaged_ = false;
  std::string value_;
  SparkRow row_;
};

bool is_all_blank(std::string_view line) {
  for (char c : line)
    if (!is_blank(c)) return false;
  return true;
}

}  // namespace

std::vector<SparkRow> read_spark_csv(std::string_view text) {
  std::vector<SparkRow> rows;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of("\r\n");
    const std::string_view line = text.substr(0, end);
    if (!is_all_blank(line)) rows.push_back(LineReader(line).read());
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return rows;
}

void append_spark_csv(std::string& out, const SparkRow& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) out.push_back(delimiter);
    if (!row[i]) continue;
    std::string_view text = *row[i];
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    // What is at the end decides about the quotes although it is cut off; # at the start of a line
    // would be a comment.
    const bool quoted = text.empty() || text.find_first_of(",\"\r\n") != std::string_view::npos ||
                        (i == 0 && text.front() == '#');
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    if (quoted) out.push_back(quote);
    for (char c : text) {
      if (quoted && is_special(c)) out.push_back(escape);
      out.push_back(c);
    }
    if (quoted) out.push_back(quote);
  }
  out.push_back('\n');
}

}  // namespace pipeline::glue::native
