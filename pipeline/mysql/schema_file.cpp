#include "pipeline/mysql/schema_file.h"

#include <algorithm>

#include "emulator/base/text.h"
#include "pipeline/mysql/binlog/file.h"
#include "pipeline/mysql/ddl/tokens.h"

namespace pipeline::mysql {

namespace {

using emulator::base::Error;
using emulator::base::Result;

// Cuts a script at its delimiters, which stand outside quotes and comments.
class Script {
 public:
  explicit Script(std::string_view sql) : sql_(sql) {}

  // "" at the end.
  std::string_view next() {
    while (at_ < sql_.size()) {
      if (take_delimiter_line()) continue;
      const std::size_t start = at_;
      while (at_ < sql_.size() && sql_.substr(at_, delimiter_.size()) != delimiter_) pass();
      start_ = start;
      const std::string_view statement = sql_.substr(start, at_ - start);
      at_ = std::min(at_ + delimiter_.size(), sql_.size());
      if (!emulator::base::trim(statement).empty()) return statement;
    }
    return {};
  }
  int line() const {
    const std::string_view before = sql_.substr(0, sql_.find_first_not_of(" \t\r\n", start_));
    return 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  }

 private:
  bool take_delimiter_line() {
    while (at_ < sql_.size() && (sql_[at_] == '\n' || sql_[at_] == '\r' || sql_[at_] == ' ')) ++at_;
    constexpr std::string_view word = "DELIMITER ";
    if (!emulator::base::equals_ignoring_case(sql_.substr(at_, word.size()), word)) return false;
    const std::size_t end = std::min(sql_.find('\n', at_), sql_.size());
    delimiter_ = emulator::base::trim(sql_.substr(at_ + word.size(), end - at_ - word.size()));
    if (delimiter_.empty()) delimiter_ = ";";
    at_ = end;
    return true;
  }

  // One character, one quoted text or one comment.
  void pass() {
    const char c = sql_[at_];
    const auto to = [&](std::size_t end) { at_ = std::min(end, sql_.size()); };
    if (c == '\'' || c == '"' || c == '`') {
      for (++at_; at_ < sql_.size() && sql_[at_] != c; ++at_)
        if (sql_[at_] == '\\' && c != '`') ++at_;
      return to(at_ + 1);
    }
    const std::string_view left = sql_.substr(at_, 3);
    if (c == '#' || left == "-- " || left == "--\n") return to(sql_.find('\n', at_));
    if (left.substr(0, 2) == "/*" && left != "/*!" && left != "/*M") {
      const std::size_t end = sql_.find("*/", at_ + 2);
      return to(end == std::string_view::npos ? end : end + 2);
    }
    ++at_;
  }

  std::string_view sql_;
  std::string_view delimiter_ = ";";
  std::size_t at_ = 0;
  std::size_t start_ = 0;
};

}  // namespace

Result<void> seed_from_sql(SchemaTracker& tracker, std::string_view sql, const std::string& path) {
  constexpr std::size_t head_bytes =
      400;  // the dump says there whose it is: "-- Server version 10.11.19-MariaDB"
  SchemaTracker::Statement one{};
  one.dialect.mariadb = sql.substr(0, head_bytes).find("MariaDB") != std::string_view::npos;
  std::string schema;
  Script script(sql);
  for (std::string_view text = script.next(); !text.empty(); text = script.next()) {
    constexpr std::size_t words_bytes = 200;
    SqlTokens words(text.substr(0, words_bytes));
    if (words.take("USE")) {
      schema = words.next().text;
      continue;
    }
    one.sql = text;
    one.schema = schema;
    if (auto done = tracker.apply(one); !done) {
      Error error = done.error();
      error.where = {path, script.line(), 1};
      return tl::unexpected(std::move(error));
    }
  }
  return {};
}

Result<void> seed_from_file(SchemaTracker& tracker, const std::string& path) {
  auto sql = binlog::read_possibly_gzipped(path);
  if (!sql) return tl::unexpected(sql.error());
  return seed_from_sql(tracker, *sql, path);
}

}  // namespace pipeline::mysql
