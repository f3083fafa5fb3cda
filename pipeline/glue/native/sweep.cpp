#include "pipeline/glue/native/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "emulator/base/time_text.h"
#include "pipeline/glue/native/store.h"

namespace pipeline::glue::native {
namespace {

using emulator::base::fail;
using emulator::base::Result;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper_hex(char c) { return is_digit(c) || (c >= 'A' && c <= 'F'); }

// LOAD and eight upper-case hex digits, after SEGMENT<n>_ where the load was split by ranges.
bool is_load_stem(std::string_view stem) {
  if (stem.starts_with("SEGMENT")) {
    stem.remove_prefix(7);
    const std::size_t digits = static_cast<std::size_t>(
        std::find_if_not(stem.begin(), stem.end(), is_digit) - stem.begin());
    if (digits == 0 || digits == stem.size() || stem[digits] != '_') return false;
    stem.remove_prefix(digits + 1);
  }
  return stem.size() == 12 && stem.starts_with("LOAD") &&
         std::all_of(stem.begin() + 4, stem.end(), is_upper_hex);
}

// YYYYMMDD-HHMMSSmmm
bool is_change_stem(std::string_view stem) {
  return stem.size() == 18 && stem[8] == '-' &&
         std::all_of(stem.begin(), stem.begin() + 8, is_digit) &&
         std::all_of(stem.begin() + 9, stem.end(), is_digit);
}

struct Place {
  std::string_view folder, schema, table, name;
};

// "[<folder>/]<schema>/<table>/<name>"
std::optional<Place> place_of(std::string_view key) {
  const std::size_t table_end = key.rfind('/');
  if (table_end == std::string_view::npos || table_end == 0) return std::nullopt;
  const std::size_t schema_end = key.rfind('/', table_end - 1);
  if (schema_end == std::string_view::npos || schema_end == 0) return std::nullopt;
  const std::size_t before = key.rfind('/', schema_end - 1);
  const std::size_t schema = before == std::string_view::npos ? 0 : before + 1;
  Place place{key.substr(0, table_end + 1), key.substr(schema, schema_end - schema),
              key.substr(schema_end + 1, table_end - schema_end - 1), key.substr(table_end + 1)};
  if (place.schema.empty() || place.table.empty()) return std::nullopt;
  return place;
}

}  // namespace

std::string identity_of(const std::string& etag, emulator::base::Instant last_modified,
                        FileKind kind) {
  if (kind == FileKind::change) return etag;
  return fmt::format("{} {}", etag, emulator::base::iso_micros(last_modified));
}

FileKind kind_of_file(std::string_view name) {
  const std::size_t dot = name.find('.');
  const std::string_view stem = name.substr(0, dot);
  const bool load = is_load_stem(stem);
  if (!load && !is_change_stem(stem)) return FileKind::other;
  if (dot == std::string_view::npos || name.substr(dot) != ".csv") return FileKind::unsupported;
  return load ? FileKind::load : FileKind::change;
}

Result<std::vector<TableInput>> sweep(emulator::s3::Service& s3, const std::string& bucket,
                                      const std::string& prefix) {
  auto objects = list_objects(s3, bucket, prefix);
  if (!objects) return tl::unexpected(objects.error());
  std::map<std::pair<std::string, std::string>, TableInput> tables;
  for (const auto& object : *objects) {
    auto place = place_of(object.key);
    if (!place) continue;
    const FileKind kind = kind_of_file(place->name);
    if (kind == FileKind::other) continue;
    if (kind == FileKind::unsupported)
      return fail(fmt::format("s3://{}/{} is not supported", bucket, object.key),
                  "the merge reads uncompressed CSV");
    TableInput& table = tables[{std::string(place->schema), std::string(place->table)}];
    if (table.folder.empty()) {
      table.folder = place->folder;
      table.schema = place->schema;
      table.table = place->table;
    } else if (table.folder != place->folder) {
      return fail(fmt::format("two folders hold the table {}.{}: {} and {}", table.schema,
                              table.table, table.folder, place->folder),
                  "give one job each with --input_prefix and an --output of its own");
    }
    auto& files = kind == FileKind::load ? table.loads : table.changes;
    files.push_back({object.key, std::string(place->name),
                     identity_of(object.etag, object.last_modified, kind)});
  }
  std::vector<TableInput> out;
  for (auto& [name, table] : tables) out.push_back(std::move(table));
  return out;
}

}  // namespace pipeline::glue::native
