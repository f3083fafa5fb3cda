#include "pipeline/scenario/source_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "emulator/base/csv.h"
#include "emulator/base/text.h"
#include "pipeline/dms/csv_rows.h"
#include "pipeline/glue/output.h"
#include "pipeline/scenario/fields.h"

namespace pipeline::scenario {
namespace {

namespace base = emulator::base;

// The task's settings, as far as they shape a value; the header tells which columns DMS carries.
dms::S3Settings value_settings(const StackDefinition& stack) {
  dms::S3Settings out;
  if (stack.task) {
    out.csv_delimiter = stack.task->options.target.csv_delimiter;
    out.csv_null_value = stack.task->options.target.csv_null_value;
  }
  out.add_column_name = true;
  return out;
}

Result<mysql::TablePtr> find_table(mysql::ChangeSource& source, const TableName& name) {
  auto tables = source.tables();
  if (!tables) return tl::unexpected<Error>(tables.error());
  std::vector<std::string> names;
  for (const mysql::TablePtr& table : *tables) {
    if (table->schema == name.schema && table->table == name.table) return table;
    names.push_back(table->name());
  }
  const auto near = base::nearest(name.text(), names);
  return base::fail(fmt::format("the database has no table {}", name.text()),
                    near ? fmt::format("did you mean {}?", *near) : std::string());
}

}  // namespace

Result<TableName> parse_table_name(const std::string& text, const StackDefinition& stack) {
  const std::size_t dot = text.find('.');
  if (dot != std::string::npos) return TableName{text.substr(0, dot), text.substr(dot + 1)};
  if (!stack.database || stack.database->schema.empty())
    return base::fail(fmt::format("\"{}\" names no schema", text), "write schema.table");
  return TableName{stack.database->schema, text};
}

Result<TextTable> read_source_table(Stack& stack, const TableName& name) {
  mysql::ChangeSource& source = *stack.truth();
  auto table = find_table(source, name);
  if (!table) return tl::unexpected<Error>(table.error());
  const dms::S3Settings settings = value_settings(stack.definition());
  dms::CsvRowsOptions options;
  options.settings = &settings;
  options.table = *table;
  dms::CsvRows rows(dms::FileKind::load, std::move(options));
  std::string csv;
  rows.append_header(csv);
  Result<void> appended;
  auto read = source.read_table(name.schema, name.table, [&](const mysql::Row& row) {
    appended = rows.append_row(csv, {}, row);
    return appended.has_value();
  });
  if (!read) return tl::unexpected<Error>(read.error());
  if (!appended) return tl::unexpected<Error>(appended.error());
  auto parsed = base::parse_csv(csv, {.delimiter = settings.csv_delimiter});
  if (!parsed) return tl::unexpected<Error>(parsed.error());

  TextTable out;
  for (std::size_t i = 0; i < parsed->size(); ++i) {
    TextRow& into = i == 0 ? out.columns : out.rows.emplace_back();
    for (base::CsvField& field : (*parsed)[i]) into.push_back(std::move(field.text));
  }
  for (const std::uint32_t column : (*table)->primary_key) {
    const auto found =
        std::find(out.columns.begin(), out.columns.end(), (*table)->columns[column].name);
    if (found != out.columns.end())
      out.key.push_back(static_cast<std::size_t>(found - out.columns.begin()));
  }
  return out;
}

Result<std::vector<TextRow>> read_output_rows(Stack& stack, const std::string& uri) {
  auto output = glue::read_output(stack.s3(), uri);
  if (!output) return tl::unexpected<Error>(output.error());
  const auto& task = stack.definition().task;
  const std::size_t first = task && !task->options.target.timestamp_column_name.empty() ? 1 : 0;
  std::vector<TextRow> out;
  for (base::CsvRow& row : output->rows) {
    TextRow& into = out.emplace_back();
    for (std::size_t i = first; i < row.size(); ++i) into.push_back(std::move(row[i].text));
  }
  return out;
}

}  // namespace pipeline::scenario
