// expect_equal, expect_different and expect_rows: the output beside the table it should be.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pipeline/glue/output.h"
#include "pipeline/scenario/compare.h"
#include "pipeline/scenario/explain.h"
#include "pipeline/scenario/fields.h"
#include "pipeline/scenario/source_table.h"
#include "pipeline/scenario/steps/steps.h"

namespace pipeline::scenario::steps {
namespace {

using Need = Fields::Need;

struct Subject {
  TableName table;
  std::string output;
  Location where;
};

void read_output(Fields& fields, std::string& into) {
  const Value* output = fields.find("output", Value::Kind::string, Need::required);
  if (output == nullptr) return;
  into = output->text.text;
  if (auto uri = glue::parse_s3_uri(into); !uri)
    fields.refuse(output->where, uri.error().message, uri.error().hint);
}

Subject read_subject(Fields& fields, const Value& value, const ParseContext& context) {
  Subject out;
  out.where = value.where;
  if (!context.stack.database)
    fields.refuse(value.where, "there is no database to compare with",
                  "add [database] to the stack");
  if (const Value* table = fields.find("table", Value::Kind::string, Need::required)) {
    out.where = table->where;
    auto name = parse_table_name(table->text.text, context.stack);
    if (name)
      out.table = std::move(*name);
    else
      fields.refuse(table->where, name.error().message, name.error().hint);
  }
  read_output(fields, out.output);
  return out;
}

struct Compared {
  TextTable table;
  std::vector<Difference> differences;
  std::size_t output_rows = 0;
};

Result<Compared> compare_now(World& world, const Subject& subject) {
  auto table = read_source_table(world.stack, subject.table);
  if (!table) return fail_at(subject.where, table.error().message, table.error().hint);
  auto rows = read_output_rows(world.stack, subject.output);
  if (!rows) return fail_at(subject.where, rows.error().message, rows.error().hint);
  Compared out;
  out.differences = compare(*table, *rows);
  out.table = std::move(*table);
  out.output_rows = rows->size();
  return out;
}

Explainer explainer(World& world, const Subject& subject, const Compared& compared) {
  Explainer::Subject about{{}, subject.table.schema, subject.table.table, compared.table.key};
  if (const auto& task = world.stack.definition().task) {
    about.bucket = task->options.target.bucket_name;
    about.delimiter = task->options.target.csv_delimiter;
    about.op_in_load = task->options.target.include_op_for_full_load;
    about.columns_before = task->options.target.timestamp_column_name.empty() ? 0 : 1;
  }
  return Explainer(world.stack.s3(), world.lines, std::move(about));
}

struct Explained {
  std::vector<std::string> lines;              // for a reader
  std::vector<std::vector<std::string>> whys;  // by difference, for expect_different's `why`
};

Explained explain(World& world, const Subject& subject, const Compared& compared) {
  constexpr std::size_t shown_max = 10;
  const Explainer why = explainer(world, subject, compared);
  Explained out;
  for (std::size_t i = 0; i < compared.differences.size(); ++i) {
    out.whys.push_back(why.explain(compared.differences[i]));
    if (i >= shown_max) continue;
    out.lines.push_back(describe(compared.differences[i], compared.table.columns));
    for (const std::string& line : out.whys.back()) out.lines.push_back("  " + line);
  }
  if (compared.differences.size() > shown_max)
    out.lines.push_back(fmt::format("and {} more", compared.differences.size() - shown_max));
  return out;
}

std::string totals(const Compared& compared) {
  std::array<std::size_t, 3> counts{};
  for (const Difference& difference : compared.differences)
    ++counts[static_cast<std::size_t>(difference.kind)];
  return fmt::format("{} rows missing, {} extra, {} changed", counts[0], counts[1], counts[2]);
}

Result<Outcome> expect_equal(World& world, const Subject& subject) {
  auto compared = compare_now(world, subject);
  if (!compared) return tl::unexpected<Error>(compared.error());
  if (compared->differences.empty())
    return Outcome{true, "output = table, " + counted(compared->output_rows, "row")};
  return Outcome{
      false,
      fmt::format("{} is not {}: {}", subject.output, subject.table.text(), totals(*compared)),
      explain(world, subject, *compared).lines};
}

// missing = 2 counts; missing = [7, 8] names the keys ("(1, 2)" for one of several columns).
struct WantedRows {
  Difference::Kind kind;
  std::string_view name;
  std::optional<std::int64_t> count;
  std::optional<std::vector<std::string>> keys;
};

void read_wanted(Fields& fields, WantedRows& wanted) {
  const Value* value = fields.find(wanted.name);
  if (value == nullptr) return;
  if (value->kind == Value::Kind::integer && value->integer >= 0) {
    wanted.count = value->integer;
  } else if (value->kind == Value::Kind::array) {
    wanted.keys.emplace();
    for (const Value& key : value->items) {
      if (!is_scalar(key)) return fields.refuse(wrong_type(key, "a key", "a single value"));
      wanted.keys->push_back(scalar_text(key));
    }
  } else {
    fields.refuse(wrong_type(*value, wanted.name, "a count or an array of keys"));
  }
}

std::optional<std::string> unlike(const WantedRows& wanted,
                                  const std::vector<Difference>& differences) {
  std::vector<std::string> keys;
  for (const Difference& difference : differences) {
    if (difference.kind == wanted.kind) keys.push_back(key_text(difference.key));
  }
  if (wanted.count && *wanted.count != static_cast<std::int64_t>(keys.size())) {
    return fmt::format("{} rows {}, not {}", keys.size(), wanted.name, *wanted.count);
  }
  if (wanted.keys && *wanted.keys != keys) {
    return fmt::format("{}: [{}], not [{}]", wanted.name, fmt::join(keys, ", "),
                       fmt::join(*wanted.keys, ", "));
  }
  return std::nullopt;
}

bool any_matches(const std::string& glob, const std::vector<std::vector<std::string>>& whys) {
  return std::any_of(whys.begin(), whys.end(), [&](const std::vector<std::string>& lines) {
    return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
      return emulator::sim::glob_matches(glob, line);
    });
  });
}

