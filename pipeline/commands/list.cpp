#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "emulator/base/json.h"
#include "emulator/s3/operations/table.h"
#include "emulator/sim/fault.h"
#include "pipeline/commands/command.h"
#include "pipeline/commands/usage.h"
#include "pipeline/dms/s3_settings.h"
#include "pipeline/scenario/definition.h"
#include "pipeline/scenario/places.h"
#include "pipeline/scenario/step.h"

namespace pipeline::commands {
namespace {

struct Entry {
  std::string name, example, what;
};

std::vector<Entry> steps() {
  std::vector<Entry> out;
  for (const auto& kind : scenario::step_kinds()) {
    out.push_back({std::string(kind.name), std::string(kind.example), std::string(kind.what)});
  }
  return out;
}

std::vector<Entry> faults() {
  std::vector<Entry> out;
  for (const auto& kind : emulator::sim::fault_kinds())
    out.push_back({std::string(kind.name), "kind", std::string(kind.what)});
  for (const auto& place : scenario::link_places())
    out.push_back({std::string(place.name), "link", std::string(place.what)});
  for (const auto& place : scenario::crash_places())
    out.push_back({std::string(place.name), "crash", std::string(place.what)});
  return out;
}

std::vector<Entry> settings() {
  std::vector<Entry> out;
  for (const auto& row : dms::setting_rows())
    out.push_back({std::string(row.name), std::string(row.default_text), std::string(row.what)});
  for (const auto& key : scenario::database_keys()) {
    out.push_back({fmt::format("[database] {}", key.name), std::string(key.default_text),
                   key.engines.empty() ? std::string(key.what)
                                       : fmt::format("{} ({})", key.what, key.engines)});
  }
  return out;
}

// What is not implemented is listed as well: it answers 501 by this name.
std::vector<Entry> operations() {
  std::vector<Entry> out;
  for (const auto& row : emulator::s3::operations()) {
    std::string request = std::string(row.method);
    if (!row.subresource.empty()) request += fmt::format(" ?{}", row.subresource);
    out.push_back({std::string(row.name), std::move(request),
                   row.is_implemented() ? "" : "not implemented: 501"});
  }
  return out;
}

struct Listing {
  std::string_view name;
  std::string_view second;  // what the middle column is
  std::vector<Entry> (*entries)();
};
constexpr Listing listings[] = {{"steps", "example", steps},
                                {"faults", "where", faults},
                                {"settings", "default", settings},
                                {"operations", "request", operations}};

std::string as_text(const std::vector<Entry>& entries) {
  std::size_t name = 0, example = 0;
  for (const Entry& entry : entries) {
    name = std::max(name, entry.name.size());
    example = std::max(example, entry.example.size());
  }
  std::string out;
  for (const Entry& entry : entries)
    out +=
        fmt::format("{:<{}}  {:<{}}  {}\n", entry.name, name, entry.example, example, entry.what);
  return out;
}

std::string as_json(const Listing& listing) {
  emulator::base::JsonWriter json;
  json.array();
  for (const Entry& entry : listing.entries()) {
    json.object()
        .key("name")
        .string(entry.name)
        .key(listing.second)
        .string(entry.example)
        .key("what")
        .string(entry.what)
        .end();
  }
  json.end();
  return json.take() + "\n";
}

}  // namespace

std::function<int()> declare_list(CLI::App& command) {
  struct ListOptions {
    std::string what;
    bool json = false;
  };
  auto options =
      std::make_shared<ListOptions>();  // shared: CLI11 writes into it, the action reads it
  std::vector<std::string> names;
  for (const Listing& listing : listings) names.emplace_back(listing.name);
  command.add_option("WHAT", options->what, "What to list")
      ->required()
      ->type_name(fmt::format("{}", fmt::join(names, "|")))
      ->check(one_of(names));
  command.add_flag("--json", options->json, "As a JSON array");
  return [options] {
    for (const Listing& listing : listings) {
      if (listing.name != options->what) continue;
      const std::string text = options->json ? as_json(listing) : as_text(listing.entries());
      std::fwrite(text.data(), 1, text.size(), stdout);
    }
    return static_cast<int>(exit_ok);
  };
}

}  // namespace pipeline::commands
