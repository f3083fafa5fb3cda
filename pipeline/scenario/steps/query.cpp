// expect_sql and expect_sql_error: what the database itself answers.
#include <fmt/format.h>

#include "pipeline/scenario/compare.h"
#include "pipeline/scenario/steps/session.h"
#include "pipeline/scenario/steps/steps.h"

namespace pipeline::scenario::steps {
namespace {

using Need = Fields::Need;

std::string row_text(const TextRow& row) { return fmt::format("[{}]", fmt::join(row, ", ")); }

// NULL stands for itself: TOML has none.
std::vector<TextRow> rows_of(const rds::ResultSet& result) {
  std::vector<TextRow> out;
  for (const auto& row : result.rows) {
    TextRow& texts = out.emplace_back();
    for (const auto& cell : row) texts.push_back(cell.value_or("NULL"));
  }
  return out;
}

std::vector<TextRow> read_rows(Fields& fields) {
  std::vector<TextRow> out;
  const Value* rows = fields.find("rows", Value::Kind::array, Need::required);
  if (rows == nullptr) return out;
  for (const Value& row : rows->items) {
    TextRow& texts = out.emplace_back();
    if (row.kind != Value::Kind::array) {
      fields.refuse(wrong_type(row, "each of rows", "an array"));
      return out;
    }
    for (const Value& cell : row.items) {
      if (!is_scalar(cell)) fields.refuse(wrong_type(cell, "a cell", "a single value"));
      texts.push_back(scalar_text(cell));
    }
  }
  return out;
}

Outcome compare_rows(const std::vector<TextRow>& wanted, const std::vector<TextRow>& found) {
  if (wanted == found) return {true, counted(found.size(), "row")};
  Outcome out{false,
              fmt::format("the query gives {} rows, not these {}", found.size(), wanted.size())};
  for (const TextRow& row : wanted) out.details.push_back("expected " + row_text(row));
  for (const TextRow& row : found) out.details.push_back("found    " + row_text(row));
  return out;
}

}  // namespace

Result<Action> parse_expect_sql(const Value& value, const ParseContext& context) {
  Fields fields(value, "expect_sql");
  const Value* sql = fields.find("sql", Value::Kind::string, Need::required);
  std::vector<TextRow> rows = read_rows(fields);
  if (auto done = fields.finish(); !done) return tl::unexpected<Error>(done.error());
  if (auto checked = check_sql(*sql, context); !checked)
    return tl::unexpected<Error>(checked.error());
  return Action([script = sql->text, rows](World& world) -> Result<Outcome> {
    auto results = run_script(world, script);
    if (!results) return tl::unexpected<Error>(located(results.error(), script));
    return compare_rows(rows, results->empty() ? std::vector<TextRow>() : rows_of(results->back()));
  });
}

Result<Action> parse_expect_sql_error(const Value& value, const ParseContext& context) {
  Fields fields(value, "expect_sql_error");
  const Value* sql = fields.find("sql", Value::Kind::string, Need::required);
  std::int64_t code = 0;
  fields.read("code", code, Need::required);
  if (auto done = fields.finish(); !done) return tl::unexpected<Error>(done.error());
  // The text may well be one that does not parse: 1064 is an error to expect, too.
  if (!context.stack.database || context.stack.database->engine == "recorded")
    return fail_at(value.where, "expect_sql_error needs a database that runs SQL");
  return Action([script = sql->text, code](World& world) -> Result<Outcome> {
    auto results = run_script(world, script);
    if (results)
      return Outcome{false, fmt::format("the statement succeeded; error {} was expected", code)};
    return Outcome{results.error().code == code, results.error().text()};
  });
}

}  // namespace pipeline::scenario::steps