struct Differing {
  Subject subject;
  std::array<WantedRows, 3> rows = {WantedRows{Difference::Kind::missing, "missing", {}, {}},
                                    WantedRows{Difference::Kind::extra, "extra", {}, {}},
                                    WantedRows{Difference::Kind::changed, "changed", {}, {}}};
  std::optional<std::string> why;
};

Result<Outcome> expect_different(World& world, const Differing& wanted) {
  auto compared = compare_now(world, wanted.subject);
  if (!compared) return tl::unexpected<Error>(compared.error());
  if (compared->differences.empty()) {
    return Outcome{false, fmt::format("{} equals {}, but a difference was expected",
                                      wanted.subject.output, wanted.subject.table.text())};
  }
  const Explained explained = explain(world, wanted.subject, *compared);
  for (const WantedRows& rows : wanted.rows) {
    if (auto wrong = unlike(rows, compared->differences))
      return Outcome{false, "it differs otherwise: " + *wrong, explained.lines};
  }
  if (wanted.why && !any_matches(*wanted.why, explained.whys)) {
    return Outcome{false, fmt::format("it differs for another reason than \"{}\"", *wanted.why),
                   explained.lines};
  }
  return Outcome{true, "output differs as expected: " + totals(*compared), explained.lines};
}

}  // namespace

Result<Action> parse_expect_equal(const Value& value, const ParseContext& context) {
  Fields fields(value, "expect_equal");
  const Subject subject = read_subject(fields, value, context);
  if (auto done = fields.finish(); !done) return tl::unexpected<Error>(done.error());
  return Action([subject](World& world) { return expect_equal(world, subject); });
}

Result<Action> parse_expect_different(const Value& value, const ParseContext& context) {
  Fields fields(value, "expect_different");
  Differing wanted;
  wanted.subject = read_subject(fields, value, context);
  for (WantedRows& rows : wanted.rows) read_wanted(fields, rows);
  fields.read("why", wanted.why);
  if (auto done = fields.finish(); !done) return tl::unexpected<Error>(done.error());
  return Action([wanted](World& world) { return expect_different(world, wanted); });
}

Result<Action> parse_expect_rows(const Value& value, const ParseContext&) {
  Fields fields(value, "expect_rows");
  std::string output;
  std::int64_t count = 0;
  read_output(fields, output);
  fields.read("count", count, Need::required);
  if (auto done = fields.finish(); !done) return tl::unexpected<Error>(done.error());
  return Action([output, count, where = value.where](World& world) -> Result<Outcome> {
    auto rows = read_output_rows(world.stack, output);
    if (!rows) return fail_at(where, rows.error().message, rows.error().hint);
    const auto found = static_cast<std::int64_t>(rows->size());
    if (found == count) return Outcome{true, counted(rows->size(), "row")};
    return Outcome{false, fmt::format("{} rows, not {}", found, count)};
  });
}

}  // namespace pipeline::scenario::steps
