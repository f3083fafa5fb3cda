#pragma once
// Recorded answers of a real MySQL (tests/differential/record.py) and the engine's in the same
// form: rows, column names, affected rows, insert ids, error numbers and messages.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "emulator/base/file.h"
#include "emulator/base/text.h"
#include "pipeline/rds/session.h"
#include "tests/source_path.h"

namespace pipeline::rds::recorded {

namespace base = emulator::base;

// One value on one line, as record.py writes it.
inline std::string escaped(std::string_view value) {
  const bool utf8 = base::is_utf8(value);
  std::string out;
  for (char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\' || c == '|') {
      out += {'\\', c};
    } else if (c == '\n' || c == '\r' || c == '\t') {
      out += {'\\', c == '\n' ? 'n' : c == '\r' ? 'r' : 't'};
    } else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !utf8)) {
      out += fmt::format("\\x{:02X}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

inline std::string lines_of(const ResultSet& result) {
  if (result.columns.empty()) {
    std::string out = fmt::format("ok {}", result.affected_rows);
    if (result.last_insert_id != 0) out += fmt::format(" id {}", result.last_insert_id);
    return out + "\n";
  }
  std::string out = "columns ";
  for (std::size_t i = 0; i < result.columns.size(); ++i)
    out += (i ? "|" : "") + escaped(result.columns[i].name);
  for (const auto& row : result.rows) {
    out += "\nrow ";
    for (std::size_t i = 0; i < row.size(); ++i)
      out += (i ? "|" : "") + (row[i] ? escaped(*row[i]) : std::string("\\N"));
  }
  return out + "\n";
}

inline std::string answer(Session& session, std::string_view statement) {
  const auto result = session.execute(statement);
  return result
             ? lines_of(*result)
             : fmt::format("error {} {}\n", result.error().code, escaped(result.error().message));
}

struct Case {
  std::string statement;
  std::string expected;
  std::string noted;  // after "-- differs:"; "" = the answer must be MySQL's
};

inline constexpr std::string_view mark = "-- differs: the embedded engine answers ";

// An answer on one line.
inline std::string on_one_line(std::string_view answer) {
  std::string out;
  for (std::string_view line : base::split(answer, '\n')) {
    if (!line.empty()) out += (out.empty() ? "" : " ; ") + std::string(line);
  }
  return out;
}

// name: below fixtures/sql, without the suffix.
inline std::string read(std::string_view name, std::string_view suffix) {
  const auto content =
      base::read_file(tests::source_path(fmt::format("fixtures/sql/{}{}", name, suffix)));
  EXPECT_TRUE(content) << name << suffix;
  return content.value_or("");
}

inline std::vector<Case> cases_of(std::string_view name) {
  std::vector<Case> out;
  const std::string result = read(name, ".result");
  for (std::string_view line : base::split(result, '\n')) {
    if (line.starts_with("> ")) {
      out.push_back({std::string(line.substr(2)), "", ""});
    } else if (!line.empty() && !line.starts_with("warning ") && !out.empty()) {
      out.back().expected += std::string(line) + "\n";
    }
  }
  const std::string script = read(name, ".sql");
  std::size_t next = 0;
  std::string noted;
  for (std::string_view line : base::split(script, '\n')) {
    if (line.starts_with(mark)) noted = line.substr(mark.size());
    if (line.empty() || line.starts_with("--")) continue;
    if (next >= out.size() || out[next].statement != line) {
      ADD_FAILURE() << name << ".result is older than its script: " << line;
      break;
    }
    out[next++].noted = std::exchange(noted, "");
  }
  return out;
}

// Runs the script and compares each answer.
inline void expect_recorded_answers(Session& session, std::string_view name) {
  for (const Case& c : cases_of(name)) {
    const std::string actual = answer(session, c.statement);
    if (c.noted.empty()) {
      EXPECT_EQ(actual, c.expected) << c.statement;
    } else {
      EXPECT_NE(actual, c.expected)
          << "this is MySQL's answer now: take the mark away above " << c.statement;
      EXPECT_EQ(on_one_line(actual), c.noted) << c.statement;
    }
  }
}

}  // namespace pipeline::rds::recorded
