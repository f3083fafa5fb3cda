#include "pipeline/glue/native/merge_arguments.h"

#include <fmt/format.h>

#include <array>

#include "emulator/base/text.h"
#include "pipeline/glue/native/script.h"
#include "pipeline/glue/output.h"

namespace pipeline::glue::native {
namespace {

using emulator::base::fail;
using emulator::base::Result;
using emulator::base::split;
using emulator::base::trim;

struct Parameter {
  std::string_view name;
  Result<void> (*read)(std::string_view value, MergeArguments& out);
};

template <bool MergeArguments::*member>
Result<void> read_flag(std::string_view value, MergeArguments& out) {
  if (value != "true" && value != "false") return fail("it is no switch", "true or false");
  out.*member = value == "true";
  return {};
}

std::string as_folder(std::string_view path) {
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  return path.empty() ? std::string() : std::string(path) + "/";
}

Result<void> read_input_bucket(std::string_view value, MergeArguments& out) {
  out.input_bucket = value;
  return {};
}
Result<void> read_input_prefix(std::string_view value, MergeArguments& out) {
  out.input_prefix = as_folder(value);
  return {};
}
Result<void> read_output(std::string_view value, MergeArguments& out) {
  auto place = parse_s3_uri(value);
  if (!place) return tl::unexpected(place.error());
  out.output_bucket = place->first;
  out.output_prefix = as_folder(place->second);
  return {};
}

Result<void> read_delimiter(std::string_view value, MergeArguments& out) {
  if (value == "\\t") value = "\t";
  if (value.size() != 1 || value == "\"" || value == "\n" || value == "\r")
    return fail("it is no delimiter", "one character, such as , | or \\t");
  out.delimiter = value.front();
  return {};
}

Result<std::vector<std::size_t>> parse_columns(std::string_view text) {
  std::vector<std::size_t> columns;
  for (std::string_view part : split(text, ',')) {
    auto number = emulator::base::parse_unsigned(trim(part));
    if (!number || *number == 0 || *number > 4096)  // MySQL's limit of columns
      return fail(fmt::format("\"{}\" is no column number", trim(part)),
                  "numbers from 1, such as 1 or 1,2");
    columns.push_back(static_cast<std::size_t>(*number - 1));
  }
  return columns;
}

// "1", "1,2" or "db.t=1,2;db.u=1"; both, too: "1;db.t=1,2".
Result<void> read_primary_key(std::string_view value, MergeArguments& out) {
  out.key_columns.clear();
  for (std::string_view part : split(value, ';')) {
    if (trim(part).empty()) continue;
    const std::size_t equals = part.rfind('=');
    auto columns = parse_columns(equals == std::string_view::npos ? part : part.substr(equals + 1));
    if (!columns) return tl::unexpected(columns.error());
    if (equals == std::string_view::npos)
      out.key_columns = std::move(*columns);
    else
      out.table_keys[std::string(trim(part.substr(0, equals)))] = std::move(*columns);
  }
  return {};
}

constexpr std::array parameters{
    Parameter{"--s3_target_path_bucket", read_input_bucket},
    Parameter{"--input_prefix", read_input_prefix},
    Parameter{"--output", read_output},
    Parameter{"--primary_key", read_primary_key},
    Parameter{"--delimiter", read_delimiter},
    Parameter{"--header", read_flag<&MergeArguments::header>},
    Parameter{"--sequence", read_flag<&MergeArguments::sequence>},
    Parameter{"--sequence_in_load", read_flag<&MergeArguments::sequence_in_load>},
    Parameter{"--timestamp_column", read_flag<&MergeArguments::timestamp_column>},
    Parameter{"--op_in_load", read_flag<&MergeArguments::op_in_load>},
};

// Glue passes over what a script does not ask for; a slip of the pen in one of ours would be
// silent, so a near miss is refused.
Result<void> check_unknown(const std::string& name) {
  std::vector<std::string> known{"--s3_target_path_key"};
  for (const Parameter& parameter : parameters) known.emplace_back(parameter.name);
  for (const std::string& each : known)
    if (each == name) return {};
  if (auto near = emulator::base::nearest(name, known))
    return fail(fmt::format("there is no argument {}", name),
                fmt::format("did you mean {}?", *near));
  return {};
}

}  // namespace

Result<MergeArguments> parse_merge_arguments(const Arguments& arguments) {
  MergeArguments out;
  out.key_columns = {0};
  for (std::string_view name : {"--s3_target_path_bucket", "--output"})
    if (auto there = required_argument(arguments, name); !there)
      return tl::unexpected(there.error());
  for (const auto& [name, value] : arguments)
    if (auto known = check_unknown(name); !known) return tl::unexpected(known.error());
  for (const Parameter& parameter : parameters) {
    auto given = arguments.find(std::string(parameter.name));
    if (given == arguments.end()) continue;
    if (auto read = parameter.read(given->second, out); !read)
      return fail(fmt::format("argument {} = \"{}\": {}", parameter.name, given->second,
                              read.error().message),
                  read.error().hint);
  }
  return out;
}

Result<merge::MergeOptions> MergeArguments::options_for(std::string_view table) const {
  auto own = table_keys.find(std::string(table));
  const std::vector<std::size_t>& keys = own != table_keys.end() ? own->second : key_columns;
  if (keys.empty())
    return fail(fmt::format("there is no primary key for the table {}", table),
                fmt::format("add {}=1 to --primary_key", table));
  merge::MergeOptions options;
  options.key_columns = keys;
  options.delimiter = delimiter;
  options.has_header = header;
  options.columns_after_op = timestamp_column ? 1 : 0;
  options.has_sequence = sequence;
  return options;
}

std::string MergeArguments::fingerprint(const merge::MergeOptions& options) const {
  std::string columns;
  for (std::size_t column : options.key_columns)
    fmt::format_to(std::back_inserter(columns), "{}{}", columns.empty() ? "" : ",", column + 1);
  return fmt::format(
      "primary_key={} delimiter={} header={} sequence={} sequence_in_load={} timestamp_column={} "
      "op_in_load={}",
      columns, delimiter, header, sequence, sequence_in_load, timestamp_column, op_in_load);
}

}  // namespace pipeline::glue::native
