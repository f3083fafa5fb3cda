#include "pipeline/commands/statement_reader.h"

#include <gtest/gtest.h>

namespace pipeline::commands {
namespace {

// "one | two | (rest)": the statements of a text given line by line.
std::string statements(std::string_view text) {
  StatementReader reader;
  std::string found;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    reader.add_line(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    while (const auto statement = reader.next()) found += *statement + " | ";
  }
  if (const auto rest = reader.rest()) found += "(" + *rest + ")";
  return found;
}

TEST(StatementReader, CutsAtEachSemicolon) {
  EXPECT_EQ(statements("SELECT 1; SELECT 2;"), "SELECT 1 | SELECT 2 | ");
  EXPECT_EQ(statements("SELECT\n1\n;"), "SELECT\n1 | ");
  EXPECT_EQ(statements(";;\n ;"), "");
  EXPECT_EQ(statements("SELECT 1"), "(SELECT 1)");
}

TEST(StatementReader, LeavesQuotesAndCommentsWhole) {
  EXPECT_EQ(statements("SELECT 'a;b', \"c;d\", `e;f`;"), "SELECT 'a;b', \"c;d\", `e;f` | ");
  EXPECT_EQ(statements("SELECT 'it''s;', 'a\\';b';"), "SELECT 'it''s;', 'a\\';b' | ");
  EXPECT_EQ(statements("SELECT 1 -- no; not here\n;"), "SELECT 1 -- no; not here | ");
  EXPECT_EQ(statements("SELECT 1 # no; not here\n;"), "SELECT 1 # no; not here | ");
  EXPECT_EQ(statements("SELECT /* ; \n ; */ 1;"), "SELECT /* ; \n ; */ 1 | ");
  EXPECT_EQ(statements("SELECT 5--1; SELECT 2;"), "SELECT 5--1 | SELECT 2 | ");
}

TEST(StatementReader, WaitsForAQuoteThatIsStillOpen) {
  StatementReader reader;
  reader.add_line("SELECT 'a;");
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.is_between_statements());
  reader.add_line("b'; ");
  EXPECT_EQ(reader.next(), "SELECT 'a;\nb'");
  EXPECT_TRUE(reader.is_between_statements());
}

}  // namespace
}  // namespace pipeline::commands
