#include "pipeline/glue/output.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/glue/native/manifest.h"
#include "pipeline/glue/native/spark_csv.h"
#include "pipeline/glue/native/store.h"

namespace pipeline::glue {
namespace {

using emulator::base::CsvRow;
using emulator::base::fail;
using emulator::base::Result;

std::string_view name_of(std::string_view key) { return key.substr(key.rfind('/') + 1); }

Result<OutputTable> read_table(emulator::s3::Service& s3, const std::string& bucket,
                               const std::string& prefix) {
  auto stored = native::read_manifest(s3, bucket, prefix);
  if (!stored) return tl::unexpected(stored.error());
  if (!*stored) return OutputTable{};
  const native::Manifest& manifest = (*stored)->manifest;
  const std::string key = prefix + manifest.data;
  auto text = native::get_object(s3, bucket, key);
  if (!text) return tl::unexpected(text.error());
  if (!*text)
    return fail(fmt::format("s3://{}/{} is not there, but the manifest points to it", bucket, key));
  emulator::base::CsvOptions options;
  options.delimiter = manifest.delimiter;
  auto rows = emulator::base::parse_csv(**text, options);
  if (!rows) return fail(fmt::format("s3://{}/{}: {}", bucket, key, rows.error().text()));
  OutputTable table;
  table.objects.push_back(key);
  table.rows = std::move(*rows);
  if (manifest.header && !table.rows.empty()) {
    for (auto& field : table.rows.front()) table.column_names.push_back(std::move(field.text));
    table.rows.erase(table.rows.begin());
  }
  return table;
}

// As Spark reads it back: null is an empty field.
Result<OutputTable> read_parts(emulator::s3::Service& s3, const std::string& bucket,
                               const std::vector<std::string>& keys) {
  OutputTable table;
  for (const std::string& key : keys) {
    auto text = native::get_object(s3, bucket, key);
    if (!text) return tl::unexpected(text.error());
    if (!*text) return fail(fmt::format("s3://{}/{} was just there and is gone", bucket, key));
    table.objects.push_back(key);
    for (native::SparkRow& row : native::read_spark_csv(**text)) {
      CsvRow fields;
      for (native::SparkValue& value : row)
        fields.push_back({value ? std::move(*value) : std::string(), value.has_value()});
      table.rows.push_back(std::move(fields));
    }
  }
  return table;
}

}  // namespace

Result<std::pair<std::string, std::string>> parse_s3_uri(std::string_view uri) {
  std::string_view rest = uri;
  bool known = false;
  for (std::string_view scheme : {"s3://", "s3a://", "s3n://"}) {
    if (!rest.starts_with(scheme)) continue;
    rest.remove_prefix(scheme.size());
    known = true;
    break;
  }
  const std::size_t slash = rest.find('/');
  const std::string_view bucket = rest.substr(0, slash);
  if (!known || bucket.empty())
    return fail(fmt::format("\"{}\" is no S3 URI", uri), "s3://bucket/prefix");
  std::string_view prefix =
      slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  return std::pair(std::string(bucket), std::string(prefix));
}

Result<OutputTable> read_output(emulator::s3::Service& s3, const std::string& s3_uri) {
  auto place = parse_s3_uri(s3_uri);
  if (!place) return tl::unexpected(place.error());
  const std::string& bucket = place->first;
  const std::string prefix = place->second.empty() ? "" : place->second + "/";
  auto objects = native::list_objects(s3, bucket, prefix);
  if (!objects) return tl::unexpected(objects.error());

  std::vector<std::string> tables, parts;  // prefixes that have a manifest; keys
  for (const auto& object : *objects) {
    const std::string_view name = name_of(object.key);
    std::string folder = object.key.substr(0, object.key.size() - name.size());
    if (name.starts_with("part-") && folder == prefix) parts.push_back(object.key);
    if (name == native::manifest_name) tables.push_back(std::move(folder));
  }
  const bool is_table = std::find(tables.begin(), tables.end(), prefix) != tables.end();
  if (is_table) return read_table(s3, bucket, prefix);
  if (tables.empty() || !parts.empty()) return read_parts(s3, bucket, parts);
  if (tables.size() == 1) return read_table(s3, bucket, tables.front());
  return fail(
      fmt::format("{} tables are below {}: {}", tables.size(), s3_uri, fmt::join(tables, ", ")),
      "name one of them");
}

}  // namespace pipeline::glue
